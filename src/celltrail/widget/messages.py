"""What goes between the page and the kernel, in one form both ways: `type`, `id`, `payload`.

The page asks, the kernel answers with the same `id`, so that a late answer to an old question is known as such.
Mirrored in `labextension/src/widget/messages.ts`.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from celltrail.views.schema import CompareView, RunRow


class ListPayload(TypedDict):
    """Which runs: the filter language of `%runs`; empty for all."""

    filter: str


class ComparePayload(TypedDict):
    """Two runs, by their global ids."""

    left: str
    right: str


class ListRequest(TypedDict):
    """Asks for the runs that a filter lets through."""

    type: Literal["list"]
    id: int
    payload: ListPayload


class CompareRequest(TypedDict):
    """Asks for all that differs between two runs."""

    type: Literal["compare"]
    id: int
    payload: ComparePayload


class RowsPayload(TypedDict):
    """Runs, the newest first."""

    rows: list[RunRow]
    is_cut: bool  # more runs than the panel lists


class FaultPayload(TypedDict):
    """Why there is no answer, in the words of the error; lines below it point at the character of a filter."""

    message: str


class RowsReply(TypedDict):
    """Answers `list`."""

    type: Literal["rows"]
    id: int
    payload: RowsPayload


class CompareReply(TypedDict):
    """Answers `compare`."""

    type: Literal["compared"]
    id: int
    payload: CompareView


class FaultReply(TypedDict):
    """Answers anything that could not be done."""

    type: Literal["fault"]
    id: int
    payload: FaultPayload


Request = ListRequest | CompareRequest
Reply = RowsReply | CompareReply | FaultReply
