"""Which run a reference names in this trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from celltrail.domain.reference import Reference, ReferenceKind, parse_reference
from celltrail.domain.run import Run
from celltrail.errors import BadReferenceError, ExperimentNotFoundError, RunNotFoundError
from celltrail.store.best import best_run
from celltrail.store.filter_tree import near_names
from celltrail.store.ranking import RUN_ROWS, main_key
from celltrail.store.runs import load_runs
from celltrail.store.store import Store
from celltrail.store.values import text_in, text_out

IS_NUMBERED = "r.kind = 'run' AND r.number IS NOT NULL"
NAMES = (
    "SELECT DISTINCT name FROM experiments AS e WHERE EXISTS (SELECT 1 FROM runs AS r WHERE r.experiment_id = e.id)"
)
# With who ran the run of that number, and its id: experiments of one name are told apart by them.
EXPERIMENTS = """
SELECT e.id, e.origin IS NOT NULL, r.author, r.global_id FROM experiments AS e
LEFT JOIN runs AS r ON r.id = ifnull(
  (SELECT o.id FROM runs AS o WHERE o.experiment_id = e.id AND o.number = ? AND o.kind = 'run'),
  (SELECT max(o.id) FROM runs AS o WHERE o.experiment_id = e.id))
WHERE e.name = ? ORDER BY e.origin IS NOT NULL, e.id
"""
BY_NUMBER = f"SELECT r.id, r.forgotten_at FROM runs AS r WHERE r.experiment_id = ? AND r.number = ? AND {IS_NUMBERED}"
BY_ID = "SELECT id, global_id FROM runs AS r WHERE global_id >= ? AND global_id < ? || '{' AND {standing} LIMIT 6"
_NEWEST_OF = """
SELECT r.id, r.repeat_of, r.experiment_id, r.started_at FROM runs AS r
WHERE r.kind = 'run' AND r.forgotten_at IS NULL AND {kind}
  AND (SELECT e.origin FROM experiments AS e WHERE e.id = r.experiment_id) IS NULL AND {which}
ORDER BY r.started_at DESC, r.id DESC LIMIT 1
"""
# A repeat stands for the run that it repeats. For each kind and each `which` an index gives the order too.
NEWEST = f"""
SELECT ifnull(n.repeat_of, n.id), n.experiment_id FROM (
  SELECT * FROM ({_NEWEST_OF.replace("{kind}", "r.number IS NOT NULL")})
  UNION ALL SELECT * FROM ({_NEWEST_OF.replace("{kind}", "r.repeat_of IS NOT NULL")})
) AS n ORDER BY n.started_at DESC, n.id DESC LIMIT 1
"""
NOTEBOOK = "SELECT id FROM notebooks WHERE path = ?"
BEFORE = f"""
SELECT r.id FROM runs AS r WHERE r.experiment_id = ? AND {IS_NUMBERED} AND r.forgotten_at IS NULL
  AND r.number < (SELECT o.number FROM runs AS o WHERE o.id = ?) ORDER BY r.number DESC LIMIT 1
