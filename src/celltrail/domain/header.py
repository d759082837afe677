"""The header of a tracked cell: `%%track forest --tag owner=me` or `# celltrail: forest --tag owner=me`.

One grammar for both::

    [NAME] [--tag K=V]… [--note TEXT] [--seed N] [--main METRIC] [--no-model] [--no-panel] [--panel]

Words are split as a shell splits them: quotes hold words together, `--tag=K=V` is `--tag K=V`, a word that begins
with `#` begins a remark. NAME begins with a letter or `_` and goes on with letters, digits, `_ . + -`, so that
`forest#7`, `churn/4` and `churn@champion` can't be mistaken for it.

The magic stands below any stack of leading cell magics (`%%time`, `%%capture`), but not below one whose body is no
Python of this kernel (`%%writefile`, `%%bash`). The comment stands before the first statement. Pure: text in,
options out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from celltrail.domain.words import did_you_mean
from celltrail.errors import HeaderError

USAGE = "[NAME] [--tag K=V]… [--note TEXT] [--seed N] [--main METRIC] [--no-model] [--no-panel] [--panel]"

_NAME = re.compile(r"[^\W\d][\w.+-]{0,99}")
_RESERVED = frozenset({"last", "prev", "best", "saved"})
_MAGIC = re.compile(r"%%track(?:\s+(?P<text>.*))?$")
_COMMENT = re.compile(r"#\s*celltrail\s*:(?P<text>.*)$", re.IGNORECASE)
_CELL_MAGIC = re.compile(r"%%(?P<name>\S+)")

# Cell magics whose body is a file, a page or another language: what stands in it is not ours to read or strip.
_OPAQUE = frozenset(
    """! HTML R SVG bash bigquery cmd cython file html javascript js julia latex markdown perl pypy python python2
    python3 ruby script sh sql svg sx system writefile""".split()  # noqa: SIM905  a list of 28 quoted words reads worse
)


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """What a header asks for."""

    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    seed: int | None = None
    main: str | None = None
    keeps_model: bool = True
    panel: bool | None = None  # None: panel under %%track, line under the comment; False: nothing is shown
    is_magic: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it was found in a cell.

    Attributes
    ----------
    options : TrackOptions
        What could be understood.
    line : int
        Physical line of the cell on which the header stands, from 1.
    kind : str
        "magic" or "comment".
    problem : str
        What could not be understood, with the nearest option; empty where all is well. It is one warning, and the
        cell runs, tracked by what was understood.
    """

    options: TrackOptions
    line: int
    kind: Literal["magic", "comment"]
    problem: str = ""


def parse_header(text: str, *, is_magic: bool = False) -> TrackOptions:
    """Read what follows `%%track` or `# celltrail:`.

    Parameters
    ----------
    text : str
        The rest of the header's line.
    is_magic : bool, default False
        Whether it stood behind `%%track`; kept in the options, because the magic shows the panel.

    Returns
    -------
    TrackOptions
        What is asked for.

    Raises
    ------
    HeaderError
        If an option is unknown, lacks its value or has a wrong one, or a second name stands there.

    Examples
    --------
    >>> parse_header("forest --tag owner=me --seed 42").seed
    42
    """
    options, problem = _read(text, is_magic=is_magic)
    if problem:
        written = "%%track" if is_magic else "# celltrail:"
        raise HeaderError(f"{problem} Usage: {written} {USAGE}")
    return options


def find_header(source: str) -> Header | None:
    """Find the header of a cell.

    Parameters
    ----------
    source : str
        The cell as the user wrote it (`raw_cell`).

    Returns
    -------
    Header or None
        None where the cell bears none.
    """
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if match := _MAGIC.match(text):
            options, problem = _read(match["text"] or "", is_magic=True)
            return Header(options, number, "magic", problem)
        if match := _COMMENT.match(text):
            options, problem = _read(match["text"], is_magic=False)
            return Header(options, number, "comment", problem)
        if not _may_stand_above(text):
            return None
    return None


