"""What a person logs by hand: `celltrail.log_metric("auc", 0.91)`, parameters, a tag, a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celltrail.capture.by_hand import (
    active_cell,
    add_point,
    add_value,
    checked_key,
    checked_number,
)
from celltrail.flavors.json_values import json_value


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
    cell = active_cell("log_param")
    with cell.lock:
        cell.run.params[checked_key(key, "log_param")] = json_value(value)


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
    cell = active_cell("log_metric")
    name, number = checked_key(key, "log_metric"), checked_number(key, value)
    with cell.lock:
        if step is None:
            add_value(cell, name, number)
        else:
            add_point(cell, name, number, int(step))


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
    cell = active_cell("set_tag")
    with cell.lock:
        cell.run.tags[checked_key(key, "set_tag")] = str(value)


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
    cell = active_cell("set_note")
    with cell.lock:
        cell.run.note = str(text)
