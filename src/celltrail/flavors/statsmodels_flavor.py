"""statsmodels' results as pickles. They hold the data they were made from."""

from __future__ import annotations

from typing import Any, BinaryIO

from celltrail.flavors.pickled import PickleFlavor


class StatsmodelsFlavor(PickleFlavor):
    """Results and models of statsmodels."""

    name = "statsmodels"

    def matches(self, model: Any) -> bool:
        """Say whether the model's own class is statsmodels'."""
        return type(model).__module__.partition(".")[0] == "statsmodels"

    def _copied(self, model: Any) -> Any:
        """Return what can be pickled in the model's place without changing it.

        Parameters
        ----------
        model : object
            What `fit` returned.

        Returns
        -------
        object
            Shares everything with the model but a dict.

        Notes
        -----
        Being pickled, results forget the callback of their optimiser, in a dict of settings that the user's object
        holds too (statsmodels 0.13 to 0.15, `LikelihoodModelResults.__getstate__`).
        """
        held = object.__getattribute__(model, "__dict__")
        inner = held.get("_results")
        settings = held.get("mle_settings")
        changed: dict[str, Any] = {} if inner is None else {"_results": self._copied(inner)}
        if isinstance(settings, dict):
            changed["mle_settings"] = dict(settings)
        if not changed:
            return model
        copy = object.__new__(type(model))
        object.__getattribute__(copy, "__dict__").update(held, **changed)
        return copy

    def save(self, model: Any, target: BinaryIO) -> None:
        """Write the results, and leave them as they were.

        Raises
        ------
        pickle.PicklingError
            If they hold anything that can't be pickled.
        """
        super().save(self._copied(model), target)


def inner_results(model: Any) -> dict[str, Any]:
    """Return what the results within a wrapper hold, or the model itself; computes nothing.

    Parameters
    ----------
    model : object
        What `fit` returned.

    Returns
    -------
    dict
        The very `__dict__`: to be read.
    """
    held: dict[str, Any] = object.__getattribute__(model, "__dict__")  # a wrapper would ask what it wraps
    inner = held.get("_results")
    return held if inner is None else vars(inner)
