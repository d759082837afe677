"""Runs uv, which resolves, downloads and installs: with progress, a time limit, and an end when interrupted.

uv is asked for nothing that its configuration decides: the user's own indexes and proxies hold.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from celltrail.errors import EnvironmentNotMadeError

Told = Callable[[str], None]

# The first uv that reads and writes pylock.toml (its changelog, 0.6.15).
OLDEST_UV = (0, 6, 15)
# What uv is given to clean up after it was asked to stop; then it is killed. A rule of the house.
_GRACE_S = 5.0
_MISSING = (
    "To lock and rebuild environments celltrail needs uv, and there is none here. "
    'In a shell: pip install "celltrail[replay]", or pip install uv.'
)
_BEGINS = ("error: ", "cause: ", "warning: ", "hint: ")
# They say which environment is active, or what Python loads first: an environment that is made has nothing of either.
_NOT_HANDED_ON = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON")


@dataclass(frozen=True, slots=True)
class UvAnswer:
    """What uv said: exit status, standard output, and its messages."""

    status: int
    output: str
    messages: str


@dataclass(slots=True)
class Uv:
    """uv, for one piece of work that has to end in time.

    Attributes
    ----------
    program : str
        Where it lies.
    told : callable
        Is given each line of progress.
    timeout_s : float
        Seconds for all that this uv is asked.
    """

    program: str
    told: Told
    timeout_s: float
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.timeout_s

    def ask(self, *words: str | Path, folder: Path, text: str = "") -> UvAnswer:
        """Run uv to its end.

        Parameters
        ----------
        *words : str or Path
            The command.
        folder : Path
            Where it runs: no project's settings lie here.
        text : str, optional
            What it is given as its input.

        Returns
        -------
        UvAnswer
            Also where it failed.

        Raises
        ------
        EnvironmentNotMadeError
            If the time is up. uv is ended then, as it is where an interrupt comes.
        """
        return self.run([self.program, *map(str, words)], folder=folder, text=text)

    def run(self, command: Sequence[str], *, folder: Path, text: str = "") -> UvAnswer:
        """Run another program under the same time limit."""
        with subprocess.Popen(
            command,
            cwd=folder,
            env=_variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # so that what uv itself started (a build) ends with it
        ) as process:
            try:
                return self._listen(process, text)
            except BaseException:
                _end(process)
                raise

    def check_time(self) -> None:
        """Raise where the time is up."""
        if time.monotonic() > self._until:
            raise EnvironmentNotMadeError(f"{self.timeout_s:.0f} s are over. Give it more: --timeout SECONDS")

    def _listen(self, process: subprocess.Popen[str], text: str) -> UvAnswer:
        lines: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()
        assert process.stdin is not None
        for number, stream in enumerate((process.stdout, process.stderr)):
            threading.Thread(target=_read, args=(stream, number, lines), name="celltrail-uv", daemon=True).start()
        with contextlib.suppress(BrokenPipeError):  # it has ended already, and says why
            process.stdin.write(text)
            process.stdin.close()
        heard: tuple[list[str], list[str]] = ([], [])
        open_streams = 2
        while open_streams:
            number, line = self._next(lines, process)
            if line is None:
                open_streams -= 1
                continue
            heard[number].append(line)
            if number == 1 and line.strip():
                self.told(line.strip())
        return UvAnswer(process.wait(), "".join(heard[0]), "".join(heard[1]))

    def _next(
        self, lines: queue.SimpleQueue[tuple[int, str | None]], process: subprocess.Popen[str]
    ) -> tuple[int, str | None]:
        try:
            return lines.get(timeout=max(self._until - time.monotonic(), 0.001))
        except queue.Empty as error:
            what = " ".join(str(word) for word in process.args[1:3]) if isinstance(process.args, list) else ""
            raise EnvironmentNotMadeError(
                f"After {self.timeout_s:.0f} s uv was not done ({what}), and was ended. "
                "What it downloaded is kept, so it gets further next time: --timeout SECONDS"
            ) from error


def find_uv(told: Told, timeout_s: float) -> Uv:
    """Find uv: beside this Python, else on the path.

    Parameters
    ----------
    told : callable
        Is given each line of progress.
    timeout_s : float
        Seconds for all that it is asked.

    Returns
    -------
    Uv
        Ready to be asked.

    Raises
    ------
    EnvironmentNotMadeError
        If there is none, or one that is too old; the message says what to type.
    """
    program = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    if program is None:
        raise EnvironmentNotMadeError(_MISSING)
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentNotMadeError(f"{program} does not run ({error}). {_MISSING}") from error
    numbers = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    if numbers is None or tuple(map(int, numbers.groups())) < OLDEST_UV:
        oldest = ".".join(map(str, OLDEST_UV))
        raise EnvironmentNotMadeError(
            f"{program} is {said.strip() or 'no uv'}, and {oldest} is the first that knows lock files. "
            f'In a shell: pip install "uv>={oldest}"'
        )
    return Uv(program, told, timeout_s)


def cause(messages: str) -> str:
    """Return what uv says is the cause, on one line.

    Parameters
    ----------
    messages : str
        What it wrote on its error stream.

    Returns
    -------
    str
        Without "error:" and hints.

    Examples
    --------
    >>> cause("warning: x\\nerror: Failed to fetch: `y`\\n  cause: no route\\n")
    'Failed to fetch: `y` (no route)'
    """
    # uv breaks its sentences at the width of the terminal that COLUMNS tells of: a line without a word of its own
    # goes on with the one before.
    lines: list[str] = []
    for line in messages.splitlines():
        said = " ".join(line.split())
        if said and lines and lines[-1] and line[:1].isspace() and not said.startswith(_BEGINS):
            lines[-1] += f" {said}"
        else:
            lines.append(said)
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    causes = [line.removeprefix("cause: ") for line in lines if line.startswith("cause: ")]
    head = errors[-1] if errors else next((line for line in reversed(lines) if line), "uv said nothing")
    return f"{head} ({causes[0]})" if causes else head


def _variables() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    return {**kept, "NO_COLOR": "1", "UV_PREVIEW_FEATURES": "pylock", "UV_PYTHON_DOWNLOADS": "never"}


def _read(stream: IO[str] | None, number: int, lines: queue.SimpleQueue[tuple[int, str | None]]) -> None:
    assert stream is not None
    with contextlib.suppress(ValueError):  # closed under us: the process was ended
        for line in stream:
            lines.put((number, line))
    lines.put((number, None))


def _end(process: subprocess.Popen[str]) -> None:
    """End a process without fail, with all that it has started."""
    _signal(process, "SIGTERM")
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    _signal(process, "SIGKILL")
    process.wait()


def _signal(process: subprocess.Popen[str], name: str) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, getattr(signal, name))
