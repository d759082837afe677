"""Members of the seams, found by entry point: ours and strangers' alike. A broken one is reported and skipped."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

PROBES = "celltrail.probes"
FLAVORS = "celltrail.flavors"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one seam.

    Attributes
    ----------
    loaded : dict of str to object
        By the name under which they are registered; strangers' first, so that ours are the last resort.
    broken : dict of str to str
        What could not be loaded, with one line that says why.
    """

    loaded: dict[str, Any] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def members_of(group: str) -> Members:
    """Load the members of a seam.

    Parameters
    ----------
    group : str
        Name of the entry-point group: `celltrail.probes`.

    Returns
    -------
    Members
        A member that is registered as a class is made without arguments. The traceback of a broken one is in
        the log.
    """
    found = sorted(entry_points(group=group), key=lambda entry: entry.value.startswith("celltrail."))
    members = Members()
    for entry in found:
        if entry.name in members.loaded:
            continue
        try:
            member = entry.load()
            members.loaded[entry.name] = member() if isinstance(member, type) else member
        except Exception as failure:  # noqa: BLE001  a stranger's import error must not reach a cell
            _log.warning("plugin %s of %s can't be used", entry.name, group, exc_info=failure)
            members.broken[entry.name] = f"{entry.value}: {type(failure).__name__}: {failure}".splitlines()[0]
    return members
