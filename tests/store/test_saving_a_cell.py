"""What one save leaves in the trail, and what a second save of the same cell changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cells import Kernel, dataset, keep, metric

from celltrail.domain.ids import ArtifactId, RunId, new_id
from celltrail.domain.record import (
    ArtifactRecord,
    CellRecord,
    FileRecord,
    GitState,
    Keeping,
    RunStatus,
    SeriesRecord,
    SnapshotRecord,
)
from celltrail.errors import ArtifactNotFoundError
from celltrail.store.packing import unpack_points, unpack_values
from celltrail.store.summary import summary_out
from celltrail.store.trail import Trail
from celltrail.store.values import param_out


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    with Trail.open(tmp_path / ".celltrail") as opened:
        yield opened


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path / "fraud.ipynb")


def everything(trail: Trail) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables but those that say when."""
    tables = [name for (name,) in trail.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for table in tables:
        columns = [row[1] for row in trail.db.rows(f"PRAGMA table_info({table})") if row[1] not in {"saved_at"}]
        found[table] = trail.db.rows(f"SELECT {', '.join(columns)} FROM {table}")
    return found


def summary_of(trail: Trail, run: RunId):
    return summary_out(
        *trail.db.row(
            "SELECT keys, summary, measured FROM runs JOIN shapes ON shapes.id = shape_id WHERE global_id = ?", (run,)
        )
    )


def test_a_run_is_named_after_its_estimator_and_numbered(trail: Trail, kernel: Kernel) -> None:
    first = trail.save(kernel.trains(), wait_s=1)
    second = trail.save(kernel.trains("other", depth=9), wait_s=1)

    assert first is not None
    assert second is not None
    assert ("random-forest", 1, 1, None) == (first.experiment, first.number, first.repeats, first.repeat_of)
    assert ("random-forest", 2) == (second.experiment, second.number)


def test_a_list_finds_params_and_metrics_in_the_summary(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains(score=0.8125)
    trail.save(cell, wait_s=1)

    summary = summary_of(trail, cell.run.id)

    assert {"max_depth": 8, "n_estimators": 100} == summary.params
    assert {"max_depth"} == summary.written
    assert 0.8125 == summary.metrics["accuracy_score.y_test"].last
    assert "accuracy_score.y_test" == summary.main_metric


def test_params_and_metrics_of_several_fits_bear_the_name_of_their_fit(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    other = replace(cell.run.fits[0], id=new_id(), name="boost")
    cell.run.fits.append(other)
    cell.metrics.append(metric(cell.run.id, other.id, "accuracy_score.y_test", 0.5))
    trail.save(cell, wait_s=1)

    summary = summary_of(trail, cell.run.id)

    assert {"clf:max_depth", "clf:n_estimators", "boost:max_depth", "boost:n_estimators"} == set(summary.params)
    assert ["clf:accuracy_score.y_test", "boost:accuracy_score.y_test"] == list(summary.metrics)


def test_saving_a_cell_again_changes_nothing(trail: Trail, kernel: Kernel) -> None:
    cell = full_cell(kernel)
    first = trail.save(cell, wait_s=1)
    before = everything(trail)

    second = trail.save(cell, wait_s=1)

    assert first == second
    assert before == everything(trail)


def test_a_late_fact_fills_what_was_pending(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    cell.run.fits[0].inputs[0] = dataset("X_train", "X", is_full=False)
    cell.run.git = GitState("a" * 40, "main")
    saved = trail.save(cell, wait_s=1)

    cell.run.fits[0].inputs[0] = dataset("X_train", "X")
    cell.run.git = GitState("a" * 40, "main", True, keep(cell, b"diff")[0], Keeping.KEPT)
    again = trail.save(cell, wait_s=1)

    assert saved == again
    assert [("kept",)] == trail.db.rows(
        "SELECT d.digest_status FROM inputs AS i JOIN datasets AS d ON d.id = i.dataset_id"
        " WHERE i.fit = 0 AND i.position = 0"
    )
    assert [("kept", 1)] == trail.db.rows(
        "SELECT g.status, g.is_dirty FROM runs AS r JOIN git_states AS g ON g.id = r.git_id"
    )


def test_the_note_that_a_person_wrote_survives_a_late_fact(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    cell.run.note, cell.run.tags = "from the header", {"owner": "ann"}
    trail.save(cell, wait_s=1)
    trail.db.execute("UPDATE runs SET note = 'mine'")
    trail.db.execute("UPDATE tags SET value = 'bob'")

    trail.save(cell, wait_s=1)

    assert ("mine",) == trail.db.row("SELECT note FROM runs")
    assert ("bob",) == trail.db.row("SELECT value FROM tags")


def test_a_metric_of_a_later_cell_goes_to_the_run_that_it_scored(trail: Trail, kernel: Kernel) -> None:
    trained = kernel.trains()
    trail.save(trained, wait_s=1)
    run, fit = trained.run.id, trained.run.fits[0].id
    later = CellRecord(
        kernel.session, kernel.execution("f1", cell="c2"), metrics=[metric(run, fit, "f1.y_test", 0.5)]
    )

    saved = trail.save(later, wait_s=1)

    assert ("random-forest", 1) == (saved.experiment, saved.number)
    assert {"accuracy_score.y_test": 0.9, "f1.y_test": 0.5} == {
        key: brief.last for key, brief in summary_of(trail, run).metrics.items()
    }


def test_running_the_evaluating_cell_again_does_not_double_the_values(trail: Trail, kernel: Kernel) -> None:
    trained = kernel.trains()
    trail.save(trained, wait_s=1)
    run, fit = trained.run.id, trained.run.fits[0].id

    for score in (0.5, 0.6):
        execution = kernel.execution("f1", cell="c2")
        trail.save(CellRecord(kernel.session, execution, metrics=[metric(run, fit, "f1.y_test", score)]), wait_s=1)

    brief = summary_of(trail, run).metrics["f1.y_test"]
    assert (0.6, 1) == (brief.last, brief.count)
    assert [(0.5, 0), (0.6, 1)] == trail.db.rows(
        "SELECT last, is_current FROM metrics AS m JOIN measures AS k ON k.id = m.measure_id"
        " WHERE k.key = 'f1.y_test' ORDER BY m.execution_id"
    )


def test_several_values_keep_each_value_and_their_spread(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    cell.metrics = [metric(cell.run.id, None, "loss", 1.0, 2.0, math.nan, 3.0, folds=[0.5, math.inf])]
    trail.save(cell, wait_s=1)

    points, low, high, mean = trail.db.row("SELECT points, min, max, mean FROM metric_rows")

    values, folds = unpack_values(points)
    assert [1.0, 2.0, 3.0] == [value for value in values if not math.isnan(value)]
    assert math.isnan(values[2])
    assert [0.5, math.inf] == folds
    assert (1.0, 3.0, 2.0) == (low, high, mean)


def test_how_often_a_target_was_scored_is_counted_by_cell_and_model(trail: Trail, kernel: Kernel) -> None:
    cells = [kernel.trains(depth=depth) for depth in (1, 2)]
    for cell in [*cells, cells[0]]:
        trail.save(cell, wait_s=1)

    assert (2,) == trail.db.row("SELECT sum(models) FROM scorings")


def test_a_long_series_grows_without_being_written_anew(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains(status=RunStatus.RUNNING)
    values = [1 / (step + 1) for step in range(9000)]
    cell.run.series = [SeriesRecord("loss", list(range(9000)), values, [0.1] * 9000)]
    trail.save(cell, wait_s=1)
    trail.db.execute("UPDATE series_chunks SET points = x'00' WHERE number = 0")

    cell.run.series = [SeriesRecord("loss", [*range(9000), 2**70], [*values, math.nan], [0.1] * 9001)]
    trail.save(cell, wait_s=1)

    chunks = trail.db.rows("SELECT points FROM series_chunks ORDER BY number")
    assert (b"\x00",) == chunks[0]
    steps, last, _ = unpack_points(chunks[2][0])
    assert 2**70 == steps[-1]
    assert math.isnan(last[-1])
    assert values[8192:] == last[:-1]


def test_a_series_that_was_logged_can_be_searched_as_a_metric(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    cell.run.series = [
        SeriesRecord("loss", [0, 1], [0.5, 0.25], [0.0, 0.1]),
        SeriesRecord("curve", [0], [9.0], [0.0], fit_id=cell.run.fits[0].id),
    ]
    trail.save(cell, wait_s=1)

    assert [(0.25, 0.25, 0.5, 2)] == trail.db.rows("SELECT last, min, max, count FROM metric_rows WHERE is_series")
    assert 0.25 == summary_of(trail, cell.run.id).metrics["loss"].last


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )
)
def test_a_param_comes_back_as_it_was(value: object) -> None:
    from celltrail.store.values import param_in

    kept, special = param_in(value)

    assert repr(value) == repr(param_out(kept, special))


def test_text_that_utf8_cannot_hold_and_numbers_beyond_64_bits_survive(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains(source="x = '\ud800'", depth=2**80)
    cell.run.params = {"key\udfff": "\ud800", "long": "x" * 5000, "huge": [1.5] * 2000, "nan": math.nan}
    cell.run.note = "\ud83d"
    cell.run.tags = {"a": "\udfff"}
    trail.save(cell, wait_s=1)

    rows = trail.db.rows("SELECT n.text, value, special FROM params JOIN names AS n ON n.id = name_id WHERE fit = -1")
    summary = summary_of(trail, cell.run.id)
    assert {"blob", "nan", None} == {special for _, _, special in rows}
    assert (str(2**80), "int") == trail.db.row(
        "SELECT value, special FROM params WHERE special = 'int' AND origin = 1"
    )
    assert "\ud800" == summary.params["key\udfff"]
    assert 2**80 == summary.params["max_depth"]


def test_content_is_kept_once_small_inside_and_large_beside(trail: Trail, kernel: Kernel) -> None:
    small, large = b"a" * 1000, bytes(range(256)) * 1000
    cells = [kernel.trains(depth=1), kernel.trains(depth=2)]
    for cell in cells:
        digests = keep(cell, small, large)
        cell.run.artifacts = [
            ArtifactRecord(ArtifactId(new_id()), f"m{digest[:3]}", "model", "application/x", digest)
            for digest in digests
        ]
        trail.save(cell, wait_s=1)

    assert small == trail.read_blob(digests[0])
    assert large == trail.read_blob(digests[1])
    assert [("file", None), ("zlib", 1)] == trail.db.rows(
        "SELECT encoding, content IS NOT NULL OR NULL FROM blobs WHERE size_bytes IN (?, ?) ORDER BY encoding",
        (len(small), len(large)),
    )
    assert 1 == len([path for path in (trail.path / "blobs").rglob("*") if path.is_file()])


def test_an_artifact_whose_content_never_came_is_said_not_to_be_kept(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    cell.run.artifacts = [ArtifactRecord(ArtifactId(new_id()), "clf", "model", "application/x", "ab" * 32)]

    trail.save(cell, wait_s=1)

    assert ("not kept", None) == trail.db.row("SELECT status, blob_id FROM artifacts")
    with pytest.raises(ArtifactNotFoundError):
        trail.read_blob("ab" * 32)


def test_unchanged_cells_of_a_notebook_are_kept_once(trail: Trail, kernel: Kernel) -> None:
    for depth in (1, 2):
        cell = kernel.trains(depth=depth)
        cell.run.snapshot = SnapshotRecord("live", None, {}, notebook_cells(cell, edited=f"v{depth}"))
        trail.save(cell, wait_s=1)

    assert (2,) == trail.db.row("SELECT count(*) FROM snapshots")
    assert (3,) == trail.db.row("SELECT count(*) FROM cell_versions")


def test_a_failure_before_the_first_fit_is_an_execution_and_no_run(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains(status=RunStatus.RUNNING)
    fits, metrics = cell.run.fits, cell.metrics
    cell.run.fits, cell.metrics = [], []
    started = trail.save(cell, wait_s=1)
    cell.run.status = cell.execution.status = RunStatus.FAILED

    ended = trail.save(cell, wait_s=1)

    assert None is started.number
    assert None is ended
    assert [] == trail.db.rows("SELECT id FROM runs")
    assert [("failed", 1)] == trail.db.rows("SELECT status, is_false_start FROM executions")
    assert fits
    assert metrics


def test_a_record_that_was_overtaken_changes_nothing(trail: Trail, kernel: Kernel) -> None:
    early = kernel.trains(status=RunStatus.RUNNING)
    late = replace(early, execution=replace(early.execution, status=RunStatus.FINISHED))
    late.run = replace(early.run, status=RunStatus.FINISHED, note="done")
    trail.save(late, wait_s=1)

    trail.save(early, wait_s=1)

    assert ("finished", "done") == trail.db.row("SELECT status, note FROM runs")


def test_every_column_that_names_a_blob_is_seen_by_a_sweep(trail: Trail) -> None:
    named = trail.db.row("SELECT sql FROM sqlite_schema WHERE name = 'blob_references'")[0]
    tables = [name for (name,) in trail.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]

    columns = [
        (row[3], table)
        for table in tables
        for row in trail.db.rows(f"PRAGMA foreign_key_list({table})")
        if row[2] == "blobs"
    ]

    assert columns
    assert [] == [
        (column, table) for column, table in columns if f"{column}" not in named or f"FROM {table}" not in named
    ]


def notebook_cells(cell: CellRecord, *, edited: str) -> list[dict[str, object]]:
    digests = keep(cell, b"import numpy", edited.encode())
    return [
        {"id": f"c{place}", "cell_type": "code", "source": digest, "metadata": {}, "outputs": None}
        for place, digest in enumerate(digests)
    ]


def full_cell(kernel: Kernel) -> CellRecord:
    """Return a cell that has something for every table."""
    cell = kernel.trains()
    run = cell.run
    diff, model = keep(cell, b"diff", b"model")
    run.tags, run.note, run.params = {"owner": "ann"}, "a note", {"lr": 0.1}
    run.series = [SeriesRecord("loss", [0, 1], [1.0, 0.5], [0.0, 0.1])]
    run.files = [FileRecord(f"{kernel.notebook.parent}/data.csv", "read", 10, 1, diff, Keeping.KEPT)]
    run.artifacts = [ArtifactRecord(ArtifactId(new_id()), "clf", "model", "x", model, fit_id=run.fits[0].id)]
    run.git = GitState("a" * 40, "main", True, diff, Keeping.KEPT)
    run.snapshot = SnapshotRecord("live", cell.execution.notebook, {"k": 1}, notebook_cells(cell, edited="v"))
    run.cautions, run.unknown = ["did not converge"], {"git": "no git"}
    cell.execution.started_at += timedelta(0)
    return cell


def test_a_second_save_says_all_anew_of_where_and_how_a_cell_ran(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains()
    trail.save(cell, wait_s=1)

    cell.execution.duration_s, cell.execution.execution_count = 7.5, 12
    trail.save(cell, wait_s=1)
    ended = trail.db.row("SELECT duration_s, execution_count FROM executions")
    cell.execution.source, cell.execution.cell_id = "x = 'another cell'", "moved"
    trail.save(cell, wait_s=1)
    text, cell_id = trail.db.row(
        "SELECT b.digest, n.text FROM executions AS x JOIN blobs AS b ON b.id = x.source_id"
        " JOIN names AS n ON n.id = x.cell_id"
    )

    assert (7.5, 12) == ended
    assert (b"x = 'another cell'", "moved") == (trail.read_blob(text.hex()), cell_id)


def test_a_run_bears_the_notebook_of_its_execution_from_its_first_save(trail: Trail, kernel: Kernel) -> None:
    trail.save(kernel.trains(), wait_s=1)

    assert [] == trail.db.rows(
        "SELECT r.id FROM runs AS r JOIN executions AS x ON x.id = r.execution_id"
        " WHERE r.notebook_id IS NOT x.notebook_id OR r.notebook_id IS NULL"
    )
