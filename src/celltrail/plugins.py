"""Members of the seams, found by entry point: ours and strangers' alike. A broken one is reported and skipped."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

PROBES = "celltrail.probes"
DESCRIBERS = "celltrail.describers"
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


def members_of(group: str, *, but: Collection[str] = ()) -> Members:
    """Load the members of a seam.

    Parameters
    ----------
    group : str
        Name of the entry-point group: `celltrail.probes`.
    but : collection of str, optional
        Names of those that are left unloaded.

    Returns
    -------
    Members
        A member that is registered as a class is made without arguments. The traceback of a broken one is in
        the log.
    """
    members = Members()
    for entry in _entries(group):
        if entry.name not in members.loaded and entry.name not in but:
            _load(entry, group, members)
    return members


def names_in(group: str) -> frozenset[str]:
    """Return the names under which members of a seam are registered; loads none."""
    return frozenset(entry.name for entry in _entries(group))


def member_of(group: str, name: str) -> Any | None:
    """Load one member of a seam and no other.

    Parameters
    ----------
    group : str
        Name of the entry-point group.
    name : str
        Under which the member is registered.

    Returns
    -------
    object or None
        A stranger's rather than ours. None where none of that name can be loaded; the log tells why.
    """
    members = Members()
    for entry in _entries(group):
        if entry.name == name and name not in members.loaded:
            _load(entry, group, members)
    return members.loaded.get(name)


def _entries(group: str) -> list[EntryPoint]:
    found = _entry_points(tuple(sys.path)).select(group=group)
    return sorted(found, key=lambda entry: entry.value.startswith("celltrail."))


@functools.lru_cache(maxsize=1)  # reading them takes milliseconds; what is installed later is seen after a restart
def _entry_points(path: tuple[str, ...]) -> Any:  # noqa: ARG001  another path, other distributions
    return entry_points()


def _load(entry: EntryPoint, group: str, members: Members) -> None:
    try:
        member = entry.load()
        members.loaded[entry.name] = member() if isinstance(member, type) else member
    except Exception as failure:  # noqa: BLE001  a stranger's import error must not reach a cell
        _log.warning("plugin %s of %s can't be used", entry.name, group, exc_info=failure)
        members.broken[entry.name] = f"{entry.value}: {type(failure).__name__}: {failure}".splitlines()[0]
