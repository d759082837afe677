"""How much room a run takes, and a notebook's versions: `python tests/bench/store_size.py [RUNS] [--tables]`.

A cell that logs 10 parameters, 20 metrics and four inputs, run by a real shell with environment, code and notebook
captured; its source edited every third run, one of its inputs changed every run; it has an id, as front ends send
it. Beside it the same where the inputs enter a fit, with what that brings: the fit, its parameters and its kept
model. Counted is by how much the second half of the runs makes the trail larger, indexes and empty room of pages
among it. Then twenty versions of a notebook of 2 MB with one cell changed each time. Not part of the test suite.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

VERSIONS = 20
MODELS = """
SELECT ifnull(sum(length(b.content)), 0) FROM blobs AS b
WHERE b.id IN (SELECT a.blob_id FROM artifacts AS a WHERE a.kind = 'model')
"""
NOTEBOOK_BYTES = 2_000_000
PREPARE = """
import numpy as np
import pandas as pd
import celltrail
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
chance = np.random.default_rng(0)
names = ["amount", "age", "hour", "merchant", "country"]
X_train, X_test = (pd.DataFrame(chance.normal(size=(200, 5)), columns=names) for _ in range(2))
y_train, y_test = (pd.Series(chance.normal(size=200), name="paid") for _ in range(2))
weights = chance.random(200)
"""
LOGGED = """\
# What do they pay? Edit {edit}
X_train = X_train * 0.999
celltrail.log_params({{**{{f"p{{place}}": place / 4 for place in range(9)}}, "edit": {edit}}})
celltrail.log_metrics({{f"metric_{{place}}": float(X_train.iloc[place, 0]) for place in range(20)}})
for name, data in {{"X_train": X_train, "y_train": y_train, "weights": weights, "X_test": X_test}}.items():
    celltrail.log_dataset(data, name)
"""
# Ridge has eight parameters. The frame X_train is another one in every run; y_train, weights and y_test stay.
FITTED = """\
# What do they pay? Edit {edit}
celltrail.log_params({{"threshold": 0.5, "edit": {edit}}})
X_train = X_train * 0.999
model = Ridge(alpha=0.1).fit(X_train, y_train, sample_weight=weights)
r2_score(y_test, model.predict(X_test))
celltrail.log_metrics({{f"metric_{{place}}": float(X_train.iloc[place, 0]) for place in range(19)}})
"""


def notebook_of(size_bytes: int) -> dict[str, object]:
    """Return a notebook with texts and pictures, as an analysis of a week leaves it."""
    chance = random.Random(1)
    cells: list[dict[str, object]] = []
    size = 0
    while size < size_bytes:
        source = f"figure_{len(cells)} = plot(frame, by={chance.random()})\n" * 8
        picture = b64encode(chance.randbytes(20_000)).decode()
        shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture, "text/plain": ["<f>"]}}
        cell = {"id": f"cell-{len(cells)}", "cell_type": "code", "metadata": {}, "execution_count": 1}
        cells.append({**cell, "source": source, "outputs": [shown]})
        size += len(picture) + len(source)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def size_of(trail: Path) -> int:
    """Return the bytes of a folder, its log folded in."""
    from celltrail.store.checkpoint import checkpoint
    from celltrail.store.trail import Trail

    with Trail.open(trail) as opened:
        checkpoint(opened)
    return sum(path.stat().st_size for path in trail.rglob("*") if path.is_file())


def a_shell(folder: Path) -> InteractiveShell:
    """Start celltrail in a fresh folder, beside a notebook."""
    (folder / "celltrail.toml").touch()
    os.chdir(folder)
    os.environ["CELLTRAIL_NOTEBOOK"] = str(folder / "fraud.ipynb")
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell.instance(config=config)
    shell.run_cell(PREPARE).raise_error()
    shell.run_cell("%load_ext celltrail").raise_error()
    return shell


def bytes_a_run(folder: Path, source: str, count: int) -> tuple[float, float]:
    """Run a cell so often; return by how much each run of the second half makes the trail larger, and its model."""
    (folder / "fraud.ipynb").write_text(json.dumps(notebook_of(20_000)))
    shell = a_shell(folder)
    before = 0
    for number in range(count):
        if number == count // 2:
            before = size_of(folder / ".celltrail")
        shell.run_cell(source.format(edit=number // 3), store_history=True, cell_id="cell-0").raise_error()
    grown = (size_of(folder / ".celltrail") - before) / (count - count // 2)
    shell.run_cell("%unload_ext celltrail")
    if "--tables" in sys.argv:
        tables(folder / ".celltrail", count)
    with sqlite3.connect(folder / ".celltrail" / "trail.db") as db:
        (model,) = db.execute(MODELS).fetchone()
    return grown, model / count


def tables(trail: Path, count: int) -> None:
    """Print the tables and indexes that take most."""
    with sqlite3.connect(trail / "trail.db") as db:
        rows = db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 24").fetchall()
    for name, size in rows:
        print(f"  {name:40}{size / count:8.0f} bytes a run", file=sys.__stdout__)


def bytes_of_versions(folder: Path) -> int:
    """Save twenty versions of a large notebook, a run after each, and return what they take."""
    notebook = notebook_of(NOTEBOOK_BYTES)
    cells = notebook["cells"]
    assert isinstance(cells, list)
    (folder / "fraud.ipynb").write_text(json.dumps(notebook))
    shell = a_shell(folder)
    for version in range(VERSIONS):
        cells[version]["source"] += f"# version {version}\n"
        (folder / "fraud.ipynb").write_text(json.dumps(notebook))
        shell.run_cell(FITTED.format(edit=version), store_history=True).raise_error()
    shell.run_cell("%unload_ext celltrail")
    return size_of(folder / ".celltrail")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 500
    out = sys.stdout
    sizes = {}
    for name, source in (("logged", LOGGED), ("fitted", FITTED)):
        with tempfile.TemporaryDirectory(prefix="celltrail-bench-") as folder, open(os.devnull, "w") as sys.stdout:
            sizes[name] = bytes_a_run(Path(folder), source, count)
            os.chdir("/")
    with tempfile.TemporaryDirectory(prefix="celltrail-bench-") as folder, open(os.devnull, "w") as sys.stdout:
        versions = bytes_of_versions(Path(folder))
        os.chdir("/")
    sys.stdout = out
    print(f"10 params, 20 metrics, 4 inputs: {sizes['logged'][0]:6.0f} bytes a run")  # noqa: T201
    size, model = sizes["fitted"]
    print(f"the same with a fit:             {size:6.0f} bytes a run, {model:.0f} of them the model")  # noqa: T201
    print(f"{VERSIONS} versions of a notebook of {NOTEBOOK_BYTES / 1e6:.0f} MB: {versions / 1e6:6.2f} MB")  # noqa: T201


if __name__ == "__main__":
    main()
