"""What changed against the run before, and what stayed: the third question of the panel."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from celltrail.analysis.seeds import unseeded
from celltrail.domain.fit_keys import param_prefixes
from celltrail.domain.run import Fit, Run
from celltrail.views.cells import count_changed, other_cells_of
from celltrail.views.code import unexplained
from celltrail.views.data import data_changes, same_data
from celltrail.views.facts import data_of, field
from celltrail.views.numbers import plural, shorten, value_text
from celltrail.views.schema import Change
from celltrail.views.versions import used_versions, version_changes

_ABSENT = object()


def changes_between(before: Run, after: Run, *, tells_same: bool = True) -> tuple[list[Change], list[str]]:
    """Return what differs between two runs, what they have in common.

    Parameters
    ----------
    before, after : Run
        Of one experiment, as a rule one after the other.
    tells_same : bool, default True
        Whether to tell what is equal too.

    Returns
    -------
    tuple of list of Change and list of str
        Estimators, written parameters, data, seed, code that those do not explain, versions in use, other cells;
        then the words for what is known to be equal.
    """
    params = [*estimator_changes(before, after), *param_changes(before, after)]
    data = data_changes(data_of(before), data_of(after))
    code = code_changes(before, after, params)
    versions = version_changes(used_versions(before), used_versions(after))
    cells = _cell_changes(before, after)
    seed = _seed_changes(before, after)
    changes = [*params, *data, *seed, *code, *versions, *cells]
    if not tells_same:
        return changes, []
    same = [
        *(["parameters"] if not params and (after.fits or after.params) else []),
        *same_data(data_of(before), data_of(after)),
        *_same_seed(after, seed),
        *(["environment"] if not versions and used_versions(after) and used_versions(before) else []),
        *_same_code(before, after, code),
        *(["other cells"] if not cells and all(other_cells_of(before, after)) else []),
    ]
    return changes, same


def fit_pairs(before: Run, after: Run) -> list[tuple[Fit | None, Fit | None]]:
    """Match the fits of two runs: by name and estimator, then by name, then by order."""
    left, right = list(before.fits), list(after.fits)
    if not left and not right:
        return []
    found: list[tuple[Fit | None, Fit | None]] = []
    for attributes in (("name", "estimator"), ("estimator",), ("name",)):
        mark = attrgetter(*attributes)
        waiting: dict[object, deque[Fit]] = defaultdict(deque)
        for old in left:
            waiting[mark(old)].append(old)
        pairs = [(waiting[mark(new)].popleft() if waiting[mark(new)] else None, new) for new in right]
        found += [(old, new) for old, new in pairs if old is not None]
        right = [new for old, new in pairs if old is None]
        unmatched = {id(old) for olds in waiting.values() for old in olds}
        left = [old for old in left if id(old) in unmatched]
    while left and right and len(before.fits) == len(after.fits):
        found.append((left.pop(0), right.pop(0)))
    return [*found, *((old, None) for old in left), *((None, new) for new in right)]


def estimator_changes(before: Run, after: Run) -> list[Change]:
    """Return which estimators were exchanged, added, removed; a loop adds many of a kind, which are one change."""
    if not before.fits and not after.fits:
        return []
    counted = Counter(
        (
            old.estimator if old and new else "",
            (new.estimator if old else f"+{new.estimator}") if new else f"−{old.estimator if old else ''}",
        )
        for old, new in fit_pairs(before, after)
        if old is None or new is None or old.estimator != new.estimator
    )
    return [
        {"kind": "estimator", "name": "", "before": left, "after": f"{right} ×{count}" if count > 1 else right}
        for (left, right), count in counted.items()
    ]


def param_changes(before: Run, after: Run) -> list[Change]:
    """Return which parameters differ: written ones against written ones, else all; logged ones beside.

    The name bears the fit only where a run has several.
    """
    changes: list[Change] = []
    prefixes = dict(zip((fit.id for fit in after.fits), param_prefixes(after.fits), strict=True))
    for old, new in fit_pairs(before, after):
        if old is None or new is None or old.estimator != new.estimator or prefixes[new.id] is None:
            continue
        prefix = f"{new.name}." if prefixes[new.id] else ""
        changes += [{**change, "name": prefix + change["name"]} for change in _fit_params(old, new)]
    return [*changes, *_differences(logged_params(before), logged_params(after))]


def _fit_params(old: Fit, new: Fit) -> list[Change]:
    if old.params_written is None or new.params_written is None:
        return _differences(_plain(old.params), _plain(new.params))
    names = {**old.params_written, **new.params_written}
    # A parameter that only one side writes has its default on the other.
    left = {name: old.params_written.get(name, old.params.get(name, _ABSENT)) for name in names}
    right = {name: new.params_written.get(name, new.params.get(name, _ABSENT)) for name in names}
    return _differences(left, right)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the estimators inside an estimator: their own parameters stand beside them."""
    return {name: value for name, value in params.items() if not (isinstance(value, dict) and "repr" in value)}


