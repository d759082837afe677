"""`runs`, `compare`, `show`: looking at a real trail from each door."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import celltrail
from celltrail.errors import CelltrailError, FilterError, RunNotFoundError, UsageError
from celltrail.store import size
from celltrail.verbs.asking import as_json, ask
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer
from celltrail.verbs.reading import cut_line
from celltrail.verbs.table import find_verb


def answer(context: Context, line: str) -> Answer:
    name, _, rest = line.partition(" ")
    return ask(context, find_verb(name), cut_line(rest))[0]


def references(context: Context, line: str) -> list[str]:
    return [row["reference"] for row in answer(context, line).data]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("runs", ["boost#1", "forest#3", "forest#2", "forest#1"]),
        ("runs experiment = 'forest' and params.max_depth > 4", ["forest#3", "forest#2"]),
        ("runs accuracy_score > 0.86 or params.max_depth = 4", ["boost#1", "forest#2", "forest#1"]),
        ("runs --best 2", ["boost#1", "forest#2"]),
        ("runs experiment = 'forest' --best 1", ["forest#2"]),
        ("runs experiment = 'forest' or experiment = 'boost' --mine --best 1", ["boost#1"]),
        ("runs --mine", ["boost#1", "forest#3", "forest#2", "forest#1"]),
        ("runs --since 2026-11-13", []),
        ("runs --until 2026-11-12", ["boost#1", "forest#3", "forest#2", "forest#1"]),
        ("runs --since 2026-11-12 --until '2026-11-12 09:35:00+00:00'", ["forest#3", "forest#2", "forest#1"]),
    ],
)
def test_runs_lists_what_is_asked_for(shell_door: Context, line: str, expected: list[str]) -> None:
    assert expected == references(shell_door, line)


def test_runs_in_python_is_a_dataframe(python_door: Context) -> None:
    table = celltrail.runs("experiment = 'forest'")

    assert isinstance(table, pd.DataFrame)
    assert ["forest#3", "forest#2", "forest#1"] == list(table.index)
    assert [0.85, 0.87, 0.81] == list(table["metrics.accuracy_score.y_test"])
    assert [12, 8, 4] == list(table["params.max_depth"])


def test_the_dataframe_leaves_out_doubles_and_defaults_that_nobody_wrote(python_door: Context) -> None:
    table = celltrail.runs()

    assert ["experiment", "number", "status", "metrics.accuracy_score.y_test"] == list(table.columns[:4])
    assert ["params.max_depth"] == [name for name in table if name.startswith("params.")]
    assert "id" == table.columns[-1]


def test_runs_in_a_cell_is_a_dataframe_that_shows_few_columns(project: Path) -> None:
    table = answer(Context("cell", project), "runs experiment = 'forest'").value
    shown = table._repr_mimebundle_()

    assert pd.DataFrame is type(table)
    assert [12, 8, 4] == list(table["params.max_depth"])
    assert "forest#3" in shown["text/html"]
    assert answer(Context("shell", project), "runs experiment = 'forest'").text == shown["text/plain"]
    assert str(table["id"].iloc[0]) not in shown["text/html"]


def test_a_changed_table_shows_itself_as_pandas_does(project: Path) -> None:
    table = answer(Context("cell", project), "runs").value
    made_of_it = [table.head(2), table.copy(), pickle.loads(pickle.dumps(table))]
    table["mine"] = 1

    assert not [each for each in made_of_it if hasattr(each, "_repr_mimebundle_")]
    assert table._repr_mimebundle_() is None


def test_runs_without_any_says_so(shell_door: Context) -> None:
    assert "No run fulfils this." == answer(shell_door, "runs experiment = 'other'").text


def test_a_wrong_filter_points_at_the_character(shell_door: Context) -> None:
    with pytest.raises(FilterError, match=r"\^"):
        answer(shell_door, "runs experiment ! 'forest'")


def test_json_is_a_list_of_objects_with_the_keys_of_a_run(shell_door: Context) -> None:
    rows: list[dict[str, Any]] = json.loads(as_json(answer(shell_door, "runs")))

    assert {"id", "experiment", "number", "repeats", "author", "status", "params", "metrics", "tags", "note"} <= set(
        rows[0]
    )


def test_compare_names_the_changed_line_and_parameter(shell_door: Context) -> None:
    found = answer(shell_door, "compare forest#1 forest#2")

    assert "max_depth" in found.text
    assert "-clf = RandomForestClassifier(max_depth=4)" in found.text
    assert "+clf = RandomForestClassifier(max_depth=8)" in found.data["code"]


def test_compare_of_three_compares_each_with_the_first(shell_door: Context) -> None:
    views = answer(shell_door, "compare forest#1 forest#2 forest#3").data

    assert ["forest#2", "forest#3"] == [view["right"]["reference"] for view in views]
    assert {"forest#1"} == {view["left"]["reference"] for view in views}


def test_compare_of_one_says_how_it_is_written(shell_door: Context) -> None:
    with pytest.raises(UsageError, match="two runs or more"):
        answer(shell_door, "compare forest#1")


def test_show_gives_one_object_with_content(shell_door: Context) -> None:
    shown = json.loads(as_json(answer(shell_door, "show forest#2")))

    assert shown["source"].startswith("clf = RandomForestClassifier(max_depth=8)")
    assert {"max_depth": 8} == shown["fits"][0]["params_written"]
    assert "3.11.7" == shown["environment"]["python"]


def test_show_all_names_everything_that_is_kept_with_sizes(shell_door: Context) -> None:
    found = answer(shell_door, "show forest#2 --all")

    kinds = {each["kind"] for each in found.data["kept"]}
    assert {"source", "environment", "metrics", "params"} <= kinds
    assert all(each["size_bytes"] for each in found.data["kept"])


def test_a_run_does_for_its_reference_in_python(python_door: Context) -> None:
    run = celltrail.run("forest#2")

    assert "forest#2" == celltrail.show(run).data["reference"]
    assert "boost#1" == celltrail.last_run().reference


def test_a_missing_run_and_a_missing_trail_are_one_line_each(
    shell_door: Context, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(RunNotFoundError):
        answer(shell_door, "show forest#9")

    elsewhere = Context("shell", tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(CelltrailError, match="There is no trail"):
        answer(elsewhere, "runs")


def test_open_trail_takes_the_project_or_the_trails_folder(project: Path) -> None:
    for path in (None, project, project / ".celltrail"):
        assert 4 == len(celltrail.open_trail(path).search_runs())


def test_status_of_a_large_trail_does_not_read_a_row_of_each_content(
    shell_door: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "_MOST_TOLD_APART", 0)
    asked: list[str] = []
    trail = shell_door.trail()
    trail.db.raw.set_trace_callback(asked.append)

    found = answer(shell_door, "status")

    trail.db.raw.set_trace_callback(None)
    assert "(by kind: celltrail doctor)" in found.text
    assert found.data["size_bytes"] > 0
    assert [size.NEWEST_CONTENT] == asked
