"""Line and panel as a browser shows them in a page that stock nbconvert made: whole, and not too high."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.runs import Trail, a_run, data, fit, forest, metric

from celltrail.display.bundle import bundle
from celltrail.views.runs import run_view

HIGHEST_PANEL = 320  # CSS pixels
BOXES = """
() => [...document.querySelectorAll('.jp-RenderedHTMLCommon > div')].map(box => ({
  height: box.getBoundingClientRect().height,
  right: Math.max(...[box, ...box.querySelectorAll('*')].map(part => part.getBoundingClientRect().right)),
  room: box.parentElement.getBoundingClientRect().right,
  stripes: [...box.querySelectorAll('tr, td, span')].filter(
    part => getComputedStyle(part).backgroundColor !== 'rgba(0, 0, 0, 0)'
  ).length,
}))
"""


def outputs() -> list[dict[str, Any]]:
    doubts = {"cautions": ["Cell [4] was edited after it ran. It would give another X. Run it again.", "b", "c"]}
    trail = forest(metrics=[metric(target_positives=104, spread=0.011, folds=[0.8] * 5)], fields=doubts)
    zoo = a_run(
        3,
        fits=[fit(f"m{number}", f"HistGradientBoosting{number}", id=f"f{number}") for number in range(9)],
        metrics=[metric(value=number / 10, fit_id=f"f{number}") for number in range(9)],
        fields=doubts,
    )
    many = a_run(
        2,
        fits=[fit(params_written={f"parameter_number_{number}": number for number in range(30)})],
        inputs=[data(columns=[f"column_{number}" for number in range(60)])],
        fields=doubts,
        note="a remark that goes on for longer than anybody would read in one go, and then on",
    )
    cases = [(trail, trail.runs[-1]), (Trail([a_run(2), zoo]), zoo), (Trail([a_run(1), many]), many)]
    return [bundle(run_view(source, run, mode=mode)) for source, run in cases for mode in ("line", "panel")]  # type: ignore[arg-type]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_is_clipped_or_striped_and_no_panel_is_too_high(
    tmp_path: Path, theme: str, width: int, browser: Any
) -> None:
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown = [{name: made[name] for name in ("text/html", "text/plain")} for made in outputs()]
    cells = [new_code_cell("", outputs=[new_output("display_data", data=one)]) for one in shown]
    page_file = tmp_path / "page.html"
    page_file.write_text(HTMLExporter(theme=theme).from_notebook_node(new_notebook(cells=cells))[0], encoding="utf-8")

    page = browser.new_page(viewport={"width": width, "height": 900})
    page.route("http*://**", lambda route: route.abort())
    page.goto(page_file.as_uri())
    boxes = page.evaluate(BOXES)
    page.close()

    assert len(shown) == len(boxes)
    assert HIGHEST_PANEL >= max(box["height"] for box in boxes)
    assert [] == [box for box in boxes if box["right"] > box["room"] + 1 or box["stripes"]]
