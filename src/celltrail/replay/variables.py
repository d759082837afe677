"""Puts other values in the place of variables of a recipe: between its cells, as a person would in a notebook.

A value goes in behind the last cell before the run that makes the variable, and has to be read by a later one. It
waits in a file of the replay's own, and a kernel takes it from there before celltrail is loaded (`inside`).
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celltrail.domain.lineage import PastExecution
from celltrail.errors import ReplayError, UsageError

_HOLD = "__import__('celltrail.replay.inside', fromlist=['hold']).hold({path!r})"
_PUT = "{name} = __import__('celltrail.replay.inside', fromlist=['held']).held({name!r}{was})"


@dataclass(frozen=True, slots=True)
class Values:
    """Values that stand in the place of variables.

    Attributes
    ----------
    content : bytes
        All of them by name, pickled.
    behind : mapping of int to str
        By the place of an execution: what runs behind it.
    told : mapping of str to str
        By name: the value in words.
    """

    content: bytes = b""
    behind: Mapping[int, str] | None = None
    told: Mapping[str, str] | None = None

    def hold(self, path: Path) -> str:
        """Write the values to a file; return what a kernel runs to take them from there."""
        path.write_bytes(self.content)
        return _HOLD.format(path=str(path))


def put_in(executions: Sequence[PastExecution], place: int, values: Mapping[str, Any]) -> Values:
    """Find where values go in.

    Parameters
    ----------
    executions : sequence of PastExecution
        The recipe, in order.
    place : int
        Which of them is the run.
    values : mapping of str to object
        By name of the variable: what stands in its place, or a function that is given what it held and returns that.

    Returns
    -------
    Values
        To be put in.

    Raises
    ------
    ReplayError
        If no cell before the run makes the variable, or none behind it reads it.
    UsageError
        If a value can't be handed to another process.
    """
    behind: dict[int, str] = {}
    for name, value in values.items():
        at = _place_of(executions, place, name)
        was = f", {name}" if callable(value) else ""
        behind[at] = "\n".join([*behind.get(at, "").splitlines(), _PUT.format(name=name, was=was)])
    return Values(_pickled(values), behind, {name: _words(value) for name, value in values.items()})


def _place_of(executions: Sequence[PastExecution], place: int, name: str) -> int:
    writers = [index for index, one in enumerate(executions) if one.touches and name in one.touches.writes]
    before = [index for index in writers if index < place]
    if not before and place in writers:
        raise ReplayError(
            f"data: {name} is made in the cell of the run itself, so nothing can be put in its place from outside. "
            "Substitute what that cell reads, or edit it and run it."
        )
    if not before:
        made = {made for one in executions[:place] if one.touches for made in one.touches.binds}
        read = {used for one in executions[place:] if one.touches for used in one.touches.reads}
        listed = ", ".join(sorted(one for one in made & read if one.isidentifier())) or "none"
        raise ReplayError(f"data: no cell before the run makes {name}. What it can be given: {listed}.")
    at = before[-1]
    if not any(one.touches is None or name in one.touches.reads for one in executions[at + 1 :]):
        count = executions[at].execution_count
        raise ReplayError(
            f"data: nothing reads {name} behind [{count}], which makes it and all that comes of it. "
            "Substitute what the run's cell reads."
        )
    return at


def _pickled(values: Mapping[str, Any]) -> bytes:
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(dict(values), protocol=pickle.HIGHEST_PROTOCOL))
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise UsageError(f"data: {', '.join(values)} can't be handed to another kernel ({error}).") from error


def _words(value: Any) -> str:
    shape = getattr(value, "shape", None)
    name = getattr(value, "__name__", "") if callable(value) else type(value).__name__
    is_shape = isinstance(shape, tuple) and all(isinstance(one, int) for one in shape)
    return f"{name} of {' × '.join(map(str, shape))}" if is_shape and shape else name
