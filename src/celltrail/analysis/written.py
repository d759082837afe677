"""Which parameters of an estimator the user wrote: read from the constructor call in the source.

No `__init__` is wrapped and nothing is run. Literals are taken as they stand; a name stands for its value in the
notebook where that is plain (numbers, strings, lists and dicts of them); anything else is kept as `{"repr": SOURCE}`.
Values of expressions are in `values`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from celltrail.analysis.source import parse_cell
from celltrail.analysis.values import class_of, positional_names, value_of
from celltrail.domain.record import ParamValue

_PIPELINE_LISTS = {"steps", "transformers", "transformer_list", "estimators"}
_LISTED = {
    "Pipeline": "steps",
    "ColumnTransformer": "transformers",
    "FeatureUnion": "transformer_list",
    "VotingClassifier": "estimators",
    "VotingRegressor": "estimators",
    "StackingClassifier": "estimators",
    "StackingRegressor": "estimators",
}
_MADE_BY = {"make_pipeline": "Pipeline", "make_union": "FeatureUnion", "make_column_transformer": "ColumnTransformer"}
# Methods that return the estimator itself, and functions that return another with the same parameters.
_SAME = {"fit", "partial_fit", "set_output", "set_fit_request", "set_score_request", "set_predict_request"}
_COPIES = {"clone", "copy", "deepcopy"}
_MOST_HOPS = 8


def written_params(
    sources_newest_first: Sequence[str], variable: str | None, class_name: str, namespace: Mapping[str, Any]
) -> dict[str, ParamValue] | None:
    """Return the parameters that the source sets, in the order it does.

    Parameters
    ----------
    sources_newest_first : sequence of str
        Cells as they were executed, the running one first. Or the text of the constructor call itself.
    variable : str or None
        The variable that holds the estimator; None where it has none, as in `Ridge(alpha=2).fit(X, y)`.
    class_name : str
        Name of the estimator's class.
    namespace : mapping of str to object
        Of the notebook. Only exact plain types are read; no attribute of another object is.

    Returns
    -------
    dict or None
        `max_depth`, `randomforestclassifier__max_depth` for steps, `param_grid` of a search, what `set_params`
        and assignments to attributes changed later. None: not known, since the call was not found, or several
        might be meant.
    """
    trees = [tree for source in sources_newest_first if (tree := parse_cell(source)) is not None]
    is_assigned = False
    if variable is not None:
        search = _Search(trees, namespace)
        found = search.of_variable(variable, class_name)
        if found is not None:
            return found
        is_assigned = any(_assigned(statement, variable) is not None for statement in search.statements)
    return _only_call(trees, class_name, namespace, only_unnamed=is_assigned)


def _only_call(
    trees: list[ast.Module], class_name: str, namespace: Mapping[str, Any], *, only_unnamed: bool
) -> dict[str, ParamValue] | None:
    """Return the parameters of the one constructor call in the newest cell that has any.

    A variable that was assigned something else, as `clf = make()`, can only hold what a call made that has no
    variable of its own.
    """
    for place, tree in enumerate(trees):
        calls = [call for call, is_named in _calls(tree).get(class_name, ()) if not (only_unnamed and is_named)]
        if len(calls) > 1:
            return None
        if calls:
            return _Search(trees[place:], namespace).of_call(calls[0])
    return None


# A loop may fit hundreds of models, each made in the same cells: what a tree says is read out of it once.
@lru_cache(maxsize=512)
def _calls(tree: ast.Module) -> dict[str, list[tuple[ast.Call, bool]]]:
    """Return the calls of a cell by the class that they make, each with whether its result is assigned as it is."""
    nodes = list(ast.walk(tree))
    named = {id(node.value) for node in nodes if isinstance(node, ast.Assign)}
    found: dict[str, list[tuple[ast.Call, bool]]] = {}
    for node in nodes:
        if isinstance(node, ast.Call):
            found.setdefault(_makes(node), []).append((node, id(node) in named))
    return found


@lru_cache(maxsize=512)
def _newest_first(tree: ast.Module) -> tuple[ast.stmt, ...]:
    return tuple(reversed(list(_flat(tree.body))))


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _makes(call: ast.Call) -> str:
    """Return the class that a call makes an instance of, as far as its name tells."""
    name = _name(call)
    return _MADE_BY.get(name, name)


@dataclass(slots=True)
class _Search:
    """Follows names through the cells, newest statement first."""

    trees: list[ast.Module]
    namespace: Mapping[str, Any]
    hops: int = 0
    _seen: list[ast.stmt] = field(default_factory=list)
    _unseen: Iterator[ast.stmt] = field(init=False)

    def __post_init__(self) -> None:
        """Lay all statements in one line, newest first; what is looked for is in the first few as a rule."""
        self._unseen = (one for tree in self.trees for one in _newest_first(tree))

    @property
    def statements(self) -> Iterator[ast.stmt]:
        """All statements, newest first."""
        place = 0
        while True:
            if place == len(self._seen):
                following = next(self._unseen, None)
                if following is None:
                    return
                self._seen.append(following)
            yield self._seen[place]
            place += 1

    def of_variable(self, variable: str, class_name: str) -> dict[str, ParamValue] | None:
        """Return what was written for the variable, with what was changed after its assignment."""
        self.hops += 1
        if self.hops > _MOST_HOPS:
            return None
        later: list[ast.stmt] = []
        for statement in self.statements:
            value = _assigned(statement, variable)
            if value is None:
                if _changes(statement, variable):
                    later.append(statement)
                continue
            found = self.of_value(value, class_name)
            if found is None:
                return None
            for change in reversed(later):
                found |= self.of_change(change)
            return found
        return None

    def of_value(self, value: ast.expr, class_name: str) -> dict[str, ParamValue] | None:
        """Return what was written for the estimator that an expression gives."""
        if isinstance(value, ast.Name):
            return self.of_variable(value.id, class_name)
        if not isinstance(value, ast.Call):
            return None
        name = _name(value)
        if _makes(value) == class_name:
            return self.of_call(value)
        if name in _COPIES and value.args:
            return self.of_value(value.args[0], class_name)
        if isinstance(value.func, ast.Attribute) and name in (*_SAME, "set_params"):
            found = self.of_value(value.func.value, class_name)
            if found is not None and name == "set_params":
                found |= self.of_keywords(value.keywords)
            return found
        return None

    def of_change(self, statement: ast.stmt) -> dict[str, ParamValue]:
        """Return what `clf.set_params(…)` or `clf.max_depth = …` set."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return self.of_keywords(statement.value.keywords)
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Attribute):
            return {target.attr: self.plain(statement.value)}
        return {}

    def of_call(self, call: ast.Call) -> dict[str, ParamValue] | None:
        """Return the parameters of a constructor call, those of nested estimators by `name__param`."""
        name = _name(call)
        if name in _MADE_BY:
            return self.of_steps(self.named_by_class(call.args)) | self.of_keywords(call.keywords)
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            return None
        names = positional_names(class_of(call.func, self.namespace), len(call.args)) if call.args else []
        if names is None and name in _LISTED and len(call.args) == 1:
            names = [_LISTED[name]]
        if names is None:
            return None
        found: dict[str, ParamValue] = {}
        for parameter, argument in zip(names, call.args, strict=False):
            found |= self.of_parameter(parameter, argument)
        return found | self.of_keywords(call.keywords)

    def of_keywords(self, keywords: list[ast.keyword]) -> dict[str, ParamValue]:
        """Return keywords, and those that `**config` brings."""
        found: dict[str, ParamValue] = {}
        for keyword in keywords:
            if keyword.arg is not None:
                found |= self.of_parameter(keyword.arg, keyword.value)
                continue
            is_known, config = value_of(keyword.value, self.namespace)
            if is_known and isinstance(config, dict):
                found |= {str(key): value for key, value in config.items()}
        return found

    def of_parameter(self, name: str, value: ast.expr) -> dict[str, ParamValue]:
        """Return one parameter; an estimator given for it brings its own."""
        if name in _PIPELINE_LISTS and (steps := self.named_steps(value)) is not None:
            return self.of_steps(steps)
        inner = self.estimator_in(value)
        found = {name: self.plain(value)}
        if inner is not None:
            nested = self.of_call(inner) or {}
            found |= {f"{name}__{key}": nested_value for key, nested_value in nested.items()}
        return found

    def of_steps(self, steps: list[tuple[str, ast.expr]]) -> dict[str, ParamValue]:
        """Return the parameters of every step."""
        found: dict[str, ParamValue] = {}
        for step, value in steps:
            inner = self.estimator_in(value)
            for key, nested in ((self.of_call(inner) or {}) if inner is not None else {}).items():
                found[f"{step}__{key}"] = nested
        return found

    def named_by_class(self, values: list[ast.expr]) -> list[tuple[str, ast.expr]]:
        """Name steps as `make_pipeline` does: by class, numbered where two are alike."""
        # `make_column_transformer` takes pairs of a transformer and its columns.
        values = [one.elts[0] if isinstance(one, ast.Tuple) and one.elts else one for one in values]
        names = []
        for value in values:
            inner = self.estimator_in(value)
            held = self.namespace.get(value.id) if isinstance(value, ast.Name) else None
            names.append((_makes(inner) if inner is not None else type(held).__name__).lower())
        numbered = [
            f"{name}-{names[: place + 1].count(name)}" if names.count(name) > 1 else name
            for place, name in enumerate(names)
        ]
        return list(zip(numbered, values, strict=True))

    def named_steps(self, value: ast.expr) -> list[tuple[str, ast.expr]] | None:
        """Return the steps of `[("scale", StandardScaler()), …]`, written in place or in a variable."""
        if isinstance(value, ast.Name):
            written = next((got for one in self.statements if (got := _assigned(one, value.id)) is not None), None)
            return self.named_steps(written) if isinstance(written, ast.List | ast.Tuple) else None
        if not isinstance(value, ast.List | ast.Tuple):
            return None
        steps = []
        for one in value.elts:
            if not isinstance(one, ast.Tuple) or len(one.elts) < 2 or not isinstance(one.elts[0], ast.Constant):
                return None
            steps.append((str(one.elts[0].value), one.elts[1]))
        return steps

    def estimator_in(self, value: ast.expr) -> ast.Call | None:
        """Return the constructor call behind an expression, if it looks like one."""
        self.hops += 1
        if self.hops > 100 * _MOST_HOPS:
            return None
        if isinstance(value, ast.Call):
            name = _name(value)
            if name[:1].isupper() or name in _MADE_BY:
                return value
            return self.estimator_in(value.args[0]) if name in _COPIES and value.args else None
        if isinstance(value, ast.Name):
            written = next((got for one in self.statements if (got := _assigned(one, value.id)) is not None), None)
            is_itself = isinstance(written, ast.Name) and written.id == value.id
            return None if written is None or is_itself else self.estimator_in(written)
        return None

    def plain(self, value: ast.expr) -> ParamValue:
        """Return the value of an expression where it is plain, else its source."""
        is_known, found = value_of(value, self.namespace)
        return found if is_known else {"repr": ast.unparse(value)}


def _flat(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements in order, those inside `if`, `for`, `with` and `try` too, but not those of functions."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _flat(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", []):
            yield from _flat(handler.body)


def _assigned(statement: ast.stmt, variable: str) -> ast.expr | None:
    """Return the expression that a statement assigns to the variable."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name) and target.id == variable:
                return statement.value
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                for one, value in zip(target.elts, statement.value.elts, strict=False):
                    if isinstance(one, ast.Name) and one.id == variable:
                        return value
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.value if statement.target.id == variable else None
    return None


def _changes(statement: ast.stmt, variable: str) -> bool:
    """Say whether a statement sets parameters of the variable: `clf.set_params(…)`, `clf.max_depth = 3`."""
    if isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
        function: ast.expr = call.func
        if not isinstance(function, ast.Attribute) or function.attr != "set_params":
            return False
        return isinstance(function.value, ast.Name) and function.value.id == variable
    if not isinstance(statement, ast.Assign) or not isinstance(target := statement.targets[0], ast.Attribute):
        return False
    return isinstance(target.value, ast.Name) and target.value.id == variable and not target.attr.endswith("_")
