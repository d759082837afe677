"""Runs replayed in real kernels: what the verdict is, what it names, and that nothing is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.notebooks import Notebook, notebook_in

import celltrail
from celltrail.domain.verdict import Outcome
from celltrail.errors import ReplayError
from celltrail.replay.playing import Step, play
from celltrail.store.write_trial import trials_of

pytestmark = pytest.mark.kernel

DATA = "import numpy as np\nrows = np.loadtxt('data.csv', delimiter=',')"
TRAIN = (
    "# celltrail: tree\nfrom sklearn.tree import DecisionTreeClassifier\n"
    "model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(rows[:, :2], rows[:, 2])"
)
SCORE = "from sklearn.metrics import accuracy_score\naccuracy_score(rows[:, 2], model.predict(rows[:, :2]))"


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another replay on this machine has there is none of ours."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook with data beside it."""
    lines = [f"{i % 7},{i % 11},{int(i % 7 > 3)}" for i in range(60)]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n")
    with notebook_in(tmp_path) as notebook:
        yield notebook


def left_over() -> list[str]:
    """Return what a replay would have left: working copies, kernels of this process."""
    folders = [str(path) for path in Path(tempfile.gettempdir()).glob("celltrail-replay-*")]
    kernels = [one for one in psutil.Process().children(recursive=True) if "ipykernel_launcher" in " ".join(cmd(one))]
    return [*folders, *map(str, kernels)]


def cmd(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_run_with_the_later_cell_that_scored_it_is_identical(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, "noise = 1", TRAIN, SCORE, "np.savetxt('out.csv', rows)")
    before = sorted(path.name for path in tmp_path.iterdir()), celltrail.run("tree#1").metrics

    verdict = celltrail.replay("tree#1")

    assert (Outcome.IDENTICAL, None) == (verdict.verdict, verdict.diverged_at)
    assert 3 == verdict.cells
    assert 1 == len(verdict.metrics)
    assert {"1 model", "1 metric"} <= set(verdict.compared)
    assert before == (sorted(path.name for path in tmp_path.iterdir()), celltrail.run("tree#1").metrics)
    assert [] == left_over()


def test_edited_data_is_different_from_the_cell_that_read_it(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN, SCORE)
    (tmp_path / "data.csv").write_text((tmp_path / "data.csv").read_text().replace("1\n", "0\n", 5))

    verdict = celltrail.replay("tree#1")

    assert Outcome.DIFFERENT == verdict.verdict
    assert "[2] read data.csv with other content" == str(verdict.diverged_at)
    assert "replay: different from [2] read data.csv" in celltrail.show("tree#1").text


def test_a_draw_without_a_seed_is_unstable_when_replayed_twice(notebook: Notebook) -> None:
    notebook.play(DATA, "rows[:, 0] += np.random.normal(size=len(rows))", TRAIN, SCORE)

    verdict = celltrail.replay("tree#1", twice=True)

    assert Outcome.UNSTABLE == verdict.verdict
    assert "[4] " in str(verdict.diverged_at)


def test_a_cell_that_fails_now_is_named(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN)
    (tmp_path / "data.csv").unlink()

    verdict = celltrail.replay("tree#1")

    assert Outcome.FAILED == verdict.verdict
    assert str(verdict.diverged_at).startswith("[2] FileNotFoundError")
    assert [] == left_over()


def test_time_that_is_up_is_a_failure_in_the_cell_that_ran(notebook: Notebook) -> None:
    notebook.play("import os, time\nif os.environ.get('SLOW'):\n    time.sleep(600)", DATA, f"{TRAIN}\ntime")
    os.environ["SLOW"] = "1"

    verdict = celltrail.replay("tree#1", timeout=25)

    assert (Outcome.FAILED, "[2] not done after 25 s") == (verdict.verdict, str(verdict.diverged_at))
    assert [] == left_over()


def test_an_interrupt_ends_the_kernel_and_keeps_no_verdict(
    notebook: Notebook,
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    notebook.play("import os, time\nif os.environ.get('SLOW'):\n    time.sleep(600)", DATA, f"{TRAIN}\ntime")
    os.environ["SLOW"] = "1"
    threading.Timer(15, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        celltrail.replay("tree#1")

    signal.signal(signal.SIGINT, before)
    assert 60 > time.monotonic() - began
    assert [] == left_over()
    assert "replay: not tried" in celltrail.show("tree#1").text


def test_a_trial_differs_from_its_run_by_what_was_substituted_alone(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN, SCORE)
    before = [run.id for run in celltrail.open_trail().search_runs()]

    verdict = celltrail.replay("tree#1", params={"max_depth": 1})

    assert verdict.trial is not None
    origin, trial = celltrail.run("tree#1"), celltrail.run(verdict.trial)
    ours, theirs = origin.fits[0].params, trial.fits[0].params
    assert {"max_depth": (3, 1)} == {
        key: (ours.get(key), theirs.get(key))
        for key in {**ours, **theirs}
        if ours.get(key, ...) != theirs.get(key, ...)
    }
    assert [one["digest"] for one in origin.fits[0].inputs] == [one["digest"] for one in trial.fits[0].inputs]
    assert before == [run.id for run in celltrail.open_trail().search_runs()]
    assert [verdict.trial] == [one.reference for one in trials_of(celltrail.open_trail(), origin)]
    assert 1 == trial.model().max_depth
    assert "replay: not tried" in celltrail.show("tree#1").text


def test_a_trial_with_other_data_reads_the_file_in_its_place(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN, SCORE)
    (tmp_path / "other.csv").write_text("\n".join((tmp_path / "data.csv").read_text().splitlines()[:30]) + "\n")

    verdict = celltrail.replay("tree#1", data={"data.csv": tmp_path / "other.csv"}, seed=7)

    trial = celltrail.run(str(verdict.trial))
    assert (30, 7) == (trial.fits[0].inputs[0]["rows"], trial.params["random_state"])
    assert "data.csv" in {Path(one["path"]).name for one in trial.files}


def test_what_was_not_read_can_not_be_substituted(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN, SCORE)

    with pytest.raises(ReplayError, match=r"did not read other\.csv"):
        celltrail.replay("tree#1", data={"other.csv": "data.csv"})


def test_the_shell_gives_the_verdict_as_json(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(DATA, TRAIN, SCORE)

    words = [sys.executable, "-m", "celltrail.cli", "replay", "tree#1", "--json"]
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=tmp_path)

    told = json.loads(done.stdout)
    assert ("identical", None, "tree#1") == (told["verdict"], told["diverged_at"], told["run"])


def test_masked_source_is_refused_before_a_kernel_starts(notebook: Notebook) -> None:
    notebook.play("token = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'", DATA, f"{TRAIN}\ntoken")

    with pytest.raises(ReplayError, match="masked"):
        celltrail.replay("tree#1")


@pytest.mark.parametrize("program", [sys.executable + "-missing", shutil.which("false") or ""])
def test_a_kernel_that_does_not_start_is_said(program: str, tmp_path: Path) -> None:
    if not program:
        pytest.skip("no program that ends at once")
    played = play(
        [Step("1")],
        python=Path(program),
        folder=tmp_path,
        environment=dict(os.environ),
        told=lambda _: None,
        timeout_s=60,
    )

    assert 0 == played.failed_at
    assert played.error.startswith("no kernel started: ")
    assert [] == left_over()
