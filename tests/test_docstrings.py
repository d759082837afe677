"""Everything public is documented as numpydoc asks."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import celltrail
from celltrail.flavors import protocol

SEAMS = (protocol.Probe, protocol.Describer, protocol.ModelFlavor, protocol.Sink)

# Not asked for:
LEFT_OUT = {
    "GL01": "the summary stands on the line of the opening quotes, as PEP 257 has it",
    "GL02": "a docstring of one line ends on that line",
    "ES01": "a summary that says it all needs no more words",
    "SA01": "whoever reads one function of a small package finds the next",
    "EX01": "the examples are notebooks, and every verb's help shows three",
}
# Not asked of a value that celltrail makes and the user only reads; its class says what it holds under Attributes.
LEFT_OUT_OF_VALUES = {"PR01": "the user never calls it", "PR02": "the same"}
# Nor of a property or a member of a seam in one line: the type says what comes back.
LEFT_OUT_OF_ONE_LINERS = {"SS05": "a property is a thing, not an act", "RT01": "said in the line", "PR01": "typed"}


def public_things() -> dict[str, Any]:
    things = {f"celltrail.{name}": getattr(celltrail, name) for name in celltrail.__all__}
    # By its home: a room is imported under the name by which the function is called.
    things["celltrail.api.replay"] = things.pop("celltrail.replay")
    seams = {
        f"celltrail.flavors.protocol.{name}": getattr(protocol, name)
        for name in ("Probe", "Describer", "ModelFlavor", "Sink")
    }
    return things | seams


def with_members(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    yield name, thing
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        for member, value in vars(thing).items():
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                yield f"{name}.{member}", value


PUBLIC = dict(pair for name, thing in public_things().items() for pair in with_members(name, thing))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_is_public_says_what_it_takes_gives_and_raises(name: str) -> None:
    thing = PUBLIC[name]
    left_out = set(LEFT_OUT)
    if dataclasses.is_dataclass(thing):
        left_out |= set(LEFT_OUT_OF_VALUES)
    if "\n\n" not in (thing.__doc__ or "") and name.count(".") > 1:
        left_out |= set(LEFT_OUT_OF_ONE_LINERS)

    errors = validate(name)["errors"]

    assert [] == [f"{code}: {text}" for code, text in errors if code not in left_out]


def test_what_is_not_asked_for_exists_in_numpydoc() -> None:
    named = {*LEFT_OUT, *LEFT_OUT_OF_VALUES, *LEFT_OUT_OF_ONE_LINERS}

    assert set() == named - set(ERROR_MSGS)
