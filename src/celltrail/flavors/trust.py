"""Whose pickles may be opened: those that this user's own kernels made, and those that he named.

The key and the list lie in the user's Jupyter data folder, as the key of notebook signatures does; never in a trail,
which may come from anywhere.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from pathlib import Path

from celltrail.domain.ids import Digest
from celltrail.errors import UsageError

_DIGEST = re.compile(r"[0-9a-f]{64}")


def trust_folder() -> Path:
    """Return the folder that holds the key and the list of trusted digests; it need not exist."""
    return _folder_where(*map(os.environ.get, _PLACES))


# What Jupyter's data folder hangs on (`jupyter_core.paths`): asked anew only where one of them moved.
_PLACES = (
    "JUPYTER_DATA_DIR",
    "JUPYTER_PLATFORM_DIRS",
    "XDG_DATA_HOME",
    "HOME",
    "USERPROFILE",
    "APPDATA",
)


@functools.lru_cache(maxsize=8)
def _folder_where(*_places: str | None) -> Path:
    try:
        from jupyter_core.paths import jupyter_data_dir
    except ImportError:
        import platformdirs

        return Path(platformdirs.user_data_dir("celltrail"))
    return Path(jupyter_data_dir()) / "celltrail"


def sign(digest: Digest, flavor: str) -> str:
    """Vouch for a model that this kernel made.

    Parameters
    ----------
    digest : Digest
        Of its bytes.
    flavor : str
        How it will be loaded; vouched for too.

    Returns
    -------
    str
        HMAC-SHA256 [1]_ with the user's key, in hexadecimal; empty where no key can be kept.

    References
    ----------
    .. [1] H. Krawczyk, M. Bellare, R. Canetti, "HMAC: Keyed-Hashing for Message Authentication", RFC 2104, 1997.
    """
    try:
        key = _key()
    except OSError:
        return ""
    return _mac(key, digest, flavor)


def pseudonym(name: str) -> str:
    """Return a name that is the same on each day, and that nobody leads back to the first without the user's key.

    Parameters
    ----------
    name : str
        Of a person.

    Returns
    -------
    str
        "person-" and eight hexadecimal digits of HMAC-SHA256; "person" where no key can be kept.
    """
    try:
        key = _key()
    except OSError:
        return "person"
    return f"person-{hmac.new(key, f'pseudonym {name}'.encode(), hashlib.sha256).hexdigest()[:8]}"


def is_trusted(digest: Digest, flavor: str, signature: str) -> bool:
    """Say whether a model may be loaded.

    Parameters
    ----------
    digest : Digest
        Of the very bytes that would be loaded.
    flavor, signature : str
        As they stand on record.

    Returns
    -------
    bool
        True where the signature is by this user's key, or the user trusted the digest by name.
    """
    try:
        named = (trust_folder() / "trusted").read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        named = []
    if digest in named:
        return True
    try:
        key = (trust_folder() / "key").read_bytes()
    except OSError:
        return False
    return bool(signature) and len(key) >= 32 and hmac.compare_digest(_mac(key, digest, flavor), signature)


def trust_digest(digest: str) -> None:
    """Trust a model by name from now on.

    Parameters
    ----------
    digest : str
        BLAKE3 of its bytes, all 64 digits.

    Raises
    ------
    UsageError
        If this is no such digest.
    OSError
        If the list can't be written.
    """
    if not _DIGEST.fullmatch(digest):
        raise UsageError(f"trust: {digest!r} is no digest of a model; give all 64 hexadecimal digits.")
    folder = _made_folder()
    descriptor = os.open(folder / "trusted", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(digest + "\n")


def _mac(key: bytes, digest: str, flavor: str) -> str:
    return hmac.digest(key, f"celltrail model 1\n{flavor}\n{digest}".encode(), "sha256").hex()


_read: tuple[Path, tuple[int, int, int], bytes] | None = None


def _key() -> bytes:
    """Return the user's key, made at the first need. Two kernels that make it at once agree on one.

    Each model of a session is signed with it, so it is read again only when its file is another one.
    """
    global _read  # noqa: PLW0603  one key a process
    folder = trust_folder()
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(f"{folder}{os.sep}key")
        state = found.st_ino, found.st_mtime_ns, found.st_size
        if _read is None or _read[0] is not folder or _read[1] != state:
            _read = folder, state, (folder / "key").read_bytes()
        return _read[2]
    path = folder / "key"
    folder = _made_folder()
    descriptor, made = tempfile.mkstemp(dir=folder)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(made, path)  # fails where the other kernel was first
    except FileExistsError:
        pass
    except OSError:  # a disk without hard links
        if not path.exists():
            os.replace(made, path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(made)
    return path.read_bytes()


def _made_folder() -> Path:
    folder = trust_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
