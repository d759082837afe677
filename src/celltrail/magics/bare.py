"""Keeps bare names from our magics.

With automagic on (the default) a one-line cell `runs` would run `%runs`, where the user means a variable that is not
there after a restart and should see NameError.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from IPython.core.prefilter import PrefilterChecker
from traitlets import Integer


class BareNames(PrefilterChecker):
    """Hands a line that begins with one of our names, without `%`, to Python."""

    # Before AutoMagicChecker, whose priority is 700.
    priority = Integer(650).tag(config=True)
    names: Set[str] = frozenset()

    def check(self, line_info: Any) -> Any:
        """Return the normal handler for our names; None lets the next checker see the line."""
        if not line_info.esc and line_info.ifun in self.names:
            return self.prefilter_manager.get_handler_by_name("normal")
        return None


def keep_bare_names(shell: Any, names: Set[str]) -> Callable[[], None]:
    """Let bare names stay the user's.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    names : set of str
        Names of line magics.

    Returns
    -------
    callable
        Puts the shell back as it was.
    """
    manager = shell.prefilter_manager
    checker = BareNames(shell=shell, prefilter_manager=manager, config=shell.config)
    checker.names = frozenset(names)

    def forget() -> None:
        manager.unregister_checker(checker)

    return forget
