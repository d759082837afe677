"""Databases and URLs are recorded by what may be told of them: tables, never a password, never a value."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pandas as pd
import pytest
from support.seeing import settled, told, watching

from celltrail.analysis.source import bytes_digest
from celltrail.domain.record import Keeping

FRAME = pd.DataFrame({"a": range(5), "b": list("xyzuv")})
CSV = b"a,b\n1,x\n"


@pytest.fixture(autouse=True)
def _in_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *told: Any) -> None:
        return None

    def end_headers(self) -> None:
        self.send_header("ETag", '"v1"')
        super().end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A server that serves `a.csv`; its own reading of the file is nobody's data."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "a.csv").write_bytes(CSV)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}/a.csv"
    server.shutdown()
    server.server_close()
    thread.join()


def test_pandas_on_sqlite_tells_file_and_tables() -> None:
    with watching() as written:
        connection = sqlite3.connect("a.db")
        FRAME.to_sql("points", connection)
        connection.commit()
        connection.close()
    with watching() as seen:
        connection = sqlite3.connect("file:a.db?mode=ro", uri=True)
        pd.read_sql("select a from points", connection)
        pd.read_sql("select a from points where b = 'x'", connection)
        connection.close()

    tables = {"database": "sqlite", "tables": ["points"]}
    assert [("write", "a.db")] == told(written)
    assert [tables] == [each.details for each in written]
    assert [("read", "a.db")] == told(seen)
    assert [{**tables, "statements": ["select a from points"]}] == [each.details for each in seen]
    assert settled(written)[0].digest == settled(seen)[0].digest is not None


def test_a_connection_of_an_earlier_cell_is_known_again() -> None:
    with watching():
        connection = sqlite3.connect("a.db")
        FRAME.to_sql("points", connection)
        connection.commit()
    with watching() as seen:
        pd.read_sql("select a from points", connection)
    connection.close()

    assert [("read", "a.db")] == told(seen)


def test_a_database_in_memory_is_no_file() -> None:
    with watching() as records:
        sqlite3.connect(":memory:").close()
        sqlite3.connect("file:x?mode=memory&cache=shared", uri=True).close()

    assert [] == records


def test_a_database_whose_log_holds_more_has_no_digest() -> None:
    with watching() as records:
        connection = sqlite3.connect("a.db")
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table t (a)")
        connection.commit()
    connection.close()

    assert [Keeping.NOT_KEPT] == [each.digest_status for each in records]
    assert "changes stand in the log beside it" == records[0].details["reason"]


def test_sqlalchemy_tells_file_and_tables() -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine("sqlite:///a.db")
    with watching() as written:
        FRAME.to_sql("points", engine)
    with watching() as seen:
        pd.read_sql("select a from points", engine)
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("select b from points where b = :secret"), {"secret": "hunter2"})
    engine.dispose()

    assert [("write", "a.db")] == told(written)
    assert ["points"] == written[0].details["tables"]
    assert [("read", "a.db")] == told(seen)
    assert "select a from points" in seen[0].details["statements"]
    assert "hunter2" not in repr(seen)


def test_a_remote_database_tells_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    from sqlalchemy.engine import default

    class Context:
        class engine:  # noqa: N801  as SQLAlchemy names it
            url = sqlalchemy.make_url("postgresql://me:hunter2@db.example.org:5432/shop?sslpassword=x")

    class Cursor:
        def execute(self, statement: str, parameters: Any) -> None:
            return None

    with watching() as records:
        default.DefaultDialect.do_execute(None, Cursor(), "select * from orders where id = 7", (), Context())
        default.DefaultDialect.do_execute(None, Cursor(), "select * from pg_catalog.pg_class", (), Context())

    assert [("read", "postgresql://db.example.org:5432/shop")] == told(records)
    assert {"tables": ["orders"], "reason": "a database: its tables, not their content"} == records[0].details
    assert Keeping.NOT_KEPT == records[0].digest_status


def test_urlopen_that_was_imported_long_ago_is_seen(site: str) -> None:
    with watching() as records:
        urlopen(f"http://{site}?token=hunter2").read()
        pd.read_csv(f"http://{site}?token=hunter3")
        put = Request(f"http://{site}", data=b"x", method="PUT")
        urlopen(put).close()

    url = f"http://{site}"
    assert [("read", url), ("write", url)] == told(records)
    assert (len(CSV), '"v1"') == (records[0].size_bytes, records[0].details["etag"])
    assert "GMT" in records[0].details["last_modified"]
    assert Keeping.NOT_KEPT == records[0].digest_status
    assert "hunter" not in repr(records)


def test_requests_tells_the_digest_of_what_it_fetched(site: str) -> None:
    requests = pytest.importorskip("requests")
    with watching() as records:
        requests.get(f"http://me:hunter2@{site}?token=hunter2", timeout=10)
        requests.get(f"http://{site}.nowhere", timeout=10)

    assert [("read", f"http://{site}")] == told(records)
    assert bytes_digest(CSV) == records[0].digest
    assert "hunter" not in repr(records)


def test_httpx_is_seen_awaited_or_not(site: str) -> None:
    httpx = pytest.importorskip("httpx")

    async def fetch() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(f"http://{site}?token=hunter2")

    with watching() as plain:
        httpx.get(f"http://{site}")
    with watching() as awaited:
        asyncio.run(fetch())

    assert [bytes_digest(CSV)] == [each.digest for each in plain]
    assert told(plain) == told(awaited)
    assert "hunter" not in repr(awaited)


def test_a_remote_file_is_known_by_its_url() -> None:
    fsspec = pytest.importorskip("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    class Remote(MemoryFileSystem):
        protocol = "s3"
        store: dict[str, Any] = {}  # noqa: RUF012
        pseudo_dirs = [""]  # noqa: RUF012

    files = Remote(skip_instance_cache=True)
    with watching() as records:
        with files.open("bucket/x.json", "wb") as file:
            file.write(json.dumps({"a": 1}).encode())
        with fsspec.open("memory://x/y.txt", "w") as file:
            file.write("x")

    assert [("write", "s3://bucket/x.json")] == told(records)
    assert [{"reason": "remote"}] == [each.details for each in records]
