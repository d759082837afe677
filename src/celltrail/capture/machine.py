"""What an execution costs the machine: time, processor time, peak memory."""

from __future__ import annotations

import os
import sys
import threading
import time

from celltrail.domain.forks import renew_in_child
from celltrail.domain.record import MachineUse

_SAMPLE_EVERY_S = 0.1
# Asking for the workers walks all processes of the machine (some ms): only cells that can bear it are asked.
_CHILDREN_FROM_S = 1.0

# As it was when this was imported: while a cell runs `os.open` tells what the cell opens, which this is not.
_open = os.open

_open_meters: list[Meter] = []
_lock = threading.RLock()
renew_in_child(sys.modules[__name__], "_lock")
_children_before: dict[tuple[int, float], float] = {}


class Meter:
    """Measures one execution; meters may overlap, as cells of subshells and nested cells do.

    Examples
    --------
    >>> meter = Meter()
    >>> meter.start()
    >>> meter.stop().wall_s < 60
    True
    """

    def __init__(self) -> None:
        self._wall = self._cpu = 0.0
        self._peak: int | None = None
        self._sampler: _Sampler | None = None

    def start(self) -> None:
        """Begin to measure."""
        with _lock:
            _fold_peak()
            if _reset_peak():
                self._peak = 0
            else:
                self._sampler = _Sampler()
                self._sampler.start()
            _open_meters.append(self)
        self._wall, self._cpu = time.perf_counter(), _cpu_s()

    def stop(self) -> MachineUse:
        """End, and say what it cost.

        Returns
        -------
        MachineUse
            `peak_memory_bytes` is of this process; `cpu_s` counts its worker processes too where the execution
            lasted a second or more. None is what this platform does not tell.
        """
        wall, cpu = time.perf_counter() - self._wall, _cpu_s() - self._cpu
        if wall >= _CHILDREN_FROM_S:
            cpu += _children_cpu_s()
        with _lock:
            _fold_peak()
            if self in _open_meters:
                _open_meters.remove(self)
        if self._sampler is not None:
            self._peak = self._sampler.end()
        return MachineUse(wall_s=wall, cpu_s=cpu, peak_memory_bytes=self._peak or None)

    def note_peak(self, size_bytes: int) -> None:
        """Take note of the peak so far, before another meter sets it back."""
        if self._peak is not None:
            self._peak = max(self._peak, size_bytes)


def _cpu_s() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _children_cpu_s() -> float:
    """Return what worker processes that still live have used since they were last asked."""
    import psutil

    used = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            told, key = child.cpu_times(), (child.pid, child.create_time())
        except psutil.Error:
            continue  # it has ended meanwhile
        now = told.user + told.system
        used += now - _children_before.get(key, 0.0)
        _children_before[key] = now
    return used


def _reset_peak() -> bool:
    """Set the peak of this process back to what it uses now; Linux only (proc(5), /proc/pid/clear_refs, value 5)."""
    if sys.platform != "linux":
        return False
    try:
        file = _open("/proc/self/clear_refs", os.O_WRONLY)
        try:
            os.write(file, b"5")
        finally:
            os.close(file)
    except OSError:
        return False  # some containers forbid it
    return True


def _fold_peak() -> None:
    if not _open_meters or sys.platform != "linux":
        return
    file = _open("/proc/self/status", os.O_RDONLY)
    try:
        told = os.read(file, 8192)
    finally:
        os.close(file)
    _, _, after = told.partition(b"VmHWM:")
    if after:
        for meter in _open_meters:
            meter.note_peak(int(after.split(None, 1)[0]) * 1024)


class _Sampler(threading.Thread):
    """Looks at the memory ten times a second, where the system keeps no peak that can be set back."""

    def __init__(self) -> None:
        super().__init__(name="celltrail-memory", daemon=True)
        self._ended = threading.Event()
        self._peak = 0

    def run(self) -> None:
        """Look until told to end."""
        import psutil

        process = psutil.Process()
        while True:
            self._peak = max(self._peak, process.memory_info().rss)
            if self._ended.wait(_SAMPLE_EVERY_S):
                return

    def end(self) -> int:
        """Stop looking; return the most that was seen."""
        self._ended.set()
        self.join()
        return self._peak
