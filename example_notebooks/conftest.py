"""`pytest --nbval example_notebooks` runs and compares the notebooks as JupyterLab does.

What a person sees of a run is compared: ids and times stand only in the JSON of its bundle, which is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import pytest

from celltrail.views.schema import RUN_MIME


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave our JSON out: HTML and text, drawn from it, are compared to the letter."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, RUN_MIME)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Tell the kernel which notebook it runs and which cell comes, and let it keep history; nbval does neither."""
    if not hasattr(item, "cell"):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLTRAIL_NOTEBOOK", str(item.path))
        yield  # the first cell starts the kernel
    client = item.parent.kernel.kc
    client.session.metadata["cellId"] = item.cell["id"]
    client.execute = partial(_with_history, type(client).execute, client)


def _with_history(execute: Callable[..., str], client: Any, code: str, **options: Any) -> str:
    return execute(client, code, **{**options, "store_history": True})