"""
NUMBERS = f"""
SELECT min(r.number), max(r.number) FROM runs AS r
WHERE r.experiment_id = ? AND {IS_NUMBERED} AND r.forgotten_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a reference was typed: what "this experiment" is."""

    experiment: str | None = None
    notebook: str | None = None


def find_run(
    trail: Store,
    reference: str,
    *,
    experiment: str | None = None,
    notebook: str | None = None,
    forgotten: bool = False,
) -> Run:
    """Return the run that a reference names.

    Parameters
    ----------
    trail : Store
        The store.
    reference : str
        `forest#7`, `#7`, `last`, `prev`, `best`, `forest` (its newest run), the beginning of an id, or
        `forest#7 · bob` for an imported run.
    experiment : str, optional
        What "this experiment" is; by default the experiment of the newest run.
    notebook : str, optional
        Path of the open notebook: "the newest run" is then the newest of it, where it has any.
    forgotten : bool, optional
        Whether forgotten runs are found too.

    Returns
    -------
    Run
        The run.

    Raises
    ------
    RunNotFoundError
        If there is none; names near ones.
    ExperimentNotFoundError
        If there is no experiment of that name.
    BadReferenceError
        If the reference can't be read, names no run, or may mean several.
    """
    text, _, author = (part.strip() for part in reference.partition("·"))
    asked = parse_reference(text)
    with trail.db.reading():
        finder = _Finder(trail, asked, Here(experiment, notebook), author, forgotten=forgotten)
        runs = load_runs(trail, [finder.row()])
    if not runs:
        raise RunNotFoundError(f"{reference} is gone. See what there is with: %runs")
    return runs[0]


class _Finder:
    """Finds one reference; what it asks of the store stands in the constants above."""

    def __init__(self, trail: Store, asked: Reference, here: Here, author: str, *, forgotten: bool) -> None:
        self.trail = trail
        self.asked = asked
        self.here = here
        self.author = author
        self.forgotten = forgotten

    def row(self) -> int:
        kind = self.asked.kind
        match kind:
            case ReferenceKind.NUMBER:
                return self.by_number()
            case ReferenceKind.ID:
                return self.by_id()
            case ReferenceKind.NAME | ReferenceKind.LAST:
                return self.newest()[0]
            case ReferenceKind.PREV:
                return self.previous()
            case ReferenceKind.BEST:
                return self.best()
            case ReferenceKind.SAVED:
                raise BadReferenceError(
                    "`saved` is the run whose panel is saved in the open notebook, and none is known here. "
                    "Name the run: forest#7."
                )
            case ReferenceKind.VERSION | ReferenceKind.ALIAS:
                raise BadReferenceError(f"{self.asked} names a version of a model, not a run. Name a run: forest#7.")
        assert_never(kind)

    def by_number(self) -> int:
        number = self.asked.number or 0
        experiments = self.experiments() if self.asked.name else [self.this_experiment()]
        for experiment in experiments:
            found = self.trail.db.row(BY_NUMBER, (experiment, number))
            if found and (self.forgotten or found[1] is None):
                return int(found[0])
            if found:
                raise RunNotFoundError(
                    f"{self.asked} was forgotten. Bring it back with: %trail forget --undo {self.asked}"
                )
        low, high = self.trail.db.rows(NUMBERS, (experiments[0],))[0]
        there = (
            "it has no runs" if low is None else f"there is #{low}" if low == high else f"there are #{low} to #{high}"
        )
        raise RunNotFoundError(f"No run {self.asked}: {there}. See them with: %runs")

    def by_id(self) -> int:
        prefix = self.asked.id_prefix or ""
        standing = "1" if self.forgotten else "r.forgotten_at IS NULL"
        found = self.trail.db.rows(BY_ID.replace("{standing}", standing), (prefix, prefix))
        if len(found) > 1:
            raise BadReferenceError(
                f"{self.asked} may mean {', '.join(run for _, run in found[:5])}: write more of it."
            )
        if not found:
            raise RunNotFoundError(
                f"No run of this trail has an id that begins with {prefix!r}. See them with: %runs"
            )
        return int(found[0][0])

    def newest(self) -> tuple[int, int]:
        """Return the newest run and its experiment: of the one named, else of this one, else of the notebook."""
        experiments: list[int | None] = [None]
        if self.asked.name:
            experiments = [*self.experiments()]
        elif self.here.experiment is not None:
            experiments = [*self.named(self.here.experiment)]
        for experiment in experiments:
            for notebook in dict.fromkeys([self.notebook(), None]):
                places = (("r.experiment_id", experiment), ("r.notebook_id", notebook))
                which = " AND ".join(f"{column} = {row}" for column, row in places if row is not None) or "1"
                found = self.trail.db.row(NEWEST.format(which=which))
                if found:
                    return int(found[0]), int(found[1])
            if experiment is not None and (rows := self.trail.db.rows(RUN_ROWS, (experiment, 1, 0))):
                return int(rows[0][0]), experiment
        of = f" of {self.asked.name or self.here.experiment}" if experiments != [None] else ""
        raise RunNotFoundError(f"No run{of} yet: a cell that trains or evaluates becomes one, or one under %%track.")

    def previous(self) -> int:
        row, experiment = self.newest()
        found = self.trail.db.row(BEFORE, (experiment, row))
        if found is None:
            raise RunNotFoundError("No run before the last one: its experiment has no other. See all with: %runs")
        return int(found[0])

    def best(self) -> int:
        experiment = self.newest()[1]
        return best_run(self.trail, experiment, main_key(self.trail, experiment))

    def this_experiment(self) -> int:
        if self.here.experiment is not None:
            return self.named(self.here.experiment)[0]
        return self.newest()[1]

    def experiments(self) -> list[int]:
        return self.named(self.asked.name or "")

    def named(self, name: str) -> list[int]:
        """Return the experiments of a name: this trail's own, else the imported one that can be meant."""
        found = self.trail.db.rows(EXPERIMENTS, (self.asked.number, text_in(name)))
        if self.author:
            found = [row for row in found if row[1] and text_out(row[2] or "") == self.author]
        own = [int(row[0]) for row in found if not row[1]]
        if own or len(found) == 1:
            return own or [int(found[0][0])]
        if found:
            choices = [f"{self.asked} · {text_out(row[2] or '')}" for row in found]
            if len(set(choices)) < len(choices):
                choices = [str(row[3]) for row in found]
            raise BadReferenceError(f"{self.asked} may mean several imported runs: {', '.join(choices)}.")
        names = [text_out(one) for (one,) in self.trail.db.rows(NAMES)]
        near = near_names(name, names) or names[:4]
        said = f"Near: {', '.join(near)}." if near else "There are no runs yet."
        raise ExperimentNotFoundError(f"No experiment is called {name!r}. {said} See them with: %runs")

    def notebook(self) -> int | None:
        """Return the row of the open notebook, where this trail knows it."""
        if self.here.notebook is None:
            return None
        from pathlib import Path

        from celltrail.store.notebooks import stored_path

        path = Path(self.here.notebook).absolute().as_posix()
        found = self.trail.db.row(NOTEBOOK, (text_in(stored_path(self.trail.path.parent, path)),))
        return int(found[0]) if found else None
