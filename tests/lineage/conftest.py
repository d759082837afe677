"""A notebook with celltrail loaded, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.notebooks import Notebook, notebook_in


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Return a notebook with celltrail loaded."""
    with notebook_in(tmp_path) as notebook:
        yield notebook
