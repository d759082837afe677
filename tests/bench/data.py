"""What data on their way into a fit cost: `python tests/bench/data.py [--gib SIZE] [--repeats N] [NAME ...]`.

For each kind of data, side by side: the *delay* is the wall time for which the call waits, median of the repeats; the
*CPU* is that of the whole process, the thread beside the fit included, until the full digest is there, as a multiple
of the CPU of a fresh `a.copy()` of the same data; *again* is the CPU when the same unchanged data enter once more;
*peak* is the memory that the digest took beside the data. Not run in CI: 1 GiB cases need 4 GB of memory.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from threading import Event, Thread
from typing import Any

import numpy as np
import pandas as pd
import psutil
from scipy import sparse

from celltrail.capture.inputs import Inputs
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping

DELAY_BAR_MS, COPIES_BAR = 50, 3
_STRINGS = 1_000_000


def cases(gib: float) -> dict[str, Callable[[], Any]]:
    """Return makers of data by name; the first ones are as large as asked for."""
    rows = int(gib * 2**30) // 80 // 1000 * 1000

    def table(count: int = rows) -> Any:
        return np.random.default_rng(0).standard_normal((count, 10))

    def words() -> list[str]:
        return [f"word {number % 5000} of {number}" for number in range(_STRINGS)]

    found: dict[str, Callable[[], Any]] = {
        "array, C order": table,
        "array, Fortran order": lambda: np.asfortranarray(table()),
        "array, wide, Fortran order": lambda: np.asfortranarray(table().reshape(-1, 1000)),
        "array, float32": lambda: table().astype("f4"),
        "frame of an array": lambda: pd.DataFrame(table()),
        "frame by columns": lambda: pd.DataFrame(
            {f"c{place}": column.copy() for place, column in enumerate(table().T)}
        ),
        "frame with NaN": lambda: pd.DataFrame(
            {f"c{place}": _holed(column) for place, column in enumerate(table().T)}
        ),
        "5,000,000 x 10 numbers": lambda: pd.DataFrame(table(5_000_000)),
        "5,000,000 x 10 integers": lambda: pd.DataFrame((table(5_000_000) * 100).astype("i8")),
        "1,000,000 x 10 objects": lambda: pd.DataFrame(
            {f"c{n}": pd.Series(words(), dtype=object) for n in range(10)}
        ),
        "1,000,000 x 10 str": lambda: pd.DataFrame({f"c{n}": pd.Series(words(), dtype="str") for n in range(10)}),
        "1,000,000 x 10 pyarrow": lambda: pd.DataFrame(
            {f"c{n}": pd.Series(words(), dtype="string[pyarrow]") for n in range(10)}
        ),
        "categories": lambda: pd.DataFrame(
            {f"c{n}": pd.Categorical.from_codes(_codes(), list("abcde")) for n in range(10)}
        ),
        "sparse, csr": _sparse,
        "sparse, csc": lambda: _sparse().tocsc(),
    }
    if find_spec("polars") is not None:
        import polars as pl

        found["polars"] = lambda: pl.DataFrame({f"c{place}": column for place, column in enumerate(table().T)})
        found["polars, 1,000,000 x 10 words"] = lambda: pl.DataFrame({f"c{place}": words() for place in range(10)})
    return found


def _holed(column: Any) -> Any:
    column = column.copy()
    column[::100] = np.nan
    return column


def _sparse() -> Any:
    """Return ten of a thousand columns in each of a million rows."""
    columns = np.sort((np.arange(10_000_000) * 97 % 1000).reshape(-1, 10), axis=1).reshape(-1).astype("i4")
    starts = np.arange(0, 10_000_001, 10, dtype="i4")
    return sparse.csr_matrix((np.random.default_rng(0).random(10_000_000), columns, starts), shape=(1_000_000, 1000))


def _codes() -> Any:
    return np.random.default_rng(0).integers(0, 5, 5_000_000)


def copy_cpu_s(data: Any) -> float:
    """Return the median CPU of a fresh copy; of what Arrow or polars hold, of a copy of their buffers."""
    library = type(data).__module__.partition(".")[0]
    if library == "polars":
        table = data.to_arrow()
    elif library == "pandas" and any(str(dtype) in {"str", "string"} for dtype in data.dtypes):
        import pyarrow as pa

        table = pa.Table.from_pandas(data)
    else:
        return _median_cpu(data.copy)
    return _median_cpu(lambda: [np.frombuffer(buffer, "u1").copy() for buffer in _buffers(table)])


def _buffers(table: Any) -> list[Any]:
    chunks = [chunk for column in table.columns for chunk in column.chunks]
    return [buffer for chunk in chunks for buffer in chunk.buffers() if buffer is not None]


def _median_cpu(call: Callable[[], Any]) -> float:
    found = []
    for _ in range(5):
        started = time.process_time()
        made = call()
        found.append(time.process_time() - started)
        del made
    return median(found)


def enter(inputs: Inputs, late: LateWork, data: Any) -> tuple[float, float, DatasetRecord]:
    """Let data enter a call; return seconds of delay, seconds of CPU until the digest is there, and the record."""
    cpu, started = time.process_time(), time.perf_counter()
    record = inputs.describe(data, name="X", role="X", landed=lambda _: None)
    delay = time.perf_counter() - started
    late.wait(600)
    assert record is not None
    return delay, time.process_time() - cpu, record


def peak_bytes(call: Callable[[], object]) -> int:
    """Return by how much the process grew at most while `call` ran."""
    process, done, top = psutil.Process(), Event(), [0]
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.002):
            top[0] = max(top[0], process.memory_info().rss - before)

    thread = Thread(target=watch)
    thread.start()
    call()
    done.set()
    thread.join()
    return top[0]


def measure(name: str, make: Callable[[], Any], repeats: int) -> str:
    """Return one line of the table."""
    data = make()
    copy_s = copy_cpu_s(data)
    late = LateWork()
    peak = peak_bytes(lambda: enter(Inputs(late), late, data))
    firsts = [enter(Inputs(late), late, data) for _ in range(3)]
    inputs = Inputs(late)
    again = [enter(inputs, late, data) for _ in range(max(2, repeats - 3))][1:]
    record = firsts[0][2]
    delay_ms = 1000 * median(delay for delay, _, _ in [*firsts, *again])
    cpu, cached = (median(cpu for _, cpu, _ in found) / copy_s for found in (firsts, again))
    kept = record.digest_status if record.digest_status is not Keeping.KEPT else (record.digest or "")[:8]
    return (
        f"{name:30} {(record.size_bytes or 0) / 2**20:7.0f} MiB  copy {1000 * copy_s:6.0f} ms"
        f"  delay {delay_ms:6.2f} ms  CPU {cpu:5.2f} copies  again {cached:5.2f}"
        f"  peak {peak / 2**20:5.0f} MiB  {kept}"
    )


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("names", nargs="*", help="only the cases that hold one of these words")
    asked.add_argument("--gib", type=float, default=1.0)
    asked.add_argument("--repeats", type=int, default=30)
    options = asked.parse_args()
    print(f"bars: delay {DELAY_BAR_MS} ms, CPU {COPIES_BAR} fresh copies; medians of {options.repeats}")  # noqa: T201
    for name, make in cases(options.gib).items():
        if not options.names or any(word in name for word in options.names):
            print(measure(name, make, options.repeats), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
