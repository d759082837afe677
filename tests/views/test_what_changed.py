"""What changed against the run before, and what stayed."""

from __future__ import annotations

from typing import Any

from support.runs import SOURCE, a_run, data, environment, fit

from celltrail.display.words import change_words
from celltrail.domain.run import Run
from celltrail.views.changes import changes_between
from celltrail.views.code import unexplained
from celltrail.views.versions import version_changes


def told(before: Run, after: Run) -> list[str]:
    return [change_words(change).replace("\u202f", " ") for change in changes_between(before, after)[0]]


def same(before: Run, after: Run) -> list[str]:
    return changes_between(before, after)[1]


def written(**params: Any) -> list[Any]:
    return [fit(params_written=params, params={"max_depth": None, "criterion": "gini", **params})]


def test_a_written_parameter_that_moved_is_named_and_its_line_is_no_news() -> None:
    before, after = a_run(1, depth=8), a_run(2, depth=12)

    assert ["max_depth 8→12"] == told(before, after)
    assert ["data", "seed 42", "environment", "rest of the code"] == same(before, after)


def test_a_parameter_written_on_one_side_only_is_compared_with_its_default() -> None:
    before, after = a_run(1, fits=written()), a_run(2, fits=written(max_depth=12))

    assert ["max_depth None→12"] == told(before, after)


def test_writing_a_default_down_changes_nothing() -> None:
    before, after = a_run(1, fits=written()), a_run(2, fits=written(criterion="gini"))

    assert [] == told(before, after)


def test_where_the_source_could_not_be_read_all_parameters_are_compared() -> None:
    before = a_run(1, fits=[fit(params_written=None, params={"max_depth": 8, "base": {"repr": "Tree()"}})])
    after = a_run(2, fits=[fit(params_written=None, params={"max_depth": "8", "base": {"repr": "Tree(1)"}})])

    assert ["max_depth 8→'8'"] == told(before, after)  # the number became a text


def test_another_estimator_hides_its_parameters() -> None:
    before, after = a_run(1), a_run(2, fits=[fit(estimator="SVC", params_written={"C": 1})])

    assert ["RandomForestClassifier→SVC"] == told(before, after)


def test_an_estimator_more_and_one_less() -> None:
    one, two = [fit("a", "A", id="a")], [fit("a", "A", id="a"), fit("b", "B", id="b")]

    assert ["+B"] == told(a_run(1, fits=one), a_run(2, fits=two))
    assert ["−B"] == told(a_run(1, fits=two), a_run(2, fits=one))


def test_parameters_of_several_fits_bear_their_names() -> None:
    def pair(depth: int) -> list[Any]:
        return [fit("a", "A", id="a"), fit("b", "B", id="b", params_written={"max_depth": depth})]

    assert ["b.max_depth 3→4"] == told(a_run(1, fits=pair(3)), a_run(2, fits=pair(4)))


def test_parameters_logged_by_hand_are_compared_too() -> None:
    before = a_run(1, params={"clf.max_depth": 12, "max_depth": 12, "lag": 7})
    after = a_run(2, params={"clf.max_depth": 12, "max_depth": 12, "lag": 14, "window": 3})

    assert ["lag 7→14", "+window 3"] == told(before, after)


def test_logged_parameters_of_another_type_or_order_are_told_for_what_they_are() -> None:
    plain = {"depth": 1, "rate": 0.5}
    others = {"depth": True, "rate": 0.5}, {"rate": 0.5, "depth": 1}, {"depth": 1, "rate": float("nan")}
    before, *after = [a_run(number, fits=[], params=params) for number, params in enumerate((plain, *others), 1)]

    assert [["depth 1→True"], [], ["rate 0.5→nan"]] == [told(before, run) for run in after]
    assert [] == told(after[2], a_run(9, fits=[], params={"depth": 1, "rate": float("nan")}))


def test_columns_come_and_go_once_for_train_and_test() -> None:
    def split(*columns: str) -> list[Any]:
        return [data("X_train", columns=columns), data("X_test", 9, columns=columns), data("y", 9, [])]

    before, after = a_run(1, inputs=split("a", "b")), a_run(2, inputs=split("a", "c"))

    assert ["+c, −b"] == told(before, after)
    assert ["rows", "split"] == [word for word in same(before, after) if word in {"rows", "split", "data", "columns"}]


def test_many_columns_are_counted() -> None:
    before, after = a_run(1, inputs=[data()]), a_run(2, inputs=[data(columns=[f"c{number}" for number in range(40)])])

    assert ["+40 −2 columns"] == told(before, after)


