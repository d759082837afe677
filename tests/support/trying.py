"""Random programs tried: each is recorded in a forked clean interpreter, and its recipes run in others.

Run as `python -m support.trying FIRST COUNT [WITHOUT …]`, it tells each recipe that gave another value than was
recorded. What is compared is all that a value holds, shared parts included.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from support.forking import import_what_is_used, in_a_fork, make_bare_shell, play, spread
from support.programs import Cell, Program, make_program


def described(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Return what a value holds, so that it compares across processes; parts met again by their place."""
    seen = {} if seen is None else seen
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)
    if id(value) in seen:
        return f"@{seen[id(value)]}"
    seen[id(value)] = len(seen)
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(described(one, seen) for one in value)]
    if isinstance(value, dict):
        return [type(value).__name__, *([described(key, seen), described(one, seen)] for key, one in value.items())]
    if type(value).__module__ == "numpy":
        return [str(value.dtype), value.tolist()]
    if hasattr(value, "__dict__") and not callable(value):
        return [type(value).__name__, *([key, described(one, seen)] for key, one in sorted(vars(value).items()))]
    return type(value).__name__


def recorded(cells: Iterable[Cell], targets: Iterable[str], *, as_notebook: bool) -> dict[str, Any]:
    """Play cells with celltrail loaded; return for each target its value and its recipe."""
    open("celltrail.toml", "w").close()
    shell = make_bare_shell()
    shell.run_cell("%load_ext celltrail", store_history=True)
    play(shell, cells)
    return recipes(shell.user_ns, targets, as_notebook=as_notebook)


def recipes(namespace: dict[str, Any], targets: Iterable[str], *, as_notebook: bool) -> dict[str, Any]:
    """Return the value of each target of a kernel in which celltrail is loaded, and its recipe."""
    import celltrail
    from celltrail.errors import NotFoundError

    found: dict[str, Any] = {}
    for target in targets:
        if target not in namespace:
            continue
        try:
            recipe = celltrail.recipe(target)
        except NotFoundError as error:
            found[target] = {"value": described(namespace[target]), "missing": str(error)}
            continue
        found[target] = {
            "value": described(namespace[target]),
            "script": recipe.source,
            "cells": [cell.source for cell in recipe.to_notebook().cells] if as_notebook else None,
            "whole": [one.source for one in recipe.executions],
        }
    return found


def of_script(source: str, target: str) -> Any:
    """Run a script; return what a name holds at its end."""
    import types

    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    exec(compile(source, "recipe.py", "exec"), main.__dict__)
    return described(main.__dict__[target])


def of_notebook(cells: Iterable[str], target: str) -> Any:
    """Run the cells of a notebook without celltrail, as far as they go; return what a name holds at its end."""
    shell = make_bare_shell()
    for source in cells:
        result = shell.run_cell(source, store_history=True)
        if not result.success:
            return f"{result.error_in_exec or result.error_before_exec!r} in {source!r}"
    return described(shell.user_ns[target])


def of_all(cells: Iterable[Cell], target: str) -> Any:
    """Play all cells without celltrail; return what a name holds at the end."""
    shell = make_bare_shell()
    play(shell, cells)
    return described(shell.user_ns[target]) if target in shell.user_ns else "not there"


def failures(program: Program, cells: tuple[Cell, ...] | None = None) -> list[dict[str, Any]]:
    """Return the recipes of a program that gave another value than was recorded; nothing where all is well."""
    cells = program.cells if cells is None else cells
    as_notebook = program.seed % 3 == 0
    found = in_a_fork(lambda: recorded(cells, program.targets, as_notebook=as_notebook))
    if "broken" in found:
        return [{"seed": program.seed, "target": "", "why": found["broken"], "cells": cells}]
    wrong = []
    for target, one in found.items():
        if "missing" in one:
            got: Any = one["missing"]
        elif not as_notebook:
            got = in_a_fork(lambda one=one, target=target: of_script(one["script"], target))
        else:
            got = in_a_fork(lambda one=one, target=target: of_notebook(one["cells"], target))
        if got != one["value"] and in_a_fork(lambda target=target: of_all(cells, target)) == one["value"]:
            told = {"seed": program.seed, "target": target, "recorded": one["value"], "got": got, "cells": cells}
            wrong.append(told | {"script": one.get("script"), "whole": one.get("whole")})
    return wrong


def shrunk(program: Program, wrong: dict[str, Any]) -> dict[str, Any]:
    """Leave out cells, then lines, as long as the same target still fails."""
    single = Program(program.seed, program.cells, (wrong["target"],))
    cells = list(program.cells)
    for cut in (_without_a_cell, _without_a_line):
        place = len(cells) - 1
        while place >= 0:
            for fewer in cut(cells, place):
                again = failures(single, tuple(fewer))
                if again:
                    cells, wrong = fewer, again[0]
                    break
            place -= 1
    return wrong


def _without_a_cell(cells: list[Cell], place: int) -> Iterable[list[Cell]]:
    yield [*cells[:place], *cells[place + 1 :]]


def _without_a_line(cells: list[Cell], place: int) -> Iterable[list[Cell]]:
    cell_id, source = cells[place]
    lines = source.split("\n")
    if len(lines) > 1:
        for line in range(len(lines)):
            fewer = "\n".join([*lines[:line], *lines[line + 1 :]])
            yield [*cells[:place], (cell_id, fewer), *cells[place + 1 :]]


def tell_of(seed: int, without: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield the recipes of one program that gave another value, each with the least of the program that it takes."""
    program = make_program(seed, without=without)
    for wrong in failures(program):
        yield shrunk(program, wrong) if wrong["target"] else wrong


def _first() -> None:
    first = make_program(0)
    recorded(first.cells, first.targets, as_notebook=True)


if __name__ == "__main__":
    import_what_is_used(_first)
    left_out = tuple(sys.argv[3:])
    spread(int(sys.argv[1]), int(sys.argv[2]), lambda seed: tell_of(seed, left_out))
