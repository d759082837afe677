"""Everything that differs between two runs."""

from __future__ import annotations

from typing import Any

from support.runs import Trail, a_run, fit, forest, metric

from celltrail.display.text import compare_text, runs_text
from celltrail.views.compare import compare_view
from celltrail.views.rows import run_row


def test_the_changed_line_parameter_and_column_are_named() -> None:
    trail = forest()

    view = compare_view(trail, trail.runs[5], trail.runs[6])

    assert [("max_depth", "8", "12")] == [(one["name"], one["before"], one["after"]) for one in view["params"]]
    assert ["+txn_hour"] == [one["after"] for one in view["data"]]
    assert (
        "-clf = RandomForestClassifier(n_estimators=400, max_depth=8, random_state=42)" in view["code"].splitlines()
    )
    assert [("▲ .0087", True)] == [(one["text"], one["same_target"]) for one in view["metrics"]]


def test_other_cells_packages_figures_and_curves_are_named() -> None:
    def made(number: int, source: str, numpy: str, figure: str, loss: float) -> Any:
        cells = [
            {"id": "load", "cell_type": "code", "source": source},
            {"id": "own", "cell_type": "code", "source": "x"},
        ]
        run = a_run(
            number,
            fields={
                "snapshot": {"cells": cells},
                "cell_id": "own",
                "environment": {"python": "3.11.7", "distributions": [["tqdm", numpy, "", ""]]},
                "artifacts": [{"kind": "figure", "digest": figure}],
                "outputs": [{"output_type": "stream", "name": "stdout", "text": f"{loss}\n"}],
            },
        )
        run.content.own_curves = {"fit-1": {"loss": [1.0, loss]}}  # type: ignore[attr-defined]
        return run

    left, right = made(1, "d1", "4.66", "f1", 0.5), made(2, "d2", "4.67", "f2", 0.4)
    trail = Trail([left, right], blobs={"d1": b"rows = 1000\n", "d2": b"rows = 2000\n"})

    view = compare_view(trail, left, right)

    assert [("load", "changed")] == [(one["cell"], one["state"]) for one in view["other_cells"]]
    assert "+rows = 2000" in view["other_cells"][0]["diff"]
    assert [("tqdm", "4.66", "4.67")] == [(one["name"], one["before"], one["after"]) for one in view["environment"]]
    assert ["figure 1 differs", "printed text differs"] == view["outputs"]
    assert [{"name": "loss", "left": [1.0, 0.5], "right": [1.0, 0.4]}] == view["curves"]


def test_metrics_on_other_rows_stand_side_by_side_without_a_difference() -> None:
    left, right = a_run(1), a_run(2, metrics=[metric(target_digest="u" * 64), metric("f1_score.y_test", 0.5)])

    text = compare_text(compare_view(Trail([left, right]), left, right), width=100)

    assert "average_precision_score.y_test  0.8412    0.8412    other test data" in text


def test_the_comparison_fits_the_terminal_and_drives_it_nowhere() -> None:
    left = a_run(1, fields={"source": "print('\x1b[31m')", "source_digest": "1"})
    source = "print('\x1b[32m')\n" + "x" * 300
    right = a_run(2, fields={"source": source, "source_digest": "2"}, experiment="w\x1b[2Jide")

    text = compare_text(compare_view(Trail([left, right]), left, right), width=60)

    assert "\x1b" not in text


def test_a_list_shows_what_tells_the_runs_apart() -> None:
    rows = [run_row(run) for run in reversed(forest(note="deeper", tags={"owner": "me"}).runs)]

    lines = runs_text(rows, width=100).splitlines()

    assert "run       avg precision · y_test  parameters    note              when (UTC)" == lines[0]
    assert "forest#7  0.8412                  max_depth 12  deeper, owner=me  2026-11-12 09:37" == lines[1]
    assert "forest#6  0.8325                  max_depth 8                     2026-11-12 09:36" == lines[2]


def test_a_list_of_different_models_shows_no_parameter_that_all_who_have_it_share() -> None:
    rows = [run_row(run) for run in forest().runs[-2:]]
    other = {**rows[0], "reference": "boost#1", "params": {"learning_rate": 0.1}}

    text = runs_text([*rows, other], width=100)

    assert "max_depth" in text
    assert "learning_rate" not in text


def test_a_narrow_list_keeps_references_and_scores_whole() -> None:
    rows = [run_row(run) for run in forest(note="a long remark about all of this").runs]

    lines = runs_text(rows, width=60).splitlines()

    assert all(len(line) <= 60 for line in lines)
    assert lines[-1].startswith("forest#7  0.8412")
    assert lines[-1].endswith("2026-11-12 09:37")


def test_an_empty_list_says_so_and_wide_letters_stay_in_their_column() -> None:
    rows = [run_row(a_run(1, experiment="森林")), run_row(a_run(2, 0.5, experiment="forest"))]

    lines = runs_text(rows, width=100).splitlines()

    assert "no runs" == runs_text([])
    assert lines[1].startswith("森林#1    0.8412")


def test_a_row_has_the_keys_of_the_public_run_and_no_nan() -> None:
    row = run_row(a_run(1, metrics=[metric(value=float("nan"))], params={"tol": float("inf"), "fit": {"repr": "X"}}))

    assert {"average_precision_score.y_test": "nan"} == row["metrics"]
    assert {"tol": "inf", "fit": {"repr": "X"}} == row["params"]
    assert ("forest#1", "finished") == (row["reference"], row["status"])


def test_fits_are_matched_by_estimator_when_names_change() -> None:
    left, right = a_run(1, fits=[fit("a")]), a_run(2, fits=[fit("model")])

    assert [] == compare_view(Trail([left, right]), left, right)["params"]
