"""Random programs of cells: the recipe of a name, run elsewhere, gives what was recorded, always."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from support.forking import TESTS, tried
from support.programs import make_program

# Of the long run: no seed of the short one among them.
FIRST = 1_000


def shown(wrong: list[dict[str, object]]) -> str:
    """Say which programs failed, cut down to the cells that it takes."""
    return "\n\n".join(json.dumps(one, indent=1) for one in wrong[:5])


def test_the_recipes_of_random_programs_give_what_was_recorded() -> None:
    wrong = tried("support.trying", 0, 50)

    assert [] == wrong, shown(wrong)


@pytest.mark.long
def test_the_recipes_of_two_thousand_random_programs_give_what_was_recorded() -> None:
    wrong = tried("support.trying", FIRST, 2_000)

    assert [] == wrong, shown(wrong)


@pytest.mark.kernel
@pytest.mark.long
@pytest.mark.parametrize("seed", range(60))
def test_a_recipe_of_one_kernel_gives_in_another_what_was_recorded(seed: int, tmp_path: Path) -> None:
    program = make_program(seed)
    helper = f"import sys, json; sys.path.insert(0, {str(TESTS)!r}); from support.trying import described, recipes"
    cells = ["%load_ext celltrail", *(source for _, source in program.cells)]
    asked = f"{helper}\nprint(json.dumps(recipes(globals(), {program.targets!r}, as_notebook=True)))"
    recorded = json.loads(played(tmp_path / "recorded", [*cells, asked]))

    for target, one in recorded.items():
        told = played(tmp_path / target, [*one["cells"], f"{helper}\nprint(json.dumps(described({target})))"])

        assert one["value"] == json.loads(told), (seed, target, one["cells"])


def played(folder: Path, sources: list[str]) -> str:
    """Run cells in a kernel of their own, those that fail included; return what the last one printed."""
    folder.mkdir()
    (folder / "celltrail.toml").touch()
    document = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(document, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = document.cells[-1].outputs
    assert "stream" == outputs[0].output_type, nbformat.writes(document)
    return str(outputs[0].text)
