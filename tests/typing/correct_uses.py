"""Correct uses of what is public. Never run: `mypy --strict` reads this file (`files` in pyproject.toml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

import celltrail
from celltrail import CelltrailError, Fit, Run
from celltrail.domain.ids import RunId
from celltrail.domain.record import ParamValue, RunStatus
from celltrail.domain.run import MetricPoint


def read(trail_folder: Path) -> list[str]:
    trail = celltrail.open_trail(trail_folder)
    celltrail.open_trail(str(trail_folder))
    celltrail.open_trail()
    runs = trail.search_runs("metrics.accuracy > 0.9 and params.max_depth = '5'", order_by=None, limit=10)
    assert_type(runs, list[Run])
    return [run.reference for run in runs]


def look(reference: str) -> None:
    run = celltrail.run(reference)
    assert_type(run, Run)
    assert_type(celltrail.last_run(), Run)
    assert_type(run.id, RunId)
    assert_type(run.number, int | None)
    assert_type(run.status, RunStatus)
    assert_type(run.params, Mapping[str, ParamValue])
    assert_type(run.metrics, Mapping[str, float])
    assert_type(run.started_at, datetime)
    assert_type(run.duration_s, float | None)
    assert_type(run.fits, list[Fit])
    assert_type(run.source, str)
    assert_type(run.figures, list[bytes])
    assert_type(run.metric_history("accuracy_score.y_test"), list[MetricPoint])
    assert_type(run.fits[0].curve, dict[str, list[float]])
    assert_type(run.fits[0].warnings, Sequence[str])
    model: Any = run.model("clf")
    model.predict([[0.0]])


def log(figure: object, frame: object, model: object) -> None:
    celltrail.log_param("depth", 3)
    celltrail.log_params({"depth": 3, "kernel": "rbf", "shrink": None})
    celltrail.log_metric("loss", 0.25, step=3)
    celltrail.log_metrics({"loss": 0.25, "accuracy": 1})
    celltrail.log_artifact("report.csv")
    celltrail.log_artifact(Path("report.csv"))
    celltrail.log_figure(figure)
    celltrail.log_text("all well", "remark.txt")
    celltrail.log_dataset(frame, "customers")
    celltrail.log_model(model, "clf")
    celltrail.set_tag("owner", "me")
    celltrail.set_note("do deeper trees find more?")
    celltrail.keep(model)


def ask() -> str | None:
    try:
        celltrail.compare("forest#1", celltrail.last_run(), code=True)
        celltrail.restore("forest#1", output=Path("forest.py"))
        return str(celltrail.show("last"))
    except CelltrailError:
        return None
