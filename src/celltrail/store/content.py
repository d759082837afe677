"""Fetches what a run holds when it is asked for: the `RunContent` of every run that this store gives out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from celltrail.domain.record import DISTRIBUTION_MEDIA_TYPE, Keeping
from celltrail.domain.run import Fit, MetricPoint
from celltrail.errors import ArtifactNotFoundError, NotKeptError
from celltrail.store import blobs
from celltrail.store.read_data import read_artifacts, read_figures, read_files, read_inputs, read_outputs
from celltrail.store.read_fits import read_fits, read_written
from celltrail.store.read_metrics import read_curves, read_history, read_metrics, read_series
from celltrail.store.read_surroundings import (
    read_environment,
    read_environment_digest,
    read_execution,
    read_git,
    read_machine,
    read_snapshot,
)
from celltrail.store.store import Store
from celltrail.store.values import json_out

SOURCE = "SELECT source_id FROM runs WHERE id = ?"
SOURCE_DIGEST = "SELECT b.digest FROM runs AS r JOIN blobs AS b ON b.id = r.source_id WHERE r.id = ?"
REMARKS = "SELECT cautions, unknown, seed, masked FROM runs WHERE id = ?"


class StoredContent:
    """What one run of a trail holds.

    Parameters
    ----------
    trail : Store
        The store.
    row : int
        Row of the run.
    reference : str
        How a person names the run, for messages.
    known : mapping of str to object, optional
        Fields that came with the row: a list need not ask for them run by run.
    """

    __slots__ = ("_known", "_reference", "_row", "_trail")

    def __init__(self, trail: Store, row: int, reference: str, known: Mapping[str, Any] | None = None) -> None:
        self._known = known or {}
        self._trail = trail
        self._row = row
        self._reference = reference

    @property
    def row(self) -> int:
        """The run's row in this store."""
        return self._row

    def fits(self) -> list[Fit]:
        """Return the training calls, in order."""
        with self._trail.db.reading():
            return read_fits(self._trail, self._row, self)

    def field(self, name: str) -> Any:
        """Return one field.

        Parameters
        ----------
        name : str
            A key of `FIELDS`.

        Returns
        -------
        object
            Plain data: dicts with the fields of the records in `domain.record`.

        Raises
        ------
        KeyError
            If there is no such field.
        """
        if name in self._known:
            return self._known[name]
        read = FIELDS[name]
        with self._trail.db.reading():
            return read(self._trail, self._row)

    def history(self, key: str) -> list[MetricPoint]:
        """Return every value of a metric, in the order it was taken; `key` as in `Run.metrics`."""
        fit, colon, rest = key.partition(":")
        with self._trail.db.reading():
            points = read_history(self._trail, self._row, key)
            if points or not colon:
                return points
            fits = {one.id for one in read_fits(self._trail, self._row, self) if one.name == fit}
            return read_history(self._trail, self._row, rest, fits=fits)

    def curves(self, fit_id: str) -> dict[str, list[float]]:
        """Return the training curves of a fit, by name."""
        return read_curves(self._trail, self._row, fit_id)

    def model(self, fit: str | None) -> Any:
        """Load a fitted model; `fit` is the name or id of a fit, or of a model logged by hand.

        Raises
        ------
        ArtifactNotFoundError
            If there is no such model, or there are several and none is named.
        NotKeptError
            If its content was not kept.
        UntrustedModelError
            If it is a pickle that neither this user's kernel made nor the user trusted.
        """
        from celltrail.flavors.models import load_model

        artifact = self._model_artifact(fit)
        if (model := self._trail.within_reach.get(artifact["id"])) is not None:
            return model
        if artifact["status"] != Keeping.KEPT or not artifact["digest"]:
            why = artifact["reason"] or artifact["status"]
            raise NotKeptError(
                f"the model {artifact['name']} of {self._reference} was not kept: {why}. "
                f"Make it again with: %restore {self._reference}"
            )
        data = self._trail.read_blob(artifact["digest"])
        return load_model(data, artifact["flavor"], artifact["digest"], artifact["signature"])

    def _model_artifact(self, fit: str | None) -> dict[str, Any]:
        models = [row for row in read_artifacts(self._trail, self._row) if row["kind"] == "model"]
        names = {one.id: one.name for one in self.fits()}
        if fit is not None:
            wanted = [row for row in models if fit in {row["fit_id"], names.get(row["fit_id"]), row["name"]}]
        else:
            wanted = models
        if len(wanted) == 1:
            return wanted[0]
        known = ", ".join(dict.fromkeys(names.get(row["fit_id"]) or row["name"] for row in models))
        if not models:
            raise ArtifactNotFoundError(f"{self._reference} has no model: nothing was fitted in it.")
        which = "several models" if fit is None or wanted else f"no model {fit!r}"
        raise ArtifactNotFoundError(f"{self._reference} has {which}; name one of: {known}.")


def _source(trail: Store, row: int) -> str:
    blob = trail.db.rows(SOURCE, (row,))[0][0]
    return blobs.read_row(trail.db, trail.path, blob).decode("utf-8", "surrogatepass")


def _source_digest(trail: Store, row: int) -> str:
    return str(trail.db.rows(SOURCE_DIGEST, (row,))[0][0].hex())


def _cautions(trail: Store, row: int) -> list[str]:
    text = trail.db.rows(REMARKS, (row,))[0][0]
    return list(json.loads(text)) if text else []


def _unknown(trail: Store, row: int) -> dict[str, str]:
    text = trail.db.rows(REMARKS, (row,))[0][1]
    return dict(json_out(text)) if text else {}


def _seed(trail: Store, row: int) -> int | None:
    seed = trail.db.rows(REMARKS, (row,))[0][2]
    return None if seed is None else int(seed)


def _masked(trail: Store, row: int) -> dict[str, dict[str, int]]:
    text = trail.db.rows(REMARKS, (row,))[0][3]
    return dict(json.loads(text)) if text else {}


def _of_execution(name: str) -> Callable[[Store, int], Any]:
    return lambda trail, row: read_execution(trail, row)[name]


def _local_distributions(trail: Store, row: int) -> list[dict[str, Any]]:
    """Return what was installed from folders: distribution, version, status, reason, digest, content (a wheel)."""
    found = [one for one in read_artifacts(trail, row) if one["media_type"] == DISTRIBUTION_MEDIA_TYPE]
    return [
        {
            **(one["details"] or {}),
            "status": one["status"],
            "reason": one["reason"],
            "digest": one["digest"],
            "content": trail.read_blob(one["digest"]) if one["digest"] else None,
        }
        for one in found
    ]


FIELDS: dict[str, Callable[[Store, int], Any]] = {
    "artifacts": read_artifacts,
    "cautions": _cautions,
    "cell_id": _of_execution("cell_id"),
    "environment": read_environment,
    "environment_digest": read_environment_digest,
    "execution": read_execution,
    "execution_count": _of_execution("execution_count"),
    "figures": read_figures,
    "files": read_files,
    "git": read_git,
    "inputs": read_inputs,
    "local_distributions": _local_distributions,
    "machine": read_machine,
    "masked": _masked,
    "metrics": read_metrics,
    "notebook": _of_execution("notebook"),
    "outputs": read_outputs,
    "seed": _seed,
    "series": read_series,
    "session": _of_execution("session"),
    "snapshot": read_snapshot,
    "source": _source,
    "source_digest": _source_digest,
    "unknown": _unknown,
    "written": read_written,
}
"""Every field that `Run.content.field` knows."""
