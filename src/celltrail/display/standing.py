"""How the cells of a notebook stand, and what to run, as text and as static HTML."""

from __future__ import annotations

from celltrail.analysis.standing.wording import listed, sentences
from celltrail.display.markup import muted, table, text
from celltrail.domain.standing import Finding, Reason, Standing, Step
from celltrail.views.lineage import first_line
from celltrail.views.numbers import shorten

_CODE = 44  # characters of a cell's first line


def standing_lines(standing: Standing) -> list[str]:
    """Return how cells stand, a sentence each.

    Parameters
    ----------
    standing : Standing
        As `views.standing` gives it.

    Returns
    -------
    list of str
        First how many; last what is not known.
    """
    wrong = len({(one.cell_id, one.execution_count) for one in standing.findings})
    lines = [
        f'{wrong} of {_cells(standing.count)} {"is" if wrong == 1 else "are"} not what "run all" would give.'
        if wrong
        else f'{_cells(standing.count)}: "run all" would give the same{_as_far(standing)}.'
    ]
    lines += sentences(standing.findings)
    if standing.steps:
        lines.append(f"To run, in this order: {listed_all(standing.steps)}. %trail fix says why.")
    if lost := [one.name for one in standing.left_over if not one.is_there]:
        lines.append(f"Made by code that the notebook lacks now: {listed(lost)}.")
    if standing.unsure:
        lines.append(f"What can't be told: whether {_counts(standing.unsure)} would come out the same.")
    if not standing.is_placed:
        lines.append("The notebook's file is not known: cells that were edited, moved or deleted since are not seen.")
    return lines


def _as_far(standing: Standing) -> str:
    return ", as far as can be told" if standing.unsure or not standing.is_placed else ""


def fix_lines(standing: Standing) -> list[str]:
    """Return what to run, a cell a line, and why."""
    if not standing.steps:
        return [*standing_lines(standing), *fix_remarks(standing)]
    rows = [(f"[{one.execution_count}]", _code(one), one.why) for one in standing.steps]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = ["Run, in this order:"]
    lines += [f"  {count:<{widths[0]}}  {code:<{widths[1]}}  {why}" for count, code, why in rows]
    return [*lines, *fix_remarks(standing)]


def fix_remarks(standing: Standing) -> list[str]:
    """Return what running cells alone does not mend."""
    said = []
    if len(standing.steps) == standing.count > 1:
        said.append("That is every cell that ran: restart the kernel and run all.")
    gone = {name: one.cause_count for one in standing.findings if one.reason is Reason.GONE for name in one.names}
    for name, cause in gone.items():
        if name.isidentifier():
            said.append(f"{name} came from [{cause}], which is gone: %recipe {name} gives its code.")
    return said


def standing_html(standing: Standing) -> str:
    """Return how cells stand as HTML; everything in it is escaped here."""
    head, *rest = standing_lines(standing)
    return f"<div><b>{text(head)}</b></div>" + "".join(f"<div>{text(one, 400)}</div>" for one in rest)


def fix_html(standing: Standing) -> str:
    """Return what to run as HTML; everything in it is escaped here."""
    if not standing.steps:
        return standing_html(standing) + "".join(f"<div>{text(one, 300)}</div>" for one in fix_remarks(standing))
    rows = [
        (
            f"[{one.execution_count}]",
            f"<code>{text(_code(one))}</code>",
            muted(text(one.why, 300)),
        )
        for one in standing.steps
    ]
    said = "".join(f"<div>{text(one, 300)}</div>" for one in fix_remarks(standing))
    return f"<div><b>Run, in this order</b></div>{table(rows)}{said}"


def _code(step: Step) -> str:
    return shorten(first_line(step.source), _CODE)


def listed_all(steps: tuple[Step, ...]) -> str:
    """Return the counts of cells, all of them."""
    return ", ".join(f"[{one.execution_count}]" for one in steps)


def _counts(findings: tuple[Finding, ...]) -> str:
    return listed(dict.fromkeys(f"[{one.execution_count}]" for one in findings))


def _cells(count: int) -> str:
    return f"{count} {'cell' if count == 1 else 'cells'}"
