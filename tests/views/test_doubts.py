"""Cautions: each with its consequence and the next step; never a false alarm."""

from __future__ import annotations

from support.runs import Trail, a_run, fit, metric

from celltrail.views.cautions import fit_remark
from celltrail.views.runs import run_view


def texts(run: object, **more: int) -> list[str]:
    return [one["text"] for one in run_view(Trail([run], **more), run, mode="panel")["cautions"]]  # type: ignore[arg-type, list-item]


def test_an_ordinary_run_raises_no_doubt() -> None:
    assert [] == texts(a_run(), scored=3)


def test_a_fit_that_did_not_converge_says_after_how_many_iterations() -> None:
    new = fit(warnings=["ConvergenceWarning: lbfgs failed to converge after 100 iteration(s) (status=1)"])
    old = fit(warnings=["ConvergenceWarning: lbfgs failed to converge"], params={"max_iter": 50})
    network = fit(warnings=["Stochastic Optimizer: Maximum iterations (200) reached and it hasn't converged yet."])
    other = fit(warnings=["FutureWarning: something else"])

    assert "did not converge (100 iterations)" == fit_remark(new)
    assert "did not converge (50 iterations)" == fit_remark(old)
    assert "did not converge (200 iterations)" == fit_remark(network)
    assert "" == fit_remark(other)
    assert ["RandomForestClassifier did not converge (100 iterations)."] == texts(a_run(fits=[new]))


def test_a_score_on_training_data_alone_is_doubted() -> None:
    run = a_run(metrics=[metric("accuracy_score.y_train", on_training_data=True)])

    assert ["Scored only on data that it was trained on."] == texts(run)


def test_a_target_that_was_scored_often_is_doubted() -> None:
    assert ["y_test was scored 41 times."] == texts(a_run(), scored=41)


def test_what_could_not_be_taken_is_said_with_the_reason() -> None:
    run = a_run(fields={"unknown": {"git": "git is not installed"}, "cautions": ["First. Second thing. Do this."]})

    view = run_view(Trail([run]), run, mode="panel")

    assert {"text": "First.", "consequence": "Second thing.", "next": "Do this."} == view["cautions"][0]
    assert "git could not be taken: git is not installed" == view["cautions"][1]["text"]


def test_what_is_not_finished_is_pending() -> None:
    waiting = {"name": "X", "role": "X", "rows": 3, "digest_status": "pending"}
    run = a_run(inputs=[waiting], fields={"git": {"status": "pending"}})

    assert ["X"] == run_view(Trail([run]), run, mode="panel")["pending"]
