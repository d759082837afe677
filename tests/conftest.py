"""What every test shares: `--full`."""

from __future__ import annotations

import atexit
import gc
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from support.chromium import chromium

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("celltrail", deadline=None)
settings.load_profile("celltrail")


# A shell that starts something in the background lets it ignore interrupts, and Python then takes none; whoever
# interrupts a cell has a kernel that does.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_SLOW = ("browser", "kernel", "long", "witness")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="also the tests that start kernels, drive a browser or take long: all that CI runs",
    )


def pytest_unconfigure() -> None:
    """Leave out the last things of the shells: IPython collects all garbage for each, ten minutes for a thousand."""
    atexit.register(_leave_shells)  # the last that is registered comes first


def _leave_shells() -> None:
    if "IPython.core.interactiveshell" not in sys.modules:
        return
    from IPython.core.interactiveshell import InteractiveShell

    for one in gc.get_objects():
        if issubclass(type(one), InteractiveShell):  # asks nothing of the hostile objects that tests have left
            atexit.unregister(one.atexit_operations)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests that take long to `--full`, or to whoever names some by `-m`; run those of the browser last.

    Beside its long variant a short one shows nothing more: where both are asked for, it is left out.

    While Playwright drives a browser an event loop runs on this thread, on which no other test could start its own.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if config.getoption("--full"):
        left = [item for item in items if item.get_closest_marker("short")]
    elif config.getoption("-m"):
        return
    else:
        left = [item for item in items if any(item.get_closest_marker(marker) for marker in _SLOW)]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start the system's Chromium."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()
