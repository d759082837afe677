"""The panel of `%trail`, with a kernel, a real trail, and a person who clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.stored import ACCURACY, Workshop, a_fit

from celltrail.store.trail import Trail

pytestmark = pytest.mark.browser

SHOW = """\
from pathlib import Path
from celltrail.store.trail import Trail
from celltrail.widget import trail_widget
trail_widget(Trail.open(Path("{folder}")))"""
CELL = """\
clf = RandomForestClassifier(max_depth={depth}, random_state=42)
clf.fit(X_train, y_train)
accuracy_score(y_test, clf.predict(X_test))
"""
CLIPPED = """() => [...document.querySelectorAll('.jp-Celltrail-browser *')]
  .filter(node => !(node instanceof SVGElement) && getComputedStyle(node).overflowX === 'visible'
    && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
  .map(node => node.className)"""


@pytest.fixture
def trail_folder(tmp_path: Path) -> Path:
    folder = tmp_path / ".celltrail"
    with Trail.open(folder) as trail:
        shop = Workshop(trail)
        for depth, score in ((4, 0.795), (6, 0.812), (8, 0.8325), (10, 0.839), (12, 0.8412)):
            fit = a_fit(params={"max_depth": depth, "random_state": 42})
            shop.save("forest", fits=[fit], metrics={ACCURACY: score}, source=CELL.format(depth=depth))
        shop.save("boost", metrics={ACCURACY: 0.8497})
    return folder


def opened(lab: Any, folder: Path, name: str) -> Any:
    lab.write(name, SHOW.format(folder=folder.as_posix()))
    lab.open(name)
    lab.run_all()
    panel = lab.page.locator(".jp-Celltrail-browser")
    panel.get_by_label("Compare forest#5").wait_for()
    return panel


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_two_runs_are_chosen_and_compared(lab: Any, trail_folder: Path, theme: str, width: int) -> None:
    lab.page.set_viewport_size({"width": width, "height": 1300})
    panel = opened(lab, trail_folder, "trail.ipynb")
    lab.use_theme(theme)

    panel.get_by_label("Compare forest#5").check()
    panel.get_by_label("Compare forest#3").check()

    compared = panel.get_by_role("region", name="forest#3 and forest#5")
    compared.wait_for()
    assert "max_depth=12" in compared.inner_text()
    lab.shoot(f"trail-{theme.lower()}-{width}")
    assert [] == lab.page.evaluate(CLIPPED)


def test_a_filter_and_its_error_are_told_in_place(lab: Any, trail_folder: Path) -> None:
    panel = opened(lab, trail_folder, "filter.ipynb")
    box = panel.get_by_label("Filter the runs")

    box.fill("metrics.accuracy_score.y_test >> 1")
    box.press("Enter")
    panel.get_by_role("alert").filter(has_text="^").wait_for()
    lab.shoot("trail-wrong-filter")
    box.fill("experiment = 'boost'")
    box.press("Enter")
    panel.get_by_label("Compare forest#5").wait_for(state="detached")

    assert panel.get_by_label("Compare boost#1").is_visible()
    assert "" == panel.get_by_role("alert").text_content()
