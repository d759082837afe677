"""The house rules that a reader relies on: which room may know which."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "celltrail"

# From the ground up. A file may import from lower floors and from its own room; rooms of one floor stand apart.
FLOORS = [
    {"errors"},
    {"domain", "plugins"},
    {"analysis", "flavors", "config"},
    {"store"},
    {"capture", "replay", "views"},
    {"display"},
    {"verbs", "widget"},
    {"api", "cli", "tour", "magics", "testing"},
]


def floor_of(room: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    raise AssertionError(f"{room} stands on no floor: add it to FLOORS where it belongs")


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path != SOURCE / "__init__.py"]


def test_imports_go_down_only() -> None:
    upward = []
    for path in modules():
        here = floor_of(room_of(path))
        for name in imports_of(path):
            parts = name.split(".")
            if parts[0] != "celltrail" or len(parts) < 2 or parts[1] == room_of(path):
                continue
            if any(parts[1] in rooms for rooms in FLOORS[here:]):
                upward.append(f"{path.relative_to(SOURCE)} imports {name}")

    assert [] == upward


def test_a_library_is_imported_only_in_its_room() -> None:
    rooms = {
        "sqlite3": {"store"},
        "IPython": {"magics", "display"},
        "jupyter_server": {"server"},
        "nbconvert": {"export"},
        "nbclient": {"tour", "replay"},
        "anywidget": {"widget"},
        "sklearn": {"flavors"},
        "xgboost": {"flavors"},
        "lightgbm": {"flavors"},
        "catboost": {"flavors"},
        "statsmodels": {"flavors"},
        "keras": {"flavors"},
        "mlflow": {"flavors"},
        "torch": {"flavors"},
    }
    strangers = []
    for path in modules():
        for name in imports_of(path):
            allowed = rooms.get(name.split(".")[0])
            if allowed is not None and room_of(path) not in allowed:
                strangers.append(f"{path.relative_to(SOURCE)} imports {name}")

    assert [] == strangers


def test_no_file_is_longer_than_400_lines() -> None:
    long = [
        f"{path.relative_to(SOURCE)}: {count}"
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]

    assert [] == long


def test_no_import_runs_in_a_circle() -> None:
    files = {f"celltrail.{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}": path for path in modules()}
    known = {name.removesuffix(".__init__"): imports_of(path) for name, path in files.items()}
    below = {
        name: {other for other in imports if other in known and other != name} for name, imports in known.items()
    }

    while free := [name for name, imports in below.items() if not imports]:
        for name in free:
            del below[name]
        for imports in below.values():
            imports.difference_update(free)

    assert {} == below


def test_only_the_guard_and_the_plugin_loader_catch_everything() -> None:
    broad = [
        path.relative_to(SOURCE).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Exception"
    ]

    assert ["capture/guard.py", "plugins.py"] == broad
