"""Files are told of by the cell that computes with them, however many cells ago they were read."""

from __future__ import annotations

from celltrail.capture.files_flow import FileFlow, large_last
from celltrail.domain.record import FileRecord, Keeping

TRAIN, TEST = FileRecord("/p/train.csv", "read", 10), FileRecord("/p/test.csv", "read", 20)
PREDICTED = FileRecord("/p/predicted.csv", "write", 5)


def test_files_go_on_from_name_to_name() -> None:
    flow = FileFlow()

    assert [] == flow.pass_on("df = pd.read_csv('train.csv')", [TRAIN])
    assert ["/p/train.csv"] == paths(flow.pass_on("X, y = df[['a']], df.y", []))
    assert ["/p/train.csv"] == paths(flow.pass_on("model = Forest().fit(X, y)", []))
    assert [] == flow.pass_on("print('nothing of it')", [])


def test_an_earlier_file_is_marked_and_named_once() -> None:
    flow = FileFlow()
    flow.pass_on("df = pd.read_csv('train.csv')", [TRAIN])
    flow.pass_on("X = df[['a']]; y = df.y", [])

    found = flow.pass_on("score(X, y)", [TEST])

    assert [("/p/train.csv", {"earlier": True})] == [(file.path, file.details) for file in found]
    assert {} == TRAIN.details
    assert [] == flow.pass_on("df, X, y; pd.read_csv('train.csv')", [TRAIN])


def test_a_name_that_is_bound_anew_has_nothing_behind_it() -> None:
    flow = FileFlow()
    flow.pass_on("df = pd.read_csv('train.csv')", [TRAIN])
    flow.pass_on("df = make_data()", [])

    assert [] == flow.pass_on("fit(df)", [])


def test_what_is_written_stands_behind_no_name() -> None:
    flow = FileFlow()
    flow.pass_on("df = make(); df.to_csv('predicted.csv')", [PREDICTED])

    assert [] == flow.pass_on("fit(df)", [])


def test_small_files_are_digested_before_large_ones() -> None:
    files = [TEST, FileRecord("/p/done", "read", 1, digest_status=Keeping.KEPT), TRAIN]

    assert [TRAIN, TEST] == large_last(files)


def paths(files: list[FileRecord]) -> list[str]:
    return [file.path for file in files]
