"""Trails of many runs, as years of work leave them: made by the real writer, the same ones each time.

A tenth of all runs belongs to one experiment; the others to sixty, in twenty-five notebooks, a new kernel every 250
runs. Among them are repeats, failures, cells with several fits, runs logged by hand, cells that score an earlier run,
and two cells of no interest beside each run.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from support.stored import a_fit, a_frame, a_metric

from celltrail.domain.ids import ArtifactId, Digest, ExecutionId, FitId, RunId, new_id
from celltrail.domain.record import (
    ArtifactRecord,
    CellRecord,
    DatasetRecord,
    EnvironmentRecord,
    ExecutionRecord,
    ExperimentIdentity,
    FitRecord,
    MachineUse,
    MetricRecord,
    RunRecord,
    RunStatus,
    SessionRecord,
    SnapshotRecord,
)
from celltrail.store.blobs import digest_of
from celltrail.store.checkpoint import LARGEST_LOG_BYTES, checkpoint
from celltrail.store.liveness import new_session
from celltrail.store.trail import Trail

BEGIN = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
LARGE = "forest"  # the experiment to which a tenth of all runs belongs
RUNS_A_SESSION = 250
RUNS_A_TRANSACTION = 200
ESTIMATORS = ("RandomForestClassifier", "HistGradientBoostingClassifier", "LogisticRegression", "SVC")
SCORES = [f"{name}.y_test" for name in ("accuracy_score", "roc_auc_score", "log_loss", "f1_score.macro")]
SCORES += [f"recall_score.{part}.y_test" for part in ("macro", "micro", "weighted", "class_0", "class_1", "class_2")]
SCORES += [f"precision_score.{part}.y_test" for part in ("macro", "micro", "weighted", "class_0", "class_1")]
SCORES += ["jaccard_score.y_test", "matthews_corrcoef.y_test", "brier_score_loss.y_test", "hamming_loss.y_test"]
SCORES += ["balanced_accuracy_score.y_test"]
ENVIRONMENT = EnvironmentRecord(
    "3.11.7", "cpython", "linux", {"cores": 8}, [[f"package-{n}", f"{n}.1", "pypi", ""] for n in range(150)], {}
)
CELLS = {digest_of(text): text for text in (b"import pandas as pd\nX_%d = load(%d)\n" % (n, n) for n in range(12))}


@dataclass
class Crowd:
    """Everybody who ever worked with a trail.

    Parameters
    ----------
    trail : Trail
        Open for writing.
    runs : int
        How many have been made.
    """

    trail: Trail
    runs: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(20_251_121))
    session: SessionRecord = field(init=False)
    notebook: str = ""
    last: CellRecord | None = None

    def fill(self, count: int) -> float:
        """Make runs until there are so many; return the seconds that it took."""
        started = time.monotonic()
        while self.runs < count:
            with self.trail.db.atomic():
                for _ in range(min(RUNS_A_TRANSACTION, count - self.runs)):
                    self._one()
            checkpoint(self.trail, min_bytes=LARGEST_LOG_BYTES)
        return time.monotonic() - started

    def _one(self) -> None:
        if self.runs % RUNS_A_SESSION == 0:
            author = "ben" if self.chance.random() < 0.1 else "ann"
            self.session = replace(new_session(author=author), host="workshop", boot_id="", pid=1)
            base = self.trail.path.parent.as_posix()
            self.notebook = f"{base}/work/notebook-{self.chance.randrange(25)}.ipynb"
            self.last = None
        for _ in range(2):
            self._save(CellRecord(self.session, self._execution("x = 1  # of no interest", "aside")))
        kind = self.chance.random()
        if self.last is not None and kind < 0.04:
            self._scores_again(self.last)
        cell = self._repeat(self.last) if self.last is not None and kind < 0.12 else self._cell(kind)
        self._save(cell)
        self.last = cell
        self.runs += 1

    def _save(self, cell: CellRecord) -> None:
        self.trail.save(cell, wait_s=30)

    def _execution(self, source: str, cell: str) -> ExecutionRecord:
        at = BEGIN + timedelta(minutes=3 * self.runs)
        count = self.runs % RUNS_A_SESSION + 1
        return ExecutionRecord(
            ExecutionId(new_id()), self.session.id, self.notebook, cell, count, source, at, RunStatus.FINISHED, 1.5
        )

    def _cell(self, kind: float) -> CellRecord:
        number = self.runs
        experiment = LARGE if number % 10 == 0 else f"experiment-{self.chance.randrange(60)}"
        # A third of the cells bears no name: notebook and cell tell what they are.
        name = None if experiment != LARGE and int(experiment.rpartition("-")[2]) % 3 == 0 else experiment
        estimator = ESTIMATORS[len(experiment) * 7 % 4 if experiment == LARGE else hash_of(experiment) % 4]
        source = f"# celltrail: {experiment}\n# edit {number // 3}\n" + BODY.replace("ESTIMATOR", estimator)
        execution = self._execution(source, f"cell-{experiment}")
        run = RunRecord(
            RunId(new_id()),
            execution.id,
            ExperimentIdentity(name, self.notebook, execution.cell_id, source, estimator),
            self.session.author,
            source,
            execution.started_at,
            RunStatus.FINISHED,
            1.5 + self.chance.random(),
            environment=ENVIRONMENT,
            machine=MachineUse(1.5, 1.25, 123_456_789, None),
        )
        cell = CellRecord(self.session, execution, run, [], blobs=dict(CELLS))
        if kind < 0.17:
            execution.status = run.status = RunStatus.FAILED
            run.error = "ValueError: Input X contains NaN."
        self._fit(cell, experiment, 3 if kind > 0.94 else 1, estimator)
        self._surround(cell, experiment)
        return cell

    def _fit(self, cell: CellRecord, experiment: str, count: int, estimator: str) -> None:
        run, chance = cell.run, self.chance
        assert run is not None
        for place in range(count):
            params: dict[str, Any] = {"max_depth": chance.randrange(30), "n_estimators": 100 * chance.randrange(1, 8)}
            params |= {"criterion": "gini", "bootstrap": True, "max_features": chance.choice(["sqrt", "log2", None])}
            params |= {"C": round(chance.lognormvariate(0, 2), 4), "tol": 1e-4, "warm_start": False}
            params |= {"random_state": 42, "verbose": 0}
            fit = a_fit(f"clf_{place}" if count > 1 else "clf", params, inputs=_inputs(self.runs, experiment))
            fit.estimator = estimator
            run.fits.append(fit)
            if run.status is RunStatus.FINISHED:
                cell.metrics += self._scores(run.id, fit, experiment)
        run.inputs = [a_frame(f"y_test of {experiment}", "y_true")]

    def _scores(self, run: RunId, fit: FitRecord, experiment: str) -> list[MetricRecord]:
        target = digest_of(f"y_test of {experiment}".encode())
        middle = self.chance.betavariate(8, 2)
        found = []
        for key in SCORES:
            value = min(1.0, max(0.0, middle + self.chance.gauss(0, 0.02)))
            one = a_metric(run, fit.id, key, value, target_digest=target)
            found.append(replace(one, greater_is_better="loss" not in key))
        return found

    def _surround(self, cell: CellRecord, experiment: str) -> None:
        run, chance = cell.run, self.chance
        assert run is not None
        if chance.random() < 0.2:
            run.tags = {"owner": chance.choice(["me", "you"]), "ticket": f"ML-{chance.randrange(500)}"}
        if chance.random() < 0.03:
            run.note = chance.choice(["the one to keep", "too slow", "with the new features"])
        digests = [*CELLS, _add(cell, run.source.encode())]
        run.snapshot = SnapshotRecord(
            "saved",
            self.notebook,
            {"kernelspec": {"name": "python3"}},
            [
                {"id": f"c{place}", "cell_type": "code", "source": digest, "outputs": None, "metadata": {}}
                for place, digest in enumerate(digests)
            ],
        )
        shown = b'[{"output_type": "stream", "name": "stdout", "text": "accuracy of run %d"}]' % self.runs
        kept = _add(cell, shown)
        kind = "application/vnd.jupyter.outputs+json"
        run.artifacts.append(ArtifactRecord(ArtifactId(new_id()), "outputs", "output", kind, kept, len(shown)))

    def _repeat(self, before: CellRecord) -> CellRecord:
        """Run the last cell again, unchanged."""
        assert before.run is not None
        execution = self._execution(before.run.source, before.execution.cell_id or "")
        execution.status = before.execution.status
        run = replace(before.run, id=RunId(new_id()), execution_id=execution.id, started_at=execution.started_at)
        run.artifacts = []
        fits = {fit.id: replace(fit, id=FitId(new_id())) for fit in run.fits}
        run.fits = list(fits.values())
        metrics = [replace(one, run_id=run.id, fit_id=fits[one.fit_id].id) for one in before.metrics if one.fit_id]
        return CellRecord(self.session, execution, run, metrics, blobs=dict(before.blobs))

    def _scores_again(self, before: CellRecord) -> None:
        """Score the last run once more, in a later cell."""
        assert before.run is not None
        metrics = [replace(one, values=[self.chance.random()]) for one in before.metrics[:2]]
        self._save(CellRecord(self.session, self._execution("accuracy_score(y_test, p)", "later"), None, metrics))


BODY = """\
clf = ESTIMATOR(
    max_depth=depth, n_estimators=trees, max_features=features, C=strength,
    random_state=42,
)
clf.fit(X_train[columns], y_train)
probability = clf.predict_proba(X_test[columns])[:, 1]
predicted = probability > threshold
for score in scores:
    print(score.__name__, score(y_test, predicted))
figure, axes = plt.subplots(figsize=(8, 6))
RocCurveDisplay.from_predictions(y_test, probability, ax=axes)
"""


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return int(digest_of(text.encode())[:6], 16)


def _inputs(number: int, experiment: str) -> list[DatasetRecord]:
    """One of the four inputs changes with every run."""
    return [
        a_frame("X_train", "X", str(number)),
        a_frame("y_train", "y", experiment),
        a_frame("weights", "sample_weight", experiment),
    ]


def _add(cell: CellRecord, content: bytes) -> Digest:
    digest = digest_of(content)
    cell.blobs[digest] = content
    return digest
