"""Everything that differs between two runs: metrics, parameters, data, code, environment, other cells, outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from celltrail.domain.fit_keys import metric_prefixes
from celltrail.domain.ids import Digest
from celltrail.domain.run import Run
from celltrail.views.cells import other_cells_of
from celltrail.views.changes import changes_between, estimator_changes, param_changes
from celltrail.views.code import code_diff
from celltrail.views.data import data_changes
from celltrail.views.facts import RunSource, data_of, field, measures, remembered
from celltrail.views.files import file_changes, files_of
from celltrail.views.measure import Measure
from celltrail.views.metrics import compare_with, same_target
from celltrail.views.numbers import as_number, plural
from celltrail.views.peers import peer_of
from celltrail.views.runs import run_head
from celltrail.views.schema import CompareView, MetricDifference
from celltrail.views.versions import all_versions, version_changes

_CELL_DIFF_LINES = 200


def compare_view(trail: RunSource, left: Run, right: Run) -> CompareView:
    """Compare two runs, of one experiment or of two.

    Parameters
    ----------
    trail : RunSource
        Where the sources of other cells are.
    left, right : Run
        The earlier one on the left, as a rule.

    Returns
    -------
    CompareView
        Plain data, ready for JSON; text is not escaped.
    """
    left, right = remembered(left), remembered(right)
    return {
        "schema": "celltrail.compare/1",
        "left": run_head(left),
        "right": run_head(right),
        "metrics": metric_differences(left, right),
        "params": [*estimator_changes(left, right), *param_changes(left, right)],
        "data": [*data_changes(data_of(left), data_of(right)), *file_changes(files_of(left), files_of(right))],
        "code": code_diff(left.source, right.source, left=left.reference, right=right.reference),
        "environment": version_changes(all_versions(left), all_versions(right)),
        "other_cells": other_cells(trail, left, right),
        "outputs": output_differences(left, right),
        "curves": _curves(left, right),
        "same": changes_between(left, right)[1],
    }


def metric_differences(left: Run, right: Run) -> list[MetricDifference]:
    """Return all metrics of two runs side by side; the difference only where both scored the same rows."""
    ours, theirs = _by_name(left), _by_name(right)
    found: list[MetricDifference] = []
    for name in {**theirs, **ours}:
        one, other = ours.get(name), theirs.get(name)
        is_same, words = False, ""
        if one is not None and other is not None:
            before, after = peer_of(left, one), peer_of(right, other)
            is_same = same_target(before, after)
            delta = compare_with(after, before)
            words = "" if delta is None else delta["text"] + (", may be chance" if delta["may_be_chance"] else "")
        found.append(
            {
                "key": name,
                "left": None if one is None else as_number(one.value),
                "right": None if other is None else as_number(other.value),
                "text": words,
                "same_target": is_same,
            }
        )
    return found


def _by_name(run: Run) -> dict[str, Measure]:
    """Return the metrics by key; the fit's name goes before it where a run has several."""
    names = dict(zip((fit.id for fit in run.fits), metric_prefixes(run.fits), strict=True))
    return {f"{names.get(one.fit_id or '', '')}{one.key}": one for one in measures(run)}


def other_cells(trail: RunSource, left: Run, right: Run) -> list[dict[str, str]]:
    """Return the other code cells of the two notebooks that differ.

    Parameters
    ----------
    trail : RunSource
        Where the sources are.
    left, right : Run
        With a snapshot each, else nothing can be said.

    Returns
    -------
    list of dict
        cell (id), state ("changed", "added", "removed"), diff.
    """
    ours, theirs = other_cells_of(left, right)
    if not ours or not theirs:
        return []
    found = []
    for cell in {**theirs, **ours}:
        before, after = ours.get(cell), theirs.get(cell)
        if before != after:
            state = "changed" if before and after else "added" if after else "removed"
            texts = [_source(trail, digest) for digest in (before, after)]
            diff = code_diff(*texts, left=left.reference, right=right.reference).splitlines()[:_CELL_DIFF_LINES]
            found.append({"cell": cell, "state": state, "diff": "\n".join(diff)})
    return found


def _source(trail: RunSource, digest: str | None) -> str:
    return trail.read_blob(Digest(digest)).decode("utf-8", "replace") if digest else ""


def output_differences(left: Run, right: Run) -> list[str]:
    """Say which outputs differ: `2 figures, were 1`, `figure 1 differs`, `printed text differs`."""
    said = []
    ours, theirs = _figures(left), _figures(right)
    if len(ours) != len(theirs):
        said.append(f"{plural(len(theirs), 'figure')}, {'was' if len(ours) == 1 else 'were'} {len(ours)}")
    for index, (one, other) in enumerate(zip_longest(ours, theirs), start=1):
        if one is not None and other is not None and one != other:
            said.append(f"figure {index} differs")
    for kind, words in (("stream", "printed text differs"), ("execute_result", "the cell's result differs")):
        if _outputs(left, kind) != _outputs(right, kind):
            said.append(words)
    return said


def _figures(run: Run) -> list[str]:
    artifacts = field(run, "artifacts") or []
    return [str(row["digest"]) for row in artifacts if row.get("kind") == "figure" and row.get("digest")]


def _outputs(run: Run, kind: str) -> str:
    outputs: Sequence[Mapping[str, Any]] = field(run, "outputs") or []
    kept = [
        {name: value for name, value in output.items() if name not in {"execution_count", "metadata"}}
        for output in outputs
        if output.get("output_type") == kind
    ]
    return json.dumps(kept, sort_keys=True, default=str)


def _curves(left: Run, right: Run) -> list[dict[str, Any]]:
    ours, theirs = _curves_of(left), _curves_of(right)
    return [
        {"name": name, "left": ours.get(name, []), "right": theirs.get(name, [])}
        for name in {**theirs, **ours}
        if ours.get(name) != theirs.get(name)
    ]


def _curves_of(run: Run) -> dict[str, list[Any]]:
    return {
        prefix + name: [as_number(value) for value in values]
        for fit, prefix in zip(run.fits, metric_prefixes(run.fits), strict=True)
        for name, values in run.content.curves(fit.id).items()
    }
