"""Rows of `runs` as `domain.run.Run`: light, from the summary that each row carries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from celltrail.domain.fit_keys import Named, NamedFit, param_prefixes
from celltrail.domain.ids import RunId
from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.store import liveness
from celltrail.store.content import StoredContent
from celltrail.store.listed import IS_LISTED, any_ids, status_sql
from celltrail.store.read_fits import BY_HAND, read_params
from celltrail.store.store import Store
from celltrail.store.summary import LONGEST_TEXT, brief_out
from celltrail.store.values import json_in, text_in, text_out, time_out

RUNS = """
SELECT r.id, r.global_id, e.name, e.origin, r.number, r.repeats, r.author, {status}, s.keys, r.summary, r.note,
  r.error, r.started_at, r.duration_s, r.saved_at, o.global_id, b.digest, v.digest,
  r.measured
FROM runs AS r
JOIN experiments AS e ON e.id = r.experiment_id
JOIN shapes AS s ON s.id = r.shape_id
JOIN blobs AS b ON b.id = r.source_id
LEFT JOIN environments AS v ON v.id = r.environment_id
LEFT JOIN runs AS o ON o.id = r.repeat_of
WHERE {which}
"""
TAGS = "SELECT run_id, n.text, value FROM tags JOIN names AS n ON n.id = name_id WHERE {which} ORDER BY n.text"
FIT_NAMES = """
SELECT f.run_id, f.name, k.text FROM fits AS f JOIN names AS k ON k.id = f.kind
WHERE {which} ORDER BY f.run_id, f.position
"""
BY_HAND_PARAMS = "SELECT run_id, n.text FROM params JOIN names AS n ON n.id = name_id WHERE {which} AND fit = -1"
NUMBERED_OF = f"""
SELECT r.id FROM runs AS r JOIN experiments AS e ON e.id = r.experiment_id
WHERE e.name = ? AND e.origin IS NULL AND {IS_LISTED} ORDER BY r.number DESC LIMIT ?
"""
REPEATS_OF = """
SELECT r.id FROM runs AS r JOIN runs AS o ON o.id = r.repeat_of
WHERE o.global_id = ? AND r.forgotten_at IS NULL ORDER BY r.id DESC LIMIT ?
"""
SCORED = "SELECT ifnull(sum(t.scored), 0) FROM targets AS t WHERE t.digest = ?"
# SQLite takes longer statements, but not much faster.
_ROWS_A_TIME = 500


def load_runs(trail: Store, rows: Sequence[int]) -> list[Run]:
    """Return runs by their rows, in the order of the rows.

    Parameters
    ----------
    trail : Store
        The store.
    rows : sequence of int
        `runs.id`; those that are gone are passed over.

    Returns
    -------
    list of Run
        A run whose kernel has died is `lost`, whether or not a writer has noted it yet.
    """
    found: dict[int, Run] = {}
    with trail.db.reading():
        lost = sorted(liveness.dead_sessions(trail))
        for start in range(0, len(rows), _ROWS_A_TIME):
            found.update(_load(trail, rows[start : start + _ROWS_A_TIME], lost))
    return [found[row] for row in rows if row in found]


def runs_of(trail: Store, experiment: str, last: int | None = None) -> list[Run]:
    """Return the numbered runs of an experiment of this trail, oldest first; none where it knows no such name."""
    rows = trail.db.rows(NUMBERED_OF, (text_in(experiment), -1 if last is None else last))
    return load_runs(trail, [row for (row,) in reversed(rows)])


def repeats_of(trail: Store, run: Run, last: int | None = None) -> list[Run]:
    """Return the unchanged repeats of a run, oldest first, without the run itself; only the last ones if asked."""
    rows = trail.db.rows(REPEATS_OF, (run.id, -1 if last is None else last))
    return load_runs(trail, [row for (row,) in reversed(rows)])


def count_scored(trail: Store, target_digest: str) -> int:
    """Return how often models of this trail were scored on this target data."""
    return int(trail.db.rows(SCORED, (target_digest,))[0][0])


def row_of(run: Run) -> int:
    """Return the row of a run that this store gave out."""
    assert isinstance(run.content, StoredContent)
    return run.content.row


@dataclass(slots=True)
class _Page:
    """What stands beside the rows of one page, by row."""

    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    fits: dict[int, list[NamedFit]] = field(default_factory=dict)
    by_hand: dict[int, set[str]] = field(default_factory=dict)


def _load(trail: Store, rows: Sequence[int], lost: Sequence[int]) -> dict[int, Run]:
    page = _Page()
    which = any_ids("run_id", rows)
    for row, name, value in trail.db.rows(TAGS.format(which=which)):
        page.tags.setdefault(row, {})[text_out(name)] = text_out(value)
    for row, name, kind in trail.db.rows(FIT_NAMES.format(which=which)):
        page.fits.setdefault(row, []).append(NamedFit(text_out(name), text_out(kind)))
    for row, name in trail.db.rows(BY_HAND_PARAMS.format(which=which)):
        page.by_hand.setdefault(row, set()).add(text_out(name))
    sql = RUNS.format(status=status_sql(lost), which=any_ids("r.id", rows))
    return {columns[0]: _run(trail, columns, page) for columns in trail.db.rows(sql)}


def _run(trail: Store, columns: Any, page: _Page) -> Run:
    (row, run_id, experiment, origin, number, repeats, author, status, keys, values, *rest) = columns
    note, error, started_at, duration_s, saved_at, repeat_of, source, environment, measured = rest
    params, metrics, main_metric = brief_out(keys, values, measured)
    started = time_out(started_at)
    if status == RunStatus.LOST and duration_s is None:
        # Not written down yet: it was last heard of when it was last saved.
        duration_s = max(0.0, (time_out(saved_at) - started).total_seconds())
    name = text_out(experiment)
    known = {"source_digest": source.hex(), "environment_digest": environment.hex() if environment else ""}
    reference = f"{name}#{number}" if number is not None else run_id
    return Run(
        id=RunId(run_id),
        experiment=name,
        number=number,
        repeats=repeats,
        author=text_out(author),
        status=RunStatus(status),
        params=named_params(trail, row, params, page.fits.get(row, ()), page.by_hand.get(row, ())),
        metrics=metrics,
        tags=page.tags.get(row, {}),
        note=text_out(note),
        error=text_out(error) if error is not None else None,
        started_at=started,
        duration_s=duration_s,
        main_metric=main_metric,
        repeat_of=RunId(repeat_of) if repeat_of else None,
        content=StoredContent(trail, row, reference, known),
        is_imported=origin is not None,
    )


@dataclass(frozen=True, slots=True)
class _Naming:
    """Under which names the keys of a summary appear; the same for all runs of one shape."""

    bare: tuple[tuple[str, tuple[str, ...]], ...]  # a short name, and the keys that it may stand for
    full: tuple[tuple[str, str], ...]
    by_hand: tuple[str, ...]


def named_params(
    trail: Store, row: int, brief: Mapping[str, Any], its_fits: Sequence[Named], by_hand: Collection[str]
) -> dict[str, Any]:
    """Return the parameters of a run under every name that they bear.

    Parameters
    ----------
    trail : Store
        Asked for texts that the summary cuts.
    row : int
        Of the run.
    brief : mapping of str to object
        The parameters of its summary.
    its_fits : sequence of Named
        Of the run, in order.
    by_hand : collection of str
        Parameters that were logged.

    Returns
    -------
    dict of str to object
        `clf.max_depth`, and `max_depth` where that can mean one value only.
    """
    params = brief
    fits = tuple(NamedFit(fit.name, fit.kind) for fit in its_fits)
    if any(isinstance(value, str) and len(value) == LONGEST_TEXT + 1 for value in params.values()):
        params = _whole(trail, row, brief, param_prefixes(fits))
    naming = _naming(tuple(params), fits, frozenset(by_hand))
    found = {
        name: params[keys[0]]
        for name, keys in naming.bare
        if len(keys) == 1 or len({json_in(params[key]) for key in keys}) == 1
    }
    found.update((name, params[key]) for name, key in naming.full)
    found.update((key, params[key]) for key in naming.by_hand)
    return found


@lru_cache(maxsize=256)
def _naming(keys: tuple[str, ...], fits: tuple[NamedFit, ...], by_hand: frozenset[str]) -> _Naming:
    prefixes = param_prefixes(fits)
    full: list[tuple[str, str]] = []
    short: dict[str, list[tuple[int, str]]] = {}
    for key in keys:
        place = -1 if key in by_hand else _place_of(key, prefixes)
        if place < 0:
            continue
        prefix = prefixes[place] or ""
        own = key.removeprefix(prefix)
        if prefix:
            full.append((key, key))
        full.append((f"{fits[place].name}.{own}", key))
        short.setdefault(own.rpartition("__")[2], []).append((place, key))
    # A short name can mean one value only: no estimator has it twice, and all that have it agree.
    clear = {name: owners for name, owners in short.items() if len({place for place, _ in owners}) == len(owners)}
    bare = tuple((name, tuple(key for _, key in owners)) for name, owners in clear.items())
    return _Naming(bare, tuple(full), tuple(key for key in keys if key in by_hand))


def _place_of(key: str, prefixes: Sequence[str | None]) -> int:
    """Return which fit a key of the summary belongs to."""
    named = [place for place, prefix in enumerate(prefixes) if prefix and key.startswith(prefix)]
    if named:
        return max(named, key=lambda place: len(prefixes[place] or ""))
    return prefixes.index("") if "" in prefixes else -1


def _whole(trail: Store, row: int, brief: Mapping[str, Any], prefixes: Sequence[str | None]) -> dict[str, Any]:
    """Return the parameters from their table: the summary cuts long texts."""
    found: dict[str, Any] = {}
    for fit, (resolved, written) in read_params(trail, row).items():
        prefix = "" if fit == BY_HAND else prefixes[fit]
        if prefix is not None:
            found.update({prefix + key: value for key, value in {**written, **resolved}.items()})
    return {key: found.get(key, value) for key, value in brief.items()}
