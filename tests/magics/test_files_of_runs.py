"""A run tells the files behind it: when it is shown, compared, restored."""

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
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
"""
READ = "df = pd.read_csv('data/train.csv')"
FIT = "clf = LogisticRegression().fit(df[['a']], df.y)\naccuracy_score(df.y, clf.predict(df[['a']]))"


def write(rows: int) -> None:
    Path("data").mkdir(exist_ok=True)
    Path("data/train.csv").write_text("a,y\n" + "".join(f"{row},{row % 2}\n" for row in range(rows)))


def test_a_run_names_the_file_that_an_earlier_cell_read(
    shell: InteractiveShell, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(20)
    run(shell, PREPARE)
    run(shell, READ)
    run(shell, FIT)
    write(30)
    run(shell, READ)
    run(shell, FIT)

    first, second = celltrail.run("prev"), celltrail.run("last")
    assert [("data/train.csv", "read", 21, True)] == [
        (one["path"], one["mode"], one["details"]["lines"], one["details"]["earlier"]) for one in first.files
    ]
    assert Keeping.KEPT == first.files[0]["digest_status"]
    assert first.files[0]["digest"] != second.files[0]["digest"]
    assert "data/train.csv changed, +10 lines" in celltrail.compare("prev", "last").text
    assert "data/train.csv   read, by an earlier cell, 31 lines" in celltrail.show("last", all=True).text

    write(40)
    assert "train.csv changed" in celltrail.restore("last", output="again.py").text


def test_the_key_that_models_are_signed_with_is_no_file_of_the_cell(
    shell: InteractiveShell, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a JupyterHub: data of Jupyter's beside the work, and who works is known without the key.
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    write(20)
    run(shell, PREPARE)
    run(shell, f"{READ}\n{FIT}")

    assert (tmp_path / "jupyter" / "celltrail" / "key").exists()
    assert ["data/train.csv"] == [one["path"] for one in celltrail.run("last").files]


def test_an_unchanged_file_does_not_hinder_a_repeat(shell: InteractiveShell, run: Run) -> None:
    write(20)
    run(shell, PREPARE)
    for _ in range(2):
        run(shell, READ)
        run(shell, FIT)

    assert 2 == celltrail.run("last").repeats


def test_a_large_file_has_its_digest_a_little_later(shell: InteractiveShell, run: Run) -> None:
    Path("large.bin").write_bytes(bytes(3_000_000))
    run(shell, "%%track big\nfrom pathlib import Path\ncontent = Path('large.bin').read_bytes()")
    until = time.monotonic() + 20
    while celltrail.run("last").files[0]["digest_status"] is Keeping.PENDING and time.monotonic() < until:
        time.sleep(0.05)

    found = celltrail.run("last").files[0]
    assert ("large.bin", Keeping.KEPT, 3_000_000) == (found["path"], found["digest_status"], found["size_bytes"])


def test_what_celltrail_itself_reads_beside_a_cell_is_no_file_of_its(shell: InteractiveShell, run: Run) -> None:
    write(20)
    run(shell, PREPARE)
    run(shell, READ)
    Path("own.txt").write_text("celltrail reads this", encoding="utf-8")
    late = (
        "from pathlib import Path\nfrom celltrail.magics.extension import current\nlate = current().kernel.late\n"
        "late.submit(lambda: Path('own.txt').read_text(encoding='utf-8'))\nassert late.wait(20)\n"
    )
    run(shell, late + FIT)

    assert ["data/train.csv"] == [one["path"] for one in celltrail.run("last").files]
