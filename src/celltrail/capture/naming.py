"""What things in a call are called: arguments, estimators, fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from celltrail.analysis.callsite import CallSite, name_of
from celltrail.domain.fit_keys import CROSS_VALIDATION
from celltrail.domain.record import FitRecord
from celltrail.flavors.protocol import Call

# A longer expression is no name. A rule of thumb: a word or an index, `X_train[columns]`.
_LONGEST_NAME = 40


def name_of_argument(call: Call, parameter: str, namespace: Mapping[str, Any]) -> str:
    """Return the name of what was passed for a parameter.

    Parameters
    ----------
    call : Call
        The call; its site was found when it opened.
    parameter : str
        The parameter's name.
    namespace : mapping
        The user's variables.

    Returns
    -------
    str
        As the cell's own text says it; inside a function, as the namespace knows the object; else the function's own
        text; else the parameter's name.
    """
    site: CallSite | None = call.notes.get("site")
    position = list(call.arguments).index(parameter) if parameter in call.arguments else -1
    text = site.argument(position, parameter) if site is not None and position >= 0 else None
    if text is not None and len(text) > _LONGEST_NAME:
        text = None
    if text is not None and site is not None and site.is_top_level:
        return text
    return name_of(call.arguments.get(parameter), namespace) or text or parameter


def name_of_datum(call: Call, role: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Return the name of something that goes into a fit: that of the argument, or of the object where it is none."""
    if call.arguments.get(role) is value:
        return name_of_argument(call, role, namespace)
    parameter = next((name for name, given in call.arguments.items() if given is value), None)
    if parameter is not None:
        name = name_of_argument(call, parameter, namespace)
        return role if name == parameter else name
    return name_of(value, namespace) or role


def variable_of(
    owner: Any, site: CallSite | None, namespace: Mapping[str, Any], *, is_returned: bool = False
) -> str | None:
    """Return the variable that holds a model: `clf` in `clf.fit(…)` and in `clf = Forest().fit(…)`.

    Where a call returns the model, that is what it is assigned to: `bst` in `bst = xgb.train(…)`.
    """
    if site is not None:
        if is_returned and site.assigned_to is not None:
            return site.assigned_to
        if site.owner is not None and site.owner.isidentifier() and not is_returned:
            return site.owner
        if site.assigned_to is not None and site.function.rpartition(".")[2] == "fit":
            return site.assigned_to
    return None if owner is None else name_of(owner, namespace)


def name_fits(fits: list[FitRecord]) -> None:
    """Give each fit of a run a name of its own: the variable, or the class where a variable held several classes.

    A cross-validation bears the name of the model that it tries, so it is counted apart from the models.
    """
    classes_of: dict[str, set[str]] = {}
    for fit in fits:
        if fit.variable:
            classes_of.setdefault(fit.variable, set()).add(fit.estimator)
    taken: Counter[tuple[bool, str]] = Counter()
    for fit in fits:
        is_shared = fit.variable is not None and len(classes_of[fit.variable]) > 1
        base = fit.estimator if fit.variable is None or is_shared else fit.variable
        place = (fit.kind == CROSS_VALIDATION, base)
        taken[place] += 1
        fit.name = base if taken[place] == 1 else f"{base}-{taken[place]}"
