"""Digests are the same on every machine, under every pandas, for ever."""

from __future__ import annotations

import json
from pathlib import Path
from runpy import run_path

CONTRACT = Path(__file__).parent.parent / "contract"


def test_the_promised_digests_hold_under_the_installed_pandas() -> None:
    promised = json.loads((CONTRACT / "digests.json").read_text(encoding="utf-8"))

    assert promised == run_path(str(CONTRACT / "golden_data.py"))["digests"]()
