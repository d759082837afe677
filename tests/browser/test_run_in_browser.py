"""The line and the panel of a run, as JupyterLab draws them."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from celltrail.views.schema import RUN_MIME

pytestmark = pytest.mark.browser

CONTRACT = Path(__file__).parent.parent / "contract"
CLIPPED = """() => [...document.querySelectorAll('.jp-Celltrail, .jp-Celltrail *')]
  .filter(node => !(node instanceof SVGElement) && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
  .map(node => node.className)"""

# Paints each text's colour on the page's background, as the browser mixes them, and compares (WCAG 2.2, 1.4.3).
PALE = """() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  const ground = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0');
  const light = colours => {
    colours.forEach(colour => { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); });
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  return [...document.querySelectorAll('.jp-Celltrail *')]
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(node => {
      const style = getComputedStyle(node);
      const pair = [light([ground]), light([ground, node instanceof SVGElement ? style.fill : style.color])];
      return [Math.max(...pair) / Math.min(...pair), node.textContent];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


def saved(*names: str) -> list[dict[str, Any]]:
    """Make outputs as a notebook file holds them."""
    views = [json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    return [{RUN_MIME: view, "text/plain": view["run"]["reference"]} for view in views]


def test_a_saved_line_opens_into_its_panel_by_the_keyboard(lab: Any) -> None:
    lab.write("line.ipynb", "1", outputs=saved("run_line"))
    lab.open("line.ipynb")
    opener = lab.page.get_by_role("button", name="Show the panel of forest#7")

    opener.focus()
    lab.page.keyboard.press("Enter")

    panel = lab.page.get_by_role("region", name="Run forest#7")
    assert "60 216 rows, 104 frauds" in panel.inner_text()
    assert lab.page.get_by_role("button", name="Show forest#7 as a line").is_visible()


def test_an_action_writes_a_cell_below_and_runs_nothing(lab: Any) -> None:
    lab.write("actions.ipynb", "1", outputs=saved("run_panel"))
    lab.open("actions.ipynb")

    lab.page.get_by_role("button", name="compare with #6").click()

    assert ["1", "%compare forest#6 forest#7"] == lab.sources()[:2]
    assert 1 == lab.page.locator(".jp-OutputArea-child").count()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_is_clipped_or_pale(lab: Any, theme: str, width: int) -> None:
    names = ["run_line", "run_panel", "run_fits", "run_failed", "run_saved_says"]
    lab.write("all.ipynb", "# saved outputs", outputs=saved(*names))
    lab.page.set_viewport_size({"width": width, "height": 1100})
    lab.open("all.ipynb")
    lab.use_theme(theme)
    lab.page.get_by_role("button", name="1 fit, 3 params set (15 default)").click()

    clipped = lab.page.evaluate(CLIPPED)

    lab.shoot(f"saved-{theme.lower()}-{width}")
    assert [] == clipped
    assert [] == lab.page.evaluate(PALE)


@pytest.mark.skipif(find_spec("notebook") is None, reason="Notebook 7 is not installed")
def test_notebook_7_draws_the_line_too(lab: Any) -> None:
    lab.write("seven.ipynb", "1", outputs=saved("run_line", "run_panel"))

    lab.open("seven.ipynb", front_end="notebook")

    lab.page.get_by_role("button", name="Show the panel of forest#7").wait_for()
    lab.shoot("notebook-7")
    lab.page.get_by_role("button", name="compare with #6").click()
    assert "%compare forest#6 forest#7" in lab.sources()


def test_a_run_of_a_later_version_is_told_in_its_own_words(lab: Any) -> None:
    lab.write(
        "later.ipynb", "1", outputs=[{RUN_MIME: {"schema": "celltrail.run/9"}, "text/plain": "forest#7  0.8412"}]
    )

    lab.open("later.ipynb")

    assert "forest#7  0.8412" == lab.page.locator(".jp-Celltrail").text_content()
