"""What a person sees of a graph of lineage in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Lab

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext celltrail",
    "rows = [3, 1, 2]\nother = '<b>not here</b>'",
    *(f"# a cell that has nothing to do with it, {number}\nspare = {number}" for number in range(12)),
    "rows.sort()",
    "total = sum(rows[:2])",
    "%lineage total",
]
SECOND_IS_IN_SIGHT = """() => {
  const shown = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[1].node.getBoundingClientRect();
  return cell.height > 0 && cell.top >= shown.top - 5 && cell.bottom <= shown.bottom + 5;
}"""
CLIPPED = """() => [...document.querySelectorAll('.jp-RenderedHTML svg g')].filter(group => {
  const box = group.querySelector('rect').getBBox();
  return [...group.querySelectorAll('text')].some(text => {
    const words = text.getBBox();
    return words.x < box.x || words.x + words.width > box.x + box.width;
  });
}).length"""


def test_the_graph_is_drawn_fits_and_leads_to_its_cells(lab: Lab) -> None:
    lab.write("lineage.ipynb", *CELLS)
    lab.page.set_viewport_size({"width": 1280, "height": 700})
    lab.open("lineage.ipynb")
    lab.run_all()
    picture = lab.page.locator(".jp-RenderedHTML svg")
    picture.wait_for()

    shown = lab.page.locator(".jp-RenderedHTML:has(svg)")
    for theme, width in (("Dark", 800), ("Light", 1280)):
        lab.use_theme(theme)
        lab.page.set_viewport_size({"width": width, "height": 700})
        picture.scroll_into_view_if_needed()
        lab.shoot(f"lineage-{theme}-{width}")
        assert 0 == lab.page.evaluate(CLIPPED)
        assert 0 == lab.page.evaluate("() => document.querySelectorAll('[data-mime-type*=stderr]').length")
    first = shown.locator("a[href*='cell-id=']").first
    assert "cell [2] rows = [3, 1, 2]" == first.get_attribute("aria-label")

    assert not lab.page.evaluate(SECOND_IS_IN_SIGHT)
    first.focus()
    lab.page.keyboard.press("Enter")

    lab.page.wait_for_function(SECOND_IS_IN_SIGHT, timeout=9_000)
