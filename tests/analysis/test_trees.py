"""Our way through parsed code is that of `ast`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import celltrail
from celltrail.analysis.trees import children_of, walk

PATTERNS = (
    "match x:\n    case {'a': [1, *rest], **more} if rest:\n        del more\n    case str() as y:\n        pass\n"
)
SOURCES = [
    *(path.read_text() for path in sorted(Path(celltrail.__file__).parent.rglob("*.py"))[::7]),
    PATTERNS,
    "@a\nasync def f(b, /, c: int = 1, *d, e=2, **g) -> None:\n    async with h as i, j:\n        yield await k\n",
    "print(f'{a!r:>{b}} c', *d, e=lambda: (yield), **g)\nx: int\nx = [y for z in w if z async for y in z]",
]


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_nodes_come_in_the_same_order_as_by_ast(source: str) -> None:
    tree = ast.parse(source)

    assert list(ast.walk(tree)) == list(walk(tree))
    for node in ast.walk(tree):
        assert list(ast.iter_child_nodes(node)) == children_of(node)


def test_what_a_library_hangs_on_a_node_that_all_trees_share_is_none_of_them() -> None:
    shared = ast.parse("x").body[0].value.ctx  # type: ignore[attr-defined]
    shared.parent = ast.parse("f(x)")
    try:
        names = [node.id for node in walk(ast.parse("y")) if isinstance(node, ast.Name)]
    finally:
        del shared.parent

    assert ["y"] == names