def test_rows_are_told_once_and_values_only_where_nothing_else_moved() -> None:
    grown = [data("X_train", 180_648 + 17_571), data("y_train", 180_648 + 17_571, columns=())]
    before, after = a_run(1, inputs=[data(), data("y_train", columns=())]), a_run(2, inputs=grown)
    other = a_run(2, inputs=[data(digest="9" * 64), data("y_train", columns=())])

    assert ["+17 571 rows"] == told(before, after)
    assert ["other values in X_train"] == told(before, other)


def test_a_digest_that_is_pending_is_compared_by_its_sample_and_never_across_kinds() -> None:
    full = a_run(1, inputs=[data(digest="a" * 64, sampled_digest="s")])
    pending = a_run(2, inputs=[data(digest=None, sampled_digest="s", digest_status="pending")])
    bare = a_run(2, inputs=[data(digest=None, sampled_digest=None, digest_status="pending")])

    assert ([], "data" in same(full, pending)) == (told(full, pending), True)
    assert ([], "data" in same(full, bare)) == (told(full, bare), False)


def test_predictions_are_no_change_of_the_data() -> None:
    before = a_run(1, inputs=[data(), data("pred", role="y_pred", digest="1" * 64)])
    after = a_run(2, inputs=[data(), data("pred", role="y_pred", digest="2" * 64)])

    assert [] == told(before, after)


def test_a_seed_that_is_not_known_is_no_seed_that_was_taken_away() -> None:
    two_seeds = "train_test_split(X, y, random_state=1)\nRandomForestClassifier(random_state=2)"
    before = a_run(1, depth=12)
    after = a_run(2, depth=12, fields={"seed": None, "source": two_seeds, "source_digest": "2"})

    assert not [words for words in told(before, after) if "seed" in words]


def test_seed_environment_and_other_cells() -> None:
    def cells(**sources: str) -> dict[str, Any]:
        rows = [{"id": name, "cell_type": "code", "source": source} for name, source in sources.items()]
        return {"cells": rows}

    before = a_run(1, fields={"snapshot": cells(a="1", b="2", own="3"), "cell_id": "own"})
    after = a_run(
        2,
        fields={
            "seed": None,
            "source": SOURCE.format(depth=12).replace(", random_state=42", ""),
            "environment": environment("1.9.2"),
            "snapshot": cells(a="1", b="9", own="4"),
            "cell_id": "own",
        },
    )

    assert ["seed 42→not set", "scikit-learn 1.9.1→1.9.2", "1 other cell changed"] == told(before, after)


def test_cells_that_two_runs_of_a_session_share_are_no_change_and_the_edited_one_is() -> None:
    shared = [{"id": name, "cell_type": "code", "source": "1"} for name in "abc"]
    edited = [*shared[:2], {**shared[2], "source": "2"}, {"id": "d", "cell_type": "code", "source": "1"}]
    runs = [
        a_run(number, fields={"snapshot": {"cells": cells}, "cell_id": "own"})
        for number, cells in enumerate((shared, list(shared), edited), start=1)
    ]

    assert [] == told(runs[0], runs[1])
    assert ["1 other cell changed"] == told(runs[0], runs[2])
    assert "other cells" in same(runs[0], runs[1])


def test_code_that_parameters_do_not_explain_is_summarised() -> None:
    before = a_run(1, fields={"source": "a = 1\nfit(a)", "source_digest": "1"})
    after = a_run(2, fields={"source": "a = 1\nb = clean(a)\nfit(b)", "source_digest": "2"})
    remarked = a_run(2, fields={"source": "%%track x\na = 1  # one\n\nfit( a )", "source_digest": "3"})
    magic = a_run(2, fields={"source": "a = 1\n!ls\nfit(a)", "source_digest": "4"})

    assert ["code +2 −1 lines"] == told(before, after)
    assert [] == told(before, remarked)
    assert ["code +1 line"] == told(before, magic)


def test_another_version_is_named_before_what_only_one_side_has() -> None:
    found = version_changes({"b": "1", "c": "1"}, {"a": "1", "b": "1", "c": "2"})

    assert [("c", "1", "2"), ("a", "", "1")] == [(one["name"], one["before"], one["after"]) for one in found]


def test_comments_are_no_change_of_the_code_and_text_that_looks_like_one_is() -> None:
    cell = "# first\nx = 1\n\n    # why\ny = 2\n"
    edited = "x = 1\n# another word\ny = 2\n"
    text, other = 'x = """\n# a\n"""\n', 'x = """\n# b\n"""\n'
    carried_on, again = "x = 'a\\\n# b'\n", "x = 'a\\\n# c'\n"
    magic, its_other = "%%bash\necho a\n# a = 1", "%%bash\necho a\n# a = 2"

    assert "" == unexplained(cell, edited, ())
    assert all(unexplained(*pair, ()) for pair in ((text, other), (carried_on, again), (magic, its_other)))
