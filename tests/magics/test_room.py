"""The disk budget in a kernel: told once, swept by the command that is told, `keep` holds a model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.domain.record import Keeping

Run = Callable[..., Any]
PREPARE = """
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
X_train, X_test, y_train, y_test = train_test_split(*load_iris(return_X_y=True), random_state=0)
"""
FIT = """\
# celltrail: forest
clf = RandomForestClassifier({n}, random_state=0).fit(X_train, y_train)
accuracy_score(y_test, clf.predict(X_test))
"""


def test_a_large_trail_is_told_once_with_the_command(
    plain_shell: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("celltrail.toml").write_text("room_gb = 0.0001\n")
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    run(plain_shell, FIT.replace("{n}", "3"))
    said = ""
    for number in range(4, 12):
        time.sleep(0.2)
        run(plain_shell, FIT.replace("{n}", str(number)))
        said += capsys.readouterr().err

    assert 1 == said.count("Make room with: %trail gc --models --keep best:3,last,registered")


def test_models_are_swept_in_a_cell_but_for_those_that_are_kept(
    shell: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, PREPARE)
    for number in (1, 2, 3):
        run(shell, FIT.replace("{n}", str(number)))
    run(shell, "celltrail = __import__('celltrail')\ncelltrail.keep(clf)")
    run(shell, FIT.replace("{n}", "4"))
    trail = celltrail.open_trail()
    with trail.db.atomic():
        trail.db.execute("UPDATE blobs SET created_at = '2020'")
        trail.db.execute("UPDATE runs SET saved_at = '2020'")
    capsys.readouterr()

    run(shell, "%trail gc --models --keep last,registered --dry-run")
    tried = capsys.readouterr().out
    done = celltrail.gc(models=True, keep="last,registered")

    assert "Would remove 2 models" in tried
    assert "To do it: celltrail gc --models --keep last,registered" in tried
    assert 2 == done.data["models"]
    kept = [_model(f"forest#{number}")["status"] for number in (1, 2, 3, 4)]
    assert [Keeping.NOT_KEPT, Keeping.NOT_KEPT, Keeping.KEPT, Keeping.KEPT] == kept
    assert "model not kept: removed by gc on " in celltrail.show("forest#1").text


def test_status_says_where_the_room_goes(shell: InteractiveShell, run: Run) -> None:
    run(shell, PREPARE)
    run(shell, FIT.replace("{n}", "3"))

    answer = celltrail.status()

    line = next(line for line in answer.text.splitlines() if line.startswith("trail"))
    assert "(models " in line
    assert answer.data["size_bytes"] == sum(answer.data["sizes"].values())
    assert "room     models " in celltrail.doctor().text


def _model(reference: str) -> dict[str, Any]:
    artifacts = celltrail.run(reference).content.field("artifacts")
    return next(dict(one) for one in artifacts if one["kind"] == "model")
