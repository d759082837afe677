"""Which environment variables are kept: those that change results, by name. All others are nobody's business."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

from celltrail.config import ENVIRONMENT


class _Allowed:
    """The names that may be kept, and which of them there are."""

    def __init__(self) -> None:
        self.patterns: tuple[str, ...] = ENVIRONMENT
        self.names: tuple[str, ...] = ()
        self.count = -1


_allowed = _Allowed()


def allow_variables(patterns: Iterable[str]) -> None:
    """Say which variables may be kept.

    Parameters
    ----------
    patterns : iterable of str
        Names, in which `*` stands for any text; none keeps nothing.
    """
    _allowed.patterns, _allowed.count = tuple(patterns), -1


def read_variables() -> tuple[tuple[str, str], ...]:
    """Return names and values of the variables that may be kept, by name.

    Returns
    -------
    tuple of (str, str)
        Never one whose name is that of a secret, whatever the settings allow.
    """
    if len(os.environ) != _allowed.count:
        from celltrail.analysis.masking.keys import is_secret_variable  # many patterns: not before the first cell

        _allowed.count = len(os.environ)
        exact = {name for name in _allowed.patterns if "*" not in name}
        open_ones = [pattern for pattern in _allowed.patterns if "*" in pattern]
        matching = {name for name in os.environ if any(fnmatchcase(name, pattern) for pattern in open_ones)}
        _allowed.names = tuple(sorted(name for name in exact | matching if not is_secret_variable(name)))
    # Most are not set, and `get` would raise and catch an error for each.
    return tuple([(name, os.environ[name]) for name in _allowed.names if name in os.environ])
