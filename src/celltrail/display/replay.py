"""A verdict as text: the word, what differs first, the metrics that moved, and in what it was replayed."""

from __future__ import annotations

from celltrail.display.words import clean
from celltrail.domain.verdict import MetricCheck, Outcome, Verdict

_METRICS_SHOWN = 12
_DIFFERENCES_SHOWN = 8


def verdict_line(verdict: Verdict | None) -> str:
    """Return a verdict on one line, as `show` and the panel have it.

    Parameters
    ----------
    verdict : Verdict or None
        None: it was never replayed.

    Returns
    -------
    str
        "replay: identical (1 model, 2 metrics)", "replay: not tried".
    """
    if verdict is None:
        return f"replay: {Outcome.NOT_TRIED.value}"
    return f"replay: {_summary(verdict)}"


def verdict_text(verdict: Verdict) -> str:
    """Return a verdict in full.

    Parameters
    ----------
    verdict : Verdict
        What a replay came to.

    Returns
    -------
    str
        Without a trailing newline.
    """
    work = f"{verdict.cells} cell{'s' if verdict.cells != 1 else ''} in {verdict.duration_s or 0:.0f} s"
    lines = [f"{verdict.run}   {_summary(verdict)} · {work}"]
    moved = [(key, one) for key, one in verdict.metrics.items() if one.outcome is not Outcome.IDENTICAL]
    lines += [f"  {clean(key, 60)}   {_check(one)}" for key, one in moved[:_METRICS_SHOWN]]
    lines += [f"  {len(moved) - _METRICS_SHOWN} more metrics moved: --json lists them"] * (
        len(moved) > _METRICS_SHOWN
    )
    lines += [f"  {clean(one, 200)}" for one in verdict.remarks]
    environment = verdict.environment
    shown = environment.differences[:_DIFFERENCES_SHOWN]
    if shown:
        more = len(environment.differences) - len(shown)
        lines.append(f"  environment   {', '.join(shown)}" + (f" and {more} more" if more else ""))
        if not environment.is_rebuilt and verdict.verdict is not Outcome.IDENTICAL:
            lines.append(f"  In the run's own environment: replay {verdict.run} --env")
    lines += [f"  missing   {clean(one, 160)}" for one in environment.missing]
    return "\n".join(lines)


def _summary(verdict: Verdict) -> str:
    word, at = verdict.verdict.value, verdict.diverged_at
    if at is None:
        compared = ", ".join(verdict.compared) or "nothing was kept to compare"
        return f"{word} ({compared})"
    where = {Outcome.FAILED: "in", Outcome.UNSTABLE: "in"}.get(verdict.verdict, "from")
    return f"{word} {where} {clean(str(at), 160)}"


def _check(check: MetricCheck) -> str:
    sides = ["none" if one is None else f"{one!r}" for one in (check.recorded, check.replayed)]
    within = f" (close: within {check.tolerance:.1g})" if check.outcome is Outcome.CLOSE else ""
    return f"{sides[0]} → {sides[1]}{within}"
