"""A real JupyterLab in a real Chromium, for tests that say what a person sees.

The server listens on loopback only, with a token, and has its root, settings and kernels' folders to itself. Tests
assert on the document, not on pixels; pictures are kept for the eye where CELLTRAIL_SHOTS names a folder.
CELLTRAIL_BROWSER=required turns the skip on a machine without Chromium into a failure.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.chromium import chromium

import celltrail

BUILT = Path(celltrail.__file__).parent / "labextension"
READY = """() => {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
  return session?.kernel?.connectionStatus === 'connected' && session.kernel.status === 'idle';
}"""
# Without it JupyterLab asks which kernel to take.
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# The commands of JupyterLab itself: key presses get lost while a kernel is connecting.
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Server:
    """A running JupyterLab or Notebook."""

    url: str
    token: str
    root: Path

    def address(self, path: str) -> str:
        mark = "&" if "?" in path else "?"
        return f"{self.url}{path}{mark}token={self.token}"


class Lab:
    """One notebook at a time, as a person opens and runs it."""

    def __init__(self, server: Server, page: Any) -> None:
        self.server = server
        self.page = page

    def write(self, name: str, *sources: str, outputs: list[dict[str, Any]] | None = None) -> Path:
        """Put a notebook into the server's root; the outputs, if given, are those of its last cell."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        if outputs is not None:
            cells[-1]["outputs"] = [
                nbformat.v4.new_output("display_data", data=data, metadata={}) for data in outputs
            ]
        path = self.server.root / name
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), path)
        return path

    def open(self, name: str, *, front_end: str = "lab") -> None:
        place = f"/lab/tree/{name}?reset" if front_end == "lab" else f"/notebooks/{name}"
        self.page.goto(self.server.address(place))
        self.page.wait_for_function(READY, timeout=PATIENCE_MS)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE_MS)
        if front_end == "lab":
            # Room for the notebook: the file browser takes a third of a narrow window.
            self.page.evaluate("() => { window.jupyterapp.shell.collapseLeft(); }")

    def run_all(self) -> None:
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(READY, timeout=PATIENCE_MS)

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def use_theme(self, name: str) -> None:
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {name}"
        )
        light = str(name == "Light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        # The page fades while the styles come.
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def sources(self) -> list[str]:
        """Tell the sources of the open notebook's cells, as they stand in the document."""
        found: list[str] = self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model.sharedModel.getSource())"
        )
        return found

    def shoot(self, name: str) -> None:
        """Keep a picture for the eye."""
        folder = os.environ.get("CELLTRAIL_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def own_environment(home: Path) -> dict[str, str]:
    """Keep settings, trust and history of the person who runs the tests out of them, and theirs out of ours."""
    mine = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    mine |= {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
    # The front end of this checkout, even where an editable install copied an earlier one.
    extensions = home / "share" / "labextensions" / "@celltrail"
    if BUILT.is_dir():
        shutil.copytree(BUILT, extensions / "labextension")
        mine["JUPYTER_PATH"] = str(home / "share")
    return {**os.environ, **mine}


def wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.address("/api/status"), timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start Notebook 7, which serves JupyterLab too, or JupyterLab alone where only that is installed."""
    chromium()
    home = tmp_path_factory.mktemp("jupyter")
    root = home / "root"
    root.mkdir()
    port = free_port()
    running = Server(url=f"http://127.0.0.1:{port}", token=secrets.token_hex(16), root=root)
    application = "notebook" if find_spec("notebook") else "jupyterlab"
    command = [sys.executable, "-m", application, "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += [
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={running.token}",
        f"--ServerApp.root_dir={root}",
    ]
    command += [
        "--LabApp.news_url=",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = home / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=own_environment(home), cwd=root, stdout=out, stderr=out)
        try:
            wait_until_up(running, process, log)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def open_window(server: Server, browser: Any) -> Callable[..., AbstractContextManager[Lab]]:
    """Open windows; an error that our own script left uncaught in one fails the test."""

    @contextmanager
    def opened(*, width: int = 1280, height: int = 900) -> Iterator[Lab]:
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(f"{fault}\n{fault.stack}"))
        yield Lab(server, page)
        context.close()
        # Notebook 7.6 has an error of its own at the start; the widget is loaded from a blob.
        assert [] == [fault for fault in faults if "@celltrail" in fault or "blob:" in fault]

    return opened


@pytest.fixture
def lab(open_window: Callable[..., AbstractContextManager[Lab]]) -> Iterator[Lab]:
    """Give a fresh window of 1280 × 900."""
    with open_window() as window:
        yield window
