"""What a pickle would make, read from its opcodes: nothing is imported, nothing is called.

Atoms are themselves, tuples are tuples, and whatever has an identity or is made by a call is a `Made`.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class UnreadablePickleError(ValueError):
    """Raised for bytes that are no whole pickle, or one of a form that celltrail does not write."""


@dataclass(slots=True, eq=False)
class Made:
    """Something that a pickle would make.

    Attributes
    ----------
    kind : str
        list, dict, set, frozenset, global, call or persistent.
    parts : list
        Its items; keys and values in turn; "module.name"; what is called with its arguments; the id.
    then : list of tuple
        What is done to the result of a call, in order: ("items", …), ("pairs", …), ("state", …), and
        ("call", function, …) for what cloudpickle calls on it.
    """

    kind: str
    parts: list[Any]
    then: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def function(self) -> str:
        """What is called, as "module.name"; empty for anything else."""
        made_by = self.parts[0] if self.kind == "call" else None
        return made_by.parts[0] if isinstance(made_by, Made) and made_by.kind == "global" else ""


def read_terms(data: bytes) -> Any:
    """Read a pickle.

    Parameters
    ----------
    data : bytes
        From anywhere.

    Returns
    -------
    object
        An atom, a tuple or a `Made`.

    Raises
    ------
    UnreadablePickleError
        If it is no whole pickle, or names something outside of itself.
    """
    reader = _Reader()
    try:
        for opcode, argument, _ in pickletools.genops(data):
            reader.take(opcode.name, argument)
        (result,) = reader.stack
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise UnreadablePickleError(f"no pickle that can be read: {error}") from error
    return result


_MARK = object()
_ATOMS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY = {"EMPTY_LIST": "list", "EMPTY_DICT": "dict", "EMPTY_SET": "set"}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_WRITTEN = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8",
    "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
}  # fmt: skip
_PUT = {"PUT", "BINPUT", "LONG_BINPUT"}
_GET = {"GET", "BINGET", "LONG_BINGET"}
_NOTHING = {"PROTO", "FRAME", "STOP"}


class _Reader:
    """The stack and the memo of Python's pickle machine, over terms."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._does: dict[str, Callable[[], None]] = {
            name.removeprefix("_do_").upper(): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def take(self, name: str, argument: Any) -> None:
        """Do one opcode."""
        stack = self.stack
        if name in _GET:
            stack.append(self._memo[int(argument)])
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in _PUT:
            self._memo[int(argument)] = stack[-1]
        elif name in _WRITTEN:
            stack.append(argument)
        elif name in _ATOMS:
            stack.append(_ATOMS[name])
        elif name in _EMPTY:
            stack.append(Made(_EMPTY[name], []))
        elif name in _TUPLES:
            count = _TUPLES[name]
            stack[len(stack) - count :] = [tuple(stack[len(stack) - count :])]
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "GLOBAL":
            stack.append(Made("global", [str(argument).replace(" ", ".", 1)]))
        elif name == "PERSID":
            stack.append(Made("persistent", [argument]))
        elif name not in _NOTHING:
            self._does[name]()

    def _marked(self) -> list[Any]:
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
        found = self.stack[place + 1 :]
        del self.stack[place:]
        return found

    def _add(self, how: str, items: list[Any]) -> None:
        target = self.stack[-1]
        if target.kind in ("list", "dict", "set"):
            target.parts.extend(items)
        else:
            target.then.append((how, items))

    def _call(self, *parts: Any) -> None:
        self.stack.append(Made("call", list(parts)))

    def _do_tuple(self) -> None:
        self.stack.append(tuple(self._marked()))

    def _do_list(self) -> None:
        self.stack.append(Made("list", self._marked()))

    def _do_dict(self) -> None:
        self.stack.append(Made("dict", self._marked()))

    def _do_frozenset(self) -> None:
        self.stack.append(Made("frozenset", self._marked()))

    def _do_append(self) -> None:
        self._add("items", [self.stack.pop()])

    def _do_appends(self) -> None:
        self._add("items", self._marked())

    def _do_additems(self) -> None:
        self._add("items", self._marked())

    def _do_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._add("pairs", [key, value])

    def _do_setitems(self) -> None:
        self._add("pairs", self._marked())

    def _do_stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(Made("global", [f"{module}.{name}"]))

    def _do_reduce(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        self._call(function, *arguments)

    def _do_newobj(self) -> None:
        arguments, cls = self.stack.pop(), self.stack.pop()
        self._call(cls, *arguments)

    def _do_newobj_ex(self) -> None:
        named, arguments, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self._call(cls, *arguments, named)

    def _do_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1].then.append(("state", state))

    def _do_binpersid(self) -> None:
        self.stack.append(Made("persistent", [self.stack.pop()]))

    def _do_dup(self) -> None:
        self.stack.append(self.stack[-1])

    def _do_pop_mark(self) -> None:
        self._marked()

    def _do_pop(self) -> None:
        dropped = self.stack.pop()
        # What is called only for what it does to an object: Python calls a class's own setter of state so. It differs
        # from what a tuple within itself drops in that nothing remembers it.
        if isinstance(dropped, Made) and dropped.kind == "call" and len(dropped.parts) > 1:
            if any(dropped is one for one in self._memo.values()):
                return
            target = dropped.parts[1]
            if isinstance(target, Made):
                target.then.append(("call", (dropped.parts[0], *dropped.parts[2:])))
