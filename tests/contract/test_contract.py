"""The shapes that every face shows: Python's types, the files between, and through them TypeScript's guards."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from celltrail.views import schema

HERE = Path(__file__).parent
MAKE = runpy.run_path(str(HERE / "make.py"))
TYPES: dict[str, Any] = {
    "run_panel": schema.RunView,
    "run_line": schema.RunView,
    "run_fits": schema.RunView,
    "run_failed": schema.RunView,
    "run_saved_says": schema.RunView,
    "run_rows": list[schema.RunRow],
    "compare": schema.CompareView,
}


def fits_type(value: Any, wanted: Any) -> bool:
    """Tell whether a JSON value has a type of the schema."""
    arguments = get_args(wanted)
    match get_origin(wanted):
        case None:
            return fits_plain(value, wanted)
        case origin if origin is Literal:
            return value in arguments
        case origin if origin is list:
            return isinstance(value, list) and all(fits_type(item, arguments[0]) for item in value)
        case origin if origin is dict:
            return isinstance(value, dict) and all(fits_type(item, arguments[1]) for item in value.values())
        case _:
            return any(fits_type(value, one) for one in arguments)


def fits_plain(value: Any, wanted: Any) -> bool:
    if is_typeddict(wanted):
        hints = get_type_hints(wanted)
        required = hints.keys() - MAKE["optional_keys"](wanted)
        fits_keys = isinstance(value, dict) and required <= value.keys() <= hints.keys()
        return fits_keys and all(fits_type(item, hints[key]) for key, item in value.items())
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return wanted is Any or isinstance(value, wanted)


@pytest.mark.parametrize("name", MAKE["FILES"])
def test_the_committed_file_is_what_python_makes(name: str) -> None:
    made = MAKE["as_text"](MAKE["FILES"][name]())

    committed = (HERE / f"{name}.json").read_text(encoding="utf-8")

    assert made == committed, "write them anew: python tests/contract/make.py"


@pytest.mark.parametrize("name", TYPES)
def test_the_fixed_values_have_the_types_of_the_schema(name: str) -> None:
    value = MAKE["FILES"][name]()

    assert fits_type(value, TYPES[name])


def test_a_value_of_another_shape_is_noticed() -> None:
    view = MAKE["run_panel"]()

    del view["trend"]

    assert not fits_type(view, schema.RunView)
