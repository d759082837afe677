"""Which fit's name goes before a parameter or a metric: `max_depth` of the only fit, `forest:max_depth` of several.

A run often holds more calls of `fit` than a person would count as models. A transformer fitted beside a model, and
the cross-validation of a model, are no further models: they never make the model's own names longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

TRANSFORMER = "transformer"
CROSS_VALIDATION = "cross-validation"


class Named(Protocol):
    """What is needed of a fit."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


F = TypeVar("F", bound=Named)


@dataclass(frozen=True, slots=True)
class NamedFit:
    """A fit by its name and kind alone."""

    name: str
    kind: str


def metric_prefixes(fits: Sequence[Named]) -> list[str]:
    """Return, for each fit, what goes before the keys of its metrics.

    Parameters
    ----------
    fits : sequence of Named
        The fits of one run.

    Returns
    -------
    list of str
        Empty for the only model of the run, and for its only cross-validation (`cross_val_score.mean`); `NAME:` for
        each of several.
    """
    counts = Counter(map(_rank, fits))
    leading = _leading(fits)
    return [
        "" if counts[_rank(fit)] == 1 and (_rank(fit) == leading or fit.kind == CROSS_VALIDATION) else f"{fit.name}:"
        for fit in fits
    ]


def param_prefixes(fits: Sequence[Named]) -> list[str | None]:
    """Return, for each fit, what goes before the names of its parameters.

    Parameters
    ----------
    fits : sequence of Named
        The fits of one run.

    Returns
    -------
    list of str or None
        Empty for the only model; `NAME:` for each of several; None for a cross-validation of a model of the run,
        which has that model's parameters.
    """
    models = {fit.name for fit in fits if _rank(fit) == 0}
    leading = _leading(fits)
    has_one = sum(_rank(fit) == leading for fit in fits) == 1
    return [
        None
        if fit.kind == CROSS_VALIDATION and fit.name in models
        else ""
        if has_one and _rank(fit) == leading
        else f"{fit.name}:"
        for fit in fits
    ]


def counted(fits: Sequence[F]) -> list[F]:
    """Return the fits that a person would count: the models, and what was only cross-validated.

    Parameters
    ----------
    fits : sequence of Named
        The fits of one run.

    Returns
    -------
    list of Named
        In their order; transformers only where there is nothing else.
    """
    leading = _leading(fits)
    return [
        fit
        for fit, prefix in zip(fits, param_prefixes(fits), strict=True)
        if prefix is not None and (_rank(fit) == leading or fit.kind == CROSS_VALIDATION)
    ]


def _rank(fit: Named) -> int:
    """Return 0 for a model, 1 for a cross-validation, 2 for a transformer."""
    return {CROSS_VALIDATION: 1, TRANSFORMER: 2}.get(fit.kind, 0)


def _leading(fits: Sequence[Named]) -> int:
    """Return the rank of what the run is about: models where there are any."""
    return min(map(_rank, fits), default=0)