def logged_params(run: Run) -> dict[str, Any]:
    """Return the parameters that were logged by hand: those that no fit bears."""
    if not run.fits:
        return dict(run.params)
    names = {name for fit in run.fits for name in (*fit.params, *(fit.params_written or ()))}
    borne = names | {name.rpartition("__")[2] for name in names}
    prefixes = tuple(
        f"{name}{mark}" for fit in run.fits for name in (fit.name, fit.variable) if name for mark in ".:"
    )
    return {name: value for name, value in run.params.items() if name not in borne and not name.startswith(prefixes)}


def _differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Change]:
    found: list[Change] = []
    if left == right and list(map(type, left.values())) == list(map(type, right.values())):
        return found  # as in most runs; what holds NaN, or stands in another order, is looked at one by one
    for name in {**left, **right}:
        old, new = left.get(name, _ABSENT), right.get(name, _ABSENT)
        if not _is_equal(old, new):
            before, after = _param_text(old), _param_text(new)
            if before == after:  # 8 and "8", or what differs lies beyond the cut
                before, after = shorten(repr(old), 80), shorten(repr(new), 80)
            found.append({"kind": "param", "name": name, "before": before, "after": after})
    return found


def _is_equal(one: Any, other: Any) -> bool:
    # 1 and True, 1 and 1.0 are equal to Python and not to an estimator; NaN is equal to itself here.
    return type(one) is type(other) and (one == other or repr(one) == repr(other))


def _param_text(value: Any) -> str:
    return "" if value is _ABSENT else value_text(value)


def code_changes(before: Run, after: Run, explained: Sequence[Change]) -> list[Change]:
    """Return one change for the cell's code where parameters and estimators do not explain it."""
    if field(before, "source_digest") == field(after, "source_digest"):
        return []
    names = {part for change in explained for part in (change["name"], change["name"].rsplit(".")[-1])}
    names |= {name.rsplit("__")[-1] for name in names}
    phrase = unexplained(before.source, after.source, names)
    if any(change["kind"] == "estimator" for change in explained) and phrase in {"+1 −1 lines", "+2 −2 lines"}:
        return []  # the line that names the estimator, and its import
    return [{"kind": "code", "name": "code", "before": "", "after": phrase}] if phrase else []


def _same_code(before: Run, after: Run, code: Sequence[Change]) -> list[str]:
    if code:
        return []
    return ["code" if field(before, "source_digest") == field(after, "source_digest") else "rest of the code"]


def _seed_changes(before: Run, after: Run) -> list[Change]:
    old, new = field(before, "seed"), field(after, "seed")
    if old == new or not (_is_seed_known(before, old) and _is_seed_known(after, new)):
        return []
    return [{"kind": "seed", "name": "seed", "before": _seed_text(old), "after": _seed_text(new)}]


def _is_seed_known(run: Run, seed: Any) -> bool:
    """No seed on record may also mean two different ones, or one that another cell sets."""
    return seed is not None or bool(unseeded(run.source))


def _seed_text(seed: Any) -> str:
    return "not set" if seed is None else str(seed)


def _same_seed(after: Run, changes: Sequence[Change]) -> list[str]:
    seed = field(after, "seed")
    return [] if changes or seed is None else [f"seed {seed}"]


def _cell_changes(before: Run, after: Run) -> list[Change]:
    """Count the cells that were edited; those added below or run later say nothing about this result."""
    changed = count_changed(before, after)
    words = plural(changed, "other cell") + " changed"
    return [{"kind": "cell", "name": "", "before": "", "after": words}] if changed else []
