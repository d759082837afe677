"""Functions of a library that are seen wherever they were imported to: `accuracy_score`, `xgb.train`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import CellType, FunctionType
from typing import Any

from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, CallKind, Sink
from celltrail.flavors.recorded import Recording, arguments_by_name, users_frame


def hook_function(function: Any, hooks: Hooks, make: Callable[[FunctionType], Any]) -> bool:
    """Hook a function in the closure of its wrapper, or by its code where it has none.

    Parameters
    ----------
    function : function
        As the library's module has it.
    hooks : Hooks
        Puts it back.
    make : callable
        Given the function that does the work, returns what records it.

    Returns
    -------
    bool
        False where the function is defined in a way that can't be seen.
    """
    cell = _inner_cell(function)
    if cell is not None:
        return hooks.hook_cell(cell, make)
    return type(function) is FunctionType and hooks.hook_code(function, make)


def recording_function(original: FunctionType, kind: CallKind, library: str, sink: Sink) -> Recording:
    """Return what records a function that `hook_function` hooks; its calls have no owner."""
    name = original.__name__

    def open_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        def bind() -> Mapping[str, Any]:
            return arguments_by_name(original, args, kwargs)

        # Above this stand the recording and the library's wrapper (or the code that stands for the function's own).
        return sink.open(kind, library, name, None, bind, users_frame(sys._getframe(3)))

    return Recording(original, open_call, sink)


def _inner_cell(function: Any) -> CellType | None:
    """Return the cell that holds the function inside a library's own wrapper.

    The wrapper closes over it and names it in `__wrapped__`: `validate_params` of scikit-learn 1.2 to 1.9,
    `require_keyword_args` of XGBoost 1.6 to 3.2.
    """
    inner = getattr(function, "__wrapped__", None)
    if inner is None:
        return None
    return next((cell for cell in function.__closure__ or () if cell.cell_contents is inner), None)
