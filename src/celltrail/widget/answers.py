"""Answers what the page asks, from a trail. Knows nothing of widgets, so that it is tested by plain calls."""

from __future__ import annotations

from typing import Protocol

from celltrail.domain.run import Run
from celltrail.errors import CelltrailError, UsageError
from celltrail.views.compare import compare_view
from celltrail.views.facts import RunSource
from celltrail.views.rows import run_row
from celltrail.views.schema import RunRow
from celltrail.widget.messages import FaultReply, Reply

# A page with more rows is no longer looked through by eye: the filter is for that.
LISTED = 500


class RunFinder(RunSource, Protocol):
    """What the panel asks of a trail."""

    def search_runs(
        self, filter: str = "", order_by: str | list[str] | None = None, limit: int | None = None
    ) -> list[Run]: ...
    def run(self, reference: str) -> Run: ...


def list_rows(trail: RunFinder, filter: str, limit: int = LISTED) -> list[RunRow]:
    """Return the newest runs that a filter lets through, as rows.

    Raises
    ------
    FilterError
        If the filter can't be read.
    """
    return [run_row(run) for run in trail.search_runs(filter, limit=limit)]


def answer(trail: RunFinder, request: object) -> Reply:
    """Answer one message from the page.

    Parameters
    ----------
    trail : RunFinder
        Where the runs are.
    request : object
        What came: a `messages.Request`, if the page is ours.

    Returns
    -------
    Reply
        Bears the id of the request. Whatever celltrail refuses is a `fault` in the words of its error.
    """
    number = request.get("id") if isinstance(request, dict) else None
    number = number if isinstance(number, int) else 0
    try:
        return _answer(trail, request, number)
    except CelltrailError as error:
        return _fault(number, str(error))


def _answer(trail: RunFinder, request: object, number: int) -> Reply:
    match request:
        case {"type": "list", "payload": {"filter": str(text)}}:
            rows = list_rows(trail, text, LISTED + 1)
            return {
                "type": "rows",
                "id": number,
                "payload": {"rows": rows[:LISTED], "is_cut": len(rows) > LISTED},
            }
        case {"type": "compare", "payload": {"left": str(left), "right": str(right)}}:
            compared = compare_view(trail, trail.run(left), trail.run(right))
            return {"type": "compared", "id": number, "payload": compared}
    raise UsageError(
        "This panel asked for something that this kernel does not know. "
        "It may be of another version of celltrail: run the cell again."
    )


def _fault(number: int, message: str) -> FaultReply:
    return {"type": "fault", "id": number, "payload": {"message": message}}
