"""What travels with the notebook, and what is said when a run differs from it."""

from __future__ import annotations

import json
import math

from support.runs import a_run, data, environment, fit, metric

from celltrail.views.saved import as_saved, saved_of, saved_says


def test_what_travels_is_plain_json_without_path_or_host() -> None:
    saved = saved_of(a_run(metrics=[metric(), metric("log_loss.y_test", math.inf)]))

    text = json.dumps(saved, allow_nan=False)

    assert {"average_precision_score.y_test": 0.8412, "log_loss.y_test": "inf"} == saved["metrics"]
    assert {"Python": "3.11.7", "numpy": "2.3.1", "scikit-learn": "1.9.1"} == saved["versions"]
    assert ("ann", "2026-11-12", 42) == (saved["author"], saved["date"], saved["seed"])
    assert 1200 > len(text)


def test_the_line_says_what_differs_from_the_saved_output() -> None:
    there = a_run(score=0.8412, inputs=[data(rows=163_077)], fields={"environment": environment("1.9.0")})
    here = a_run(score=0.8379, inputs=[data(rows=180_648)])

    says = saved_says(saved_of(there), here)

    assert says is not None
    assert ("0.8412", "ann", "12 Nov") == (says["value_text"], says["author"], says["date"])
    assert ["scikit-learn 1.9.0→1.9.1", "+17 571 rows"] == [one.replace("\u202f", " ") for one in says["differences"]]


def test_the_same_result_from_the_same_things_is_no_news() -> None:
    assert saved_says(saved_of(a_run()), a_run()) is None


def test_the_same_result_under_another_version_is_told() -> None:
    says = saved_says(saved_of(a_run()), a_run(fields={"environment": environment("1.9.0")}))

    assert says is not None
    assert ("0.8412", ["scikit-learn 1.9.1→1.9.0"]) == (says["value_text"], says["differences"])


def test_the_same_result_beside_another_library_is_no_news() -> None:
    saved = saved_of(a_run())
    beside = {**saved, "versions": {**saved["versions"], "pyarrow": "26.0.1"}}

    assert saved_says(beside, a_run()) is None
    moved = saved_says({**beside, "metrics": dict.fromkeys(saved["metrics"], 0.5)}, a_run())
    assert moved is not None
    assert ["pyarrow 26.0.1→absent"] == moved["differences"]


def test_params_seed_values_and_code_are_named() -> None:
    there = a_run(score=0.8, depth=8, fields={"seed": 7})
    moved = a_run(score=0.9, inputs=[data(digest="9" * 64), data("y_train", columns=()), data("X_test", 60_216)])
    rewritten = a_run(score=0.9, fields={"source": "other()", "source_digest": "ff"})

    assert ["max_depth 8→12", "seed 7→42"] == saved_says(saved_of(there), a_run())["differences"]  # type: ignore[index]
    assert ["other values in X_train"] == saved_says(saved_of(a_run(score=0.8)), moved)["differences"]  # type: ignore[index]
    assert ["the cell's code"] == saved_says(saved_of(a_run(score=0.8)), rewritten)["differences"]  # type: ignore[index]


def test_where_nothing_known_differs_that_is_said() -> None:
    says = saved_says(saved_of(a_run(score=0.8)), a_run(score=0.9))

    assert says is not None
    assert ["data, versions, parameters and seed are the same"] == says["differences"]


def test_a_date_that_is_none_is_left_out() -> None:
    saved = {**saved_of(a_run(score=0.8)), "date": "<b>yesterday</b>"}

    assert "" == saved_says(saved, a_run())["date"]  # type: ignore[index, arg-type]


def test_parameters_of_several_fits_bear_their_names() -> None:
    run = a_run(fits=[fit("a", id="a", params_written={"C": 1}), fit("b", id="b", params_written={"C": 2})])

    assert {"a.C": 1, "b.C": 2} == saved_of(run)["params"]


def test_what_travelled_is_taken_back_and_what_is_malformed_is_not() -> None:
    travelled = json.loads(json.dumps(saved_of(a_run())))

    assert saved_of(a_run()) == as_saved(travelled)
    assert as_saved(None) is None
    assert as_saved({**travelled, "metrics": ["0.84"]}) is None
    assert as_saved({name: part for name, part in travelled.items() if name != "inputs"}) is None
    assert [] == as_saved({**travelled, "inputs": ["X", {"rows": 3}]})["inputs"]  # type: ignore[index]
