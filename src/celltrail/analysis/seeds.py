"""Which seed a cell sets, and whether something random in it has none: read from the source, by parsing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from celltrail.analysis.source import parse_cell
from celltrail.analysis.trees import walk

# Functions whose first argument seeds a generator.
_SEEDING = {"seed", "manual_seed", "manual_seed_all", "default_rng", "RandomState", "set_seed", "set_random_seed",
            "seed_everything", "PRNGKey", "Random", "SeedSequence", "Generator"}  # fmt: skip
_KEYWORDS = {"random_state", "seed", "random_seed"}
# Every word above has one of these in it: most cells need not be walked through.
_MAY_SEED = re.compile("[Ss]eed|random_state|Random|default_rng|PRNGKey|Generator")
# Estimators and helpers of scikit-learn that draw unless told not to; those that draw only with some options
# (`shuffle=True`, `solver="sag"`) are not among them, since a false alarm counts as a bug.
_RANDOM = {"train_test_split", "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier",
           "ExtraTreesRegressor", "BaggingClassifier", "BaggingRegressor", "MLPClassifier", "MLPRegressor",
           "SGDClassifier", "SGDRegressor", "KMeans", "MiniBatchKMeans", "ShuffleSplit", "StratifiedShuffleSplit",
           "GroupShuffleSplit", "RandomizedSearchCV", "IsolationForest", "make_classification", "make_regression",
           "make_blobs", "make_moons", "make_circles", "RandomizedPCA", "TSNE", "permutation_importance"}  # fmt: skip
_GLOBAL = {
    "rand",
    "randn",
    "randint",
    "random",
    "normal",
    "uniform",
    "choice",
    "shuffle",
    "permutation",
    "standard_normal",
}


def find_seed(source: str) -> int | None:
    """Return the seed that the cell sets.

    Parameters
    ----------
    source : str
        Source of the cell.

    Returns
    -------
    int or None
        Of `random_state=42`, `np.random.seed(0)`, `default_rng(1)`, `SEED = 3` used as such; None where none is
        written as a number, or where two different ones are.

    Examples
    --------
    >>> find_seed("clf = RandomForestClassifier(random_state=42).fit(X, y)")
    42
    """
    tree = parse_cell(source) if _MAY_SEED.search(source) else None
    if tree is None:
        return None
    constants = _constants(tree)
    seeds = {value for node in _seed_values(tree) if (value := _number(node, constants)) is not None}
    return seeds.pop() if len(seeds) == 1 else None


def unseeded(source: str) -> list[str]:
    """Return what the cell draws at random without any seed, as it is called there.

    Parameters
    ----------
    source : str
        Source of the cell.

    Returns
    -------
    list of str
        Only calls that certainly draw. Empty where the cell seeds a generator for all, as `np.random.seed(0)` does.
    """
    tree = parse_cell(source)
    if tree is None or _seeds_for_all(tree):
        return []
    found: dict[str, None] = {}
    for call in _calls(tree):
        name = _name(call)
        keywords = {keyword.arg for keyword in call.keywords}
        hides_keywords = None in keywords
        if name in _RANDOM and not keywords & _KEYWORDS and not hides_keywords:
            found.setdefault(name)
        elif name in _GLOBAL and _is_global_generator(call.func):
            found.setdefault(ast.unparse(call.func))
        elif name == "default_rng" and not call.args and not call.keywords:
            found.setdefault(name)
    return list(found)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _seed_values(tree: ast.AST) -> Iterator[ast.expr]:
    for call in _calls(tree):
        if _name(call) in _SEEDING and call.args:
            yield call.args[0]
        for keyword in call.keywords:
            if keyword.arg in _KEYWORDS:
                yield keyword.value


def _constants(tree: ast.Module) -> dict[str, int]:
    """Return names that the cell binds to whole numbers, once."""
    found: dict[str, list[ast.expr]] = {}
    for node in walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return {
        name: value
        for name, values in found.items()
        if len(values) == 1 and (value := _number(values[0], {})) is not None
    }


def _number(node: ast.expr, constants: dict[str, int]) -> int | None:
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _seeds_for_all(tree: ast.AST) -> bool:
    return any(_name(call) in ("seed", "seed_everything", "set_seed", "set_random_seed") for call in _calls(tree))


def _is_global_generator(function: ast.expr) -> bool:
    """Say whether this is `np.random.rand` or `random.random`, not a method of a generator of the user's own."""
    return isinstance(function, ast.Attribute) and ast.unparse(function.value) in (
        "np.random",
        "numpy.random",
        "random",
    )
