"""Digests of text and of bytes, and code made comparable.

Digests of arrays and frames are in `fingerprint`. Nothing here reads a file.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from blake3 import blake3

from celltrail.domain.ids import Digest

# Below this, starting threads costs more than they save.
_THREADS_FROM_BYTES = 1 << 20

# A line magic, a shell line or a help line: IPython's own, no Python.
_NOT_PYTHON = re.compile(r"^(?P<indent>\s*)(?:[%!]|\?|[\w.]+\?{1,2}\s*$).*$")
_ASSIGNED_MAGIC = re.compile(r"^(?P<target>\s*[\w.,\s\[\]'\"]+=\s*)[%!](?!=).*$")


def text_digest(text: str) -> Digest:
    """Return the digest of a text, as UTF-8.

    Parameters
    ----------
    text : str
        May hold lone surrogates, as file names and outputs sometimes do.

    Returns
    -------
    Digest
        BLAKE3, 64 hexadecimal digits.
    """
    return bytes_digest(text.encode("utf-8", "surrogatepass"))


def bytes_digest(data: bytes | bytearray | memoryview) -> Digest:
    """Return the digest of bytes.

    Parameters
    ----------
    data : bytes-like
        Contiguous.

    Returns
    -------
    Digest
        BLAKE3, 64 hexadecimal digits.
    """
    threads = blake3.AUTO if len(data) >= _THREADS_FROM_BYTES else 1
    return Digest(blake3(data, max_threads=threads).hexdigest())


def normalise_code(source: str) -> str:
    """Return the source as it is compared and kept: one kind of line end, no blank lines around it.

    Parameters
    ----------
    source : str
        Source of a cell.

    Returns
    -------
    str
        Spaces inside lines are untouched: they may stand inside a string.
    """
    return source.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


# `%time X = load()` runs what follows in the notebook, and binds there.
_TIMED = re.compile(r"(?P<indent>\s*)%time\s+(?P<code>[^\s-].*)")


def parse_cell(source: str) -> ast.Module | None:
    """Parse the Python of a cell, once; IPython's own lines are read as `pass`.

    Parameters
    ----------
    source : str
        Source of a cell, as written or as IPython has transformed it.

    Returns
    -------
    ast.Module or None
        Line numbers are those of the source. None where it is not Python (`%%bash`, a syntax error). The same tree
        for the same source: it is read, never changed.
    """
    return _parsed_cell(source.rstrip("\n"))  # IPython ends a cell with a line break, the front end does not


@lru_cache(maxsize=256)
def _parsed_cell(source: str) -> ast.Module | None:
    tree = _parse(source)
    if tree is not None or not any(sign in source for sign in "%!?"):
        return tree
    if re.match(r"\s*%%(?!track\b|time\b|timeit\b|capture\b|prun\b)", source):
        return None
    return _parse("\n".join(_as_python(line) for line in source.splitlines()))


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # ValueError: a null byte. The last two: nesting that the parser itself refuses.
        return None


def _as_python(line: str) -> str:
    if found := _TIMED.match(line):
        return f"{found['indent']}{found['code']}"
    if found := _NOT_PYTHON.match(line):
        return f"{found['indent']}pass"
    if found := _ASSIGNED_MAGIC.match(line):
        return f"{found['target']}None"
    return line
