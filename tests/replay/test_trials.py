"""Trials: a run replayed with one thing substituted, and that `compare` finds that thing and no other."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.notebooks import Notebook, notebook_in

import celltrail
from celltrail.domain.ids import ExecutionId, SessionId, new_id
from celltrail.domain.lineage import PastExecution
from celltrail.domain.record import RunStatus
from celltrail.domain.touches import Touches
from celltrail.errors import ReplayError, UsageError
from celltrail.replay.environment_origin import with_versions
from celltrail.replay.variables import put_in

CELLS = (
    "from sklearn.datasets import load_iris\nfrom sklearn.model_selection import train_test_split",
    "X, y = load_iris(as_frame=True, return_X_y=True)",
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
    "# celltrail: forest\nfrom sklearn.ensemble import RandomForestClassifier\n"
    "model = RandomForestClassifier(n_estimators=5, max_depth=2, random_state=0).fit(X_train, y_train)\n"
    "predicted = model.predict(X_test)",
    "from sklearn.metrics import accuracy_score\naccuracy_score(y_test, predicted)",
)


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook in which a forest was fitted and scored."""
    with notebook_in(tmp_path) as notebook:
        yield notebook.play(*CELLS)


def differing(trial: str | None) -> dict[str, Any]:
    """Return all that `compare` says of a trial and its run, but for what came out of them."""
    assert trial is not None
    told = celltrail.compare("forest#1", trial).data
    found = {name: told[name] for name in ("params", "data", "environment", "other_cells")}
    changed = [line for line in told["code"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return {name: value for name, value in {**found, "code": changed}.items() if value}


@pytest.mark.kernel
def test_a_trial_with_another_seed_differs_by_the_seed_alone(notebook: Notebook) -> None:
    verdict = celltrail.replay("forest#1", seed=3)

    found = differing(verdict.trial)
    assert [{"kind": "param", "name": "random_state", "before": "0", "after": "3"}] == found.pop("params")
    before, after = found.pop("code")
    assert before[1:].replace("random_state=0", "random_state=3") == after[1:]
    assert {} == found


@pytest.mark.kernel
def test_a_trial_with_another_parameter_differs_by_it_alone(notebook: Notebook) -> None:
    verdict = celltrail.replay("forest#1", params={"max_depth": 3})

    found = differing(verdict.trial)
    assert [{"kind": "param", "name": "max_depth", "before": "2", "after": "3"}] == found.pop("params")
    before, after = found.pop("code")
    assert before[1:].replace("max_depth=2", "max_depth=3") == after[1:]
    assert {} == found


@pytest.mark.kernel
def test_a_trial_without_a_column_differs_by_the_column_alone(notebook: Notebook) -> None:
    verdict = celltrail.replay("forest#1", data={"X": lambda X: X.drop(columns="petal length (cm)")})

    dropped = {"kind": "columns", "name": "columns", "before": "", "after": "−petal length (cm)"}
    assert {"data": [dropped]} == differing(verdict.trial)
    assert "X_train has 112 × 3, not 112 × 4" in str(verdict.diverged_at)
    assert 3 == celltrail.run(str(verdict.trial)).model().n_features_in_


@pytest.mark.kernel
def test_a_trial_with_another_frame_differs_by_its_column_alone(notebook: Notebook) -> None:
    changed = notebook.shell.user_ns["X_train"].assign(**{"petal length (cm)": 1.0})

    verdict = celltrail.replay("forest#1", data={"X_train": changed})

    (column,) = differing(verdict.trial).pop("data")
    assert ("data", "X_train.petal length (cm)") == (column["kind"], column["name"])
    assert {"data": [column]} == differing(verdict.trial)


@pytest.mark.kernel
@pytest.mark.long
def test_a_trial_under_another_scikit_learn_differs_by_its_version_alone(notebook: Notebook) -> None:
    import sklearn

    verdict = celltrail.replay("forest#1", env={"scikit-learn": "1.6.1"})

    version = {
        "kind": "environment",
        "name": "scikit-learn",
        "before": sklearn.__version__,
        "after": "1.6.1",
    }
    assert {"environment": [version]} == differing(verdict.trial)
    assert (f"scikit-learn {sklearn.__version__} → 1.6.1",) == verdict.environment.differences


def past(source: str, reads: str = "", binds: str = "") -> PastExecution:
    """Return an execution that read and bound these names."""
    return PastExecution(
        ExecutionId(new_id()), SessionId("s"), 0, 7, "c", None, source, RunStatus.FINISHED,
        datetime(2026, 1, 1, tzinfo=UTC), 1.0, touches=Touches(tuple(reads.split()), tuple(binds.split())),
    )  # fmt: skip


def test_a_value_goes_behind_the_last_cell_before_the_run_that_makes_the_variable() -> None:
    cells = [past("X = 1", "", "X"), past("X = X + 1", "X", "X"), past("fit", "X", "model"), past("X = 0", "", "X")]

    put = put_in(cells, 2, {"X": [1, 2]})

    assert {1: "X = __import__('celltrail.replay.inside', fromlist=['held']).held('X')"} == put.behind
    assert {"X": [1, 2]} == pickle.loads(put.content)
    assert {"X": "list"} == put.told


def test_what_would_change_nothing_or_is_not_there_is_refused() -> None:
    cells = [past("X = 1\nZ = X", "", "X Z"), past("y = 1; fit", "Z", "y model")]

    with pytest.raises(ReplayError, match=r"nothing reads X behind \[7\]"):
        put_in(cells, 1, {"X": 1})
    with pytest.raises(ReplayError, match="y is made in the cell of the run itself"):
        put_in(cells, 1, {"y": 1})
    with pytest.raises(ReplayError, match=r"no cell before the run makes Q. What it can be given: Z\."):
        put_in(cells, 1, {"Q": 1})
    with pytest.raises(UsageError, match="can't be handed to another kernel"):
        put_in(cells, 1, {"Z": (one for one in ())})


def test_another_version_is_of_a_distribution_that_the_run_had() -> None:
    had = {"distributions": [["scikit-learn", "1.9.1", "system", "used"], ["six", "1.17.0", "", ""]]}

    assert [["scikit-learn", "1.6.1", "", "used"], ["six", "1.17.0", "", ""]] == with_versions(
        had, {"Scikit_Learn": "1.6.1"}
    )["distributions"]
    with pytest.raises(ReplayError, match=r"had no scikit-lern\. Did you mean scikit-learn\?"):
        with_versions(had, {"scikit-lern": "1.6.1"})
