"""What git says of the code of a run comes late, and comes to every run."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.capture import late_facts
from celltrail.domain.record import Keeping
from celltrail.magics.extension import current
from celltrail.store.trail import Trail


def test_cells_in_quick_succession_share_one_look_at_git(
    shell: InteractiveShell,
    run: Callable[..., Any],
    trail: Trail,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    looks: list[Path] = []
    ask = late_facts.finish_git
    monkeypatch.setattr(late_facts, "finish_git", lambda state, folder: (looks.append(folder), ask(state, folder))[1])
    loaded = current()
    assert loaded is not None
    go_on = threading.Event()
    loaded.kernel.late.submit(lambda: bool(go_on.wait(60)) and None)

    for number in range(4):
        run(shell, f"%%track quick\nimport celltrail\ncelltrail.log_metric('gain', {number})")
    go_on.set()
    loaded.kernel.late.wait(60)

    states = [one.content.field("git")["status"] for one in trail.runs_of("quick")]
    assert [Keeping.KEPT] * 4 == states
    assert 1 == len(looks)
