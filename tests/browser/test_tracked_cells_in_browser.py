"""A notebook worked through in JupyterLab: cells that train become runs, and what a person sees of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PREPARE = """\
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X[["mean texture", "mean smoothness", "mean symmetry", "texture error"]]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=42)"""
FOREST = """\
forest = RandomForestClassifier(n_estimators=50, max_depth={depth}, random_state=0).fit(X_train, y_train)
average_precision_score(y_test, forest.predict_proba(X_test)[:, 1])"""
ZOO = """\
%%track zoo
for model in [LogisticRegression(max_iter=5), RandomForestClassifier(n_estimators=20, random_state=0),
              GradientBoostingClassifier(n_estimators=20, random_state=0)]:
    model.fit(X_train, y_train)
    average_precision_score(y_test, model.predict_proba(X_test)[:, 1])"""
UNMARKED = """\
boosted = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(X_train, y_train)
average_precision_score(y_test, boosted.predict_proba(X_test)[:, 1])"""
FAILING = """\
# celltrail: boost
boosted = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)
boosted.predict(X_test.drop(columns="mean texture"))"""
CELLS = (
    "%load_ext celltrail",
    PREPARE,
    "%%track forest\n" + FOREST.format(depth=2),
    "%%track forest --note 'do deeper trees help?'\n" + FOREST.format(depth=8),
    UNMARKED,
    ZOO,
    "%runs",
    "%compare forest#1 forest#2",
    "%trail",
    FAILING,
)
CLIPPED = """() => [...document.querySelectorAll('.jp-Celltrail, .jp-Celltrail *')]
  .filter(node => !(node instanceof SVGElement) && getComputedStyle(node).overflowX === 'visible'
    && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
  .map(node => node.className)"""


@pytest.fixture(scope="module")
def worked(server: Any, browser: Any, open_window: Callable[..., Any]) -> Iterator[Any]:
    """Open a notebook in JupyterLab, run all its cells, save it, and leave it open."""
    (server.root / "celltrail.toml").write_text("", encoding="utf-8")
    with open_window(height=4200) as lab:
        lab.write("worked.ipynb", *CELLS)
        lab.open("worked.ipynb")
        lab.run_all()
        lab.page.locator(".jp-Celltrail-browser").get_by_label("Compare forest#2").wait_for()
        lab.save()
        yield lab


def cell(lab: Any, source: str) -> Any:
    """Find what stands below a cell of the worked notebook."""
    return lab.page.locator(".jp-Notebook .jp-Cell").nth(CELLS.index(source)).locator(".jp-Cell-outputArea")


def test_a_marked_cell_shows_its_panel(worked: Any) -> None:
    panel = cell(worked, CELLS[3]).get_by_role("region", name="Run forest#2")

    said = panel.inner_text()
    assert "average precision · y_test (228 rows)" in said
    assert "max_depth" in said
    assert "do deeper trees help?" in said


def test_an_unmarked_cell_that_trains_shows_a_line_that_opens(worked: Any) -> None:
    below = cell(worked, UNMARKED)

    below.get_by_role("button", name="Show the panel of gradient-boosting#1").click()
    opened = below.get_by_role("region", name="Run gradient-boosting#1").inner_text()
    below.get_by_role("button", name="Show gradient-boosting#1 as a line").click()

    assert "2 params set" in opened
    assert 1 == below.locator(".jp-Celltrail").count()


def test_runs_shows_a_table_of_few_columns(worked: Any) -> None:
    table = cell(worked, "%runs").locator("table")

    heads = table.locator("th").all_inner_texts()
    assert ["run", "avg precision · y_test", "parameters", "note", "when (UTC)"] == heads
    assert "max_depth 8" in table.locator("tr", has_text="forest#2").inner_text()


def test_compare_shows_the_changed_line(worked: Any) -> None:
    said = cell(worked, CELLS[7]).inner_text()

    assert "max_depth" in said
    assert "-forest = RandomForestClassifier(n_estimators=50, max_depth=2, random_state=0)" in said


def test_two_runs_of_the_panel_are_compared_with_their_code(worked: Any) -> None:
    panel = cell(worked, "%trail").locator(".jp-Celltrail-browser")

    panel.get_by_label("Compare forest#1").check()
    panel.get_by_label("Compare forest#2").check()

    compared = panel.get_by_role("region", name="forest#1 and forest#2")
    compared.wait_for()
    removed = compared.locator("[data-kind='removed']").all_inner_texts()
    assert any("max_depth=2" in line for line in removed)


def test_a_wrong_filter_is_pointed_at(worked: Any) -> None:
    panel = cell(worked, "%trail").locator(".jp-Celltrail-browser")
    box = panel.get_by_label("Filter the runs")

    box.fill("params.max_depth >> 4")
    box.press("Enter")
    fault = panel.get_by_role("alert").filter(has_text="^")
    fault.wait_for()
    said = (fault.text_content() or "").splitlines()
    box.fill("")
    box.press("Enter")

    assert any(line.strip() == "^" for line in said)
    panel.locator("[role=alert]:empty").wait_for(state="attached")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_is_clipped(worked: Any, theme: str, width: int) -> None:
    worked.page.set_viewport_size({"width": width, "height": 4200})
    worked.use_theme(theme)
    worked.page.wait_for_timeout(500)

    worked.shoot(f"worked-{theme.lower()}-{width}")
    assert [] == worked.page.evaluate(CLIPPED)


def test_a_saved_notebook_shows_all_without_its_kernel(worked: Any, lab: Any) -> None:
    path = worked.server.root / "later.ipynb"
    shutil.copy(worked.server.root / "worked.ipynb", path)
    lab.page.set_viewport_size({"width": 1280, "height": 4200})

    lab.open(path.name)

    assert cell(lab, CELLS[3]).get_by_role("region", name="Run forest#2").is_visible()
    assert cell(lab, UNMARKED).get_by_role("button", name="Show the panel of gradient-boosting#1").is_visible()
    lab.shoot("without-kernel")
    table = cell(lab, "%trail").locator("table:visible")
    assert "forest#2" in table.inner_text()
    assert 0 == cell(lab, "%trail").get_by_text("Loading widget").locator("visible=true").count()


def test_another_machine_says_what_the_saved_output_said(worked: Any, lab: Any) -> None:
    elsewhere = worked.server.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "celltrail.toml").write_text("", encoding="utf-8")
    book = json.loads((worked.server.root / "worked.ipynb").read_text(encoding="utf-8"))
    book["cells"] = book["cells"][:5]
    book["cells"][1]["source"] = PREPARE.replace("test_size=0.4", "test_size=0.3")
    (elsewhere / "worked.ipynb").write_text(json.dumps(book), encoding="utf-8")

    lab.open("elsewhere/worked.ipynb")
    lab.run_all()

    cell(lab, UNMARKED).get_by_text("saved output says").wait_for()
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    for theme in ("Dark", "Light"):
        lab.use_theme(theme)
        lab.shoot(f"saved-output-says-{theme.lower()}")
    assert "rows" in cell(lab, UNMARKED).inner_text()


@pytest.mark.parametrize("width", [1280, 800])
def test_stock_nbconvert_shows_line_panel_and_tables(worked: Any, lab: Any, width: int) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "worked.ipynb", "--output", f"page-{width}"]
    subprocess.run(command, cwd=worked.server.root, check=True, capture_output=True)
    lab.page.set_viewport_size({"width": width, "height": 3600})

    # Its styles are in the page; what it would fetch from the net is not waited for.
    lab.page.goto(f"file://{worked.server.root}/page-{width}.html", wait_until="commit")
    lab.page.get_by_text("failed", exact=False).last.wait_for()

    lab.shoot(f"nbconvert-{width}")
    said = lab.page.locator("body").inner_text()
    assert "do deeper trees help?" in said
    assert "gradient-boosting#1" in said
    assert 2 <= said.count("avg precision · y_test\tparameters")  # %runs, and what %trail leaves


@pytest.mark.skipif(find_spec("notebook") is None, reason="Notebook 7 is not installed")
def test_notebook_7_tracks_and_shows_too(worked: Any, lab: Any) -> None:
    (worked.server.root / "seven").mkdir()
    (worked.server.root / "seven" / "celltrail.toml").write_text("", encoding="utf-8")
    lab.write("seven/worked.ipynb", *CELLS[:3], "%trail")
    lab.open("seven/worked.ipynb", front_end="notebook")
    lab.run_all()

    lab.page.get_by_role("region", name="Run forest#1").wait_for()
    lab.page.locator(".jp-Celltrail-browser").get_by_label("Compare forest#1").wait_for()
    lab.shoot("notebook-7-worked")
