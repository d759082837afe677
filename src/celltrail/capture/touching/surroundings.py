"""Ambient state from cell to cell: which of it a cell read, changed, or set whatever it was before."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from celltrail.analysis.touching.ambient import (
    CWD,
    PATH,
    PYPLOT,
    RANDOM,
    Ambient,
    figures,
    is_figure_reading,
    moved,
    options_name,
)
from celltrail.analysis.touching.mentions import Uses
from celltrail.analysis.touching.seeding import seeded
from celltrail.analysis.touching.vocabulary import words

# Who asks for what stands in the environment, or hands it on.
_ASKS_ENVIRON = words("environ environb getenv expandvars putenv env Popen check_output check_call system popen")
_ASKS_CWD = words(
    "getcwd cwd abspath resolve absolute curdir relpath realpath listdir glob iterdir chdir walk scandir"
)
_ASKS_STREAM = words("getstate get_state get_rng_state setstate set_state set_rng_state")
# Options of libraries that change what other cells compute; how things are shown is nobody's input.
_OPTIONS = {
    "set_option": "pandas",
    "reset_option": "pandas",
    "set_config": "sklearn",
    "seterr": "numpy",
    "set_default_dtype": "torch",
    "use_deterministic_algorithms": "torch",
    "set_num_threads": "torch",
    "set_backend": "keras",
    "set_floatx": "keras",
    "filterwarnings": "warnings",
    "simplefilter": "warnings",
}


@dataclass(slots=True)
class Stood:
    """How it stood before a cell."""

    state: dict[str, Any]
    figures: tuple[Any, ...] = ()
    uses_pyplot: bool = False


@dataclass(slots=True)
class Around:
    """What of it a cell touched."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    mutates: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)


class Surroundings:
    """Follows ambient state."""

    def __init__(self) -> None:
        self._ambient = Ambient()
        self._touched: set[str] = set()

    def before(self, read: Mapping[str, Any]) -> Stood:
        """Look before a cell; `read` are the variables that it may read, with their values."""
        stood = Stood(self._ambient.state())
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            stood.uses_pyplot = _is_about(pyplot, read)
            stood.figures = figures(pyplot)
        return stood

    def after(
        self,
        stood: Stood,
        uses: Uses,
        texts: set[str],
        attributes: set[str],
        namespace: Mapping[str, Any],
        *,
        ok: bool,
    ) -> Around:
        """Look after a cell, and say what it touched; `ok` says whether it came to its end."""
        now = self._ambient.state()
        around = Around(mutates=moved(stood.state, now))
        if RANDOM not in stood.state:
            around.mutates.discard(RANDOM)
        seeds = ok and not attributes.isdisjoint(("seed", "manual_seed"))
        pure = seeded(uses.tree, namespace) if seeds else set()
        around.binds |= pure
        around.mutates -= pure
        self._take_cwd(around, uses, namespace)
        self._take_figures(around, stood, attributes, namespace)
        self._take_options(around, uses, texts)
        self._take_reads(around, uses, texts, attributes)
        # A draw goes by what the stream was, also for who asks for what was drawn.
        around.reads |= {name for name in around.mutates | around.maybe if name.startswith(("<rng:", PYPLOT))}
        self._touched |= around.binds | around.mutates | around.maybe
        return around

    def _take_cwd(self, around: Around, uses: Uses, namespace: Mapping[str, Any]) -> None:
        if CWD not in around.mutates:
            return
        told = [text for text in uses.strings if os.path.isabs(text)]
        told += [str(value) for name in uses.reads if isinstance(value := namespace.get(name), str | os.PathLike)]
        if any(os.path.isabs(one) and os.path.realpath(one) == _here() for one in told):
            around.mutates.discard(CWD)
            around.binds.add(CWD)

    def _take_figures(self, around: Around, stood: Stood, attributes: set[str], namespace: Mapping[str, Any]) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        now = figures(pyplot)
        if now != stood.figures:
            (around.mutates if stood.figures else around.binds).add(PYPLOT)
        elif stood.uses_pyplot or _is_about(pyplot, {name: namespace.get(name) for name in attributes}):
            around.reads.add(PYPLOT)
            if stood.figures and not is_figure_reading(attributes):
                around.maybe.add(PYPLOT)

    def _take_options(self, around: Around, uses: Uses, texts: set[str]) -> None:
        for call, library in _OPTIONS.items():
            if call in uses.attributes and not (library == "pandas" and _only_shows(texts)):
                around.mutates.add(options_name(library))

    def _take_reads(self, around: Around, uses: Uses, texts: set[str], attributes: set[str]) -> None:
        around.reads |= {name for name in self._touched if name.startswith("<options:") and uses.reads}
        keys = {name for name in self._touched if name.startswith("<environ:")}
        if keys and (not _ASKS_ENVIRON.isdisjoint(attributes) or uses.magics):
            named = {name for name in keys if name[len("<environ:") : -1] in texts}
            around.reads |= named or keys
        if CWD in self._touched and not _ASKS_CWD.isdisjoint(attributes):
            around.reads.add(CWD)
        if PATH in self._touched and uses.imports:
            around.reads.add(PATH)
        if not _ASKS_STREAM.isdisjoint(attributes):
            around.reads |= {name for name in self._touched if name.startswith("<rng:")}

    def read_cwd(self, around: Around) -> None:
        """Take note that a path was used that is relative to where the cell works."""
        if CWD in self._touched and CWD not in around.binds:
            around.reads.add(CWD)


def _is_about(pyplot: Any, read: Mapping[str, Any]) -> bool:
    for value in read.values():
        if value is pyplot or getattr(type(value), "__module__", "").startswith(("matplotlib", "seaborn")):
            return True
        if type(value).__name__ == "function" and value.__module__ in ("matplotlib.pyplot", "pylab"):
            return True
    return False


def _only_shows(texts: set[str]) -> bool:
    named = [text for text in texts if "." in text or "_" in text]
    return bool(named) and all(text.startswith(("display.", "max_", "plotting.", "styler.")) for text in named)


def _here() -> str:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:
        return ""
