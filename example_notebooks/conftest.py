"""`pytest --nbval example_notebooks` compares what a person sees of a run; ids and times stand only in its bundle."""

from __future__ import annotations

import pytest

from celltrail.views.schema import RUN_MIME


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave our JSON out: HTML and text, drawn from it, are compared to the letter."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, RUN_MIME)
