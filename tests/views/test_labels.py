"""What people call a metric."""

from __future__ import annotations

import pytest

from celltrail.views.labels import long_label, metric_label


@pytest.mark.parametrize(
    ("key", "target", "label"),
    [
        ("average_precision_score.y_test", "y_test", "avg precision"),
        ("f1_score.macro.y_test", "y_test", "macro F1"),
        ("f1_score.macro", None, "macro F1"),
        ("accuracy_score.y_test.pred2", "y_test", "accuracy pred2"),
        ("root_mean_squared_error.y", "y", "RMSE"),
        ("cross_val_score.mean", None, "cross-validation"),
        ("cross_val_score.std", None, "cross-validation sd"),
        ("score.y_test", "y_test", "score"),
        ("my_gini_score.y_test", "y_test", "my gini"),
        ("val_loss", None, "val loss"),
    ],
)
def test_a_metric_is_called_what_people_call_it(key: str, target: str | None, label: str) -> None:
    assert label == metric_label(key, target)


def test_the_panel_has_room_for_the_whole_name() -> None:
    assert "average precision" == long_label("avg precision")
    assert "macro F1" == long_label("macro F1")
