"""Threads that outlive their cell are told from those that went on before it."""

from __future__ import annotations

import threading
import weakref

from celltrail.capture.touching.background import Background


class Gone:
    """Stands for a thread that ended while the cell ran."""


def test_a_thread_in_the_place_of_one_that_ended_is_new() -> None:
    background, stop = Background(), threading.Event()
    thread = threading.Thread(target=stop.wait, name="own")
    thread.start()
    gone = Gone()
    before = background.now() | {id(thread): weakref.ref(gone)}
    del gone

    left_something = background.cell_ended(before, {"xs"})

    stop.set()
    thread.join()
    assert (True, {"xs"}) == (left_something, background.names())


def test_a_thread_that_went_on_before_the_cell_is_not_its_own() -> None:
    background, stop = Background(), threading.Event()
    thread = threading.Thread(target=stop.wait, name="own")
    thread.start()

    left_something = background.cell_ended(background.now(), {"xs"})

    stop.set()
    thread.join()
    assert (False, set()) == (left_something, background.names())
