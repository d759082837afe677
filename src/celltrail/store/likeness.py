"""Finding a cell again by its text, for front ends whose cell ids do not last.

nbclient and papermill send none, VS Code sends an address that counts cells, notebooks older than nbformat 4.5 get
new ids at each opening.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from celltrail.store import blobs
from celltrail.store.connection import Connection

# Rules of thumb, chosen on edits of real cells: a cell whose parameters, or a third of whose lines, were changed
# stays above the first; two cells written after the same pattern fall below the second.
SAME_CELL = 0.6
COPY = 0.9
MOST_CANDIDATES = 100
# The likest by their letters are compared; one that is not among them would be a surprise.
MOST_COMPARED = 5
# By letters up to here, by lines beyond: difflib's time grows with the square.
LONGEST_BY_LETTER = 2_000

# The newest run of each experiment of a notebook, with the cell and the session in which it ran.
NEWEST = """
SELECT e.id, e.name, e.is_named, r.source_id, x.session_id, n.text,
  (SELECT est.text FROM fits AS f JOIN names AS est ON est.id = f.estimator
   WHERE f.run_id = r.id ORDER BY f.position DESC LIMIT 1)
FROM (
  SELECT e.id, e.name, e.is_named, (SELECT max(o.id) FROM runs AS o WHERE o.experiment_id = e.id) AS newest
  FROM experiments AS e WHERE e.notebook_id IS ? AND e.origin IS NULL ORDER BY newest DESC LIMIT ?
) AS e
CROSS JOIN runs AS r ON r.id = e.newest JOIN executions AS x ON x.id = r.execution_id
LEFT JOIN names AS n ON n.id = x.cell_id ORDER BY r.id DESC
"""
EVER_SAME = "SELECT 1 FROM runs WHERE experiment_id = ? AND source_id = ? LIMIT 1"
LAST_OF = """
SELECT r.source_id, x.session_id FROM runs AS r JOIN executions AS x ON x.id = r.execution_id
WHERE r.experiment_id = ? ORDER BY r.id DESC LIMIT 1
"""
SOURCE = "SELECT encoding, content FROM blobs WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that no lasting id identifies."""

    notebook_id: int | None
    cell_id: str | None
    present: frozenset[str]  # cells of the notebook now; empty where not known
    source: str
    source_id: int
    session_id: int
    estimator: str | None
    runs_each_cell_once: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An experiment whose cell this is, or of which it is a copy."""

    experiment: int
    name: str
    is_named: bool
    ratio: float
    is_copy: bool

    @property
    def is_exact(self) -> bool:
        """Whether the source is the same to the letter."""
        return self.ratio == 1.0


def is_fleeting(cell_id: str | None) -> bool:
    """Say whether a cell id means nothing beyond this session (VS Code's addresses count cells)."""
    return cell_id is None or "://" in cell_id or cell_id.startswith(("vscode-", "untitled:"))


def is_same_cell(connection: Connection, experiment: int, source_id: int, session_id: int) -> bool:
    """Say whether a fleeting id that an experiment bore is still that cell: in the same session, or by its text."""
    found = connection.execute(LAST_OF, (experiment,)).fetchone()
    if found is None:
        return True
    if found[1] == session_id or found[0] == source_id:
        return True
    return _ratio(_text(connection, found[0]), _text(connection, source_id)) >= SAME_CELL


def most_like(connection: Connection, cell: Cell) -> Match | None:
    """Return the experiment of this notebook whose cell this most likely is, or of which it is a copy.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    cell : Cell
        With its source written as a blob.

    Returns
    -------
    Match or None
        None where it is a new cell.
    """
    candidates = []
    for found in connection.execute(NEWEST, (cell.notebook_id, MOST_CANDIDATES)).fetchall():
        experiment, name, is_named, source_id, session, its_cell, estimator = found
        if its_cell == cell.cell_id and not is_fleeting(its_cell):
            # Where the notebook is not known, a lasting id alone tells the cell: also edited, also after a restart.
            return Match(experiment, name, bool(is_named), 1.0, is_copy=False)
        is_exact = source_id == cell.source_id or bool(
            connection.execute(EVER_SAME, (experiment, cell.source_id)).fetchone()
        )
        needed, is_copy = _needed(cell, its_cell, is_same_session=session == cell.session_id, is_exact=is_exact)
        if not is_exact and session == cell.session_id and estimator != cell.estimator and not is_copy:
            continue  # another cell written after the same pattern, not this one edited
        if needed is None or (needed == 1.0 and not is_exact):
            continue
        text = None if is_exact else _text(connection, source_id)
        candidates.append(_Candidate(Match(experiment, name, bool(is_named), 1.0, is_copy), needed, text))
    return _best(cell.source, candidates)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An experiment that may be meant; `text` is None where its source is the same to the letter."""

    match: Match  # as if it were the same to the letter
    needed: float
    text: str | None


def _best(source: str, candidates: Sequence[_Candidate]) -> Match | None:
    """Return the likest; of equally like ones the first. The ratio of two texts takes 10 ms, a bound for it 20 µs."""
    letters = Counter(source)
    bounds = [1.0 if one.text is None else _most(letters, Counter(one.text)) for one in candidates]
    order = sorted(range(len(candidates)), key=lambda place: -bounds[place])
    best: tuple[tuple[float, bool, int], Match] | None = None
    compared = 0
    for place in order:
        one = candidates[place]
        if bounds[place] < one.needed or (best and (bounds[place], not one.match.is_copy, -place) <= best[0]):
            continue
        if one.text is not None and compared == MOST_COMPARED:
            continue
        compared += one.text is not None
        ratio = 1.0 if one.text is None else _ratio(one.text, source)
        rank = (ratio, not one.match.is_copy, -place)
        if ratio >= one.needed and (best is None or rank > best[0]):
            best = rank, replace(one.match, ratio=ratio)
    return best[1] if best else None


def _most(letters: Counter[str], others: Counter[str]) -> float:
    """Return a bound for the ratio: as if every letter that both have stood at its place."""
    total = letters.total() + others.total()
    return 2 * (letters & others).total() / total if total else 1.0


def _needed(cell: Cell, its_cell: str | None, *, is_same_session: bool, is_exact: bool) -> tuple[float | None, bool]:
    """Return the likeness that makes this cell that one (None: never), and whether it would be a copy of it."""
    if is_fleeting(cell.cell_id):
        if cell.cell_id is not None and is_same_session and its_cell is not None and its_cell != cell.cell_id:
            # Within a session even VS Code's addresses tell two cells apart.
            return COPY, True
        if cell.runs_each_cell_once and is_same_session and not is_exact:
            return None, False
        return SAME_CELL, False
    if is_fleeting(its_cell):
        return SAME_CELL, False
    if cell.present:
        return (COPY, True) if its_cell in cell.present else (SAME_CELL, False)
    # The list of cells is not known: the same text in another session is the same cell under a new id.
    return (COPY, True) if is_same_session else (1.0, False)


def _ratio(old: str, new: str) -> float:
    if len(old) > LONGEST_BY_LETTER or len(new) > LONGEST_BY_LETTER:
        matcher = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    else:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.real_quick_ratio() < SAME_CELL or matcher.quick_ratio() < SAME_CELL:
        return 0.0
    return matcher.ratio()


def _text(connection: Connection, source_id: int) -> str:
    encoding, content = connection.execute(SOURCE, (source_id,)).fetchone()
    return blobs.small_text(encoding, content)
