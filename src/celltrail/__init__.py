"""celltrail: model lifecycle management inside the notebook."""

from __future__ import annotations


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab's development mode where the built front end lies."""
    return [{"src": "labextension", "dest": "@celltrail/labextension"}]
