"""Words read on white and on #1e1e1e, on pages that celltrail does not know: measured as WCAG 2.2 measures."""

from __future__ import annotations

import re

import pytest
from support.runs import forest, metric

from celltrail.display.html import panel_html
from celltrail.display.markup import AMBER, BAD, GOOD, MUTED_OPACITY, tinted
from celltrail.display.svg import LINE, POINT
from celltrail.views.runs import run_view

Colour = tuple[float, float, float]

# Text and background of pages that show notebooks: plain, JupyterLab light (87 % black), VS Code and JupyterLab dark.
PAGES = [("#000000", "#ffffff"), ("#212121", "#ffffff"), ("#cccccc", "#1e1e1e"), ("#ffffff", "#1e1e1e")]


def parsed(text: str) -> Colour:
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Relative luminance, WCAG 2.2, glossary."""
    parts = [one / 255 for one in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, WCAG 2.2, glossary."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(one, other, strict=True))
    return red, green, blue


@pytest.mark.parametrize(("text", "page"), PAGES)
def test_words_set_back_still_read(text: str, page: str) -> None:
    shown = mixed(parsed(text), parsed(page), MUTED_OPACITY)

    assert contrast(shown, parsed(page)) >= 4.5


@pytest.mark.parametrize(("text", "page"), PAGES)
@pytest.mark.parametrize("tint", [GOOD, BAD, AMBER])
def test_coloured_words_read(text: str, page: str, tint: str) -> None:
    share = re.search(r"currentColor (\d+)%", tinted("x", tint))
    assert share is not None

    shown = mixed(parsed(text), parsed(tint), int(share[1]) / 100)

    assert contrast(shown, parsed(page)) >= 4.5


@pytest.mark.parametrize("page", ["#ffffff", "#1e1e1e"])
@pytest.mark.parametrize("colour", [LINE, POINT])
def test_the_picture_stands_out_as_graphics_must(colour: str, page: str) -> None:
    assert contrast(parsed(colour), parsed(page)) >= 3


def test_no_fixed_colour_stands_on_a_word_and_nothing_has_a_background() -> None:
    trail = forest(metrics=[metric("accuracy_score.y_test")], fields={"cautions": ["A doubt."]})

    for mode in ("line", "panel"):
        html = panel_html(run_view(trail, trail.runs[-1], mode=mode))  # type: ignore[arg-type]

        assert {"none"} >= set(re.findall(r"background[a-z-]*:\s*([^;\"]+)", html))
        assert not re.search(r"(?<![-\w])color:(?!color-mix\(in srgb,currentColor)", html)
