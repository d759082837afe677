"""Runs as plain values, for tests of what is said about them. Tests of the trail itself use a real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from celltrail.domain.ids import Digest, RunId
from celltrail.domain.record import RunStatus
from celltrail.domain.run import Fit, MetricPoint, Run
from celltrail.store.connection import State

START = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
SOURCE = """\
# celltrail: forest
clf = RandomForestClassifier(n_estimators=400, max_depth={depth}, random_state=42)
clf.fit(X_train, y_train)
average_precision_score(y_test, clf.predict_proba(X_test)[:, 1])
"""


@dataclass
class Content:
    """A run's content, held in memory."""

    fields: dict[str, Any]
    own_fits: list[Fit] = field(default_factory=list)
    own_curves: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def fits(self) -> list[Fit]:
        return self.own_fits

    def field(self, name: str) -> Any:
        return self.fields.get(name)

    def history(self, key: str) -> list[MetricPoint]:
        return []

    def curves(self, fit_id: str) -> dict[str, list[float]]:
        return self.own_curves.get(fit_id, {})

    def model(self, fit: str | None) -> Any:
        return None


@dataclass
class Trail:
    """The runs of one experiment, oldest first."""

    runs: list[Run]
    repeats: list[Run] = field(default_factory=list)
    scored: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)

    def run(self, reference: str) -> Run:
        return next(run for run in [*self.runs, *self.repeats] if run.id == reference)

    def state(self) -> State:
        return State(0, 0, None)

    def run_before(self, run: Run) -> Run | None:
        earlier = [one for one in self.runs if (one.number or 0) < (run.number or 0)]
        return next((one for one in reversed(earlier) if one.status is RunStatus.FINISHED), None)

    def newest_number(self, experiment: str) -> int:
        return max((run.number or 0 for run in self.runs), default=0)

    def scores_of(self, experiment: str, key: str, *, above: int, upto: int) -> list[dict[str, Any]]:
        near = [run for run in self.runs if above < (run.number or 0) <= upto]
        return [
            {"run_id": run.id, "number": run.number, "data": run.inputs, **row}
            for run in near
            for row in run.content.field("metrics")
            if row["key"] == key
        ]

    def repeats_of(self, run: Run, *, last: int | None = None) -> list[Run]:
        found = [repeat for repeat in self.repeats if repeat.repeat_of == run.id]
        return found if last is None else found[-last:]

    def count_scored(self, target_digest: str) -> int:
        return self.scored

    def read_blob(self, digest: Digest) -> bytes:
        return self.blobs[digest]


def metric(key: str = "average_precision_score.y_test", value: float = 0.8412, **more: Any) -> dict[str, Any]:
    row = {
        "key": key,
        "fit_id": "fit-1",
        "function": key.split(".", maxsplit=1)[0],
        "target": "y_test",
        "target_digest": "t" * 64,
        "target_rows": 60_216,
        "greater_is_better": True,
        "on_training_data": False,
        "last": value,
        "count": 1,
        "mean": value,
    }
    return {**row, **more}


def data(
    name: str = "X_train", rows: int = 180_648, columns: Sequence[str] = ("amount", "age"), **more: Any
) -> dict[str, Any]:
    row = {
        "name": name,
        "role": "X" if name.startswith("X") else "y",
        "kind": "pandas.DataFrame",
        "rows": rows,
        "columns": [[column, "float64"] for column in columns],
        "digest": f"{name}{rows}{''.join(columns)}".encode("utf-8", "replace").hex().ljust(64, "0")[-64:],
        "digest_status": "kept",
    }
    return {**row, **more}


def environment(sklearn: str = "1.9.1", python: str = "3.11.7") -> dict[str, Any]:
    return {
        "python": python,
        "distributions": [
            ["numpy", "2.3.1", "", "used"],
            ["pip", "24.0", "", ""],
            ["scikit-learn", sklearn, "", "used"],
        ],
    }


def fit(name: str = "clf", estimator: str = "RandomForestClassifier", **more: Any) -> Fit:
    content = more.pop("content", Content({}))
    defaults: dict[str, Any] = {
        "id": "fit-1",
        "variable": name,
        "module": "sklearn.ensemble._forest",
        "kind": "predictor",
        "params_written": {"n_estimators": 400, "max_depth": 12, "random_state": 42},
        "params": {
            "n_estimators": 400,
            "max_depth": 12,
            "random_state": 42,
            "max_features": "sqrt",
            "min_samples_leaf": 1,
        },
        "metrics": {},
        "duration_s": 1.5,
        "error": None,
        "warnings": [],
        "inputs": [],
        "search": None,
    }
    return Fit(name=name, estimator=estimator, content=content, **{**defaults, **more})


def a_run(
    number: int | None = 7,
    score: float = 0.8412,
    *,
    depth: int | None = 12,
    metrics: Sequence[Mapping[str, Any]] | None = None,
    fits: Sequence[Fit] | None = None,
    inputs: Sequence[Mapping[str, Any]] | None = None,
    fields: Mapping[str, Any] | None = None,
    **more: Any,
) -> Run:
    """Make `forest#7`: a forest of the given depth, scored on y_test."""
    rows = [metric(value=score)] if metrics is None else list(metrics)
    written = {"n_estimators": 400, "max_depth": depth, "random_state": 42}
    own_fits = [fit(params_written=written)] if fits is None else list(fits)
    source = SOURCE.format(depth=depth)
    content = Content(
        {
            "metrics": rows,
            "series": {},
            "source": source,
            "source_digest": source.encode().hex(),
            "inputs": [data(), data("y_train", columns=()), data("X_test", 60_216)]
            if inputs is None
            else list(inputs),
            "environment": environment(),
            "environment_digest": "e" * 64,
            "seed": 42,
            "cautions": [],
            "unknown": {},
            "artifacts": [],
            "snapshot": None,
            "git": None,
            **(fields or {}),
        },
        own_fits,
    )
    at = START + timedelta(minutes=number or 99)
    defaults: dict[str, Any] = {
        "id": RunId(f"01run{number}"),
        "experiment": "forest",
        "repeats": 1,
        "author": "ann",
        "status": RunStatus.FINISHED,
        "params": {name: value for one in own_fits for name, value in (one.params_written or {}).items()},
        "metrics": {row["key"]: row["last"] for row in rows},
        "tags": {},
        "note": "",
        "error": None,
        "started_at": at,
        "duration_s": 2.25,
        "main_metric": None,
        "repeat_of": None,
    }
    return Run(number=number, content=content, **{**defaults, **more})


SCORES = (0.7951, 0.8322, 0.8214, 0.8251, 0.8391, 0.8325, 0.8412)


def forest(**last: Any) -> Trail:
    """Make a trail of seven runs: the last deeper than the one before, and with one column more."""
    runs = [a_run(number, score, depth=8) for number, score in enumerate(SCORES[:-1], start=1)]
    wide = [data(columns=("amount", "age", "txn_hour")), data("y_train", columns=()), data("X_test", 60_216)]
    return Trail([*runs, a_run(7, SCORES[-1], **{"inputs": wide, **last})])
