"""What a cell costs is measured for that cell alone."""

from __future__ import annotations

import time

from celltrail.capture.machine import Meter

MEGABYTE = 1 << 20


def test_time_and_processor_time_are_of_the_execution() -> None:
    meter = Meter()
    meter.start()
    time.sleep(0.05)

    use = meter.stop()

    assert 0.05 <= use.wall_s < 5
    assert use.cpu_s is not None
    assert 0 <= use.cpu_s <= use.wall_s + 1


def test_peak_memory_is_of_this_execution_not_of_the_process() -> None:
    def peak_of(size: int) -> int:
        meter = Meter()
        meter.start()
        held = bytearray(size)
        time.sleep(0.15)
        del held
        return meter.stop().peak_memory_bytes or 0

    large, small = peak_of(300 * MEGABYTE), peak_of(MEGABYTE)

    assert large - small > 200 * MEGABYTE


def test_an_inner_execution_does_not_hide_the_peak_of_the_outer() -> None:
    outer, inner = Meter(), Meter()
    outer.start()
    held = bytearray(300 * MEGABYTE)
    time.sleep(0.15)
    del held
    inner.start()
    inside = inner.stop().peak_memory_bytes or 0

    outside = outer.stop().peak_memory_bytes or 0

    assert outside - inside > 200 * MEGABYTE
