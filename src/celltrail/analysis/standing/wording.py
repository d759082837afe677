"""What is said of a cell that is not what "run all" would give: what is the case, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from celltrail.domain.standing import Finding, Reason

_MOST = 4  # names or cells that are written out before the rest is counted


def sentences(findings: Sequence[Finding]) -> list[str]:
    """Return a sentence for each cause, the cells that only follow named at the end.

    Parameters
    ----------
    findings : sequence of Finding
        In the order of the notebook.

    Returns
    -------
    list of str
        Each says what the case is and its consequence.
    """
    groups: dict[tuple[Reason, int | None], list[Finding]] = {}
    for one in findings:
        if not follows(one):
            groups.setdefault((one.reason, one.cause_count), []).append(one)
    said = [sentence(group) for group in groups.values()]
    told = {_count(one) for group in groups.values() for one in group}
    rest = [count for one in findings if follows(one) and (count := _count(one)) not in told]
    if rest:
        plain = list(dict.fromkeys(rest))
        said.append(f"{_cells(plain)} {'follows' if len(plain) == 1 else 'follow'} from that.")
    return said


def follows(finding: Finding) -> bool:
    """Say whether a cell is not as it should be only because another is not."""
    is_own = finding.cause_count == finding.execution_count and finding.cause_cell_id == finding.cell_id
    return finding.reason is Reason.FOLLOWS or (finding.reason in (Reason.EDITED, Reason.REPEATED) and not is_own)


def sentence(group: Sequence[Finding]) -> str:
    """Return what is said of cells of one reason and cause."""
    first = group[0]
    names = listed(dict.fromkeys(plain_name(name) for one in group for name in one.names))
    cells, verb = _cells([_count(one) for one in group]), "was" if len(group) == 1 else "were"
    cause = f"cell [{first.cause_count}]"
    match first.reason:
        case Reason.EDITED if not any(one.names for one in group):
            return f"{cells} {verb} edited after it ran."
        case Reason.EDITED:
            return f'{cells} {verb} edited after it ran: "run all" would give another {names}.'
        case Reason.GONE:
            return f'{cells} used {names} from {cause}, which the notebook lacks now: "run all" would not make it.'
        case Reason.STALE:
            return f'{cells} ran before {cause} made {names} anew: "run all" would give another.'
        case Reason.REPEATED:
            return f'{cells} ran more than once and changes {names} each time: "run all" would give another.'
        case Reason.FILE:
            return f'{names} changed after {cells.lower()} read it: "run all" would read another.'
        case Reason.ORDER:
            return f'{cells} used {names} from {cause}, out of order: "run all" would give another.'
    return f"{cells} may be another."


def plain_name(name: str) -> str:
    """Return a variable as it is, a file without its folder, and ambient state in words."""
    if name.startswith("<rng:"):
        return f"the random state of {name[5:-1]}"
    if name.startswith("<"):
        return "the working directory" if name == "<cwd>" else name.strip("<>").rpartition(":")[2]
    return name.rpartition("/")[2] or name


def listed(words: Iterable[str]) -> str:
    """Return a few words, the rest counted."""
    found = list(words)
    return ", ".join(found[:_MOST]) + (f" and {len(found) - _MOST} more" if len(found) > _MOST else "")


def _count(finding: Finding) -> str:
    return f"[{finding.execution_count}]"


def _cells(counts: Sequence[str]) -> str:
    return f"{'Cell' if len(counts) == 1 else 'Cells'} {listed(counts)}"
