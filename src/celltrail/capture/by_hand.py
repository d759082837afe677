"""How what is logged by hand gets into the running cell; the functions that a person calls are in `manual`."""

from __future__ import annotations

import numbers
import time
from typing import TYPE_CHECKING, Any

from celltrail.analysis.source import bytes_digest
from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import ArtifactRecord, MetricRecord, SeriesRecord
from celltrail.errors import NoActiveRunError, UsageError

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell
    from celltrail.capture.kernel import Kernel

_kernel: Kernel | None = None


def set_kernel(kernel: Kernel | None) -> None:
    """Say which kernel `log_*` speaks to; None when celltrail is unloaded."""
    global _kernel  # noqa: PLW0603  a process has one shell, and `celltrail.log_metric` must find it
    _kernel = kernel


def current_kernel() -> Kernel | None:
    """Return the kernel in which celltrail is loaded, if it is."""
    return _kernel


def loaded(asked: str) -> Kernel:
    """Return the kernel in which celltrail is loaded; `asked` is the function that needs it."""
    if _kernel is None:
        raise NoActiveRunError(
            f"celltrail.{asked}: celltrail is not loaded here, so there is no run to log to. "
            "Type %load_ext celltrail first."
        )
    return _kernel


def active_cell(asked: str) -> OpenCell:
    """Return the cell that is logged to, which is a run from now on; say plainly what to do where there is none."""
    kernel = _kernel or loaded(asked)
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


def checked_key(key: Any, asked: str) -> str:
    """Return a name of something logged, or refuse it."""
    if not isinstance(key, str) or not key.strip():
        raise UsageError(f"{asked}: {key!r} is no name. Give a text such as 'auc'.")
    return key


def checked_number(key: str, value: Any) -> float:
    """Return a metric's value as a float, or refuse it."""
    if type(value) is float:
        return value  # nearly all are, and loops log thousands
    # Text is refused even where float() would read it: a metric that silently was a word helps nobody.
    if isinstance(value, numbers.Real) or (hasattr(value, "__float__") and not isinstance(value, str | bytes)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(f"log_metric({key!r}, {value!r}): {type(value).__name__} is no number. Give a number.")


def add_value(cell: OpenCell, key: str, value: float) -> None:
    """Add a value without a step."""
    known = cell.logged.get(key)
    if known is not None:
        known.values.append(value)
        return
    cell.logged[key] = metric = MetricRecord(key, [value], cell.run.id, function=key, is_logged=True)
    cell.record.metrics.append(metric)


def add_point(cell: OpenCell, key: str, value: float, step: int) -> None:
    """Add a value with its step."""
    series = next((s for s in cell.run.series if s.key == key and s.fit_id is None), None)
    if series is None:
        series = SeriesRecord(key, [], [], [])
        cell.run.series.append(series)
    series.steps.append(step)
    series.values.append(value)
    series.times_s.append(time.perf_counter() - cell.started_s)


def add_content(cell: OpenCell, name: str, kind: Any, media_type: str, content: bytes) -> None:
    """Add content under a name."""
    digest = bytes_digest(content)
    cell.add_blob(digest, content)
    with cell.lock:
        cell.run.artifacts.append(ArtifactRecord(ArtifactId(new_id()), name, kind, media_type, digest, len(content)))
