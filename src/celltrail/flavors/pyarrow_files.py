"""Files that Arrow opens in C++: Parquet, Feather, CSV, JSON, ORC, data sets of many files, memory maps."""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.flavors.opened import Made, Opened, Openers, reads, rows_of, writes


def _table(call: Made) -> Iterable[Opened]:
    """`read_table(source, columns=…, filters=…)`: with filters the rows are not those of the file."""
    rows = {} if call.kwargs.get("filters") is not None else rows_of(call.result)
    return [Opened(call.argument(0, "source"), details=rows)]


def _data_set(call: Made) -> Iterable[Opened]:
    source = call.argument(0, "source")
    if isinstance(source, list | tuple) and any(hasattr(one, "files") for one in source):
        return []  # a union of data sets, each of which was seen when it was made
    return [Opened(source)]


def _memory_map(call: Made) -> Iterable[Opened]:
    mode = call.argument(1, "mode") or "r"
    return [Opened(call.argument(0, "path"), "write" if "w" in mode or "+" in mode else "read")]


OPENERS = (
    Openers(
        "pyarrow.parquet",
        {
            "read_table": _table,
            "read_pandas": _table,
            "ParquetFile.__init__": reads(1, "source"),
            "ParquetDataset.__init__": reads(1, "path_or_paths"),
            "write_table": writes(1, "where"),
            "ParquetWriter.__init__": writes(1, "where"),
            "write_to_dataset": writes(1, "root_path"),
        },
    ),
    Openers("pyarrow.dataset", {"dataset": _data_set, "write_dataset": writes(1, "base_dir")}),
    Openers(
        "pyarrow.feather",
        {
            "read_table": reads(0, "source"),
            "read_feather": reads(0, "source"),
            "write_feather": writes(1, "dest"),
        },
    ),
    Openers(
        "pyarrow.csv",
        {
            "read_csv": reads(0, "input_file"),
            "open_csv": reads(0, "input_file"),
            "write_csv": writes(1, "output_file"),
        },
    ),
    Openers("pyarrow.json", {"read_json": reads(0, "input_file"), "open_json": reads(0, "input_file")}),
    Openers("pyarrow.orc", {"read_table": reads(0, "source"), "write_table": writes(1, "where")}),
    Openers("pyarrow", {"memory_map": _memory_map, "input_stream": reads(0, "source")}),
)
