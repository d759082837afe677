"""celltrail: model lifecycle management inside the notebook.

`%load_ext celltrail` in a notebook, `celltrail VERB` in a shell, `celltrail.VERB(…)` in Python. What is public stands
in `__all__`; beside it every verb of `celltrail help` is a function here (`celltrail.doctor()`; `import` is
`import_`).

Names are fetched when they are first asked for, so that `import celltrail` stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celltrail.api import compare, last_run, open_trail, restore, run, runs, show
    from celltrail.domain.run import Fit, Run
    from celltrail.errors import CelltrailError

    __version__: str

__all__ = [
    "CelltrailError",
    "Fit",
    "Run",
    "compare",
    "last_run",
    "open_trail",
    "restore",
    "run",
    "runs",
    "show",
]

_HOMES = {
    "celltrail.api": ("compare", "last_run", "open_trail", "restore", "run", "runs", "show"),
    "celltrail.domain.run": ("Fit", "Run"),
    "celltrail.errors": ("CelltrailError",),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
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


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab's development mode where the built front end lies."""
    return [{"src": "labextension", "dest": "@celltrail/labextension"}]
