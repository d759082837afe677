"""Plays cells in a fresh kernel: with progress, within a time, and with nothing left of the kernel at the end."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from celltrail.errors import ReplayError

# Until the cell that ends is seen to have ended. A rule of the house.
_POLL_S = 0.1
_GRACE_S = 10.0
_NEEDED = ("nbclient", "ipykernel", "nbformat")


@dataclass(frozen=True, slots=True)
class Step:
    """A cell to be played.

    Attributes
    ----------
    error_name : str or None
        Class of the error in which it is to end, as it was recorded.
    is_ours : bool
        Whether it is no part of the recipe.
    """

    source: str
    cell_id: str | None = None
    error_name: str | None = None
    is_ours: bool = False


@dataclass(slots=True)
class Played:
    """How far it came.

    Attributes
    ----------
    counts : list of int or None
        The kernel's execution count of each step that ran.
    failed_at : int or None
        Index of the step in which it ended, where it did not come to its end.
    error : str
        What the error was, one line.
    """

    counts: list[int | None] = field(default_factory=list)
    failed_at: int | None = None
    error: str = ""


def check_tools() -> None:
    """Raise where what plays cells is not installed.

    Raises
    ------
    ReplayError
        With what to type.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ReplayError(f'replay needs {", ".join(missing)}. In a shell: pip install "celltrail[replay]"')


def play(
    steps: Sequence[Step],
    *,
    python: Path,
    folder: Path,
    environment: Mapping[str, str],
    told: Callable[[int], None],
    timeout_s: float,
) -> Played:
    """Play cells in a fresh kernel.

    Parameters
    ----------
    steps : sequence of Step
        In order.
    python : Path
        The interpreter of the kernel.
    folder : Path
        Its working directory.
    environment : mapping of str to str
        All of its variables.
    told : callable
        Is given the index of each step that starts.
    timeout_s : float
        Seconds for all.

    Returns
    -------
    Played
        Also where a cell failed, the kernel died, or the time was up. The kernel is dead.
    """
    work = _Play(steps, python, folder, environment)
    until = time.monotonic() + timeout_s
    work.thread.start()
    try:
        while work.thread.is_alive():
            with contextlib.suppress(queue.Empty):
                told(work.started.get(timeout=_POLL_S))
            if time.monotonic() > until:
                work.stop()
                work.played.failed_at = len(work.played.counts)
                work.played.error = f"not done after {timeout_s:.0f} s"
                break
    finally:
        work.stop()
    if work.failure is not None:
        raise work.failure
    return work.played


class _Play:
    """One kernel, on a thread with an event loop of its own: the caller's may be running, and must not be."""

    def __init__(self, steps: Sequence[Step], python: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.steps = steps
        self.python = python
        self.folder = folder
        self.environment = environment
        self.played = Played()
        self.started: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="celltrail-replay", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._kernel: Any = None
        self._pid: int | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """End it, wherever it is; nothing of the kernel is left."""
        self._is_stopped = True
        loop, task = self._loop, self._task
        if self.thread.is_alive() and loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(task.cancel)
        self.thread.join(_GRACE_S)
        if self.thread.is_alive() and self._pid is not None:
            _kill_group(self._pid)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001  it is raised again where the caller waits
            self.failure = error

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        if self._is_stopped:
            return
        with tempfile.TemporaryFile() as log:
            await self._execute(log)

    async def _execute(self, log: IO[bytes]) -> None:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        from nbformat.v4 import new_code_cell, new_notebook

        self._kernel = _kernel_of(self.python)
        notebook = new_notebook(cells=[new_code_cell(step.source, metadata=_tags(step)) for step in self.steps])

        def starts(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient calls by keyword
            self._pid = getattr(self._kernel.provisioner, "pid", None)
            metadata, step = client.kc.session.metadata, self.steps[cell_index]
            metadata.pop("cellId", None)
            if step.cell_id is not None:
                # As JupyterLab does: so a run belongs to the cell to which the recorded one belongs.
                metadata["cellId"] = step.cell_id
            self.started.put(cell_index)

        def ended(cell: Any, cell_index: int, execute_reply: Any) -> None:
            self.played.counts.append(execute_reply["content"].get("execution_count"))
            error, wanted = _error_in(cell), self.steps[cell_index].error_name
            if wanted is not None and (error is None or error[0] != wanted) and self.played.failed_at is None:
                self.played.failed_at = cell_index
                self.played.error = f"it failed with {wanted} then" + (f", now with {error[0]}" if error else "")

        client = NotebookClient(
            notebook,
            km=self._kernel,
            timeout=None,
            store_widget_state=False,
            record_timing=False,
            on_cell_start=starts,
            on_cell_executed=ended,
        )
        try:
            await client.async_execute(env=dict(self.environment), cwd=str(self.folder), stderr=log, stdout=log)
        except CellExecutionError as error:
            self.played.failed_at = len(self.played.counts) - 1
            self.played.error = f"{error.ename}: {error.evalue}".splitlines()[0]
        except DeadKernelError:
            self.played.failed_at = len(self.played.counts)
            self.played.error = f"the kernel died. {_last_words(log)}".strip()
        except (OSError, RuntimeError) as error:
            if self.played.counts:
                raise
            self.played.failed_at = 0
            self.played.error = f"no kernel started: {error}. {_last_words(log)}".strip()
        finally:
            await self._end(client)

    async def _end(self, client: Any) -> None:
        """Kill the kernel, and whatever it started in its group; asked twice it is the same."""
        if self._pid is not None and await self._kernel.is_alive():
            _kill_group(self._pid)
        if self._kernel.has_kernel:
            await self._kernel.shutdown_kernel(now=True)
        await self._kernel.cleanup_resources()
        if client.kc is not None:
            client.kc.stop_channels()
        # nbclient 0.11 leaves it there where no kernel starts, and it fails when this process ends.
        atexit.unregister(client._cleanup_kernel)


def _kernel_of(python: Path) -> Any:
    """Return the manager of a kernel of this interpreter, whatever kernels are installed for the user."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    told = KernelSpec(
        argv=[str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="celltrail replay",
        language="python",
    )

    class OneKernel(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:  # noqa: ARG002  there is one
            return told

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OneKernel())


def _tags(step: Step) -> dict[str, Any]:
    return {"tags": ["raises-exception"]} if step.error_name is not None else {}


def _error_in(cell: Any) -> tuple[str, str] | None:
    found = [output for output in cell.outputs if output.output_type == "error"]
    return (str(found[-1].ename), str(found[-1].evalue)) if found else None


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def _kill_group(pid: int) -> None:
    """Kill a kernel with its worker processes: it leads a group of its own (jupyter_client, `launch_kernel`)."""
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
