"""`pytest --nbval example_notebooks` runs and compares the notebooks as JupyterLab does.

What a person sees of a run is compared: ids and times stand only in the JSON of its bundle, which is left out.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from celltrail.views.schema import RUN_MIME


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave our JSON out: HTML and text, drawn from it, are compared to the letter."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, RUN_MIME)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Tell the kernel which notebook it runs and which cell comes; nbval tells neither."""
    if not hasattr(item, "cell"):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLTRAIL_NOTEBOOK", str(item.path))
        yield  # the first cell starts the kernel
    item.parent.kernel.kc.session.metadata["cellId"] = item.cell["id"]
