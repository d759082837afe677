"""`from __future__ import annotations` holds for every later cell of a notebook, as IPython compiles them with it."""

from __future__ import annotations

import ast
from functools import lru_cache

from celltrail.analysis.touching.magic_lines import readable


@lru_cache(maxsize=512)
def postpones_annotations(source: str) -> bool:
    """Say whether a cell lets later ones be compiled without running their annotations (PEP 563).

    Examples
    --------
    >>> postpones_annotations("from __future__ import annotations")
    True
    """
    tree = readable(source).tree if "__future__" in source else None
    return tree is not None and any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(one.name == "annotations" for one in node.names)
        for node in tree.body
    )


@lru_cache(maxsize=512)
def has_annotations(source: str) -> bool:
    """Say whether a cell annotates anything: an argument, what a function returns, a variable."""
    tree = readable(source).tree
    return tree is not None and any(
        (isinstance(node, ast.arg) and node.annotation is not None)
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None)
        or isinstance(node, ast.AnnAssign)
        for node in ast.walk(tree)
    )
