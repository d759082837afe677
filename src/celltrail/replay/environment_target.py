"""What an environment is installed on: Python and platform, in the words of markers and of uv."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from celltrail.replay.environment_python import minor_of

_SYSTEMS = {"Linux": "linux", "macOS": "darwin", "Darwin": "darwin", "Windows": "win32"}
# uv's names of platforms, by sys_platform and machine.
_UV = {
    ("linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("linux", "aarch64"): "aarch64-unknown-linux-gnu",
    ("darwin", "x86_64"): "x86_64-apple-darwin",
    ("darwin", "arm64"): "aarch64-apple-darwin",
    ("win32", "AMD64"): "x86_64-pc-windows-msvc",
    ("win32", "ARM64"): "aarch64-pc-windows-msvc",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A Python on a platform; `system` and `machine` in the words of `sys_platform` and `platform_machine`."""

    python: str
    system: str
    machine: str

    @property
    def marker(self) -> str:
        """The environment marker of exactly this: PEP 508's words."""
        facts = {"sys_platform": self.system, "platform_machine": self.machine}
        said = [f"python_version == '{minor_of(self.python)}'"]
        said += [f"{name} == '{value}'" for name, value in facts.items() if value]
        return " and ".join([*said, "platform_python_implementation == 'CPython'"])

    @property
    def python_for_uv(self) -> str:
        """The version without what follows its numbers ("3.13.0" of "3.13.0+")."""
        found = re.match(r"\d+\.\d+(\.\d+)?", self.python)
        return found[0] if found else self.python


def target_of(environment: Mapping[str, Any]) -> Target:
    """Return what a run's environment stood on, as far as it is recorded.

    Parameters
    ----------
    environment : mapping
        As `Run.environment` has it.

    Returns
    -------
    Target
        Empty words where it is not known.

    Examples
    --------
    >>> target_of({"python": "3.11.7", "platform": "Linux-6.1.0-x86_64-with-glibc2.36"})
    Target(python='3.11.7', system='linux', machine='x86_64')
    """
    said = str(environment.get("platform", ""))
    system = _SYSTEMS.get(said.partition("-")[0], "")
    machine = re.search(r"(?i)\b(x86_64|amd64|arm64|aarch64|i686|ppc64le|s390x)\b", said)
    word = machine[1] if machine else ""
    return Target(str(environment.get("python", "")), system, word)


def target_here(python: str) -> Target:
    """Return what stands here, for an interpreter of this version."""
    here = _SYSTEMS.get(platform.system(), "")
    return Target(python, here, platform.machine())


def uv_platform(target: Target) -> list[str]:
    """Return the words that tell uv of another platform than this machine's; none for this one."""
    here = target_here(target.python)
    if not target.system or (target.system == here.system and target.machine in {here.machine, ""}):
        return []
    named = _UV.get((target.system, target.machine))
    by_system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[target.system]
    return ["--python-platform", named or by_system]
