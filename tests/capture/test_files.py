"""Files are seen while a cell runs; afterwards everything is as it was."""

from __future__ import annotations

import builtins
import inspect
import io
import os
import pickle
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core import interactiveshell
from support.seeing import settled, told, watching

from celltrail.analysis.source import bytes_digest
from celltrail.capture.files import FileWatch, disarm
from celltrail.capture.files_digest import digest_file
from celltrail.domain.record import Keeping


def test_what_is_read_and_written_has_its_digest(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"a\n1\n")

    with watching() as records:
        pd.read_csv(source).to_csv(target, index=False)

    assert [(str(source), "read", bytes_digest(b"a\n1\n")), (str(target), "write", bytes_digest(b"a\n1\n"))] == [
        (record.path, record.mode, record.digest) for record in settled(records)
    ]
    assert [4, 4] == [record.size_bytes for record in records]


def test_each_way_to_open_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c", "d", "e.npy", "f.db", "g"):
        Path(name).touch()
    np.save("e.npy", np.zeros(2))

    with watching() as records:
        open("a").close()
        Path("b").read_text()
        open(os.fsencode("c"), mode="rb").close()
        os.close(os.open("d", os.O_RDONLY))
        np.load("e.npy")
        sqlite3.connect("f.db").close()
        interactiveshell.io_open("g").close()

    assert ["a", "b", "c", "d", "e.npy", "f.db", "g"] == [Path(record.path).name for record in records]
    assert {"read"} == {record.mode for record in records}
    assert all(Path(record.path).is_absolute() for record in records)


def test_modes_that_write_are_writing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with watching() as records:
        for mode in ("w", "a", "r+"):
            open(path, mode).close()

    assert [("write", Keeping.KEPT)] == [(record.mode, record.digest_status) for record in settled(records)]


def test_everything_is_put_back() -> None:
    before = (builtins.open, io.open, os.open, os.replace, sqlite3.connect, interactiveshell.io_open, pd.read_csv)
    directories, code = set(os.supports_dir_fd), pd.read_sql.__code__

    with watching(), watching():
        assert builtins.open is not before[0]
        assert builtins.open is io.open
        assert pd.read_csv is before[-1]
        assert pd.read_sql.__code__ is not code

    assert before == (
        builtins.open,
        io.open,
        os.open,
        os.replace,
        sqlite3.connect,
        interactiveshell.io_open,
        pd.read_csv,
    )
    assert directories == set(os.supports_dir_fd)
    assert pd.read_sql.__code__ is code


def test_what_somebody_else_replaced_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs() -> None:
        return None

    with watching():
        monkeypatch.setattr(builtins, "open", theirs)

    assert builtins.open is theirs
    monkeypatch.undo()
    # The test's own undo brings back what was there when it was replaced.
    builtins.open = io.open


def test_open_looks_and_fails_as_ever() -> None:
    signature, name, dump = inspect.signature(open), open.__qualname__, pickle.dumps(open)

    with watching():
        assert signature == inspect.signature(open)
        assert (name, "open") == (open.__qualname__, open.__name__)
        assert dump == pickle.dumps(open)
        assert open in {open}
        assert os.open in os.supports_dir_fd
        with pytest.raises(FileNotFoundError) as caught:
            open("/nowhere/at/all")  # noqa: SIM115
        with pytest.raises(TypeError, match="open"):
            open()  # type: ignore[call-overload]  # noqa: SIM115

    assert "/nowhere/at/all" == caught.value.filename
    assert [__file__] == [entry.filename for entry in traceback.extract_tb(caught.value.__traceback__)]


def test_files_of_python_the_system_and_the_trail_are_nobodys_data(tmp_path: Path) -> None:
    trail = tmp_path / "store"
    trail.mkdir()
    hidden = tmp_path / ".celltrail"
    hidden.mkdir()
    with watching(trail) as records:
        open(np.__file__).close()
        open(os.__file__).close()
        open(trail / "trail.db", "w").close()
        open(hidden / "x", "w").close()
        if sys.platform == "linux":
            open("/proc/self/status").close()
            open("/dev/null").close()

    assert [] == records


def test_temporary_files_that_are_gone_are_left_out(tmp_path: Path) -> None:
    with watching() as records:
        with tempfile.NamedTemporaryFile(dir=tmp_path) as file:
            file.write(b"x")
        (tmp_path / "kept").write_text("y")

    assert ["kept"] == [Path(record.path).name for record in records]


def test_a_file_that_moved_on_has_no_digest(tmp_path: Path) -> None:
    path, gone = tmp_path / "x", tmp_path / "y"
    path.write_text("one")
    gone.write_text("one")

    with watching() as records:
        path.read_text()
        gone.read_text()
        with io.FileIO(str(path), "w") as raw:
            raw.write(b"other")
        gone.unlink()

    assert [Keeping.CHANGED, Keeping.CHANGED] == [record.digest_status for record in records]
    assert [None, None] == [record.digest for record in records]


