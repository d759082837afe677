"""The store against a model of it in plain Python: whatever is done, in whatever order, both say the same.

`CELLTRAIL_EXAMPLES=500 pytest tests/store/test_store_against_its_model.py` looks longer.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from support.cells import Kernel, keep, metric

from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import ArtifactRecord, CellRecord, RunStatus, SeriesRecord
from celltrail.store import gc
from celltrail.store.annotate import bring_back, forget, rename_experiment, set_note, set_tag
from celltrail.store.doctor import examine
from celltrail.store.liveness import hold_kernel_lock
from celltrail.store.locks import FileLock
from celltrail.store.trail import Trail
from celltrail.store.travel import export_runs, import_runs

ACCURACY = "accuracy_score.y_test"
NAMES = ("a", "b")
REPEATABLE = {RunStatus.FINISHED, RunStatus.FAILED}


@dataclass
class Known:
    """What the model knows of a run."""

    id: str
    experiment: Experiment
    code: tuple[Any, ...]  # equal where a run is an unchanged repeat
    status: RunStatus
    metrics: dict[str, float]
    number: int | None = None
    repeat_of: Known | None = None
    note: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    forgotten: int | None = None  # in which turn

    @property
    def is_listed(self) -> bool:
        return self.number is not None and self.forgotten is None


@dataclass(eq=False)
class Experiment:
    """What the model knows of an experiment."""

    name: str
    next_number: int = 1
    runs: list[Known] = field(default_factory=list)

    def settle(self, run: Known) -> None:
        """Number a run, or make it a repeat of the newest numbered one, as `store.numbers` promises."""
        others = [one for one in self.runs if one is not run and one.is_listed]
        newest = run.repeat_of or max(others, key=lambda one: one.number or 0, default=None)
        if newest is not None and run.number is not None and (newest.number or 0) > run.number:
            newest = None
        has_repeats = any(one.repeat_of is run and one.forgotten is None for one in self.runs)
        is_same = newest is not None and (newest.code, newest.status) == (run.code, run.status)
        if newest is not None and is_same and run.status in REPEATABLE and not has_repeats:
            if run.number is not None and self.next_number == run.number + 1:
                self.next_number -= 1
            run.number, run.repeat_of = None, newest
        elif run.number is None and run.repeat_of is None:
            run.number, self.next_number = self.next_number, self.next_number + 1


class StoreMachine(RuleBasedStateMachine):
    """Two kernels on one trail, a person who annotates, sweeps and exports, and a store that is locked at times."""

    saved = Bundle("saved")
    open_cells = Bundle("open_cells")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="celltrail-model-"))
        self.notebook = self.folder / "a.ipynb"
        self.notebook.touch()
        self.kernel = Kernel(self.notebook)
        self.experiments: dict[str, Experiment] = {}
        self.gone: list[Experiment] = []
        self.waiting: list[tuple[CellRecord, Known, str]] = []
        self.turn = 0
        self.trails: list[Trail] = []

    @initialize()
    def open(self) -> None:
        self.trails = [Trail.open(self.folder / ".celltrail") for _ in range(2)]
        self.lock = hold_kernel_lock(self.trails[0], self.kernel.session)

    def teardown(self) -> None:
        if self.trails:
            self.lock.release()
            for trail in self.trails:
                trail.close()
            with Trail.open(self.folder / ".celltrail") as trail:
                self._take_in_waiting()
                self._agree(trail)
                assert examine(trail).is_well
                gc.collect_garbage(trail, youngest_s=-1)
                assert examine(trail).is_well
        shutil.rmtree(self.folder)

    # What kernels do.

    def _cell(self, name: str, code: tuple[int, int], status: RunStatus, score: float, kernel: Kernel) -> CellRecord:
        source, depth = code
        cell = kernel.trains(
            f"clf = Forest() # {source}\n", cell=f"cell-{name}", name=name, score=score, status=status, depth=depth
        )
        assert cell.run is not None
        (digest,) = keep(cell, b"model" * (20_000 if depth else 20) + str(score).encode())
        fit = cell.run.fits[0].id
        cell.run.artifacts = [ArtifactRecord(ArtifactId(new_id()), "clf", "model", "x", digest, fit_id=fit)]
        cell.run.series = [SeriesRecord("loss", [0, 1], [score, score / 2], [0.1, 0.2])]
        return cell

    def _known(self, cell: CellRecord, name: str, code: tuple[int, int], score: float) -> Known:
        assert cell.run is not None
        experiment = self.experiments.setdefault(name, Experiment(name))
        metrics = {ACCURACY: score, "loss": score / 2}
        return Known(cell.run.id, experiment, code, cell.run.status, metrics)

    def _commit(self, known: Known) -> None:
        if known not in known.experiment.runs:
            known.experiment.runs.append(known)
        known.experiment.settle(known)

    def _take_in_waiting(self) -> None:
        for _, known, name in sorted(self.waiting, key=lambda one: one[0].execution.id):
            known.experiment = self.experiments.setdefault(name, Experiment(name))
            self._commit(known)
        self.waiting.clear()

    @rule(
        target=saved,
        writer=st.integers(0, 1),
        name=st.sampled_from(NAMES),
        code=st.tuples(st.integers(0, 1), st.integers(0, 1)),
        status=st.sampled_from([RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.INTERRUPTED]),
        score=st.sampled_from([0.5, 0.75]),
    )
    def save(self, writer: int, name: str, code: tuple[int, int], status: RunStatus, score: float) -> Known:
        cell = self._cell(name, code, status, score, self.kernel)

        answer = self.trails[writer].save(cell, wait_s=5)

        self._take_in_waiting()
        known = self._known(cell, name, code, score)
        self._commit(known)
        assert answer is not None
        assert (known.number, known.repeat_of and known.repeat_of.id) == (answer.number, answer.repeat_of)
        return known

    @rule(
        target=saved,
        name=st.sampled_from(NAMES),
        code=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    )
    def save_while_the_store_is_locked(self, name: str, code: tuple[int, int]) -> Known:
        cell = self._cell(name, code, RunStatus.FINISHED, 0.25, self.kernel)
        other = sqlite3.connect(self.folder / ".celltrail" / "trail.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        answer = self.trails[0].save(cell, wait_s=0)

        other.execute("ROLLBACK")
        other.close()
        assert answer is None
        assert cell.run is not None
        known = Known(cell.run.id, Experiment(""), code, cell.run.status, {ACCURACY: 0.25, "loss": 0.125})
        self.waiting.append((cell, known, name))
        return known

    @rule(target=open_cells, name=st.sampled_from(NAMES), code=st.tuples(st.integers(0, 1), st.integers(0, 1)))
    def begin(self, name: str, code: tuple[int, int]) -> tuple[CellRecord, Known, FileLock]:
        kernel = Kernel(self.notebook)
        lock = hold_kernel_lock(self.trails[1], kernel.session)
        cell = self._cell(name, code, RunStatus.RUNNING, 0.125, kernel)

        self.trails[1].save(cell, wait_s=5)

        self._take_in_waiting()
        known = self._known(cell, name, code, 0.125)
        self._commit(known)
        return cell, known, lock

    @rule(target=saved, opened=consumes(open_cells))
    def finish(self, opened: tuple[CellRecord, Known, FileLock]) -> Known:
        cell, known, lock = opened
        assert cell.run is not None
        cell.execution.status = cell.run.status = RunStatus.FINISHED

        self.trails[1].save(cell, wait_s=5)

        lock.retire()
        self._take_in_waiting()  # before it: it ran still
        known.status = RunStatus.FINISHED
        self._commit(known)
        return known

    @rule(target=saved, opened=consumes(open_cells))
    def die(self, opened: tuple[CellRecord, Known, FileLock]) -> Known:
        _, known, lock = opened
        known.status = RunStatus.LOST

        lock.release()

        return known

    @rule(run=saved, value=st.sampled_from([0.1, 0.9]), key=st.sampled_from([ACCURACY, "f1_score.macro.y_test"]))
    def score_in_a_later_cell(self, run: Known, value: float, key: str) -> None:
        if not self._stands(run):
            return
        fit = self.trails[0].run(run.id).fits[0].id
        cell = CellRecord(self.kernel.session, self.kernel.execution("later", cell="later"), None)
        cell.metrics = [metric(run.id, fit, key, value)]

        self.trails[0].save(cell, wait_s=5)

        self._take_in_waiting()
        run.metrics[key] = value

    # What a person does.

    def _stands(self, run: Known) -> bool:
        return run.is_listed and run in run.experiment.runs

    @rule(run=saved, text=st.sampled_from(["", "deeper", "é\ud800"]))
    def note(self, run: Known, text: str) -> None:
        if self._stands(run):
            set_note(self.trails[1], self.trails[1].run(run.id), text)
            run.note = text

    @rule(run=saved, key=st.sampled_from(["owner", "k"]), value=st.sampled_from(["me", "you", None]))
    def tag(self, run: Known, key: str, value: str | None) -> None:
        if self._stands(run):
            set_tag(self.trails[0], self.trails[0].run(run.id), key, value)
            run.tags = {name: text for name, text in run.tags.items() if name != key}
            run.tags |= {} if value is None else {key: value}

    @rule(run=saved)
    def forget(self, run: Known) -> None:
        if self._stands(run) and run.status is not RunStatus.RUNNING:
            forget(self.trails[0], self.trails[0].run(run.id))
            self.turn += 1
            for one in run.experiment.runs:
                if one.forgotten is None and (one is run or one.repeat_of is run):
                    one.forgotten = self.turn

    @rule(run=saved)
    def bring_back(self, run: Known) -> None:
        if run.forgotten is not None and run.number is not None and run in run.experiment.runs:
            bring_back(self.trails[1], run.id)
            turn = run.forgotten
            for one in run.experiment.runs:
                if one is run or (one.repeat_of is run and one.forgotten == turn):
                    one.forgotten = None

    @rule(writer=st.integers(0, 1))
    def sweep(self, writer: int) -> None:
        gone = [run for one in self._all() for run in one.runs if run.forgotten is not None]

        swept = gc.collect_garbage(self.trails[writer], youngest_s=-1)

        assert len(gone) == len(swept.runs)
        for experiment in self._all():
            experiment.runs = [run for run in experiment.runs if run.forgotten is None]

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, 9))
    def rename(self, name: str, number: int) -> None:
        new = f"old{number}"
        if name in self.experiments and new not in {one.name for one in self.gone}:
            rename_experiment(self.trails[1], name, new)
            experiment = self.experiments.pop(name)
            experiment.name = new
            self.gone.append(experiment)

    @rule()
    def close_and_open(self) -> None:
        for trail in self.trails:
            trail.close()

        self.trails = [Trail.open(self.folder / ".celltrail") for _ in range(2)]

        self._take_in_waiting()

    @rule()
    def export_and_import(self) -> None:
        references = [run.id for one in self._all() for run in one.runs if run.is_listed]
        running = [run for one in self._all() for run in one.runs if run.status is RunStatus.RUNNING]
        if not references or running:
            return
        file, folder = self.folder / "runs.zip", self.folder / "elsewhere"
        export_runs(self.trails[0], references, file)

        with Trail.open(folder) as elsewhere:
            imported = import_runs(elsewhere, file)
            again = import_runs(elsewhere, file)
            there = {
                run.id: (run.number, run.params, run.metrics, run.note, run.tags) for run in elsewhere.search_runs()
            }

        here = {run.id: run for run in self.trails[0].search_runs()}
        assert {key: (run.number, run.params, run.metrics, run.note, run.tags) for key, run in here.items()} == there
        assert (len(references), 0, len(references)) == (len(imported.runs), len(again.runs), len(again.known))
        file.unlink()
        shutil.rmtree(folder)

    # What must hold.

    def _all(self) -> list[Experiment]:
        return [*self.experiments.values(), *self.gone]

    @invariant()
    def both_say_the_same(self) -> None:
        for trail in self.trails[:1]:
            self._agree(trail)

    def _agree(self, trail: Trail) -> None:
        expected = {
            run.id: (f"{one.name}#{run.number}", run.status, run.metrics, run.note, run.tags, self._repeats(run))
            for one in self._all()
            for run in one.runs
            if run.is_listed
        }
        found = {
            run.id: (run.reference, run.status, run.metrics, run.note, run.tags, run.repeats)
            for run in trail.search_runs()
        }
        assert expected == found
        numbers = {(one.name, one.next_number) for one in self._all() if one.next_number > 1 or one.runs}
        assert numbers <= set(trail.db.rows("SELECT name, next_number FROM experiments"))
        assert [] == trail.db.rows("PRAGMA foreign_key_check")
        assert len(self.waiting) == examine_spool(trail)

    @staticmethod
    def _repeats(run: Known) -> int:
        return 1 + sum(1 for one in run.experiment.runs if one.repeat_of is run and one.forgotten is None)


def examine_spool(trail: Trail) -> int:
    return len(list((trail.path / "spool").glob("*.json")))


TestStoreAgainstItsModel = StoreMachine.TestCase
TestStoreAgainstItsModel.settings = settings(
    max_examples=int(os.environ.get("CELLTRAIL_EXAMPLES", "25")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
