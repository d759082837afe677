"""Models give back their room: what a rule keeps stays, all else of a run too."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop, a_fit, content

from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.keep_rule import KeepRule, read_keep_rule
from celltrail.domain.record import ArtifactRecord, Keeping, RunStatus
from celltrail.domain.run import Run
from celltrail.errors import NotKeptError, TrailReadOnlyError
from celltrail.store import free_models as freeing
from celltrail.store.annotate import forget
from celltrail.store.doctor import examine
from celltrail.store.free_models import bring_back_models, free_models
from celltrail.store.gc import collect_garbage
from celltrail.store.trail import Trail

LARGE = 100_000  # beyond what stands in the database itself


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def with_model(shop: Workshop, data: bytes, score: float | None = None, name: str = "forest", **more: object) -> Run:
    """Save a run that keeps a model."""
    pinned = bool(more.pop("pinned", False))
    fit = a_fit()
    cell = shop.cell(name, fits=[fit], metrics={} if score is None else {ACCURACY: score}, **more)
    model = ArtifactRecord(ArtifactId(new_id()), "clf", "model", "application/octet-stream", fit_id=fit.id)
    model.digest, model.size_bytes, model.is_pinned = content(cell, data), len(data), pinned
    assert cell.run is not None
    cell.run.artifacts.append(model)
    return shop.keep(cell)


def let_hours_pass(trail: Trail) -> None:
    with trail.db.atomic():
        trail.db.execute("UPDATE blobs SET created_at = '2020-01-01T00:00:00.000000Z'")
        trail.db.execute("UPDATE runs SET saved_at = '2020-01-01T00:00:00.000000Z'")


def model_of(run: Run) -> dict[str, object]:
    found = [one for one in run.content.field("artifacts") if one["kind"] == "model"]
    return dict(found[0])


def kept(runs: list[Run]) -> list[int | None]:
    return [run.number for run in runs if model_of(run)["status"] is Keeping.KEPT]


def files(trail: Trail) -> int:
    return sum(1 for path in (trail.path / "blobs").glob("*/*") if path.is_file())


def test_the_best_and_the_newest_stay(shop: Workshop) -> None:
    scores = [0.7, 0.9, 0.8, 0.95, 0.6, 0.5]
    runs = [with_model(shop, bytes([number]) * LARGE, score) for number, score in enumerate(scores)]
    let_hours_pass(shop.trail)

    freed = free_models(shop.trail, read_keep_rule("best:2,last,registered"))

    assert [2, 4, 6] == kept([shop.trail.run(run.id) for run in runs])
    assert (3, 3 * LARGE, 3) == (freed.models, freed.size_bytes, files(shop.trail))
    assert [("forest", 3, 3, 3 * LARGE)] == [
        (each.name, each.models, each.kept, each.size_bytes) for each in freed.experiments
    ]
    assert examine(shop.trail).is_well


def test_a_model_that_went_says_when_and_by_what(shop: Workshop) -> None:
    run = with_model(shop, b"x" * LARGE, 0.5)
    with_model(shop, b"y" * LARGE, 0.9)
    let_hours_pass(shop.trail)

    free_models(shop.trail, KeepRule(best=1))

    gone = shop.trail.run(run.id)
    assert str(model_of(gone)["reason"]).startswith("removed by gc on 20")
    with pytest.raises(NotKeptError, match=r"removed by gc on .* Make it again with: %restore forest#1"):
        gone.model()
    assert {ACCURACY: 0.5} == dict(gone.metrics)
    assert "clf.fit" in gone.source


def test_a_dry_run_says_what_would_go_and_changes_nothing(shop: Workshop) -> None:
    runs = [with_model(shop, bytes([number]) * LARGE, number / 10) for number in range(3)]
    let_hours_pass(shop.trail)

    tried = free_models(shop.trail, KeepRule(last=1), dry_run=True)

    assert [1, 2, 3] == kept([shop.trail.run(run.id) for run in runs])
    assert 3 == files(shop.trail)
    done = free_models(shop.trail, KeepRule(last=1))
    assert (tried.experiments, tried.size_bytes) == (done.experiments, done.size_bytes)


def test_young_running_named_and_registered_models_stay(shop: Workshop) -> None:
    named = with_model(shop, b"a" * LARGE, 0.1, pinned=True)
    registered = with_model(shop, b"b" * LARGE, 0.2)
    running = with_model(shop, b"c" * LARGE, 0.3, status=RunStatus.RUNNING)
    plain = with_model(shop, b"d" * LARGE, 0.4)
    let_hours_pass(shop.trail)
    with shop.trail.db.atomic():
        shop.trail.db.execute(
            "INSERT INTO pins SELECT id, 'registered', '2026-01-01' FROM artifacts WHERE global_id = ?",
            (model_of(registered)["id"],),
        )
    young = with_model(shop, b"e" * LARGE, 0.5)

    free_models(shop.trail, KeepRule())

    still = [shop.trail.run(run.id) for run in (named, registered, running, plain, young)]
    assert [True, True, True, False, True] == [model_of(run)["status"] is Keeping.KEPT for run in still]


def test_where_no_run_can_be_called_best_all_models_stay(shop: Workshop) -> None:
    runs = [with_model(shop, bytes([number]) * LARGE) for number in range(2)]
    let_hours_pass(shop.trail)

    freed = free_models(shop.trail, KeepRule(best=1, last=1))

    assert [1, 2] == kept([shop.trail.run(run.id) for run in runs])
    assert "no run of it can be called best" == freed.experiments[0].reason
    assert 1 == free_models(shop.trail, KeepRule(last=1)).models


def test_content_that_another_run_keeps_gives_no_room(shop: Workshop) -> None:
    with_model(shop, b"same" * LARGE, 0.5)
    best = with_model(shop, b"same" * LARGE, 0.9)
    let_hours_pass(shop.trail)

    freed = free_models(shop.trail, KeepRule(best=1))

    assert (1, 0) == (freed.models, freed.size_bytes)
    assert Keeping.KEPT is model_of(shop.trail.run(best.id))["status"]
    assert examine(shop.trail).is_well
    assert 1 == bring_back_models(shop.trail)
    assert 0 == bring_back_models(shop.trail)


def test_a_model_comes_back_when_its_content_is_there_again(shop: Workshop) -> None:
    run = with_model(shop, b"x" * LARGE, 0.5)
    with_model(shop, b"y" * LARGE, 0.9)
    let_hours_pass(shop.trail)
    free_models(shop.trail, KeepRule(best=1))
    assert 0 == bring_back_models(shop.trail)

    with_model(shop, b"x" * LARGE, 0.5)

    assert 1 == bring_back_models(shop.trail)
    again = model_of(shop.trail.run(run.id))
    assert (Keeping.KEPT, "", {}) == (again["status"], again["reason"], again["details"])


def test_each_experiment_keeps_its_own_best(shop: Workshop) -> None:
    for name, scores in (("boost", (0.9, 0.8)), ("forest", (0.1, 0.2))):
        for score in scores:
            with_model(shop, f"{name}{score}".encode() * LARGE, score, name)
    let_hours_pass(shop.trail)

    freed = free_models(shop.trail, KeepRule(best=1))

    assert [("boost", 1, 1), ("forest", 1, 1)] == [(each.name, each.models, each.kept) for each in freed.experiments]


def test_a_forgotten_run_can_come_back_with_its_model(shop: Workshop) -> None:
    run = with_model(shop, b"x" * LARGE, 0.5, pinned=True)
    with_model(shop, b"y" * LARGE, 0.9)
    let_hours_pass(shop.trail)
    forget(shop.trail, run)

    free_models(shop.trail, KeepRule(best=1))
    assert 2 == files(shop.trail)

    collect_garbage(shop.trail)
    assert 1 == files(shop.trail)
    assert [] == shop.trail.db.rows("SELECT artifact_id FROM pins")


def test_a_sweep_that_dies_leaves_a_sound_trail(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = with_model(shop, b"x" * LARGE, 0.5)
    with_model(shop, b"y" * LARGE, 0.9)
    let_hours_pass(shop.trail)

    def dies(*told: object) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(freeing, "_unlink", dies)
        with pytest.raises(OSError, match="the disk is gone"):
            free_models(shop.trail, KeepRule(best=1))

    assert Keeping.NOT_KEPT is model_of(shop.trail.run(run.id))["status"]
    assert examine(shop.trail).is_well
    assert LARGE == collect_garbage(shop.trail).size_bytes, "the next gc finishes it"


def test_a_trail_that_is_open_to_read_is_left_alone(shop: Workshop, tmp_path: Path) -> None:
    with_model(shop, b"x" * LARGE, 0.5)
    shop.trail.close()

    with Trail.open(tmp_path / ".celltrail", read_only=True) as trail:
        with pytest.raises(TrailReadOnlyError):
            free_models(trail, KeepRule())
        with pytest.raises(TrailReadOnlyError):
            bring_back_models(trail)
