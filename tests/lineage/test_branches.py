"""Branches that a cell did not take are no part of a recipe, where Python tells which lines ran (3.12 and newer)."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.notebooks import Notebook, notebook_in

import celltrail
from celltrail.capture.by_hand import current_kernel

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python tells no lines before 3.12")
BRANCH = "if is_large:\n    b = large\nelse:\n    b = small"


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook of three names."""
    with notebook_in(tmp_path) as notebook:
        yield notebook.play("is_large = False", "large = [1]", "small = [2]")


def test_what_only_the_other_branch_reads_is_left_out(notebook: Notebook) -> None:
    notebook.play(BRANCH)

    assert [1, 3, 4] == notebook.slice_of("b")


def test_a_cell_that_runs_again_takes_the_branch_that_it_takes_then(notebook: Notebook) -> None:
    notebook.play(BRANCH, "is_large = True", BRANCH)

    assert [2, 5, 6] == notebook.slice_of("b")


def test_a_statement_that_only_the_other_branch_needs_is_left_out_of_its_cell(notebook: Notebook) -> None:
    notebook.play("near = [3]\nfar = [4]\n\nif is_large:\n    b = far\nelse:\n    b = near")

    (_, cell) = celltrail.recipe("b").executions
    assert "near = [3]" in cell.code
    assert "far = [4]" not in cell.code


def test_a_header_and_empty_lines_before_it_are_no_part_of_what_runs(notebook: Notebook) -> None:
    notebook.play(f"\n\n# celltrail: b\n{BRANCH}", f"%%track c\n{BRANCH.replace('b =', 'c =')}")

    assert [1, 3, 4] == notebook.slice_of("b")
    assert [1, 3, 5] == notebook.slice_of("c")


@pytest.mark.parametrize(
    "source",
    [
        "import os\nif os.path.exists('nowhere'):\n    b = large\nelse:\n    b = small",
        "import sys\nif sys.platform == 'amiga':\n    b = large\nelse:\n    b = small",
        "import sys\nplace = sys\ndel sys\nif place.platform == 'amiga':\n    b = large\nelse:\n    b = small",
        "from pathlib import Path\nif Path('nowhere').exists():\n    b = large\nelse:\n    b = small",
        "try:\n    raise OSError\n    b = large\nexcept ValueError:\n    b = large\nexcept OSError:\n    b = small",
        "def f():\n    if is_large:\n        return large\n    return small\nb = f()",
        "class C:\n    if is_large:\n        v = large\n    else:\n        v = small\nb = C.v",
        "b = large if is_large else small",
        "exec('if is_large:\\n    b = large\\nelse:\\n    b = small')",
        "%time b = large if is_large else small",
        f"%%time\n{BRANCH}",
        "for b in ():\n    b = large\nb = small",
        "b = small; is_large and large",
        "if is_large: b = large\nb = small",
    ],
)
def test_what_may_go_another_way_elsewhere_or_is_not_seen_stays(notebook: Notebook, source: str) -> None:
    notebook.play(source)

    assert {2, 3, 4} <= set(notebook.slice_of("b"))


def test_functions_generators_and_loops_of_earlier_cells_read_all_that_they_may(notebook: Notebook) -> None:
    notebook.play(
        "def f():\n    if is_large:\n        return large\n    return small\n"
        "def g():\n    for each in (1, 2):\n        if is_large:\n            yield large\n        yield small",
        "if not is_large:\n    b = f()\n    c = list(g())\nelse:\n    b = c = 0",
    )

    assert [1, 2, 3, 4, 5] == notebook.slice_of("b")
    assert [1, 2, 3, 4, 5] == notebook.slice_of("c")


def test_a_branch_in_a_loop_that_is_taken_once_counts(notebook: Notebook) -> None:
    notebook.play(
        "b = []\nfor i in range(3):\n    if i == 2:\n        b += large\n    elif i > 5:\n        b += small"
    )

    assert [2, 4] == notebook.slice_of("b")


def test_a_cell_that_fails_or_awaits_or_holds_a_cell_loses_nothing(notebook: Notebook) -> None:
    notebook.play(
        f"{BRANCH}\n1 / 0",
        f"import asyncio\nawait asyncio.sleep(0)\n{BRANCH.replace('b =', 'c =')}",
        "if not is_large:\n    get_ipython().run_cell('d = large')\nelse:\n    d = small",
    )

    assert {1, 3, 4} <= set(notebook.slice_of("b"))
    assert {1, 3, 5} <= set(notebook.slice_of("c"))
    assert {2, 6} <= set(notebook.slice_of("d"))


def test_the_tool_is_ours_alone_and_given_back(notebook: Notebook) -> None:
    monitoring: Any = sys.monitoring

    notebook.play(BRANCH)

    names = [monitoring.get_tool(one) for one in range(6)]
    assert 1 == names.count("celltrail")
    notebook.shell.run_line_magic("unload_ext", "celltrail")
    assert "celltrail" not in [monitoring.get_tool(one) for one in range(6)]


@pytest.mark.parametrize("others", ["debugger", "trace", "full"])
def test_where_somebody_else_looks_all_branches_count(notebook: Notebook, others: str) -> None:
    with somebody(others):
        notebook.play(BRANCH)

    assert [1, 2, 3, 4] == notebook.slice_of("b")


@contextlib.contextmanager
def somebody(what: str) -> Iterator[None]:
    monitoring: Any = sys.monitoring
    taken = {"debugger": [monitoring.DEBUGGER_ID], "full": [3, 4], "trace": []}[what]
    for one in taken:
        monitoring.use_tool_id(one, "somebody")
    before = sys.gettrace()
    if what == "trace":
        sys.settrace(lambda *_: None)
    try:
        yield
    finally:
        sys.settrace(before)
        for one in taken:
            monitoring.free_tool_id(one)


def test_loops_are_not_followed(notebook: Notebook) -> None:
    calls: list[int] = []
    lines = current_kernel().touching._lines
    heard = lines._line_runs
    lines._line_runs = lambda code, line: calls.append(line) or heard(code, line)

    notebook.play("t = 0\nfor i in range(1_000):\n    if i < 500:\n        t += 1\n    else:\n        t -= 1")

    assert len(calls) <= 8
