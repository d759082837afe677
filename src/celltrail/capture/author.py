"""Who works here."""

from __future__ import annotations

import getpass
import os


def author() -> str:
    """Return who works here.

    Returns
    -------
    str
        The JupyterHub user, else the user of the operating system, else "unknown".
    """
    hub_user = os.environ.get("JUPYTERHUB_USER")
    if hub_user:
        return hub_user
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        return "unknown"
