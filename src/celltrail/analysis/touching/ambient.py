"""State that cells share without naming it: random streams, working directory, environment, `sys.path`, figures.

Each is a name in angle brackets. Values of environment variables are only ever hashed, with the salt that Python
draws for each process.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from celltrail.analysis.touching.vocabulary import words

RANDOM, NUMPY, TORCH = "<rng:random>", "<rng:numpy>", "<rng:torch>"
CWD, PATH, PYPLOT, DECIMAL = "<cwd>", "<sys.path>", "<pyplot>", "<options:decimal>"
# The Mersenne Twister's state as numpy keeps it: 624 words and a place (numpy/random/src/mt19937/mt19937.h).
_TWISTER_BYTES = 625 * 4


def environ_name(key: str) -> str:
    """Return the name of an environment variable as ambient state."""
    return f"<environ:{key}>"


def options_name(library: str) -> str:
    """Return the name of a library's options as ambient state."""
    return f"<options:{library}>"


class Ambient:
    """Looks at ambient state; what is dear to look at is looked at closely only when something moved."""

    def __init__(self) -> None:
        self._numpy: tuple[Any, int, bytes, int] | None = None  # generator, address, its bytes, digest
        self._environ: tuple[dict[Any, Any], dict[str, Any]] = ({}, {})  # as it was last, and what stood for it

    def state(self) -> dict[str, Any]:
        """Return what stands now, by name."""
        found: dict[str, Any] = {PATH: hash(tuple(map(id, sys.path))), CWD: _cwd()}
        random = sys.modules.get("random")
        if random is not None:
            found[RANDOM] = hash(random._inst.getstate())
        mtrand = sys.modules.get("numpy.random.mtrand")
        if mtrand is not None:
            found[NUMPY] = self._numpy_digest(mtrand)
        torch = sys.modules.get("torch")
        if torch is not None and hasattr(torch, "get_rng_state"):
            found[TORCH] = hash(torch.get_rng_state().numpy().tobytes())
        decimal = sys.modules.get("decimal")
        if decimal is not None:
            context = decimal.getcontext()
            found[DECIMAL] = (context.prec, context.rounding)
        found |= self._environ_digests()
        return found

    def _environ_digests(self) -> dict[str, Any]:
        now = dict(getattr(os.environ, "_data", os.environ))
        if now != self._environ[0]:
            self._environ = (now, {environ_name(os.fsdecode(key)): hash(value) for key, value in now.items()})
        return self._environ[1]

    def _numpy_digest(self, mtrand: Any) -> int:
        generator = mtrand._rand._bit_generator
        known = self._numpy
        if known is not None and known[0] is generator and known[1]:
            now = ctypes.string_at(known[1], _TWISTER_BYTES)
            if now == known[2]:
                return known[3]
        state = mtrand._rand.get_state(legacy=False)
        is_twister = state["bit_generator"] == "MT19937"
        words = state["state"].get("key")
        text = str([*(state["state"][one] for one in state["state"] if one != "key"), *(state.get("gauss"),)])
        digest = hash((text, state.get("has_gauss"), b"" if words is None else words.tobytes()))
        # A draw that was kept over from the last pair is given out without a step of the generator: look each time.
        watches = is_twister and not state.get("has_gauss")
        address = int(generator.ctypes.state_address) if watches else 0
        self._numpy = (generator, address, ctypes.string_at(address, _TWISTER_BYTES) if address else b"", digest)
        return digest


def figures(pyplot: Any) -> tuple[Any, ...]:
    """Return what stands for the figures that pyplot knows, as far as a short look says."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if pyplot is None or helpers is None:
        return ()
    found = []
    for number, manager in helpers.Gcf.figs.items():
        axes = manager.canvas.figure.axes
        found.append((number, id(manager.canvas.figure), tuple(_axis(one) for one in axes)))
    return tuple(found)


def _axis(axis: Any) -> tuple[Any, ...]:
    children = getattr(axis, "_children", ())
    texts = tuple(getattr(one, "_text", "") for one in (axis.title, axis.xaxis.label, axis.yaxis.label))
    return (id(axis), len(children), tuple(map(id, children)), texts, axis.legend_ is None)


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the names whose state differs; what was loaded in between counts as it is now."""
    if before == after:
        return set()  # as after nearly every cell
    names = {name for name, digest in after.items() if name in before and before[name] != digest}
    names |= {name for name in after if name not in before and name.startswith("<environ:")}
    return names | {name for name in before if name not in after}


def is_figure_reading(attributes: Iterable[str]) -> bool:
    """Say whether a cell only looks at figures."""
    return set(attributes) <= _LOOKING


_LOOKING = words(
    """
    plt pyplot gca gcf get_fignums fignum_exists savefig show lines get_lines axes len print get_xlim get_ylim repr
    get_title get_text get_label patches images texts collections get_xdata get_ydata list tuple str get_axes
    """
)


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""  # it was deleted
