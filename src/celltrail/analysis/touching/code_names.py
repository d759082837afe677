"""Which names of the notebook a function reads and binds when it is called, as its bytecode says."""

from __future__ import annotations

import dis
from collections import OrderedDict
from dataclasses import dataclass
from types import CodeType

from celltrail.analysis.touching.vocabulary import BUILTINS

_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_STORES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_DYNAMIC = frozenset({"eval", "exec", "globals", "__import__"})
_REMEMBERED = 4_000


@dataclass(frozen=True, slots=True)
class CodeNames:
    """Globals of a function, those of functions inside it included; `strings` and `attributes` stand in it."""

    reads: frozenset[str]
    stores: frozenset[str]
    strings: frozenset[str]
    attributes: frozenset[str]
    is_dynamic: bool


# Held by the code itself, which is small, so that no id is met twice.
_known: OrderedDict[int, tuple[CodeType, CodeNames]] = OrderedDict()


def code_names(code: CodeType) -> CodeNames:
    """Return the names that a function takes from the notebook.

    Parameters
    ----------
    code : CodeType
        Of the function.

    Returns
    -------
    CodeNames
        Read once for each code.
    """
    found = _known.get(id(code))
    if found is not None:
        return found[1]
    reads: set[str] = set()
    stores: set[str] = set()
    strings: set[str] = set()
    attributes: set[str] = set()
    todo = [code]
    while todo:
        one = todo.pop()
        for instruction in dis.get_instructions(one):
            if instruction.opname in _LOADS:
                reads.add(str(instruction.argval))
            elif instruction.opname in _STORES:
                stores.add(str(instruction.argval))
        attributes.update(one.co_names)
        strings.update(text for text in one.co_consts if isinstance(text, str) and "\n" not in text)
        todo += [inner for inner in one.co_consts if isinstance(inner, CodeType)]
    names = CodeNames(
        frozenset(reads),
        frozenset(stores),
        frozenset(strings),
        frozenset(attributes),
        bool(reads & _DYNAMIC),
    )
    while len(_known) >= _REMEMBERED:
        _known.popitem(last=False)
    _known[id(code)] = code, names
    return names


__all__ = ["BUILTINS", "CodeNames", "code_names"]
