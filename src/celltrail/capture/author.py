"""Who works here, named as the settings say. The author is the one text that is never masked: a run has a maker."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import Literal

_SECTION = re.compile(r"^\s*\[(\w+)")
_EMAIL = re.compile(r"^\s*email\s*=\s*\"?([^\"\s]+@[^\"\s]+)")


def author(policy: Literal["name", "email", "pseudonym"] = "name") -> str:
    """Return who works here.

    Parameters
    ----------
    policy : {"name", "email", "pseudonym"}, default "name"
        The user's name; the address in git's settings, where there is one; or a name that only this user's own key
        leads back to the first.

    Returns
    -------
    str
        The JupyterHub user, else the user of the operating system, else "unknown".
    """
    name = _name()
    if policy == "pseudonym":
        from celltrail.flavors.trust import pseudonym

        return pseudonym(name)
    if policy == "email" and "@" not in name:
        return _git_email() or name
    return name


def _name() -> str:
    hub_user = os.environ.get("JUPYTERHUB_USER")
    if hub_user:
        return hub_user
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        return "unknown"


def _git_email() -> str:
    """Return `user.email` of git's own settings, read without a subprocess."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for file in (Path.home() / ".gitconfig", home / "git" / "config"):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        section = ""
        for line in lines:
            if found := _SECTION.match(line):
                section = found[1].lower()
            elif section == "user" and (address := _EMAIL.match(line)):
                return address[1]
    return ""
