"""The libraries that a run used, and how two environments differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celltrail.domain.run import Run
from celltrail.views.facts import field
from celltrail.views.numbers import plural
from celltrail.views.schema import Change

# Which distributions a cell really used is a late fact. Until it is known these stand for it: they bear numbers.
_BEARING = {
    "catboost", "jax", "keras", "lightgbm", "numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy",
    "statsmodels", "tensorflow", "torch", "xgboost",
}  # fmt: skip


def used_versions(run: Run) -> dict[str, str]:
    """Return the distributions that a run used, by name; the interpreter is `Python`.

    Parameters
    ----------
    run : Run
        A run as the trail gives it.

    Returns
    -------
    dict of str to str
        Empty where the environment is not known.
    """
    environment = _environment(run)
    if not environment:
        return {}
    installed, python = environment.get("distributions") or [], str(environment.get("python", ""))
    key = (python, id(installed))
    known = _read_before.get(key)
    if known is None or known[0] is not installed:
        if len(_read_before) >= _MOST_REMEMBERED:
            _read_before.clear()
        known = _read_before[key] = (installed, _used(python, installed))
    return known[1]


# Runs of one session hold the very same list of distributions, and there are hundreds of them.
_MOST_REMEMBERED = 16
_read_before: dict[tuple[str, int], tuple[Sequence[Any], dict[str, str]]] = {}


def _used(python: str, installed: Sequence[Any]) -> dict[str, str]:
    marked = {row[0]: row[1] for row in installed if len(row) > 3 and row[3] == "used"}
    versions = marked or {row[0]: row[1] for row in installed if row[0].lower() in _BEARING}
    return {"Python": python, **dict(sorted(versions.items()))}


def all_versions(run: Run) -> dict[str, str]:
    """Return every installed distribution of a run's environment, and the interpreter."""
    environment = _environment(run)
    if not environment:
        return {}
    installed = {row[0]: row[1] for row in environment.get("distributions") or []}
    return {"Python": str(environment.get("python", "")), **installed}


def version_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Return which versions differ; a library that only one side has is named with an empty other side.

    Another version of the same library comes first: what only one side has seldom moves a result.
    """
    if not before or not after or before is after:
        return []
    changes: list[Change] = [
        {"kind": "environment", "name": name, "before": before.get(name, ""), "after": after.get(name, "")}
        for name in sorted({*before, *after}, key=str.lower)
        if before.get(name) != after.get(name)
    ]
    return sorted(changes, key=lambda change: not (change["before"] and change["after"]))


def environment_line(run: Run) -> str:
    """Write an environment on one line: `Python 3.11.7, scikit-learn 1.9.1, 82 distributions`."""
    versions = used_versions(run)
    if not versions:
        return ""
    names = ["Python", *(name for name in versions if name in {"scikit-learn", "torch", "xgboost", "lightgbm"})]
    parts = [f"{name} {versions[name]}" for name in names if versions[name]]
    return ", ".join([*parts, plural(len(_environment(run).get("distributions") or []), "distribution")])


def _environment(run: Run) -> Mapping[str, Any]:
    found = field(run, "environment")
    return found if isinstance(found, Mapping) else {}
