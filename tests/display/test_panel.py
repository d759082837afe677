"""The panel: whole, safe, small, and the same bytes for the same result."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from support.runs import Content, Trail, a_run, data, fit, forest, metric

from celltrail.display.bundle import bundle, show
from celltrail.display.html import LINE_BYTES, PANEL_BYTES, panel_html
from celltrail.display.text import line_text, panel_text
from celltrail.domain.ids import RunId
from celltrail.views.runs import run_view
from celltrail.views.saved import saved_of
from celltrail.views.schema import RUN_MIME, RunView

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \x1b[31m\u202e\ud800"
ALLOWED = {"div", "b", "span", "br", "table", "tr", "td", "img", "details", "summary"}


class Reader(HTMLParser):
    """Collects tags and attributes, and checks that what opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert [] == reader.open
    return reader


def hostile_view(mode: Any) -> RunView:
    fits = [
        fit(HOSTILE, HOSTILE, id="a", params_written={HOSTILE: HOSTILE}, warnings=[HOSTILE], error=HOSTILE),
        fit("b", "B" + HOSTILE, id="b", params_written=None),
    ]
    rows = [metric(HOSTILE, 0.5, target=HOSTILE, fit_id="a"), metric(HOSTILE, 0.4, fit_id="b")]
    run = a_run(
        2,
        experiment=HOSTILE,
        note=HOSTILE,
        error=HOSTILE,
        fits=fits,
        metrics=rows,
        inputs=[data(HOSTILE, columns=[HOSTILE])],
        fields={"cautions": [HOSTILE], "unknown": {HOSTILE: HOSTILE}, "environment": {"python": HOSTILE}},
    )
    saved = {**saved_of(a_run(metrics=[metric(HOSTILE, 0.1)])), "author": HOSTILE, "main_metric": HOSTILE}
    before = replace(run, number=1, id=RunId("before"))
    return run_view(Trail([before, run], scored=99), run, mode=mode, saved=saved)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["line", "panel"])
def test_nothing_in_a_name_a_note_a_key_or_an_error_becomes_markup(mode: str) -> None:
    html = panel_html(hostile_view(mode))

    reader = read(html)

    assert reader.tags <= ALLOWED
    assert reader.attributes <= {"style", "src", "alt", "width", "height", "colspan"}
    assert json.dumps(bundle(hostile_view(mode)), ensure_ascii=False, allow_nan=False).encode()
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert html.encode()


@pytest.mark.parametrize("mode", ["line", "panel"])
def test_hostile_text_does_not_drive_the_terminal(mode: str) -> None:
    view = hostile_view(mode)

    for text in (line_text(view), panel_text(view)):
        assert not any(mark in text for mark in ("\x1b", "\u202e", "\ud800"))


def big_view(mode: Any) -> RunView:
    fits = [
        fit(
            f"model_{number}",
            f"Estimator{number}",
            id=f"f{number}",
            params_written={f"p{one}": "x" * 50 for one in range(40)},
        )
        for number in range(40)
    ]
    rows = [metric(f"score_{key}.y_test", 0.5 + key / 100, fit_id=f"f{key}") for key in range(40)]
    rows += [metric(value=number / 50, fit_id=f"f{number}") for number in range(40)]
    inputs = [data(f"X_{number}", columns=[f"column_{one}" for one in range(50)]) for number in range(30)]
    cautions = ["A doubt. " + "Long consequence. " * 20] * 30
    runs = [a_run(number, number / 100, fits=fits, inputs=inputs[:3]) for number in range(1, 60)]
    last = a_run(60, fits=fits[:39], metrics=rows, inputs=inputs, fields={"cautions": cautions}, note="ñ" * 500)
    last.content.own_curves = {one.id: {"loss": [1.0 / (step + 1) for step in range(5000)]} for one in fits}  # type: ignore[attr-defined]
    return run_view(Trail([*runs, last]), last, mode=mode)


def test_a_big_run_keeps_within_one_and_six_kilobytes() -> None:
    line, panel = panel_html(big_view("line")), panel_html(big_view("panel"))

    assert LINE_BYTES >= len(line.encode())
    assert PANEL_BYTES >= len(panel.encode())
    read(line)
    assert "more" in read(panel).words