def test_a_large_file_is_pending_until_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(5_000_000))

    with watching() as records:
        open(path).close()
    late = digest_file(records[0])

    assert (Keeping.PENDING, None) == (records[0].digest_status, records[0].digest)
    assert (Keeping.KEPT, bytes_digest(bytes(5_000_000))) == (late.digest_status, late.digest)
    path.write_bytes(bytes(5_000_001))
    assert Keeping.CHANGED == digest_file(records[0]).digest_status


def test_a_name_that_was_bound_while_a_cell_ran_is_the_original_afterwards() -> None:
    original = io.open

    with watching():
        exec("from io import open as bound_meanwhile", sys.modules["__main__"].__dict__)
        held = [open]

    assert sys.modules["__main__"].__dict__.pop("bound_meanwhile") is original
    with watching() as records:
        held[0](__file__).close()  # who holds it elsewhere opens files as ever
    assert [] == records


def test_what_was_written_and_moved_has_its_last_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with watching() as records:
        Path("a.part").write_text("x")
        os.replace("a.part", "a.csv")
        Path("b.part").write_text("x")
        Path("b.part").rename("b.csv")

    assert [("write", "a.csv"), ("write", "b.csv")] == told(records)


def test_a_temporary_file_that_was_read_again_is_left_out() -> None:
    with watching() as records, tempfile.TemporaryDirectory() as folder:
        Path(folder, "x").write_text("x")
        Path(folder, "x").read_text()

    assert [] == records


def test_lines_are_counted_where_there_are_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with watching() as records:
        Path("a.csv").write_text("a\n1\n2")
        Path("b.csv").write_text("")
        Path("c.bin").write_bytes(b"\n\n")

    assert [{"lines": 3}, {"lines": 0}, {}] == [record.details for record in settled(records)]


def test_code_is_not_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    with watching() as records:
        Path("mine.py").read_text()
        Path("history.sqlite").touch()
        Path("mlflow.db").touch()
        Path("mlruns").mkdir()
        Path("mlruns/meta.yaml").touch()
        Path("joblib/mine/f/0").mkdir(parents=True)
        Path("joblib/mine/f/0/output.pkl").write_text("")

    assert [] == records


def test_files_opened_on_threads_of_a_cell_belong_to_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    with watching() as records:
        reading = threading.Thread(target=path.read_text)
        reading.start()
        reading.join()

    assert [("read", str(path), {})] == [(each.mode, each.path, each.details) for each in records]


def test_with_two_cells_at_once_a_thread_of_neither_may_be_of_both(tmp_path: Path) -> None:
    for name in ("own", "other", "whose"):
        (tmp_path / name).touch()
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    started, done = threading.Event(), threading.Event()

    def other_cell() -> None:
        with watching() as records:
            (tmp_path / "other").read_text()
            started.set()
            done.wait(10)
        found["other"] = [(Path(each.path).name, each.details) for each in records]

    other = threading.Thread(target=other_cell)
    with watching() as records:
        other.start()
        started.wait(10)
        (tmp_path / "own").read_text()
        reading = threading.Thread(target=(tmp_path / "whose").read_text)
        reading.start()
        reading.join()
        done.set()
        other.join()

    maybe = {"maybe": "another cell ran at the same time"}
    assert [("own", {}), ("whose", maybe)] == [(Path(each.path).name, each.details) for each in records]
    assert [("other", {}), ("whose", maybe)] == found["other"]


def test_a_file_that_has_not_moved_is_read_once_in_a_session(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    with watching() as first:
        path.read_text()
    place = os.stat(path).st_ino

    path.chmod(0)
    with watching() as second:
        os.close(os.open(path, os.O_RDONLY)) if os.geteuid() == 0 else None
        records = [digest_file(replace(first[0], digest=None, digest_status=Keeping.PENDING))]
    path.chmod(0o600)
    path.write_text("two")

    assert first[0].digest == records[0].digest
    assert place == os.stat(path).st_ino
    assert Keeping.CHANGED == digest_file(replace(first[0], digest_status=Keeping.PENDING)).digest_status
    assert len(second) <= 1


def test_thousands_of_files_do_not_pile_up(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    watch = FileWatch()
    watch.start()
    for number in range(1100):
        watch.note(str(tmp_path / f"{number}"), "read")

    watch.stop()
    disarm()

    assert 100 == watch.skipped


def test_the_first_open_of_all_may_be_that_of_the_temporary_folder() -> None:
    program = (
        "import tempfile\n"
        "from celltrail.capture.files import FileWatch\n"
        "watch = FileWatch()\n"
        "watch.start()\n"
        "tempfile.tempdir = None\n"
        "tempfile.gettempdir()\n"
        "print(watch.stop())\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)

    assert "[]" == done.stdout.strip()
