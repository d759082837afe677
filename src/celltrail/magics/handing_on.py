"""Hands on an interrupt that arrived in celltrail's own work beside a cell: it is heard once, as the cell's own.

IPython catches what its hooks raise, prints it and goes on, so a hook can't stop a cell by raising.
"""

from __future__ import annotations

import ast
import signal
from typing import Any

from celltrail.capture.interrupts import Taken


class HandingOn:
    """What one shell does with such an interrupt."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._stop = _StopBeforeFirstLine()

    def at_start(self, taken: Taken) -> None:
        """Interrupt the cell that is about to start, before its first line."""
        if not taken.is_python_own:
            taken.previous(signal.SIGINT, None)  # an await cell: ipykernel cancels it
        elif self._stop not in self._shell.ast_transformers:
            self._shell.ast_transformers.insert(0, self._stop)

    def forget(self) -> None:
        """Interrupt no later cell: the one that was to be interrupted is over, or never came to run."""
        if self._stop in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self._stop)

    def at_end(self, taken: Taken, result: Any) -> None:
        """Report the interrupt as the cell's, which is over: what waits behind it must not run.

        A cell that failed is reported already, with the same effect.
        """
        if not taken.is_python_own:
            taken.previous(signal.SIGINT, None)
        elif result is not None and result.success:
            result.error_in_exec = KeyboardInterrupt("after the last line of this cell; its run is kept")
            self._shell.showtraceback((KeyboardInterrupt, result.error_in_exec, None))


class _StopBeforeFirstLine(ast.NodeTransformer):
    """Puts the interrupt in the place of a cell's code."""

    def visit(self, node: ast.AST) -> Any:
        """Return a module that raises KeyboardInterrupt where its first line stood."""
        if not isinstance(node, ast.Module) or not node.body:
            return node
        first = node.body[0]
        stop = ast.Raise(exc=ast.Name("KeyboardInterrupt", ast.Load()), cause=None)
        for new in ast.walk(stop):
            if isinstance(new, ast.stmt | ast.expr):
                ast.copy_location(new, first)
        return ast.Module(body=[stop], type_ignores=[])
