"""The digests of a table's columns and its profile, in few bytes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from celltrail.store.values import json_in, json_out

_IN_ORDER, _SQUEEZED, _BY_PLACE = b"\x00", b"\x01", b"\x02"
_DIGEST_BYTES = 32
# What a profile says of a column of numbers, in this order (analysis/profile.py).
_COUNTS, _SPREAD, _QUANTILES = (
    ["count", "missing"],
    ["min", "max", "mean", "sd"],
    ["0.05", "0.25", "0.5", "0.75", "0.95"],
)
_NUMBERS = [*_COUNTS, *_SPREAD, "quantiles"]
# What a profile repeats, the most frequent last. Stored streams are read with this very text: a better one would need
# a number beside _SQUEEZED.
_WORDS = (
    b'{"values":[["true",["false",["yes",["no",[[true,[[false,[[0.0,[[1.0,[[0,[[1,"":{"count":'
    b'{"rows":1000,"sampled_rows":10000,"columns":{"id":{"count":10000,"missing":0,"min":0.0,"max":1.0,"mean":0.5,'
    b'"sd":0.0,"quantiles":{"0.05":0.0,"0.25":0.0,"0.5":0.0,"0.75":1.0,"0.95":1.0}}},"values":[[0,'
    b'{"count":200,"missing":0,"min":-0.0,"max":0.0,"mean":-0.0,"sd":0.0,"quantiles":{"0.05":-0.0,"0.25":-0.0,'
    b'"0.5":0.0,"0.75":0.0,"0.95":0.0}},"'
)


def pack_digests(digests: Mapping[str, str], columns: Sequence[Any] | None) -> bytes:
    """Return the digests of columns as bytes.

    Parameters
    ----------
    digests : mapping of str to str
        Hexadecimal, by name.
    columns : sequence or None
        Name and type of each column, as the data's row keeps them beside.

    Returns
    -------
    bytes
        The digests alone where the columns name them in order.
    """
    names = _names(columns)
    if names == list(digests):
        try:
            plain = [bytes.fromhex(digest) for digest in digests.values()]
        except (TypeError, ValueError):
            return pack(digests)
        if all(len(digest) == _DIGEST_BYTES for digest in plain):
            return _IN_ORDER + b"".join(plain)
    return pack(digests)


def unpack_digests(packed: bytes, columns: Sequence[Any] | None) -> dict[str, str]:
    """Undo `pack_digests`."""
    if packed[:1] != _IN_ORDER:
        return dict(unpack(packed))
    plain = packed[1:].hex()
    width = 2 * _DIGEST_BYTES
    starts = range(0, len(plain), width)
    return {name: plain[start : start + width] for name, start in zip(_names(columns), starts, strict=True)}


def pack_profile(profile: Mapping[str, Any], columns: Sequence[Any] | None) -> bytes:
    """Return a profile as bytes.

    Parameters
    ----------
    profile : mapping
        As `analysis.profile.profile` gives it, or any other JSON.
    columns : sequence or None
        Name and type of each column, as the data's row keeps them beside.

    Returns
    -------
    bytes
        What is said of a column of numbers by place alone, and no names where the columns give them.
    """
    if list(profile) != ["rows", "sampled_rows", "columns"]:
        return pack(profile)
    names = list(profile["columns"])
    said = [_by_place(column) for column in profile["columns"].values()]
    known = None if names == _names(columns) else names
    return _BY_PLACE + _squeeze([profile["rows"], profile["sampled_rows"], known, said])


def unpack_profile(packed: bytes, columns: Sequence[Any] | None) -> dict[str, Any]:
    """Undo `pack_profile`."""
    if packed[:1] != _BY_PLACE:
        return dict(unpack(packed))
    rows, sampled_rows, known, said = unpack(packed)
    names = _names(columns) if known is None else known
    found = {name: _by_name(column) for name, column in zip(names, said, strict=True)}
    return {"rows": rows, "sampled_rows": sampled_rows, "columns": found}


def pack(value: Any) -> bytes:
    """Return JSON as bytes, compressed against what such JSON repeats."""
    return _SQUEEZED + _squeeze(value)


def unpack(packed: bytes) -> Any:
    """Undo `pack`."""
    return json_out(zlib.decompressobj(wbits=-15, zdict=_WORDS).decompress(packed[1:]))


def _squeeze(value: Any) -> bytes:
    packer = zlib.compressobj(9, wbits=-15, zdict=_WORDS)
    return packer.compress(json_in(value).encode("utf-8", "surrogatepass")) + packer.flush()


def _by_place(column: Any) -> Any:
    """Return what is said of a column of numbers as a list; anything else as it is."""
    if list(column) != _NUMBERS or list(column["quantiles"]) != _QUANTILES:
        return column
    return [*(column[key] for key in _NUMBERS[:-1]), *column["quantiles"].values()]


def _by_name(column: Any) -> Any:
    if not isinstance(column, list):
        return column
    split = len(_NUMBERS) - 1
    quantiles = dict(zip(_QUANTILES, column[split:], strict=True))
    return {**dict(zip(_NUMBERS[:-1], column[:split], strict=True)), "quantiles": quantiles}


def _names(columns: Sequence[Any] | None) -> list[str]:
    return [str(column[0]) for column in columns or ()]
