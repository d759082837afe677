"""What travels with a saved notebook, and how a new run differs from it without any transfer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celltrail.domain.fit_keys import param_prefixes
from celltrail.domain.run import Run
from celltrail.views.data import is_same_content, pairs
from celltrail.views.facts import data_of, field, measures
from celltrail.views.measure import Measure
from celltrail.views.metrics import choose_main
from celltrail.views.numbers import as_float, as_number, number_text, signed_count, value_text
from celltrail.views.schema import Number, Saved, SavedSays
from celltrail.views.versions import used_versions, version_changes

# Enough to tell two data sets of one notebook apart, at a quarter of the room in the file: 64 bits.
_DIGITS = 16
_KINDS: dict[str, type | tuple[type, ...]] = {
    "metrics": dict,
    "main_metric": (str, type(None)),
    "inputs": list,
    "versions": dict,
    "params": dict,
    "seed": (int, type(None)),
    "source_digest": str,
    "author": str,
    "date": str,
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def saved_of(run: Run, main: Measure | None = None) -> Saved:
    """Return what of a run goes into the notebook file, so that another trail can compare.

    Parameters
    ----------
    run : Run
        A finished run.
    main : Measure, optional
        Its main metric, where that has been chosen already.

    Returns
    -------
    Saved
        Metrics, digests of the inputs (16 digits), versions in use, written parameters, seed; no path, no host.
    """
    main = main or choose_main(measures(run), run.main_metric)
    return {
        "metrics": _metrics(run, main),
        "main_metric": None if main is None else main.key,
        "inputs": [_input(row) for row in data_of(run)],
        "versions": used_versions(run),
        "params": written_params(run),
        "seed": field(run, "seed"),
        "source_digest": str(field(run, "source_digest") or "")[:_DIGITS],
        "author": run.author,
        "date": run.started_at.date().isoformat(),
    }


def _metrics(run: Run, main: Measure | None) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for one in measures(run):
        if one.key not in found:
            found[one.key] = as_number(one.value) or 0.0
    return found if main is None else {**found, main.key: as_number(main.value) or 0.0}


def _input(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "role": row.get("role", ""),
        "rows": row.get("rows"),
        "digest": str(row.get("digest") or "")[:_DIGITS],
        "sampled_digest": str(row.get("sampled_digest") or "")[:_DIGITS],
    }


def written_params(run: Run) -> dict[str, Any]:
    """Return the parameters that the source says, named by fit where a run has several."""
    found: dict[str, Any] = {}
    for fit, prefix in zip(run.fits, param_prefixes(run.fits), strict=True):
        for name, value in (fit.params_written or {}).items():
            if prefix is not None:
                found[f"{fit.name}.{name}" if prefix else name] = value
    return found


def as_saved(found: object) -> Saved | None:
    """Take what a notebook file holds, if it has the form that `saved_of` gave it.

    Parameters
    ----------
    found : object
        From a file that anybody may have written.

    Returns
    -------
    Saved or None
        None where a part is missing or of another kind.
    """
    if not isinstance(found, dict) or any(not isinstance(found.get(key), kind) for key, kind in _KINDS.items()):
        return None
    inputs = [_input(row) for row in found["inputs"] if isinstance(row, dict) and isinstance(row.get("name"), str)]
    return {
        "metrics": {str(key): value for key, value in found["metrics"].items() if as_float(value) is not None},
        "main_metric": found["main_metric"],
        "inputs": [
            {**_input(row), "rows": row["rows"] if isinstance(row.get("rows"), int) else None} for row in inputs
        ],
        "versions": {str(name): str(version) for name, version in found["versions"].items()},
        "params": {str(name): value for name, value in found["params"].items()},
        "seed": found["seed"],
        "source_digest": found["source_digest"],
        "author": found["author"],
        "date": found["date"],
    }


def saved_says(saved: Saved, run: Run) -> SavedSays | None:
    """Say how the output saved in the notebook differs from this run.

    Parameters
    ----------
    saved : Saved
        From the panel that the open notebook holds.
    run : Run
        The run of the same cell in this trail.

    Returns
    -------
    SavedSays or None
        None where they have no metric in common, or where both say the same and nothing differs: the same result
        under another version is news.
    """
    key = saved.get("main_metric")
    here = next((one for one in [choose_main(measures(run), key)] if one is not None and one.key == key), None)
    there = as_float(saved["metrics"].get(key)) if key else None
    if here is None or there is None:
        return None
    is_same = number_text(here.value) == number_text(there)
    differences = _differences(saved, run, is_same=is_same)
    if is_same and not differences:
        return None
    return {
        "value_text": number_text(there),
        "author": saved["author"],
        "date": _day(saved["date"]),
        "differences": differences or ["data, versions, parameters and seed are the same"],
    }


def _differences(saved: Saved, run: Run, *, is_same: bool) -> list[str]:
    now = saved_of(run)
    # That a library is loaded here which was not loaded there is no news while the result is the same.
    versions = [
        f"{change['name']} {change['before'] or 'absent'}→{change['after'] or 'absent'}"
        for change in version_changes(saved["versions"], now["versions"])
        if not is_same or (change["before"] and change["after"])
    ]
    return [*versions, *_data(saved, now), *_params(saved, now), *_rest(saved, now)]


def _data(saved: Saved, now: Saved) -> list[str]:
    matched = pairs(saved["inputs"], now["inputs"])
    grown = [(one["name"], new["rows"] - one["rows"]) for one, new in matched if one["rows"] and new["rows"]]
    moved = [f"{signed_count(more)} rows in {name}" for name, more in grown if more]
    if moved:
        # One split moves rows in X and y alike: the first says it.
        return [moved[0].removesuffix(f" in {grown[0][0]}")] if len({more for _, more in grown}) == 1 else moved[:2]
    other = [new["name"] for one, new in matched if is_same_content(one, new) is False]
    return [f"other values in {', '.join(other[:3])}"] if other else []


def _params(saved: Saved, now: Saved) -> list[str]:
    names = {**saved["params"], **now["params"]}
    return [
        f"{name} {_shown(saved['params'], name)}→{_shown(now['params'], name)}"
        for name in names
        if repr(saved["params"].get(name)) != repr(now["params"].get(name))
    ]


def _shown(params: Mapping[str, Any], name: str) -> str:
    return value_text(params[name]) if name in params else "default"


def _rest(saved: Saved, now: Saved) -> list[str]:
    said = []
    if saved["seed"] != now["seed"]:
        said.append(f"seed {saved['seed']}→{now['seed']}")
    if saved["source_digest"] and saved["source_digest"] != now["source_digest"] and not _params(saved, now):
        said.append("the cell's code")
    return said


def _day(date: str) -> str:
    """Write `2026-11-12` as `12 Nov`; what is no date is left out, since the notebook file may hold anything."""
    parts = date.split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts) and 1 <= int(parts[1]) <= 12:
        return f"{int(parts[2])} {_MONTHS[int(parts[1]) - 1]}"
    return ""
