"""What a person keeps by hand: texts, files, figures, data, models."""

from __future__ import annotations

import io
import mimetypes
from pathlib import Path
from typing import Any

from celltrail.capture.budget import model_budget
from celltrail.capture.by_hand import (
    active_cell,
    add_content,
    loaded,
)
from celltrail.capture.fits import landed
from celltrail.capture.keeping import keep_content, keep_model
from celltrail.errors import UsageError
from celltrail.store.late import fill_artifact


def log_text(text: str, name: str) -> None:
    """Keep a text with the running cell.

    Parameters
    ----------
    text : str
        The text.
    name : str
        Under which name, for instance `"notes.md"`.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    """
    media_type = mimetypes.guess_type(name)[0] or "text/plain"
    add_content(active_cell("log_text"), name, "text", media_type, text.encode("utf-8", "surrogatepass"))


def log_artifact(path: str | Path, name: str | None = None) -> None:
    """Keep a file with the running cell.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str, optional
        Under which name; the file's own where left out.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If there is no such file.
    """
    cell = active_cell("log_artifact")
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"log_artifact({str(path)!r}): there is no such file. Give the path of a file that exists.")
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    add_content(cell, name or file.name, "file", media_type, file.read_bytes())


def log_figure(figure: Any, name: str = "figure.png") -> None:
    """Keep a figure with the running cell.

    Parameters
    ----------
    figure : object
        Anything with matplotlib's `savefig(file, format=…)`.
    name : str, default "figure.png"
        Under which name.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If the object can't be saved as a figure.
    """
    cell = active_cell("log_figure")
    if not hasattr(figure, "savefig"):
        raise UsageError(f"log_figure: {type(figure).__name__} has no savefig. Give a matplotlib figure.")
    target = io.BytesIO()
    figure.savefig(target, format="png")
    add_content(cell, name, "figure", "image/png", target.getvalue())


def log_dataset(data: Any, name: str) -> None:
    """Put a frame or an array on record as an input of the running cell: schema, shape, digests, profile.

    Parameters
    ----------
    data : DataFrame, Series, array-like or sparse matrix
        The data; its rows are not kept.
    name : str
        Under which name.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If it is not data that celltrail can read.
    """
    cell = active_cell("log_dataset")
    kernel = loaded("log_dataset")
    record = kernel.inputs.describe(
        data, name=name, role="dataset", landed=landed(cell, kernel), namespace=kernel.namespace()
    )
    if record is None:
        raise UsageError(f"log_dataset: {type(data).__name__} is no table or array. Give a DataFrame or an array.")
    kernel.inputs.take_profile(data, record, landed(cell, kernel))
    with cell.lock:
        cell.run.inputs.append(record)


def log_model(model: Any, name: str = "model") -> None:
    """Keep a model with the running cell, whatever its size.

    Parameters
    ----------
    model : object
        The fitted model.
    name : str, default "model"
        Under which name.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If the model can't be pickled.
    """
    cell = active_cell("log_model")
    origin = loaded("log_model").predictions.fit_of(model)
    fit_id = origin.fit_id if origin is not None and origin.run_id == cell.run.id else None
    artifact = keep_model(cell, model, name=name, fit_id=fit_id, is_bounded=False)
    if artifact.digest is None:
        raise UsageError(f"log_model: the model was not kept: {artifact.reason}.")


def keep(model: Any) -> None:
    """Keep a model: its content is stored now, with the run that fitted it, and `gc` never frees it.

    Parameters
    ----------
    model : object
        A fitted model of this session.

    Raises
    ------
    NoActiveRunError
        If celltrail is not loaded, or no cell is running to take a model that no run fitted.
    UsageError
        If the model can't be pickled.
    """
    kernel = loaded("keep")
    origin = kernel.predictions.fit_of(model)
    cell = kernel.cells.current()
    is_of_this_cell = origin is not None and cell is not None and origin.run_id == cell.run.id
    if origin is None or origin.kept is None or not (origin.is_recorded or is_of_this_cell):
        log_model(model, type(model).__name__)
        if cell is not None:
            cell.run.artifacts[-1].is_pinned = True
        return
    if (content := keep_content(origin.kept, model, model_budget(0.0, is_bounded=False), is_bounded=False)) is None:
        raise UsageError(f"keep: the model was not kept: {origin.kept.reason}.")
    origin.kept.is_pinned = True
    if cell is not None and is_of_this_cell and origin.kept.digest is not None:
        cell.add_blob(origin.kept.digest, content)  # committed with the cell
    else:
        fill_artifact(kernel.trail, origin.kept, content)
