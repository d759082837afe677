"""What a person logs by hand: `celltrail.log_metric("auc", 0.91)` and its neighbours."""

from __future__ import annotations

import io
import mimetypes
import numbers
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celltrail.analysis.source import bytes_digest
from celltrail.capture.cell import OpenCell
from celltrail.capture.keeping import keep_model
from celltrail.capture.kernel import Kernel
from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import ArtifactRecord, MetricRecord, SeriesRecord
from celltrail.errors import NoActiveRunError, UsageError
from celltrail.flavors.json_values import json_value

_kernel: Kernel | None = None


def set_kernel(kernel: Kernel | None) -> None:
    """Say which kernel `log_*` speaks to; None when celltrail is unloaded."""
    global _kernel  # noqa: PLW0603  a process has one shell, and `celltrail.log_metric` must find it
    _kernel = kernel


def current_kernel() -> Kernel | None:
    """Return the kernel in which celltrail is loaded, if it is."""
    return _kernel


def log_param(key: str, value: Any) -> None:
    """Log one parameter of the running cell.

    Parameters
    ----------
    key : str
        Its name.
    value : object
        Kept with its type where JSON can hold it, else as its `repr`.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    """
    cell = _active_cell("log_param")
    with cell.lock:
        cell.run.params[_key(key, "log_param")] = json_value(value)


def log_params(params: Mapping[str, Any]) -> None:
    """Log several parameters of the running cell.

    Parameters
    ----------
    params : mapping of str to object
        Names and values.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    """
    for key, value in params.items():
        log_param(key, value)


def log_metric(key: str, value: float, step: int | None = None) -> None:
    """Log one value of a metric of the running cell.

    Parameters
    ----------
    key : str
        Its name.
    value : float
        A number; NaN and infinities are kept.
    step : int, optional
        Step of a series. Several values without a step are shown as mean ± standard deviation.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If the value is not a number.
    """
    cell = _active_cell("log_metric")
    name, number = _key(key, "log_metric"), _number(key, value)
    with cell.lock:
        if step is None:
            _add_value(cell, name, number)
        else:
            _add_point(cell, name, number, int(step))


def log_metrics(metrics: Mapping[str, float], step: int | None = None) -> None:
    """Log several metrics of the running cell.

    Parameters
    ----------
    metrics : mapping of str to float
        Names and values.
    step : int, optional
        Step of a series.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If a value is not a number.
    """
    for key, value in metrics.items():
        log_metric(key, value, step)


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
    _add_content(_active_cell("log_text"), name, "text", media_type, text.encode("utf-8", "surrogatepass"))


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
    cell = _active_cell("log_artifact")
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"log_artifact({str(path)!r}): there is no such file. Give the path of a file that exists.")
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    _add_content(cell, name or file.name, "file", media_type, file.read_bytes())


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
    cell = _active_cell("log_figure")
    if not hasattr(figure, "savefig"):
        raise UsageError(f"log_figure: {type(figure).__name__} has no savefig. Give a matplotlib figure.")
    target = io.BytesIO()
    figure.savefig(target, format="png")
    _add_content(cell, name, "figure", "image/png", target.getvalue())


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
    cell = _active_cell("log_dataset")
    kernel = _loaded("log_dataset")
    record = kernel.inputs.describe(data, name=name, role="dataset")
    if record is None:
        raise UsageError(f"log_dataset: {type(data).__name__} is no table or array. Give a DataFrame or an array.")
    record.profile = kernel.inputs.profile_of(data, record)
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
    cell = _active_cell("log_model")
    origin = _loaded("log_model").predictions.fit_of(model)
    fit_id = origin.fit_id if origin is not None and origin.run_id == cell.run.id else None
    artifact = keep_model(cell, model, name=name, fit_id=fit_id, is_bounded=False)
    if artifact.digest is None:
        raise UsageError(f"log_model: the model was not kept: {artifact.reason}.")


def keep(model: Any) -> None:
    """Keep a model that was over the budget: its content is stored now.

    Parameters
    ----------
    model : object
        A fitted model of this session.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    UsageError
        If the model can't be pickled.
    """
    log_model(model, type(model).__name__)


def set_tag(key: str, value: str) -> None:
    """Tag the running cell's run.

    Parameters
    ----------
    key, value : str
        The tag.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    """
    cell = _active_cell("set_tag")
    with cell.lock:
        cell.run.tags[_key(key, "set_tag")] = str(value)


def set_note(text: str) -> None:
    """Write the note of the running cell's run.

    Parameters
    ----------
    text : str
        The note; replaces an earlier one.

    Raises
    ------
    NoActiveRunError
        If no tracked cell is running.
    """
    cell = _active_cell("set_note")
    with cell.lock:
        cell.run.note = str(text)


def _loaded(asked: str) -> Kernel:
    if _kernel is None:
        raise NoActiveRunError(
            f"celltrail.{asked}: celltrail is not loaded here, so there is no run to log to. "
            "Type %load_ext celltrail first."
        )
    return _kernel


def _active_cell(asked: str) -> OpenCell:
    kernel = _loaded(asked)
    cell = kernel.cells.current()
    if cell is None:
        several = kernel.cells.count() > 1
        raise NoActiveRunError(
            f"celltrail.{asked}: "
            + ("two cells are running, and this thread belongs to neither." if several else "no cell is running.")
            + f" Call it in a cell; for a run that is over, type %trail {_AFTERWARDS.get(asked, 'help')}."
        )
    if kernel.mode == "off":
        raise NoActiveRunError(f"celltrail.{asked}: tracking is off. Type %track on first.")
    cell.logs = True
    return cell


_AFTERWARDS = {"set_note": "note RUN TEXT", "set_tag": "tag RUN K=V"}


def _key(key: Any, asked: str) -> str:
    if not isinstance(key, str) or not key.strip():
        raise UsageError(f"{asked}: {key!r} is no name. Give a text such as 'auc'.")
    return key


def _number(key: str, value: Any) -> float:
    # Text is refused even where float() would read it: a metric that silently was a word helps nobody.
    if isinstance(value, numbers.Real) or (hasattr(value, "__float__") and not isinstance(value, str | bytes)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(f"log_metric({key!r}, {value!r}): {type(value).__name__} is no number. Give a number.")


def _add_value(cell: OpenCell, key: str, value: float) -> None:
    for metric in cell.record.metrics:
        if metric.is_logged and metric.key == key and metric.run_id == cell.run.id:
            metric.values.append(value)
            return
    cell.record.metrics.append(MetricRecord(key, [value], cell.run.id, function=key, is_logged=True))


def _add_point(cell: OpenCell, key: str, value: float, step: int) -> None:
    series = next((s for s in cell.run.series if s.key == key and s.fit_id is None), None)
    if series is None:
        series = SeriesRecord(key, [], [], [])
        cell.run.series.append(series)
    series.steps.append(step)
    series.values.append(value)
    series.times_s.append(time.perf_counter() - cell.started_s)


def _add_content(cell: OpenCell, name: str, kind: Any, media_type: str, content: bytes) -> None:
    digest = bytes_digest(content)
    cell.add_blob(digest, content)
    with cell.lock:
        cell.run.artifacts.append(ArtifactRecord(ArtifactId(new_id()), name, kind, media_type, digest, len(content)))
