"""What is said of the files of a run."""

from __future__ import annotations

from typing import Any

from celltrail.domain.record import Keeping
from celltrail.views.files import describe_file, file_changes, file_rows, is_same_file


def file(path: str = "data/train.csv", digest: str | None = "a" * 64, **more: Any) -> dict[str, Any]:
    status = Keeping.KEPT if digest else Keeping.NOT_KEPT
    plain = {"path": path, "mode": "read", "digest": digest, "digest_status": status, "size_bytes": 10, "details": {}}
    return plain | more


def said(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    return [change["after"] for change in file_changes(before, after)]


def test_a_changed_file_says_how_many_rows_came_or_went() -> None:
    rows = [file(details={"rows": 100, "lines": 101}), file(digest="b" * 64, details={"rows": 17_671, "lines": 1})]

    assert ["data/train.csv changed, +17\N{NARROW NO-BREAK SPACE}571 rows"] == [
        words.replace("\N{THIN SPACE}", "\N{NARROW NO-BREAK SPACE}") for words in said(rows[:1], rows[1:])
    ]
    lines = [file(details={"lines": 101}), file(digest="b" * 64, details={"lines": 100})]
    assert ["data/train.csv changed, −1 lines"] == said(lines[:1], lines[1:])
    assert ["data/train.csv changed, 10 B → 20 B"] == said([file()], [file(digest="b" * 64, size_bytes=20)])
    assert ["data/train.csv changed"] == said([file()], [file(digest="b" * 64)])


def test_equal_files_and_files_of_which_nothing_is_known_are_passed_over() -> None:
    assert [] == said([file()], [file(size_bytes=20)])
    assert [] == said([file(digest=None)], [file(digest=None)])
    assert [] == said([file(digest=None)], [file()])


def test_another_file_is_named() -> None:
    assert ["b.csv read, 10 B", "a.csv not read any more"] == said([file("a.csv")], [file("b.csv")])
    assert [] == said([], [file("b.csv")]), "nothing is known of the earlier run: files were not seen then"


def test_a_url_is_compared_by_what_the_server_says() -> None:
    def url(**details: str) -> dict[str, Any]:
        return file("https://x/a.csv", None, size_bytes=None, details=details)

    assert is_same_file(url(etag="1"), url(etag="1"))
    assert is_same_file(url(etag="1"), url(etag="2")) is False
    assert is_same_file(url(last_modified="x"), url(last_modified="y")) is False
    assert is_same_file(url(), url(etag="2")) is None


def test_what_is_known_of_a_file_is_one_line() -> None:
    assert "read, by an earlier cell, 51 lines, by digest only" == describe_file(
        file(details={"earlier": True, "lines": 51})
    )
    assert "read, tables a, b, c and 1 more, no digest (a database)" == describe_file(
        file(digest=None, details={"tables": ["a", "b", "c", "d"], "reason": "a database"})
    )
    assert "written, 5 files, its digest is being taken" == describe_file(
        file(mode="write", digest_status=Keeping.PENDING, details={"files": 5})
    )


def test_files_that_were_read_stand_among_the_inputs() -> None:
    rows = file_rows([file(details={"rows": 3}), file("out.csv", mode="write"), file("https://x/a", None)])

    assert [("data/train.csv", "file", 3, "a" * 12), ("https://x/a", "URL", None, "")] == [
        (row["name"], row["kind"], row["rows"], row["digest"]) for row in rows
    ]
