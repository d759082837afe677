"""Which metric speaks for a run."""

from __future__ import annotations

from support.runs import a_run, metric

from celltrail.views.facts import measures
from celltrail.views.metrics import choose_main


def chosen(*rows: dict, asked: str | None = None) -> str | None:
    main = choose_main(measures(a_run(metrics=rows)), asked)
    return None if main is None else main.key


TRAINING = metric("accuracy_score.y_train", on_training_data=True)
UNSEEN = metric("accuracy_score.y_test")
LATER = metric("f1_score.y_test")
SEARCH = metric("best_score", on_training_data=None, target=None, target_digest=None)
LOGGED = metric("gain", on_training_data=None, is_logged=True)
GUESSED = metric("acc", is_confirmed=False)


def test_the_first_on_data_that_no_fit_has_seen_speaks() -> None:
    assert "accuracy_score.y_test" == chosen(TRAINING, GUESSED, SEARCH, UNSEEN, LATER)


def test_the_one_asked_for_speaks_by_key_beginning_or_name() -> None:
    assert "f1_score.y_test" == chosen(UNSEEN, LATER, asked="f1_score.y_test")
    assert "f1_score.y_test" == chosen(UNSEEN, LATER, asked="f1_score")
    assert "f1_score.y_test" == chosen(UNSEEN, LATER, asked="F1")
    assert "accuracy_score.y_test" == chosen(UNSEEN, LATER, asked="never_taken")


def test_a_search_speaks_where_nothing_was_held_out() -> None:
    deviation = metric("cross_val_score.std", on_training_data=None)

    assert "best_score" == chosen(TRAINING, LOGGED, SEARCH)
    assert "cross_val_score.mean" == chosen(deviation, metric("cross_val_score.mean", on_training_data=None))


def test_a_score_on_training_data_never_speaks() -> None:
    assert chosen(TRAINING) is None
    assert chosen(GUESSED) is None
    assert "gain" == chosen(TRAINING, LOGGED)


def test_of_several_fits_the_best_speaks_but_not_where_the_direction_is_unknown() -> None:
    known = [metric(value=value, fit_id=str(value)) for value in (0.7, 0.9, 0.8)]
    unknown = [metric(value=value, fit_id=str(value), greater_is_better=None) for value in (0.7, 0.9)]

    assert 0.9 == choose_main(measures(a_run(metrics=known))).value  # type: ignore[union-attr]
    assert 0.7 == choose_main(measures(a_run(metrics=unknown))).value  # type: ignore[union-attr]


def test_several_values_without_a_step_are_a_mean_and_a_series_is_its_last() -> None:
    several = metric("kfold", values=[0.8, 0.9, 1.0], last=1.0, mean=0.9, sd=0.1, count=3)
    series = metric("loss", last=0.1, mean=0.5, sd=0.3, count=9, is_series=True)

    mean, last = measures(a_run(metrics=[several, series]))

    assert (0.9, 0.1, 3) == (mean.value, mean.spread, mean.count)
    assert (0.1, None, 1) == (last.value, last.spread, last.count)
