"""The browser of this machine."""

from __future__ import annotations

import os
import shutil

import pytest


def chromium() -> str:
    """Return where Chromium is; without it the test is skipped, or fails where CI requires it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        say = "no Chromium on this machine"
        if os.environ.get("CELLTRAIL_BROWSER") == "required":
            pytest.fail(f"{say}, and CELLTRAIL_BROWSER=required")
        pytest.skip(say)
    return found
