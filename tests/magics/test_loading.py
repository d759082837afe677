"""Loading celltrail brings what the load itself needs, and nothing else; the rest comes beside the person's cells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from celltrail.capture import warming
from celltrail.magics.trail import NAMES
from celltrail.verbs.table import VERBS

# Which thread asks for a module is what tells: a low thread imports the rest meanwhile.
START = """
import json, sys, threading
from IPython.core.interactiveshell import InteractiveShell

asked = set()
class Watch:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            asked.add(name)
sys.meta_path.insert(0, Watch())
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
"""
NEEDLESS = (
    "numpy",
    "pandas",
    "sklearn",
    "nbformat",
    "psutil",
    "anywidget",
    "urllib.request",
    "celltrail.analysis.fingerprint",
    "celltrail.analysis.masking",
    "celltrail.analysis.written",
    "celltrail.capture.door",
    "celltrail.capture.environment",
    "celltrail.capture.files",
    "celltrail.capture.finishing",
    "celltrail.capture.fits",
    "celltrail.capture.inputs",
    "celltrail.capture.listener",
    "celltrail.capture.metrics",
    "celltrail.capture.notebook",
    "celltrail.capture.predictions",
    "celltrail.capture.watching",
    "celltrail.display",
    "celltrail.domain.run",
    "celltrail.flavors.models",
    "celltrail.store.as_saved",
    "celltrail.store.resolve",
    "celltrail.store.runs",
    "celltrail.store.search",
    "celltrail.store.writer",
    "celltrail.verbs",
    "celltrail.views",
    "celltrail.widget",
)


def said_by(code: str, folder: Path) -> Any:
    environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython")}
    done = subprocess.run(
        [sys.executable, "-c", START + code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_loading_imports_neither_what_reads_nor_what_masks_nor_what_describes(tmp_path: Path) -> None:
    asked = said_by('shell.run_cell("%load_ext celltrail")\nprint(json.dumps(sorted(asked)), flush=True)\n', tmp_path)

    assert "celltrail.store.trail" in asked
    assert [] == [name for name in asked if name.startswith("celltrail") and name in NEEDLESS]
    assert [] == [name for name in asked if name in NEEDLESS]


def test_a_cell_that_only_loads_waits_for_no_store(tmp_path: Path) -> None:
    code = (
        'shell.run_cell("%load_ext celltrail")\nimport sqlite3\nfrom celltrail.magics.extension import current\n'
        "rows = current().kernel.trail.db.rows('SELECT source_id FROM executions', ())\n"
        "print(json.dumps([len(list(rows)), current().kernel.executed.newest()]))\n"
    )

    assert [0, ["%load_ext celltrail"]] == said_by(code, tmp_path)


def test_a_cell_that_loads_and_goes_on_is_witnessed(tmp_path: Path) -> None:
    code = (
        'shell.run_cell("%load_ext celltrail\\nx = 1")\nfrom celltrail.magics.extension import current\n'
        "rows = current().kernel.trail.db.rows('SELECT status FROM executions', ())\n"
        "print(json.dumps([list(row) for row in rows]))\n"
    )

    assert [["finished"]] == said_by(code, tmp_path)


def test_what_is_warmed_up_is_all_there() -> None:
    assert [] == [name for name in warming.MODULES if import_module(name).__name__ != name]


@pytest.mark.parametrize(("first", "is_there"), [("import sklearn.base", True), ("import json", False)])
def test_where_a_tracked_cell_is_about_to_come_the_load_brings_some_of_what_it_needs(
    first: str, is_there: bool, tmp_path: Path
) -> None:
    code = (
        f"shell.run_cell({first!r})\nshell.run_cell('%load_ext celltrail')\n"
        "print(json.dumps('celltrail.analysis.masking.keys' in asked))\n"
    )

    assert is_there is said_by(code, tmp_path)


def test_beside_a_cell_that_may_train_nothing_is_imported_for_it_but_facts_are_taken(tmp_path: Path) -> None:
    last = f'"{warming.MODULES[-1]}"'
    cell = (
        "done = threading.Event()\nextension.current().kernel.late.submit(done.set)\n"
        f"told = [done.wait(60), time.sleep(1) or {last} in sys.modules]"
    )
    code = (
        "import time\nshell.run_cell('import sklearn.base, sys, time, threading')\n"
        "shell.run_cell('%load_ext celltrail')\n"
        f"shell.run_cell('from celltrail.magics import extension')\nshell.run_cell({cell!r})\n"
        f"until = time.monotonic() + 60\nwhile {last} not in sys.modules and time.monotonic() < until:\n"
        f"    time.sleep(0.05)\nprint(json.dumps([*shell.user_ns['told'], {last} in sys.modules]))\n"
    )

    assert [True, False, True] == said_by(code, tmp_path)


def test_the_store_s_filters_are_not_loaded_for_a_cell_that_is_no_search(tmp_path: Path) -> None:
    code = (
        "shell.run_cell('%load_ext celltrail')\nshell.run_cell('import celltrail; celltrail.log_metric(\"a\", 1)')\n"
        "from celltrail.magics.extension import current\ncurrent().kernel.late.wait(60)\n"
        "print(json.dumps(['celltrail.store.runs' in sys.modules, 'celltrail.store.filter_tree' in sys.modules]))\n"
    )

    assert [True, False] == said_by(code, tmp_path)


def test_the_short_magics_are_those_of_the_table() -> None:
    assert ["trail", *(verb.name for verb in VERBS if verb.short_magic)] == list(NAMES)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_child_forked_during_the_warm_up_can_import_what_was_being_imported(tmp_path: Path) -> None:
    code = """
import os
shell.run_cell("%load_ext celltrail")
from celltrail.capture.warming import MODULES
from importlib import import_module
codes = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        import signal
        signal.alarm(20)  # a lock that nobody will ever let go of ends here
        for name in MODULES:
            import_module(name)
        os._exit(0)
    codes.append(os.waitpid(child, 0)[1])
print(json.dumps(codes))
"""
    assert [0] * 5 == said_by(code, tmp_path)
