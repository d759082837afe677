"""What `import celltrail` promises: a list of names, and lightness."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import celltrail
from celltrail.verbs.python_door import verb_names
from celltrail.verbs.table import VERBS

PUBLIC = [
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
HEAVY = ["pandas", "sklearn", "numpy", "nbformat", "nbconvert", "jupyter_server", "anywidget", "IPython", "sqlite3"]


def test_the_public_names_are_these_and_all_are_there() -> None:
    assert PUBLIC == celltrail.__all__
    for name in PUBLIC:
        assert callable(getattr(celltrail, name))


def test_replay_alone_is_the_name_of_a_verb_and_of_a_room() -> None:
    """The package lets no import of a room hide that function: another such pair would be hidden."""
    rooms = {module.name for module in pkgutil.iter_modules(celltrail.__path__)}

    assert {"replay"} == {*verb_names(), *celltrail.__all__} & rooms


def test_replay_is_what_is_called_also_where_the_room_of_that_name_is_loaded() -> None:
    import celltrail.replay.environment

    assert callable(celltrail.replay)
    assert "celltrail.replay.environment" in sys.modules


def test_every_verb_is_a_function_too() -> None:
    for verb in VERBS:
        name = {"import": "import_"}.get(verb.name, verb.name.replace(" ", "_"))

        assert callable(getattr(celltrail, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_such'"):
        _ = celltrail.nothing_such


def test_importing_celltrail_loads_nothing_heavy() -> None:
    code = f"import sys, celltrail; print([name for name in {HEAVY!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
