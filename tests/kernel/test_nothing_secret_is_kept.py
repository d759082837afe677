"""A notebook full of secrets, run by a real kernel: not one of them is found in any byte of its trail."""

from __future__ import annotations

import sqlite3
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from celltrail.store.trail import Trail
from celltrail.store.travel import export_runs

pytestmark = pytest.mark.kernel

KEY = "AKIA" + "Q3EGRZ7XWVUTSRQP"
AWS = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY1"
MAIL = "ann.w@corp.example"
HTML_MAIL = MAIL.replace("@", "&#64;")
CARD = "4111 1111 1111 1111"
PHONE = "+49 30 901820"
TOKEN = "tk9Zq81mmPXabc77"
PASSWORD = "s3cr3t-pa55"
SECRETS = (KEY, AWS, MAIL, CARD, PHONE, TOKEN, PASSWORD)

PREPARE = f"""
import os, sys, celltrail, pandas as pd
import matplotlib; matplotlib.use("module://matplotlib_inline.backend_inline")
import matplotlib.pyplot as plt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
X, y = load_iris(return_X_y=True)
class Step(TransformerMixin, BaseEstimator):
    def __init__(self, token=None, client=None):
        self.token, self.client = token, client
    def fit(self, X, y=None):
        return self
    def transform(self, X):
        return X
sys.argv.append("{KEY}")
lit = "{TOKEN}"
step = Step(token=lit, client="postgresql://ann:{PASSWORD}@db/x")
"""
SHOWS = f"""
print("{KEY}", "{MAIL}", "{CARD}")
print(os.environ["AWS_SECRET_ACCESS_KEY"], file=sys.stderr)
LogisticRegression(max_iter=500).fit(X, y)
"""
LOGS = f"""# celltrail: logs --tag owner={MAIL} --note "call {PHONE}"
aws = os.environ["AWS_SECRET_ACCESS_KEY"]
celltrail.log_param("contact", "{MAIL}"); celltrail.log_param("api_key", aws); celltrail.log_param("{MAIL}", 1)
celltrail.log_text(f"{{aws}} {PHONE}", "{MAIL}.txt")
celltrail.log_metric("loss {MAIL}", 0.5)
celltrail.set_tag("card {CARD}", "{KEY}")
celltrail.set_note("mail {MAIL} " + aws)
open("{MAIL}.env", "w").write(f"X={{aws}} {CARD}")
celltrail.log_artifact("{MAIL}.env")
frame = pd.DataFrame({{"mail": ["{MAIL}"] * 60, "{MAIL}": range(60), "a": range(60)}})
celltrail.log_dataset(frame, "people of {MAIL}")
display(frame.head(), frame["mail"], frame.style if False else 1)
pipe = make_pipeline(step, LogisticRegression(max_iter=501)).fit(X, y)
celltrail.keep(pipe)  # however long that takes here: what is asked is why it isn't kept
print(pipe)
pipe
"""
FIGURE = f"""
%config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"
plt.title("{MAIL} " + os.environ["AWS_SECRET_ACCESS_KEY"]); plt.show()
from ipywidgets import Text
from IPython.display import HTML, JSON, display
display(Text(value="{MAIL}"), HTML("<p>{HTML_MAIL}</p>"), JSON({{"token": "{TOKEN}", "n": ["{CARD}"]}}))
LogisticRegression(max_iter=502).fit(X, y)
"""
FAILS = f"""
LogisticRegression(max_iter=503).fit(X, y)
def go(secret):
    password = "{PASSWORD}"  # {MAIL}
    raise ValueError(f"{{secret}} {CARD} postgresql://ann:{{password}}@db")
go(os.environ["AWS_SECRET_ACCESS_KEY"])
"""
SPOOLS = f"""
import sqlite3
holder = sqlite3.connect(".celltrail/trail.db", isolation_level=None); holder.execute("BEGIN IMMEDIATE")
print("{MAIL}", os.environ["AWS_SECRET_ACCESS_KEY"])
LogisticRegression(max_iter=504).fit(X, y)
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "celltrail.toml").touch()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS)
    monkeypatch.setenv("CELLTRAIL_NOTEBOOK", str(tmp_path / "work.ipynb"))
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)
    return tmp_path


def run(folder: Path, *sources: str) -> nbformat.NotebookNode:
    about = {"kernelspec": {"name": "python3", "display_name": "P"}, "owner": MAIL}
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext celltrail", *sources)]
    cells.append(nbformat.v4.new_markdown_cell(f"Write to {MAIL}, card {CARD}."))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=about)
    cells[1].outputs = [nbformat.v4.new_output("stream", text=f"{MAIL} {KEY} {AWS}")]
    nbformat.write(notebook, folder / "work.ipynb")
    client = NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, timeout=180, allow_errors=True)
    client.execute()
    return notebook


def contents(trail: Path) -> Iterator[tuple[str, bytes]]:
    """Return every byte of a trail, packed and unpacked, with where it stands."""
    for file in trail.rglob("*"):
        if file.is_file():
            yield from _unpacked(file.name, file.read_bytes())
    database = sqlite3.connect(trail / "trail.db")
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in database.execute(f"SELECT * FROM {table}"):
            for value in row:
                yield from _unpacked(table, value if isinstance(value, bytes) else str(value).encode())
    database.close()


def _unpacked(place: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield place, data
    try:
        yield f"{place} unpacked", zlib.decompress(data)
    except zlib.error:
        return


def leaks(found: Iterator[tuple[str, bytes]]) -> list[tuple[str, str]]:
    forms = {secret: {secret, secret.replace("/", "%2F"), secret.replace("@", "&#64;")} for secret in SECRETS}
    return [
        (place, secret)
        for place, data in found
        for secret in SECRETS
        if any(form.encode() in data for form in forms[secret])
    ]


def test_nothing_of_a_notebook_full_of_secrets_is_found_in_its_trail(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    (tmp_path / "settings.py").write_text("x = 1\n")
    for words in (["init", "-q"], ["remote", "add", "o", f"https://ann:{PASSWORD}@host/r"], ["add", "settings.py"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    (tmp_path / "settings.py").write_text(f"password = '{PASSWORD}'  # {MAIL}\nkey = '{KEY}'\n")

    notebook = run(tmp_path, PREPARE, SHOWS, LOGS, FIGURE, FAILS, "import time; time.sleep(1)")

    assert "ValueError" in [output.get("ename") for output in notebook.cells[5].outputs]
    said = "".join(output.text for cell in notebook.cells[1:-1] for output in cell.outputs if "text" in output)
    assert 1 == said.count("masked before storing: ")
    assert [] == leaks(contents(tmp_path / ".celltrail"))
    with Trail.open(tmp_path / ".celltrail") as trail:
        runs = trail.search_runs(order_by="started")
        assert 4 == len(runs)
        assert "a value that is masked as a secret" in str(runs[1].content.field("artifacts"))
        assert {"source"} <= set(runs[1].content.field("masked"))
        export_runs(trail, [one.reference for one in runs], tmp_path / "runs.zip")
    with zipfile.ZipFile(tmp_path / "runs.zip") as file:
        assert [] == leaks((name, file.read(name)) for name in file.namelist())


def test_a_spooled_cell_holds_no_secret_before_and_after_it_is_committed(tmp_path: Path) -> None:
    run(tmp_path, PREPARE, SPOOLS)

    assert list((tmp_path / ".celltrail" / "spool").glob("*.json"))
    assert [] == leaks(contents(tmp_path / ".celltrail"))
    with Trail.open(tmp_path / ".celltrail"):
        pass
    assert [] == list((tmp_path / ".celltrail" / "spool").glob("*.json"))
    assert [] == leaks(contents(tmp_path / ".celltrail"))


def test_a_killed_kernel_leaves_no_secret(tmp_path: Path) -> None:
    dies = f"LogisticRegression(max_iter=505).fit(X, y)  # {MAIL}\nprint('{CARD}', '{AWS}')\nos.kill(os.getpid(), 9)"
    with pytest.raises(DeadKernelError):
        run(tmp_path, PREPARE, SHOWS, dies)

    assert [] == leaks(contents(tmp_path / ".celltrail"))


def test_an_unchanged_cell_with_a_masked_value_is_a_repeat_after_a_restart(tmp_path: Path) -> None:
    cell = f"clf = LogisticRegression(max_iter=506).fit(X, y)  # {MAIL} {AWS} {CARD}"
    for _ in range(2):
        run(tmp_path, PREPARE, cell)

    with Trail.open(tmp_path / ".celltrail") as trail:
        assert [2] == [one.repeats for one in trail.search_runs()]


def test_what_is_scanned_would_be_found() -> None:
    packed = zlib.compress(f"mail {MAIL}".encode())
    assert [("x unpacked", MAIL)] == leaks(_unpacked("x", packed))
