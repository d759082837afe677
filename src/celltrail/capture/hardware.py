"""What the machine is: processor, cores, memory, graphics cards. Read from files, never by a subprocess."""

from __future__ import annotations

import functools
import os
import platform
import sys
from pathlib import Path
from typing import Any


@functools.cache
def system_name() -> str:
    """Return the operating system and its version, as `platform.platform` says it, without the process it starts.

    It asks `uname -p` for the processor, and Python looks for a program by its bare name with the filters of warnings
    changed for a moment. They are the whole process's: a cell would see again what it is shown once, and its own
    change of them could be undone.
    """
    if sys.platform not in ("linux", "darwin"):
        return platform.platform()
    told = os.uname()
    if sys.platform == "darwin":
        return f"macOS-{platform.mac_ver()[0]}-{told.machine}"
    libc = "".join(platform.libc_ver())
    return f"{told.sysname}-{told.release}-{told.machine}" + (f"-with-{libc}" if libc else "")


@functools.cache
def describe_machine() -> dict[str, Any]:
    """Return what does not change while the kernel lives.

    Returns
    -------
    dict
        `cpu` (name), `cores` (that this process may use), `memory_bytes` (that it may use), `gpu` (names).
    """
    return {
        "cpu": _cpu_name(),
        "cores": _usable_cores(),
        "memory_bytes": _usable_memory(),
        "gpu": _gpu_names(),
    }


def _cpu_name() -> str:
    if sys.platform == "linux":
        return _value_in("/proc/cpuinfo", "model name") or platform.machine()
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string") or platform.machine()
    if sys.platform == "win32":
        import winreg

        place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    return platform.machine()


def _sysctl(name: str) -> str:
    """Return a text that the kernel of macOS knows; `sysctl` itself would be a subprocess."""
    import ctypes

    libc = ctypes.CDLL(None)
    size = ctypes.c_size_t(0)
    if libc.sysctlbyname(name.encode(), None, ctypes.byref(size), None, 0) != 0:
        return ""
    buffer = ctypes.create_string_buffer(size.value)
    libc.sysctlbyname(name.encode(), buffer, ctypes.byref(size), None, 0)
    return buffer.value.decode(errors="replace")


def _value_in(path: str, key: str) -> str:
    """Return the value of the first line `key : value` of a file under /proc."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        return ""
    return ""


def _usable_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _usable_memory() -> int | None:
    """Return the memory of the machine, or the limit of the container where that is less."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.virtual_memory().total)
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    limits = [total]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limits.append(int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue  # no container, or "max"
    return min(limits)


def _gpu_names() -> list[str]:
    """Return the graphics cards that a driver has registered under /proc and /sys."""
    names = []
    for card in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        names.append(_value_in(str(card), "Model"))
    for card in sorted(Path("/sys/class/drm").glob("card[0-9]*/device/product_name")):
        try:
            names.append(card.read_text(errors="replace").strip())
        except OSError:
            continue  # readable by root only
    return [name for name in names if name]
