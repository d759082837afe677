"""What a cell leaves in the trail, seen by a real shell and real estimators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail
from celltrail.views.compare import compare_view

Run = Callable[..., Any]


def test_a_cell_that_trains_and_evaluates_becomes_a_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "clf = RandomForestClassifier(n_estimators=10, max_depth=3, random_state=0).fit(X_train, y_train)\n"
        "acc = accuracy_score(y_test, clf.predict(X_test))",
    )

    (found,) = trail.search_runs()
    assert "random-forest#1" == found.reference
    assert RunStatus.FINISHED == found.status
    assert 3 == found.params["max_depth"]
    assert 3 == found.params["clf.max_depth"]
    assert {"n_estimators": 10, "max_depth": 3, "random_state": 0} == found.fits[0].params_written
    assert shell.user_ns["acc"] == found.metrics["accuracy_score.y_test"]
    assert ["X_train", "y_train"] == [data["name"] for data in found.fits[0].inputs]
    assert "clf" == found.fits[0].name


def test_a_cell_that_only_prepares_data_is_no_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "from sklearn.preprocessing import StandardScaler\nscaled = StandardScaler().fit_transform(X_train)")

    assert [] == trail.search_runs()


def test_a_metric_in_a_later_cell_belongs_to_the_fit_that_it_scored(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)\npred = clf.predict(X_test)")
    run(shell, "print(f1_score(y_test, pred, average='macro'))")

    (found,) = trail.search_runs()
    assert "f1_score.macro.y_test" in found.metrics


def test_a_slice_and_a_copy_of_a_prediction_still_belong_to_their_fit(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "a = LogisticRegression(max_iter=500).fit(X_train, y_train)\npred_a = a.predict(X_test)")
    run(shell, "b = RandomForestClassifier(random_state=1).fit(X_train, y_train)\npred_b = b.predict(X_test)")
    run(
        shell,
        "import pandas as pd\naccuracy_score(y_test[:20], pred_a[:20])\nf1_score(y_test, pd.Series(pred_a), "
        "average='micro')",
    )

    by_name = {found.experiment: found for found in trail.search_runs()}
    assert {"accuracy_score.y_test[:20]", "f1_score.micro.y_test"} == set(by_name["logistic-regression"].metrics)


def test_a_loop_over_models_gives_one_run_with_a_fit_for_each(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        "for model in [LogisticRegression(max_iter=500), RandomForestClassifier(random_state=0)]:\n"
        "    model.fit(X_train, y_train)\n"
        "    print(accuracy_score(y_test, model.predict(X_test)))",
    )

    (found,) = trail.search_runs()
    assert ["LogisticRegression", "RandomForestClassifier"] == [fit.name for fit in found.fits]
    assert {
        "LogisticRegression:accuracy_score.y_test",
        "RandomForestClassifier:accuracy_score.y_test",
    } == set(found.metrics)


def test_a_failed_cell_still_leaves_its_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "clf = RandomForestClassifier(max_depth=2).fit(X_train, y_train)\nraise ValueError('no')", fails=True)

    (found,) = trail.search_runs()
    assert RunStatus.FAILED == found.status
    assert "ValueError: no" == found.error
    assert 2 == found.params["max_depth"]


def test_a_failure_before_the_first_fit_takes_no_number(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "%%track forest\n1 / 0", fails=True)
    run(shell, "%%track forest\nRandomForestClassifier(n_estimators=3).fit(X_train, y_train)")

    assert ["forest#1"] == [found.reference for found in trail.search_runs()]


def test_the_header_names_tags_and_tracks_the_cell(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "# celltrail: forest --tag owner=me --note 'first try'\nx = 1")

    (found,) = trail.search_runs()
    assert "forest#1" == found.reference
    assert {"owner": "me"} == found.tags
    assert "first try" == found.note


def test_an_unchanged_cell_run_again_is_a_repeat(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    source = "%%track forest\nm = RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)"
    run(shell, source)
    run(shell, source)
    run(shell, source.replace("=5", "=6"))

    newest, first = trail.search_runs()
    assert ("forest#2", 1) == (newest.reference, newest.repeats)
    assert ("forest#1", 2) == (first.reference, first.repeats)


def test_an_interrupted_cell_is_interrupted(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "LogisticRegression(max_iter=500).fit(X_train, y_train)\nraise KeyboardInterrupt", fails=True)

    assert [RunStatus.INTERRUPTED] == [found.status for found in trail.search_runs()]


def test_a_nested_cell_is_a_run_of_its_own(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "_ = get_ipython().run_cell('inner = LogisticRegression(max_iter=500).fit(X_train, y_train)')\n"
        "outer = RandomForestClassifier(n_estimators=2).fit(X_train, y_train)",
    )

    assert {"logistic-regression#1", "random-forest#1"} == {found.reference for found in trail.search_runs()}


def test_an_await_cell_is_a_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "import asyncio\nawait asyncio.sleep(0)\nLogisticRegression(max_iter=500).fit(X_train, y_train)")

    assert ["logistic-regression#1"] == [found.reference for found in trail.search_runs()]


def test_time_above_the_header_keeps_it(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "%%time\n%%track timed\nLogisticRegression(max_iter=500).fit(X_train, y_train)")

    assert ["timed#1"] == [found.reference for found in trail.search_runs()]


def test_what_is_logged_by_hand_is_kept(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "import celltrail\ncelltrail.log_param('rate', '5')\ncelltrail.log_metric('gain', float('nan'))\n"
        "for step in range(3):\n    celltrail.log_metric('loss', 1 / (step + 1), step=step)\n"
        "celltrail.log_text('hello', 'hello.txt')\ncelltrail.set_tag('owner', 'ann')\ncelltrail.set_note('by hand')",
    )

    (found,) = trail.search_runs()
    assert "5" == found.params["rate"]
    assert found.metrics["gain"] != found.metrics["gain"]
    assert [(0, 1.0), (1, 0.5), (2, 1 / 3)] == [(p.step, p.value) for p in found.metric_history("loss")]
    assert {"owner": "ann"} == found.tags
    assert "by hand" == found.note


def test_text_is_refused_as_a_metric_and_the_cell_says_so(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    result = run(shell, "import celltrail\ncelltrail.log_metric('gain', 'high')", fails=True)

    assert "'high'" in str(result.error_in_exec)
    assert [] == trail.search_runs()


def test_track_off_stops_and_track_on_goes_on(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    fit = "LogisticRegression(max_iter=500).fit(X_train, y_train)"
    run(shell, "%track off")
    run(shell, fit)
    run(shell, "%track on")
    run(shell, fit + " # again")

    assert ["logistic-regression#1"] == [found.reference for found in trail.search_runs()]


def test_track_last_makes_a_run_of_the_cell_just_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "from sklearn.decomposition import PCA\npca = PCA(2).fit(X_train)")
    run(shell, "%track last")

    assert ["pca#1"] == [found.reference for found in trail.search_runs()]


def test_unloading_leaves_every_wrapped_thing_as_it_was(plain_shell: InteractiveShell, run: Run) -> None:
    run(
        plain_shell,
        "from sklearn.metrics import accuracy_score\nimport warnings\n"
        "from sklearn.linear_model import LogisticRegression as LR",
    )
    run(plain_shell, "before = (LR.__dict__['fit'], LR.fit, accuracy_score, warnings.showwarning)")

    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, "%unload_ext celltrail")
    run(plain_shell, "after = (LR.__dict__['fit'], LR.fit, accuracy_score, warnings.showwarning)")

    assert all(a is b for a, b in zip(plain_shell.user_ns["before"], plain_shell.user_ns["after"], strict=True))
    assert "track" not in plain_shell.magics_manager.magics["cell"]


@pytest.mark.parametrize("source", ["x = 1", "%%track\nx = 1", "import sklearn"])
def test_loading_twice_and_reloading_go_on_tracking(shell: InteractiveShell, run: Run, source: str) -> None:
    run(shell, "%load_ext celltrail")
    run(shell, "%reload_ext celltrail")
    run(shell, source)
    run(shell, "RandomForestClassifier(n_estimators=2).fit(X_train, y_train)")

    assert "random-forest#1" in [found.reference for found in celltrail.open_trail().search_runs()]


def test_an_import_in_another_cell_does_not_hide_that_a_run_is_repeated(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    source = "%%track forest\nm = RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)"
    run(shell, source)
    run(shell, "import matplotlib.pyplot")
    run(shell, source)

    assert [("forest#1", 2)] == [(found.reference, found.repeats) for found in trail.search_runs()]


def test_data_that_have_no_digest_are_still_on_record(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "import pandas as pd\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "odd = pd.DataFrame({'a': [object() for _ in range(len(X_train))]})\n"
        "clf = make_pipeline(FunctionTransformer(lambda frame: [[1]] * len(frame)), LogisticRegression())\n"
        "clf.fit(odd, y_train)",
    )

    (found,) = trail.search_runs()
    odd = found.fits[0].inputs[0]
    assert ("odd", len(shell.user_ns["X_train"])) == (odd["name"], odd["rows"])
    assert "not kept" == odd["digest_status"]


def test_a_shell_without_cell_ids_does_not_call_an_edit_another_cell(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "%%track forest\nm = RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)")
    run(shell, "%%track forest\nm = RandomForestClassifier(n_estimators=6, random_state=0).fit(X_train, y_train)")

    newest, first = trail.search_runs()
    assert [] == compare_view(trail, first, newest)["other_cells"]