def test_a_line_costs_the_notebook_file_little_and_keeps_what_travels() -> None:
    trail = forest()

    made = bundle(run_view(trail, trail.runs[-1], mode="line"))

    assert 3500 > len(json.dumps(made, allow_nan=False, ensure_ascii=False).encode())
    assert {"average_precision_score.y_test": 0.8412} == made[RUN_MIME]["saved"]["metrics"]  # type: ignore[index]
    assert RunView.__required_keys__ - made[RUN_MIME].keys() == set()  # type: ignore[attr-defined]


def test_the_bundle_has_no_svg_type_and_no_script() -> None:
    trail = forest()

    for mode in ("line", "panel"):
        made = bundle(run_view(trail, trail.runs[-1], mode=mode))  # type: ignore[arg-type]

        assert {RUN_MIME, "text/html", "text/plain"} == made.keys()
        assert "<script" not in str(made["text/html"])
        assert "<svg" not in str(made["text/html"])


@pytest.mark.parametrize("mode", ["line", "panel"])
def test_the_same_result_at_another_time_on_another_machine_gives_the_same_bytes(mode: Any) -> None:
    def made(delay: timedelta, prefix: str, seconds: float) -> dict[str, object]:
        runs = [
            replace(run, id=RunId(prefix + run.id), started_at=run.started_at + delay, duration_s=seconds)
            for run in forest().runs
        ]
        return bundle(run_view(Trail(runs), runs[-1], mode=mode))

    first, second = made(timedelta(0), "a", 2.0), made(timedelta(days=30), "b", 99.0)

    assert first["text/html"] == second["text/html"]
    assert first["text/plain"] == second["text/plain"]


def test_the_panel_answers_the_four_questions() -> None:
    trail = forest(metrics=[metric(spread=0.011, folds=[0.8] * 5)], fields={"cautions": ["Cell [4] was edited."]})
    view = run_view(trail, trail.runs[-1], mode="panel")

    words = re.sub(r"[\u202f\u2002\u2003\xa0]", " ", read(panel_html(view)).words)

    for told in (
        "highest of 7 ★",
        "0.8412 average precision · y_test (60 216 rows)",
        "▲ .0087 vs #6 · may be chance (± .011, 5 folds)",
        "max_depth8 → 12",
        "columns+txn_hour",
        "rows, split, seed 42, environment, rest of the code",
        "! Cell [4] was edited.",
        "1 fit, 3 params set (2 default)",
    ):
        assert told in words


def test_the_picture_says_in_words_what_it_shows() -> None:
    trail = forest()

    html = panel_html(run_view(trail, trail.runs[-1], mode="panel"))

    assert 'alt="average precision: #1 0.7951, #2 0.8322' in html
    assert "data:image/svg+xml;base64," in html


def test_empty_rows_are_absent() -> None:
    run = a_run(1, fits=[], metrics=[], inputs=[], fields={"environment": None})

    words = read(panel_html(run_view(Trail([run]), run, mode="panel"))).words

    assert "forest#1" == words


def test_what_is_shown_goes_to_the_display_as_it_stands() -> None:
    run = a_run(1)
    view = run_view(Trail([run]), run, mode="line")
    shown: list[Any] = []

    show(view, lambda made, raw: shown.append((made, raw)))

    assert [(bundle(view), True)] == shown


def test_a_run_may_hold_nothing_but_numbers_that_are_not_finite() -> None:
    curves = {"fit-1": {"loss": [float("nan"), float("inf"), 0.5]}}
    runs = [a_run(number, metrics=[metric(value=value)]) for number, value in ((1, float("nan")), (2, float("inf")))]
    runs[1].content.own_curves = curves  # type: ignore[attr-defined]

    for mode in ("line", "panel"):
        made = bundle(run_view(Trail(runs), runs[1], mode=mode))  # type: ignore[arg-type]

        assert "inf" in str(made["text/plain"])
        json.dumps(made, allow_nan=False)
    assert isinstance(runs[1].content, Content)
