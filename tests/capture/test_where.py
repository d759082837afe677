"""The notebook is found by what front ends leave; a renamed one by asking a server on this machine."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from celltrail.capture import where
from celltrail.capture.where import client_name, find_notebook, kernel_id

KERNEL = "5f0a3c1e-1111-2222-3333-444455556666"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CELLTRAIL_NOTEBOOK", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(where, "_asked", where._Asked())
    monkeypatch.setattr(sys, "argv", ["python"])


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that knows the kernel under its notebook's new name."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_ours = self.headers["Authorization"] == "token t" and self.path == "/api/sessions"
            sessions = [{"type": "notebook", "path": "sub/new.ipynb", "kernel": {"id": KERNEL}}] if is_ours else []
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(sessions).encode())

        def log_message(self, *_: object) -> None:
            return

    http = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    told = {"url": f"http://127.0.0.1:{http.server_port}/", "token": "t", "root_dir": str(tmp_path)}
    (tmp_path / "jpserver-1.json").write_text(json.dumps(told))
    (tmp_path / "jpserver-2.json").write_text(json.dumps({**told, "url": "http://example.org/"}))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["python", "-f", f"/run/kernel-{KERNEL}.json"])
    yield
    http.shutdown()
    http.server_close()


def test_the_environment_variable_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CELLTRAIL_NOTEBOOK", str(tmp_path / "a.ipynb"))

    assert tmp_path / "a.ipynb" == find_notebook({"__vsc_ipynb_file__": "/other.ipynb"})


def test_front_ends_leave_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.touch()

    assert Path("/x/b.ipynb") == find_notebook({"__vsc_ipynb_file__": "/x/b.ipynb"})
    assert path == find_notebook({"__session__": str(path)})
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert path == find_notebook({})


def test_a_console_and_a_plain_shell_have_no_notebook() -> None:
    assert find_notebook({}) is None
    assert find_notebook({"__session__": "/x/console-1-6b1f0a3c-1111-2222-3333-444455556666"}) is None


@pytest.mark.usefixtures("server")
def test_a_renamed_notebook_is_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.ipynb").touch()

    assert tmp_path / "sub" / "new.ipynb" == find_notebook({"__session__": str(tmp_path / "old.ipynb")})
    assert KERNEL == kernel_id()


def test_a_notebook_that_was_never_saved_keeps_its_name(tmp_path: Path) -> None:
    assert tmp_path / "new.ipynb" == find_notebook({"__session__": str(tmp_path / "new.ipynb")})


def test_the_client_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ipython" == client_name({})
    assert "jupyter" == client_name({"__session__": "x"})
    assert "vscode" == client_name({"__vsc_ipynb_file__": "x"})
    monkeypatch.setattr(sys, "argv", ["python", "-f", "/run/kernel-1-2.json"])
    assert "nbclient" == client_name({})
