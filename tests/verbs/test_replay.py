"""What a replay came to is kept with its run; where that can't be, it is shown all the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from celltrail.domain.verdict import Outcome, Verdict
from celltrail.store.trail import Trail
from celltrail.store.verdicts import newest_verdict
from celltrail.verbs.current import Context
from celltrail.verbs.replay import keep


def test_a_verdict_is_kept_with_its_run(shell_door: Context) -> None:
    run = shell_door.find("forest#1")

    kept = keep(shell_door, run, Verdict(run.reference, Outcome.CLOSE))

    assert () == kept.remarks
    assert "close" == (newest_verdict(shell_door.trail(), str(run.id)) or {})["verdict"]


def test_a_verdict_that_can_not_be_kept_is_given_and_says_so(shell_door: Context, project: Path) -> None:
    with Trail.open(project / ".celltrail", create=False, read_only=True) as trail:
        kernel = cast(Any, SimpleNamespace(trail=trail, notebook=None))
        context = Context("cell", project, kernel)
        run = context.find("forest#1")

        given = keep(context, run, Verdict(run.reference, Outcome.CLOSE))

        assert newest_verdict(trail, str(run.id)) is None
    assert Outcome.CLOSE is given.verdict
    assert given.remarks[0].startswith("This verdict is not kept: ")
    assert "open only to read" in given.remarks[0]
