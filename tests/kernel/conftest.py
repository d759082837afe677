"""Real kernels, driven as a front end drives them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.manager import KernelManager


class Kernel:
    """One kernel and its client."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, **environment})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def start(self, source: str, *, cell_id: str | None = None) -> str:
        """Send a cell and do not wait."""
        self.client.session.metadata = {"cellId": cell_id} if cell_id else {}
        return str(self.client.execute(source, allow_stdin=False))

    def run(self, source: str, *, cell_id: str | None = None, timeout_s: float = 60) -> dict[str, Any]:
        """Run a cell; return its reply status, streams, displays and traceback."""
        return self.wait(self.start(source, cell_id=cell_id), timeout_s=timeout_s)

    def wait(self, message: str, *, timeout_s: float = 60) -> dict[str, Any]:
        """Wait for the end of a cell."""
        seen: dict[str, Any] = {"stdout": "", "stderr": "", "displays": [], "result": None, "error": None}
        while True:
            try:
                got = self.client.get_iopub_msg(timeout=timeout_s)
            except Empty as silence:
                raise AssertionError(f"the kernel said nothing for {timeout_s} s; so far: {seen}") from silence
            if got["parent_header"].get("msg_id") != message:
                continue
            kind, content = got["header"]["msg_type"], got["content"]
            if kind == "stream":
                seen[content["name"]] += content["text"]
            elif kind == "display_data":
                seen["displays"].append(content["data"])
            elif kind == "execute_result":
                seen["result"] = content["data"]
            elif kind == "error":
                seen["error"] = content
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=timeout_s)
            if reply["parent_header"].get("msg_id") == message:
                return {**seen, "status": reply["content"]["status"]}

    def kill(self) -> None:
        """Kill the process at once, as the out-of-memory killer does."""
        self.manager.shutdown_kernel(now=True)

    def close(self) -> None:
        """Shut down in order; of a kernel that has died, give back its sockets, which nothing else does."""
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=False)
        else:
            self.manager.cleanup_resources()


@pytest.fixture
def start_kernel(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Return a function that starts a kernel in the test's folder."""
    (tmp_path / "celltrail.toml").touch()
    started: list[Kernel] = []

    def start(folder: Path | None = None, **environment: str) -> Kernel:
        kernel = Kernel(folder or tmp_path, environment)
        started.append(kernel)
        return kernel

    yield start
    for kernel in started:
        kernel.close()
