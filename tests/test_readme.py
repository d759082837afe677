"""The README knows every verb and magic, and the examples show the magics."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from celltrail.verbs.table import VERBS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAGICS = [
    "%load_ext celltrail",
    "%%track",
    "%track",
    "%trail",
    *(f"%{verb.name}" for verb in VERBS if verb.short_magic),
]
EXAMPLES = "\n".join(
    "".join(cell["source"])
    for path in sorted((ROOT / "example_notebooks").glob("*.ipynb"))
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
)


def has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w%]){re.escape(word)}(?!\w)", text) is not None


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_the_readme_names_every_verb(verb: str) -> None:
    ways = [f"%{verb}", f"%trail {verb}", f"celltrail {verb}"]

    assert any(has_word(README, way) for way in ways), f"none of {', '.join(ways)} stands in README.md"


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_and_an_example_name_every_magic(magic: str) -> None:
    assert has_word(README, magic), f"{magic} does not stand in README.md"
    assert has_word(EXAMPLES, magic), f"no example notebook shows {magic}"


def test_the_readme_names_no_verb_that_there_is_not() -> None:
    named = set(re.findall(r"(?:%trail|celltrail) ([a-z]+)", "".join(re.findall(r"`[^`\n]+`", README))))

    assert set() == named - {verb.name.split()[0] for verb in VERBS}


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"|!\[[^\]]+\]\(([^)]+)\)', README)
    pictures = [name for pair in pictures for name in pair if name]

    assert pictures
    assert [] == [name for name in pictures if not (ROOT / name).is_file()]


def test_both_commands_of_the_readme_make_their_environment_themselves() -> None:
    commands = re.findall(r"^python3 -m venv \.venv && .*$", README, re.MULTILINE)

    first, second = commands
    assert first.endswith(".venv/bin/celltrail demo")
    assert second.endswith(".venv/bin/pytest")
