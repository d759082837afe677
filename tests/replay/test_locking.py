"""A run's environment as a lock file: whole, exact, and honest about what it can't bring."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from replay.conftest import MakeRun
from support.wheels import make_wheel

from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment import lock_of

SOURCES = {"vcs", "directory", "archive", "sdist", "wheels"}


def packages_of(text: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in tomllib.loads(text)["packages"]}


def test_a_lock_holds_every_distribution_with_its_version_and_digest(make_run: MakeRun, index: Path) -> None:
    run = make_run(["alpha", "1.0"], ["beta", "0.5"], python="3.11.7")

    lock = lock_of(run)

    held = tomllib.loads(lock.text)
    assert "1.0" == held["lock-version"]
    assert "celltrail" == held["created-by"]
    assert "==3.11.*" == held["requires-python"]
    assert "python_version == '3.11'" in held["environments"][0]
    assert ["alpha", "beta"] == [one["name"] for one in held["packages"]]
    alpha = packages_of(lock.text)["alpha"]
    wheel = index / "alpha-1.0-py3-none-any.whl"
    assert "1.0" == alpha["version"]
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == alpha["wheels"][0]["hashes"]["sha256"]
    assert wheel.as_uri() == alpha["wheels"][0]["url"]
    assert () == lock.missing


def test_every_package_of_a_lock_has_one_source_as_the_format_asks(make_run: MakeRun, index: Path) -> None:
    commit = "44f002bad0af55757eaad1a2fb2e88e149f68ad3"
    run = make_run(
        ["alpha", "1.0"],
        ["gamma", "1", f"git+https://host/gamma@{commit}"],
        ["delta", "2", f"archive https://host/delta-2.zip#sha256={'a' * 64}"],
    )

    packages = packages_of(lock_of(run).text)

    assert [1, 1, 1] == [len(SOURCES & one.keys()) for one in packages.values()]
    assert {"type": "git", "url": "https://host/gamma", "commit-id": commit} == packages["gamma"]["vcs"]
    assert "version" not in packages["gamma"]  # a source tree may have any
    assert {"sha256": "a" * 64} == packages["delta"]["archive"]["hashes"]


@pytest.mark.parametrize("width", ["60", "80", "1000"])
def test_what_the_index_does_not_have_is_missing_by_name_and_the_rest_is_locked(
    make_run: MakeRun, index: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)  # where uv breaks what it says
    run = make_run(["alpha", "9.9"], ["beta", "0.5"], ["torch", "2.4.0+cpu"])

    lock = lock_of(run)

    assert {"beta": "0.5"} == lock.packages
    assert [("alpha", "9.9"), ("torch", "2.4.0+cpu")] == [(one.name, one.version) for one in lock.missing]
    assert "no version of alpha==9.9" in lock.missing[0].reason


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("editable file:///home/me/mine", "installed as editable from file:///home/me/mine"),
        ("local file:///home/me/mine", "installed from file:///home/me/mine"),
        ("git+https://host/mine@abc", "at a commit that was not recorded in full"),
        ("hg+https://host/mine@" + "a" * 40, "uv knows git alone"),
        ("archive https://host/mine.zip", "whose digest was not recorded"),
    ],
)
def test_what_no_index_brings_is_missing_with_its_reason(
    make_run: MakeRun, index: Path, origin: str, reason: str
) -> None:
    (missing,) = lock_of(make_run(["alpha", "1.0"], ["mine", "0.1", origin])).missing

    assert ("mine", "0.1", origin) == (missing.name, missing.version, missing.origin)
    assert reason in missing.reason


@pytest.mark.parametrize("origin", ["conda", "system", "archive file:///croot/alpha_1718/work"])
def test_what_another_package_manager_brought_comes_from_the_index_and_that_is_said(
    make_run: MakeRun, index: Path, origin: str
) -> None:
    lock = lock_of(make_run(["alpha", "1.0", origin]))

    assert {"alpha": "1.0"} == lock.packages
    assert "alpha 1.0 came from" in lock.remarks[0]


def test_a_lock_for_another_platform_holds_its_builds(make_run: MakeRun, index: Path) -> None:
    made = make_wheel(index, "gamma", "1.0")
    made.rename(index / "gamma-1.0-py3-none-win_amd64.whl")
    run = make_run(["gamma", "1.0"], system="Windows-10-10.0.19045-SP0")

    lock = lock_of(run)

    assert {"gamma": "1.0"} == lock.packages
    assert "sys_platform == 'win32'" in lock.text
    assert ["gamma"] == [one.name for one in lock_of(run, here="3.11.7").missing]


def test_an_index_that_does_not_answer_is_one_error_that_says_what_to_do(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    with pytest.raises(EnvironmentNotMadeError, match=r"could not ask for the 1 dist.*Failed to fetch.*UV_INDEX"):
        lock_of(make_run(["celltrail-no-such", "1.0"]))


def test_a_run_of_which_nothing_is_known_is_one_error(make_run: MakeRun) -> None:
    with pytest.raises(EnvironmentNotMadeError, match="not known of this run"):
        lock_of(make_run())


def test_a_whole_lock_is_kept_so_that_it_needs_no_index_again(
    make_run: MakeRun, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(["alpha", "1.0"])
    first = lock_of(run)
    monkeypatch.delenv("UV_CONFIG_FILE")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")

    assert first == lock_of(run)


def test_what_was_missing_is_looked_for_again(make_run: MakeRun, index: Path) -> None:
    run = make_run(["alpha", "3.0"])
    assert ["alpha"] == [one.name for one in lock_of(run).missing]
    make_wheel(index, "alpha", "3.0")

    assert {"alpha": "3.0"} == lock_of(run).packages


@pytest.fixture
def guarded_index(tmp_path: Path) -> Iterator[str]:
    """A small index on this machine that asks for a password."""
    wheel = make_wheel(tmp_path, "alpha", "1.0")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    page = f'<a href="/files/{wheel.name}#sha256={digest}">{wheel.name}</a>'.encode()
    wanted = f"Basic {base64.b64encode(b'me:s3cret').decode()}"

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if "simple" in self.path else "application/octet-stream")
            self.end_headers()
            self.wfile.write(page if "simple" in self.path else wheel.read_bytes())

        do_HEAD = do_GET  # noqa: N815  the name that http.server asks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://me:s3cret@127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_password_of_an_index_never_gets_into_a_lock(
    make_run: MakeRun, guarded_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", guarded_index)

    lock = lock_of(make_run(["alpha", "1.0"]))

    assert {"alpha": "1.0"} == lock.packages
    assert re.search(r"http://127\.0\.0\.1:\d+/files/alpha", lock.text)
    assert "s3cret" not in lock.text
