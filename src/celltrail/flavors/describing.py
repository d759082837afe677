"""Who can say what a call was: the describer of the library whose class it is, found once for each class.

Describers are registered under import names and loaded with their library's first call, so that a session that never
trains with a library loads nothing for it.
"""

from __future__ import annotations

import functools
import pkgutil
import weakref
from typing import Any

from celltrail.domain.record import DatasetRecord
from celltrail.flavors.descriptions import FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.protocol import Call, Describer
from celltrail.plugins import DESCRIBERS, member_of, names_in

# An estimator of a library that nobody describes is one of scikit-learn's kind, or is treated as if it were: it has
# `fit`, and perhaps `get_params`. That describer is there however celltrail was installed.
_LAST = "sklearn"
_LAST_RESORT = "celltrail.flavors.sklearn_describer:SklearnDescriber"


def describe_fit(call: Call) -> FitDescription:
    """Describe a training call that is about to start.

    Parameters
    ----------
    call : Call
        Of kind "fit" or "cross-validation".

    Returns
    -------
    FitDescription
        By the describer of the owner's class; of the library that is called, where there is no owner.
    """
    return _describer_for(call).describe(call)


def fit_outcome(call: Call, result: Any) -> FitOutcome:
    """Say what a training call made.

    Parameters
    ----------
    call : Call
        Of kind "fit" or "cross-validation"; still open.
    result : object
        What it returned.

    Returns
    -------
    FitOutcome
        By the same describer as its description.
    """
    return _describer_for(call).outcome(call, result)


def curves_of(model: Any) -> dict[str, list[float]]:
    """Return the curves that a fitted model kept of its training.

    Parameters
    ----------
    model : object
        An estimator within another, as the last step of a pipeline.

    Returns
    -------
    dict of str to list of float
        As in `FitOutcome`.
    """
    library = type(model).__module__.partition(".")[0]
    call = Call("fit", library, "fit", model, {}, None)
    return describer_of(type(model)).outcome(call, model).curves


def metric_facts(call: Call, result: Any) -> list[MetricFacts]:
    """Return what a call measured.

    Parameters
    ----------
    call : Call
        Of kind metric, score, cross-validation, or the fit of a search; still open.
    result : object
        What it returned.

    Returns
    -------
    list of MetricFacts
        By the describer of the library that is called: the `score` that a library's class inherits from scikit-learn
        is scikit-learn's.
    """
    return _describer_named(call.library).metrics(call, result)


def held_data(value: Any) -> DatasetRecord | None:
    """Describe a library's own container of data.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    DatasetRecord or None
        None where it is no container that its library's describer knows.
    """
    root = type(value).__module__.partition(".")[0]
    return _describer_named(root).data(value) if root in _libraries() else None


def describer_of(cls: type) -> Describer:
    """Return the describer for instances of a class: of the nearest ancestor's library that has one."""
    known = _by_class.get(cls)
    if known is None:
        roots = (ancestor.__module__.partition(".")[0] for ancestor in cls.__mro__)
        known = _describer_named(next((root for root in roots if root in _libraries()), _LAST))
        _by_class[cls] = known
    return known


def _describer_for(call: Call) -> Describer:
    return _describer_named(call.library) if call.owner is None else describer_of(type(call.owner))


# Weak: a class that the user defines anew by running a cell again may go.
_by_class: weakref.WeakKeyDictionary[type, Describer] = weakref.WeakKeyDictionary()


@functools.cache
def _libraries() -> frozenset[str]:
    return names_in(DESCRIBERS)


@functools.cache
def _describer_named(library: str) -> Describer:
    found: Describer | None = member_of(DESCRIBERS, library) if library in _libraries() else None
    if found is not None:
        return found
    last: Describer = pkgutil.resolve_name(_LAST_RESORT)() if library == _LAST else _describer_named(_LAST)
    return last
