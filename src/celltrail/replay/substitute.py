"""Puts another parameter or seed into the cells of a recipe, and nothing else: by the place of its text. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from celltrail.analysis.source import parse_cell
from celltrail.errors import ReplayError, UsageError

_SEEDING = {"seed", "default_rng", "RandomState", "manual_seed", "set_seed", "set_random_seed", "Random", "PRNGKey"}
_COMMENT = re.compile(rb"#[^\n]*")
_SEED_KEYWORDS = {"random_state", "seed", "random_seed"}


def with_params(codes: Sequence[str], place: int, estimator: str, params: Mapping[str, Any]) -> list[str]:
    """Set parameters where an estimator is made.

    Parameters
    ----------
    codes : sequence of str
        What the recipe runs, in order.
    place : int
        Which of them is the run: the nearest one up to it that makes such an estimator, once, is meant.
    estimator : str
        Name of its class.
    params : mapping of str to object
        Literals.

    Returns
    -------
    list of str
        All codes; one of them is another.

    Raises
    ------
    ReplayError
        If no code makes the estimator, or one does so more than once.
    UsageError
        If a value can't be written down.

    Examples
    --------
    >>> with_params(["m = Ridge(alpha=1.0).fit(X, y)"], 0, "Ridge", {"alpha": 2.0, "tol": 0.1})
    ['m = Ridge(alpha=2.0, tol=0.1).fit(X, y)']
    """
    for index in range(place, -1, -1):
        for name, value in params.items():
            calls = [call for call in _calls(codes[index]) if _name(call) == estimator]
            if not calls:
                break
            if len(calls) > 1:
                raise ReplayError(
                    f"{estimator} is made {len(calls)} times in one cell, so it is not clear which {name} is meant. "
                    "Edit the cell and run it."
                )
            code = _with_keyword(codes[index], calls[0], name, _written(name, value))
            codes = [*codes[:index], code, *codes[index + 1 :]]
        else:
            return list(codes)
    raise ReplayError(f"No cell of the recipe makes a {estimator} by name, so no parameter can be put in.")


def with_seed(codes: Sequence[str], place: int, seed: int) -> list[str]:
    """Set another seed: in the run's own cell, or where that writes none, in the others.

    Parameters
    ----------
    codes : sequence of str
        What the recipe runs, in order.
    place : int
        Which of them is the run.
    seed : int
        Stands in the place of every seed that is written there.

    Returns
    -------
    list of str
        All codes.

    Raises
    ------
    ReplayError
        If no seed is written anywhere.

    Examples
    --------
    >>> with_seed(["m = Forest(random_state=0)"], 0, 7)
    ['m = Forest(random_state=7)']
    """
    own = _seeded(codes[place], seed)
    if own != codes[place] or _seeds(codes[place]):
        return [*codes[:place], own, *codes[place + 1 :]]
    if not any(_seeds(code) for code in codes):
        raise ReplayError("No cell of the recipe writes a seed, so none can be put in. Write one: random_state=0")
    return [_seeded(code, seed) for code in codes]


def _seeded(code: str, seed: int) -> str:
    # From the last to the first, so that the places before stay what they are.
    for node in sorted(_seeds(code), key=lambda one: (one.lineno, one.col_offset), reverse=True):
        code = _replaced(code, node, repr(seed))
    return code


def _seeds(code: str) -> list[ast.expr]:
    """Return what is written as a seed: of `random_state=RandomState(0)` the 0 alone."""
    found = list(_written_seeds(code))
    around = {id(one) for one in found for inner in ast.walk(one) if inner is not one and inner in found}
    return [one for one in found if id(one) not in around]


def _written_seeds(code: str) -> Iterator[ast.expr]:
    for call in _calls(code):
        if _name(call) in _SEEDING and call.args:
            yield call.args[0]
        for keyword in call.keywords:
            if keyword.arg in _SEED_KEYWORDS:
                yield keyword.value


def _calls(code: str) -> list[ast.Call]:
    tree = parse_cell(code)
    return [] if tree is None else [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _written(name: str, value: Any) -> str:
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise UsageError(f"params: {name}={text[:60]} can't be written into a cell: give a literal.") from error
    return text


def _with_keyword(code: str, call: ast.Call, name: str, text: str) -> str:
    for keyword in call.keywords:
        if keyword.arg == name:
            return _replaced(code, keyword.value, text)
    data, end = code.encode(), _offset(code, call.end_lineno or 0, call.end_col_offset or 0) - 1
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    last = min(end, max((_offset(code, one.end_lineno or 0, one.end_col_offset or 0) for one in given), default=end))
    # Behind the last argument, and the brackets that stand around it: `Forest((1))`.
    behind = _COMMENT.sub(lambda found: b" " * len(found[0]), data[last:end])
    place = last + behind.rfind(b")") + 1
    put = f", {name}={text}" if given else f"{name}={text}"
    return (data[:place] + put.encode() + data[place:]).decode()


def _replaced(code: str, node: ast.expr, text: str) -> str:
    start = _offset(code, node.lineno, node.col_offset)
    end = _offset(code, node.end_lineno or 0, node.end_col_offset or 0)
    data = code.encode()
    return (data[:start] + text.encode() + data[end:]).decode()


def _offset(code: str, line: int, column: int) -> int:
    """Return a place in the bytes of a code; `ast` counts columns in bytes."""
    return sum(len(each) for each in code.encode().split(b"\n")[: line - 1]) + (line - 1) + column