def strip_header(lines: list[str]) -> list[str]:
    """Take the line `%%track …` out of a cell, as an input transformer of IPython.

    To be appended to `input_transformers_cleanup`, where it runs before cell magics are looked for. It keeps no
    state and may be applied any number of times: IPython calls it for completeness checks and again inside `%%time`.

    The line becomes an empty comment, so that line numbers in tracebacks stay those of the user's cell (IPython would
    drop an empty line). Where another cell magic follows, it must come first, and where one stands above, its body
    must be what the user wrote: there the line is dropped, and IPython numbers the body as it always does. Comments
    stay as they are.

    Parameters
    ----------
    lines : list of str
        The cell by lines, with their ends.

    Returns
    -------
    list of str
        The lines without the header; the same list where there is none.
    """
    header = find_header("".join(lines))
    if header is None or header.kind != "magic":
        return lines
    above, below = lines[: header.line - 1], lines[header.line :]
    is_alone = not any(line.strip() for line in above)
    follower = next((line.strip() for line in below if line.strip()), "")
    if follower.startswith("%%"):
        # A cell magic is one only on the first line.
        first = next(index for index, line in enumerate(below) if line.strip())
        return above + below[first:]
    return [*above, "#\n", *below] if is_alone else above + below


# IPython's completeness check skips such transformers; else Enter behind `%%track` in a terminal would end the cell.
strip_header.has_side_effects = True  # type: ignore[attr-defined]


def check_name(name: str) -> str:
    """Return what is wrong with the name of an experiment; empty where it may be used.

    Parameters
    ----------
    name : str
        As typed.

    Returns
    -------
    str
        One sentence, or "".
    """
    if name in _RESERVED:
        return f"{name!r} means a run already and can't be the name of an experiment."
    if not _NAME.fullmatch(name):
        return f"{name!r} can't be a name: names are a letter, then letters, digits and '_.+-'."
    return ""


def _may_stand_above(text: str) -> bool:
    if magic := _CELL_MAGIC.match(text):
        return magic["name"] not in _OPAQUE
    return not text or text.startswith("#")


def _read(text: str, *, is_magic: bool) -> tuple[TrackOptions, str]:
    """Return what could be understood, and the first thing that could not."""
    problem = ""
    try:
        words = shlex.split(text)
    except ValueError:
        problem = f"A quotation mark in {text.strip()!r} is not closed."
        words = text.split()[:1]
    remark = next((index for index, word in enumerate(words) if word.startswith("#")), len(words))
    options = TrackOptions(is_magic=is_magic)
    queue = words[:remark]
    while queue:
        try:
            options = _take(options, queue)
        except HeaderError as error:
            problem = problem or str(error)
    return options, problem


def _take(options: TrackOptions, queue: list[str]) -> TrackOptions:
    """Take one option, with its value, off the queue."""
    word = queue.pop(0)
    if not word.startswith("-"):
        return _with_name(options, word)
    option, has_value, value = word.partition("=")
    if option in _FLAGS and not has_value:
        return _FLAGS[option](options)
    if option not in _VALUES:
        if option in _FLAGS:
            raise HeaderError(f"{option} takes no value.")
        # Its value, if it had one, must not be taken for the name.
        if not has_value and queue and not queue[0].startswith("-") and options.name is not None:
            queue.pop(0)
        raise HeaderError(f"{option} is no option. {did_you_mean(option, [*_VALUES, *_FLAGS])}")
    if not has_value:
        if not queue:
            raise HeaderError(f"{option} needs a value.")
        value = queue.pop(0)
    return _VALUES[option](options, value)


def _with_name(options: TrackOptions, name: str) -> TrackOptions:
    if options.name is not None:
        raise HeaderError(f"{name!r} is one word too many after the name {options.name!r}.")
    if problem := check_name(name):
        raise HeaderError(problem)
    return replace(options, name=name)


def _with_tag(options: TrackOptions, text: str) -> TrackOptions:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise HeaderError(f"--tag {text} lacks its '=': write --tag KEY=VALUE.")
    return replace(options, tags={**options.tags, key: value})


def _with_seed(options: TrackOptions, text: str) -> TrackOptions:
    if not text.isdecimal() or int(text) >= 2**32:
        raise HeaderError(f"--seed {text} is no whole number from 0 to 4294967295.")  # what NumPy's generators take
    return replace(options, seed=int(text))


_VALUES: dict[str, Callable[[TrackOptions, str], TrackOptions]] = {
    "--tag": _with_tag,
    "--note": lambda options, text: replace(options, note=text),
    "--seed": _with_seed,
    "--main": lambda options, text: replace(options, main=text),
}
_FLAGS: dict[str, Callable[[TrackOptions], TrackOptions]] = {
    "--no-model": lambda options: replace(options, keeps_model=False),
    "--no-panel": lambda options: replace(options, panel=False),
    "--panel": lambda options: replace(options, panel=True),
}
