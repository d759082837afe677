"""What is installed: the built front end is the one of these sources, once, and needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

import celltrail

ROOT = Path(__file__).parent.parent
LAB = ROOT / "labextension"
BUILT = ROOT / "src" / "celltrail" / "labextension"
STATIC = ROOT / "src" / "celltrail" / "static"

# As in labextension/scripts/stamp.mjs.
BUILD_SOURCES = ["package.json", "yarn.lock", "tsconfig.json", "install.json", "src", "style", "scripts"]


def build_sources() -> list[Path]:
    found: list[Path] = []
    for name in BUILD_SOURCES:
        path = LAB / name
        found += [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return found


def stamp_of_sources() -> str:
    digests = {
        path.relative_to(LAB).as_posix(): sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in build_sources()
    }
    return sha256("\n".join(f"{digests[name]}  {name}" for name in sorted(digests)).encode()).hexdigest()


def built_package() -> dict[str, object]:
    loaded = json.loads((BUILT / "package.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_the_built_front_end_is_that_of_these_sources() -> None:
    stamped = (STATIC / "built-from.txt").read_text(encoding="ascii").strip()

    actual = stamp_of_sources()

    assert stamped == actual, "the TypeScript changed after the build: run `jlpm build:prod` in labextension/"


def test_every_example_notebook_is_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    names = sorted(f"example_notebooks/{path.name}" for path in (ROOT / "example_notebooks").glob("*.ipynb"))

    assert {name: f"celltrail/{name}" for name in names} == shipped


def test_the_built_front_end_bears_the_version_of_its_source() -> None:
    source = json.loads((LAB / "package.json").read_text(encoding="utf-8"))

    built = built_package()

    assert source["version"] == built["version"]


def test_the_entry_that_jupyterlab_is_told_to_load_is_there() -> None:
    told = built_package()["jupyterlab"]
    assert isinstance(told, dict)

    entry = told["_build"]["load"]

    assert (BUILT / entry).is_file()
    assert (BUILT / "static" / "style.js").is_file()


def test_only_what_is_loaded_was_left_in_the_build() -> None:
    leftovers = [path.name for path in BUILT.rglob("*") if path.name in {"build_log.json", "package.json.orig"}]
    entries = list(BUILT.glob("static/remoteEntry.*.js"))

    assert [] == leftovers, "this is a development build: run `jlpm build:prod`"
    assert 1 == len(entries)


def test_jupyterlab_finds_the_front_end_beside_the_package() -> None:
    (told,) = celltrail._jupyter_labextension_paths()

    source = Path(celltrail.__file__).parent / told["src"]

    assert "@celltrail/labextension" == told["dest"]
    assert (source / "package.json").is_file()


@pytest.mark.parametrize(
    "path", sorted(STATIC.glob("widget.*")) + sorted(BUILT.glob("static/*.js")), ids=lambda p: p.name
)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    named = set(re.findall(r"https?://[\w.-]+", text))

    # Names of vocabularies, not places: the SVG namespace.
    assert set() == named - {"http://www.w3.org"}


def test_the_lock_file_names_no_place_to_download_from() -> None:
    lock = (LAB / "yarn.lock").read_text(encoding="utf-8")

    assert [] == re.findall(r"https?://\S+", lock)
