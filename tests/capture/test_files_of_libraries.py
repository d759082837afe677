"""Files that libraries open in C, C++ and Rust are seen, whenever their functions were imported."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from pandas import read_csv as pandas_read_csv
from support.seeing import settled, told, watching

from celltrail.capture.files_digest import as_it_stands, digest_file
from celltrail.domain.record import Keeping


def digest_now(name: str) -> str | None:
    """Return the digest of a file as it stands."""
    record = as_it_stands(os.path.abspath(name))
    assert record is not None
    return digest_file(record).digest


FRAME = pd.DataFrame({"a": range(50), "b": list("xyzuv") * 10})


@pytest.fixture(autouse=True)
def _in_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


PANDAS: dict[str, tuple[Callable[[], Any], Callable[[], Any], str]] = {
    "csv": (lambda: FRAME.to_csv("x.csv"), lambda: pandas_read_csv("x.csv"), ""),
    "csv.gz": (lambda: FRAME.to_csv("x.csv.gz"), lambda: pandas_read_csv("x.csv.gz"), ""),
    "csv.bz2": (lambda: FRAME.to_csv("x.csv.bz2"), lambda: pandas_read_csv("x.csv.bz2"), ""),
    "csv.xz": (lambda: FRAME.to_csv("x.csv.xz"), lambda: pandas_read_csv("x.csv.xz"), ""),
    "csv by Arrow": (lambda: FRAME.to_csv("x.csv"), lambda: pd.read_csv("x.csv", engine="pyarrow"), "pyarrow"),
    "parquet": (lambda: FRAME.to_parquet("x.parquet"), lambda: pd.read_parquet("x.parquet"), "pyarrow"),
    "parquet parts": (
        lambda: FRAME.to_parquet("parts", partition_cols=["b"]),
        lambda: pd.read_parquet("parts"),
        "pyarrow",
    ),
    "feather": (lambda: FRAME.to_feather("x.feather"), lambda: pd.read_feather("x.feather"), "pyarrow"),
    "excel": (lambda: FRAME.to_excel("x.xlsx"), lambda: pd.read_excel("x.xlsx"), "openpyxl"),
    "json": (lambda: FRAME.to_json("x.json"), lambda: pd.read_json("x.json"), ""),
    "pickle": (lambda: FRAME.to_pickle("x.pkl"), lambda: pd.read_pickle("x.pkl"), ""),
    "np.save": (lambda: np.save("x.npy", np.zeros(3)), lambda: np.load("x.npy"), ""),
    "np.load mapped": (lambda: np.save("x.npy", np.zeros(3)), lambda: np.load("x.npy", mmap_mode="r"), ""),
    "np.savez": (lambda: np.savez("x.npz", a=np.zeros(3)), lambda: np.load("x.npz")["a"], ""),
    "np.savetxt": (lambda: np.savetxt("x.txt", np.zeros(3)), lambda: np.loadtxt("x.txt"), ""),
    "np.genfromtxt": (lambda: np.savetxt("x.gz", np.zeros(3)), lambda: np.genfromtxt("x.gz"), ""),
    "np.tofile": (lambda: np.zeros(3).tofile("x.bin"), lambda: np.fromfile("x.bin"), ""),
    "np.memmap": (lambda: np.memmap("x", mode="w+", shape=3).flush(), lambda: np.memmap("x", mode="r"), ""),
    "joblib": (lambda: joblib.dump(FRAME, "x.joblib"), lambda: joblib.load("x.joblib"), ""),
    "joblib small": (lambda: joblib.dump(FRAME, "x.z", compress=3), lambda: joblib.load("x.z"), ""),
}


@pytest.mark.parametrize("form", PANDAS)
def test_what_pandas_numpy_and_joblib_write_and_read_is_seen(form: str) -> None:
    write, read, needs = PANDAS[form]
    if needs:
        pytest.importorskip(needs)

    with watching() as written:
        write()
    with watching() as seen:
        read()

    name = os.listdir()[0]
    assert [("write", name)] == told(written)
    assert [("read", name)] == told(seen)
    assert digest_now(name) == settled(written)[0].digest == settled(seen)[0].digest
    assert Keeping.KEPT == settled(seen)[0].digest_status


def test_polars_is_seen() -> None:
    pl = pytest.importorskip("polars")
    from polars import read_csv

    frame = pl.DataFrame({"a": [1, 2, 3]})
    with watching() as written:
        frame.write_csv("a.csv")
        frame.write_parquet("a.parquet")
        frame.lazy().sink_parquet("b.parquet")
    with watching() as seen:
        read_csv("a.csv")
        pl.scan_csv("a.csv").collect()
        pl.read_parquet(Path("a.parquet"), n_rows=1)
        pl.read_csv(b"a\n1\n")
    with watching() as many:
        pl.read_parquet("*.parquet")
        pl.read_parquet(["a.parquet", "b.parquet"])

    assert [("write", "a.csv"), ("write", "a.parquet"), ("write", "b.parquet")] == told(written)
    assert [("read", "a.csv"), ("read", "a.parquet")] == told(seen)
    assert [{"rows": 3, "lines": 4}, {}] == [each.details for each in settled(seen)]
    assert [("read", "*.parquet"), ("read", "a.parquet"), ("read", "b.parquet")] == told(many)
    assert {"rows": 6, "files": 2} == settled(many)[0].details


def test_a_warning_of_polars_is_about_the_line_it_always_was() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1]})
    frame.write_csv("a.csv")

    def caught() -> list[tuple[str, str]]:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            pl.read_csv("a.csv", dtypes={"a": pl.Int8})
        return [(each.filename, each.category.__name__) for each in found]

    try:
        before = caught()
    except TypeError:
        pytest.skip("this polars has forgotten the old name")
    with watching():
        during = caught()

    assert before == during
    assert {__file__} == {file for file, _ in before}


def test_arrow_is_seen() -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import read_table

    table = pa.table({"a": [1, 2], "b": ["x", "y"]})
    with watching() as written:
        pa.parquet.write_table(table, "a.parquet")
        pa.feather.write_feather(table, "a.feather")
        pa.csv.write_csv(table, "a.csv")
        pa.dataset.write_dataset(table, "parts", format="parquet", partitioning=["b"])
    with watching() as seen:
        read_table("a.parquet")
        pa.feather.read_table("a.feather")
        pa.csv.read_csv("a.csv")
        pa.dataset.dataset("parts").to_table()

    names = ["a.parquet", "a.feather", "a.csv", "parts"]
    assert [("write", name) for name in names] == told(written)
    assert [("read", name) for name in names] == told(seen)
    assert [{"rows": 2}, {"rows": 2}, {"rows": 2, "lines": 3}, {"files": 2}] == [
        each.details for each in settled(seen)
    ]


def test_hdf5_is_seen() -> None:
    h5py = pytest.importorskip("h5py")
    made = h5py.File.__init__
    with watching() as records:
        with h5py.File("a.h5", "w") as file:
            file["x"] = np.zeros(3)
        h5py.File("a.h5").close()
        assert h5py.File.__init__ is made

    assert [("write", "a.h5"), ("read", "a.h5")] == told(records)


def test_duckdb_is_seen_in_its_functions_and_in_its_sql() -> None:
    duckdb = pytest.importorskip("duckdb")
    FRAME.to_csv("a.csv")
    with watching() as files:
        duckdb.sql("select count(*) from 'a.csv'").fetchall()
        duckdb.execute("copy (select * from read_csv('a.csv')) to 'b.csv'")
        duckdb.read_csv("b.csv").fetchall()
    with watching() as database:
        connection = duckdb.connect("a.db")
        connection.execute("create table t as select a, b from 'a.csv'")
        connection.sql("select a from t").fetchall()
        connection.close()

    assert [("read", "a.csv"), ("write", "b.csv"), ("read", "b.csv")] == told(files)
    assert [("write", "a.db"), ("read", "a.csv")] == told(database)
    assert {"database": "duckdb", "tables": ["t"], "statements": ["select a from t"]} == settled(database)[0].details


def test_duckdb_leaves_the_kernel_in_silence() -> None:
    pytest.importorskip("duckdb")
    program = (
        "import duckdb\n"
        "from celltrail.capture.files import FileWatch\n"
        "watch = FileWatch()\n"
        "watch.start()\n"
        "duckdb.execute('select 1')\n"
        "watch.stop()\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert "" == done.stderr


def test_a_library_that_is_imported_in_the_cell_is_seen() -> None:
    pytest.importorskip("polars")
    FRAME.to_csv("a.csv")
    program = (
        "from celltrail.capture.files import FileWatch, disarm\n"
        "from celltrail.capture.files_digest import digest_file\n"
        "import sys\n"
        "watch = FileWatch()\n"
        "watch.start()\n"
        "assert 'polars' not in sys.modules\n"
        "import polars\n"
        "polars.read_csv('a.csv')\n"
        "print([digest_file(each).details for each in watch.stop()])\n"
        "disarm()\n"
        "print([each for each in sys.meta_path if type(each).__module__.startswith('celltrail')])\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert ["[{'rows': 50, 'lines': 51}]", "[]"] == done.stdout.split("\n")[:2]


def test_a_folder_has_one_digest_over_all_its_files() -> None:
    pytest.importorskip("pyarrow")
    FRAME.to_parquet("one", partition_cols=["b"])
    FRAME.to_parquet("other", partition_cols=["b"])
    with watching() as records:
        pd.read_parquet("one")
    first = digest_now("one")

    part = next(Path("one").rglob("*.parquet"))
    part.write_bytes(part.read_bytes() + b" ")

    assert ("one", 5, first) == (
        os.path.relpath(records[0].path),
        records[0].details["files"],
        digest_file(records[0]).digest,
    )
    assert first != digest_now("one")
