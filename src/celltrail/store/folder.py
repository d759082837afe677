"""The folder of a trail: made with care for who may read it, and somewhere else where it can't be written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from blake3 import blake3

from celltrail.domain.ids import new_id
from celltrail.errors import TrailError

# Where the lock of a file is not the lock of the file on another machine, or the -wal and the database may be
# carried off one without the other (https://sqlite.org/wal.html, "all processes must be on the same host").
NETWORK_KINDS = {
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "gpfs", "lustre", "ncpfs", "nfs",
    "nfs3", "nfs4", "smb2", "smb3", "smbfs", "vboxsf", "webdav",
}  # fmt: skip
# FUSE is sshfs, rclone, gcsfuse, Google Drive; these alone are disks of this machine.
LOCAL_FUSE = {
    "fuseblk",
    "fuse.ntfs",
    "fuse.ntfs-3g",
    "fuse.exfat",
    "fuse.gocryptfs",
    "fuse.encfs",
    "fuse.fuse-overlayfs",
}
SYNCED_FOLDERS = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "mobile documents",
    "cloudstorage",
)


def prepare_folder(folder: Path) -> None:
    """Make the folder of a trail where it is missing: private unless its parent is shared by a group, ignored by git.

    Parameters
    ----------
    folder : Path
        The `.celltrail` to be.

    Raises
    ------
    OSError
        If it can't be made or written.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if is_new:
        _chmod(folder, folder_mode(folder))
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# a trail is not for git; see the notebooks' own outputs\n*\n", encoding="utf-8")
    probe = folder / f".{new_id()}"
    probe.touch()
    probe.unlink()


def create_private(path: Path) -> None:
    """Make an empty file that only its owner reads, or its group where the folder is shared."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        _chmod(path, folder_mode(path.parent) & 0o666)


def folder_mode(folder: Path) -> int:
    """Return the permissions that a trail's folder bears: 0770 where its parent is shared by a group, else 0700."""
    bits = folder.parent.stat().st_mode
    return 0o2770 if bits & stat.S_ISGID and bits & stat.S_IWGRP else 0o700


def fallback_folder(folder: Path) -> Path:
    """Return the trail in the user's data folder that stands in for one that can't be written."""
    import platformdirs

    digest = blake3(str(folder.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return Path(platformdirs.user_data_dir("celltrail")) / digest[:16]


def why_unsafe_for_wal(folder: Path) -> str:
    """Return why SQLite's write-ahead log would be unsafe here, or an empty text where it is safe.

    Parameters
    ----------
    folder : Path
        Where the trail lies.

    Returns
    -------
    str
        "a network disk (nfs4)" or "a synced folder (OneDrive)".
    """
    for part in folder.absolute().parts:
        if part.lower().startswith(SYNCED_FOLDERS):
            return f"a synced folder ({part})"
    kind = _disk_kind(folder).lower()
    if kind in NETWORK_KINDS or (kind.startswith("fuse") and kind not in LOCAL_FUSE):
        return f"a network disk ({kind})"
    return ""


def _disk_kind(folder: Path) -> str:
    path = folder.resolve()
    if sys.platform == "win32" and str(path).startswith("\\\\"):
        return "smbfs"
    best, kind = -1, ""
    for mount, found in _mounts():
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), found
    return kind


def _mounts() -> list[tuple[Path, str]]:
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        import psutil

        return [
            (Path(disk.mountpoint), "smbfs" if "remote" in disk.opts else disk.fstype)
            for disk in psutil.disk_partitions(all=True)
        ]
    mounts = []
    for line in lines:
        _, mount, kind, *_ = line.split(" ")
        # The kernel writes blank, tab, newline and backslash as octal.
        for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
            mount = mount.replace(code, letter)
        mounts.append((Path(mount), kind))
    return mounts


def _chmod(path: Path, mode: int) -> None:
    if os.name == "posix":
        try:
            path.chmod(mode)
        except OSError as error:
            raise TrailError(f"the permissions of {path} can't be set ({error.strerror})") from error
