"""What every test shares: `--full`."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("celltrail", deadline=None)
settings.load_profile("celltrail")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="also the tests that drive a browser: everything that CI runs (without it: under five minutes)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests that drive a browser to `--full` and `-m browser`."""
    if config.getoption("--full") or "browser" in (config.getoption("-m") or ""):
        return
    driving = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in driving]
    config.hook.pytest_deselected(items=driving)
