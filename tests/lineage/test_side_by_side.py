"""Cells run one after the other, whatever the clock says; in subshells they run side by side."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from celltrail.analysis.slicing import history_of, slice_of
from celltrail.capture.touching.touching import Opened, Touching
from celltrail.domain.ids import ExecutionId, SessionId
from celltrail.domain.lineage import PastExecution
from celltrail.domain.record import RunStatus
from celltrail.domain.touches import Touches
from celltrail.store.read_touches import touches_from
from celltrail.store.write_touches import as_content

START = datetime(2026, 11, 12, tzinfo=UTC)


def execution(position: int, start_s: float, duration_s: float, touches: Touches) -> PastExecution:
    """Return an execution that began and ended as the clock told it."""
    return PastExecution(
        ExecutionId(f"e{position}"),
        SessionId("s"),
        position,
        position,
        f"c{position}",
        None,
        "",
        RunStatus.FINISHED,
        START + timedelta(seconds=start_s),
        duration_s,
        touches=touches,
    )


def places_behind(name: str, executions: list[PastExecution]) -> list[int]:
    history = history_of(executions)
    return list(slice_of(history, [history.latest[name]]).places)


def test_a_cell_sees_what_the_one_before_left_although_the_clock_was_set_back() -> None:
    executions = [
        execution(0, 0.0, 10.0, Touches(binds=("x",))),
        execution(1, 4.0, 1.0, Touches(reads=("x",), binds=("y",))),
    ]

    assert [0, 1] == places_behind("y", executions)


def test_a_cell_of_a_subshell_does_not_see_what_a_cell_beside_it_leaves_at_its_end() -> None:
    executions = [
        execution(0, 0.0, 1.0, Touches(binds=("x",))),
        execution(1, 2.0, 10.0, Touches(binds=("x",))),
        execution(2, 4.0, 1.0, Touches(reads=("x",), binds=("y",), is_beside=True)),
        execution(3, 13.0, 1.0, Touches(reads=("x",), binds=("z",))),
    ]

    assert [0, 2] == places_behind("y", executions)
    assert [1, 3] == places_behind("z", executions)


def test_only_a_cell_that_begins_while_another_runs_is_beside_it() -> None:
    touching, found = Touching(), {}

    def beside() -> None:
        before = touching.begin("y = 1", {})
        found["inner"] = touching.end(before, {}, Opened(), succeeded=True)[0].is_beside

    outer = touching.begin("x = 1", {})
    thread = threading.Thread(target=beside)
    thread.start()
    thread.join()
    found["outer"] = touching.end(outer, {}, Opened(), succeeded=True)[0].is_beside
    found["next"] = touching.end(touching.begin("z = 1", {}), {}, Opened(), succeeded=True)[0].is_beside
    touching.close()

    assert {"inner": True, "outer": False, "next": False} == found


def test_that_a_cell_ran_beside_another_is_kept() -> None:
    touches = Touches(reads=("x",), is_beside=True)

    assert touches == touches_from(as_content(touches))
