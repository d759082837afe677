"""celltrail: model lifecycle management inside the notebook.

`%load_ext celltrail` in a notebook, `celltrail VERB` in a shell, `celltrail.VERB(…)` in Python. What is public stands
in `__all__`; beside it every verb of `celltrail help` is a function here (`celltrail.doctor()`; `import` is
`import_`).

Names are fetched when they are first asked for, so that `import celltrail` stays light.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celltrail.api import compare, last_run, open_trail, replay, restore, run, runs, show
    from celltrail.capture.manual import log_metric, log_metrics, log_param, log_params, set_note, set_tag
    from celltrail.capture.manual_content import (
        keep,
        log_artifact,
        log_dataset,
        log_figure,
        log_model,
        log_text,
    )
    from celltrail.capture.watching import watch
    from celltrail.domain.run import Fit, Run
    from celltrail.errors import CelltrailError

    __version__: str

__all__ = [
    "CelltrailError",
    "Fit",
    "Run",
    "compare",
    "keep",
    "last_run",
    "log_artifact",
    "log_dataset",
    "log_figure",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_param",
    "log_params",
    "log_text",
    "open_trail",
    "replay",
    "restore",
    "run",
    "runs",
    "set_note",
    "set_tag",
    "show",
    "watch",
]

_HOMES = {
    "celltrail.api": ("compare", "last_run", "open_trail", "replay", "restore", "run", "runs", "show"),
    "celltrail.capture.manual": ("log_metric", "log_metrics", "log_param", "log_params", "set_note", "set_tag"),
    "celltrail.capture.manual_content": (
        "keep",
        "log_artifact",
        "log_dataset",
        "log_figure",
        "log_model",
        "log_text",
    ),
    "celltrail.capture.watching": ("watch",),
    "celltrail.domain.run": ("Fit", "Run"),
    "celltrail.errors": ("CelltrailError",),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(module), name)
            globals()[name] = found  # a cell may log a hundred values: only the first asks for the function here
            return found
    if name == "__version__":
        from importlib.metadata import version

        return version("celltrail")
    if not name.startswith("_"):
        from celltrail.verbs.python_door import verb_function

        if (function := verb_function(name)) is not None:
            return function
    raise AttributeError(f"module 'celltrail' has no attribute {name!r}")


def __dir__() -> list[str]:
    from celltrail.verbs.python_door import verb_names

    return sorted({*__all__, *verb_names(), "__version__"})


class _Package(ModuleType):
    """This module. `celltrail.replay` is what is called, whether or not the room of that name has been imported."""

    def __setattr__(self, name: str, value: object) -> None:
        # After the import of a submodule Python sets it on its package, where it would hide the function.
        if not (name == "replay" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def load_ipython_extension(shell: Any) -> None:
    """Load celltrail in an IPython shell: `%load_ext celltrail`.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    """
    from celltrail.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take celltrail out of an IPython shell: `%unload_ext celltrail`.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    """
    from celltrail.magics.extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab's development mode where the built front end lies."""
    return [{"src": "labextension", "dest": "@celltrail/labextension"}]
