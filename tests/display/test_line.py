"""The line of a run: one glance, one kilobyte."""

from __future__ import annotations

from support.runs import Trail, a_run, fit, forest, metric

from celltrail.display.html import LINE_BYTES, panel_html
from celltrail.display.text import line_text
from celltrail.domain.record import RunStatus
from celltrail.views.runs import run_view


def test_the_line_says_what_it_scored_whether_that_is_real_and_what_changed() -> None:
    trail = forest(metrics=[metric(spread=0.011, folds=[1, 2, 3, 4, 5])])

    line = line_text(run_view(trail, trail.runs[-1], mode="line"))

    assert (
        " forest#7   avg precision 0.8412  ▲.0087 vs #6, may be chance (±.011)   max_depth 8→12, +txn_hour   ▁▇▅▆█▇█"
        == line
    )


def test_the_line_of_several_fits_ranks_them_and_stars_the_top() -> None:
    fits = [
        fit("logreg", "LogisticRegression", id="a", warnings=["lbfgs failed to converge after 100 iteration(s)"]),
        fit("forest", "RandomForestClassifier", id="b"),
        fit("boost", "HistGradientBoostingClassifier", id="c"),
    ]
    metrics = [metric(value=value, fit_id=name) for name, value in (("a", 0.712), ("b", 0.8412), ("c", 0.8497))]
    run = a_run(3, fits=fits, metrics=metrics, experiment="zoo")

    lines = line_text(run_view(Trail([run]), run, mode="line")).splitlines()

    assert " zoo#3   3 fits   avg precision · y_test" == lines[0]
    assert "         HistGradientBoostingClassifier   0.8497  ★" == lines[1]
    assert "         LogisticRegression               0.7120     did not converge (100 iterations)" == lines[3]
    assert 4 == len(lines)


def test_a_failed_run_says_where_and_what_is_kept_but_no_time() -> None:
    run = a_run(8, status=RunStatus.FAILED, metrics=[], fits=[fit(error="ValueError: NaN")], error="ValueError: NaN")
    view = run_view(Trail([run]), run, mode="line")

    assert " forest#8   failed in fit · parameters and 3 inputs kept" == line_text(view)
    assert " forest#8   failed in fit after 2.2 s · parameters and 3 inputs kept" == line_text(view, with_times=True)
    assert "2.2" not in panel_html(view)


def test_a_line_takes_at_most_a_kilobyte_however_much_changed() -> None:
    before = a_run(1, fits=[fit(params_written={f"parameter_{number}": "ä" * 40 for number in range(50)})])
    after = a_run(
        2,
        fits=[fit(params_written={f"parameter_{number}": "ö" * 40 for number in range(50)})],
        experiment="forest",
        fields={"cautions": ["ü" * 300, "two", "three"]},
    )
    view = run_view(Trail([before, after]), after, mode="line")

    assert LINE_BYTES >= len(panel_html(view).encode())
