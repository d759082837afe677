"""What people add to a run after it ran, or change about it: note, tags, an experiment's name; forget it.

The one door for all of that, whoever asked. Text is masked before it comes here.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.errors import ExperimentNotFoundError, TrailReadOnlyError, UsageError
from celltrail.store.filter_tree import near_names
from celltrail.store.resolve import find_run
from celltrail.store.store import Store
from celltrail.store.values import text_in, text_out, time_in

WAIT_S = 5.0

SET_NOTE = "UPDATE runs SET note = ? WHERE global_id = ?"
SET_TAG = """
INSERT INTO tags (run_id, name_id, value) SELECT id, ?, ? FROM runs WHERE global_id = ?
ON CONFLICT DO UPDATE SET value = excluded.value
"""
REMOVE_TAG = """
DELETE FROM tags WHERE run_id = (SELECT id FROM runs WHERE global_id = ?)
  AND name_id = (SELECT id FROM names WHERE text = ?)
"""
FIND_EXPERIMENT = "SELECT id FROM experiments WHERE name = ? AND origin IS NULL"
EXPERIMENT_NAMES = "SELECT name FROM experiments WHERE origin IS NULL"
RENAME = "UPDATE experiments SET name = ?, is_named = 1 WHERE id = ?"
FORGET = """
UPDATE runs SET forgotten_at = ? WHERE forgotten_at IS NULL AND (global_id = ?
  OR repeat_of = (SELECT o.id FROM runs AS o WHERE o.global_id = ?))
"""
WHEN_FORGOTTEN = "SELECT id, forgotten_at FROM runs WHERE global_id = ?"
BRING_BACK = "UPDATE runs SET forgotten_at = NULL WHERE id = ? OR (repeat_of = ? AND forgotten_at = ?)"
# As in a reference: a letter first, so that no name can be taken for an id.
_NAME = re.compile(r"[^\W\d][\w.+-]*")
_TAKEN = {"last", "prev", "best", "saved"}


def set_note(trail: Store, run: Run, text: str) -> Run:
    """Write the note of a run; an empty one removes it.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : Run
        Of this trail.
    text : str
        Any text; it replaces the note that was there.

    Returns
    -------
    Run
        The run with its note.
    """
    with _changing(trail):
        trail.db.execute(SET_NOTE, (text_in(text), run.id))
    return find_run(trail, run.id)


def set_tag(trail: Store, run: Run, key: str, value: str | None) -> Run:
    """Set a tag of a run, or remove it.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : Run
        Of this trail.
    key : str
        Name of the tag, not empty.
    value : str or None
        None removes the tag.

    Returns
    -------
    Run
        The run with its tags.

    Raises
    ------
    UsageError
        If the key is empty.
    """
    if not key.strip():
        raise UsageError("A tag needs a name: --tag owner=me")
    with _changing(trail):
        if value is None:
            trail.db.execute(REMOVE_TAG, (run.id, text_in(key)))
        else:
            trail.db.execute(SET_TAG, (trail.interned.name(trail.db, key), text_in(value), run.id))
    return find_run(trail, run.id)


def rename_experiment(trail: Store, old: str, new: str) -> str:
    """Give an experiment another name; its runs keep their numbers.

    Parameters
    ----------
    trail : Store
        Open for writing.
    old, new : str
        Names; the new one begins with a letter and holds letters, digits, `_`, `.`, `+` and `-`.

    Returns
    -------
    str
        The new name.

    Raises
    ------
    ExperimentNotFoundError
        If there is none of the old name.
    UsageError
        If the new name is taken, or can't be one.
    """
    if not _NAME.fullmatch(new) or new in _TAKEN:
        raise UsageError(
            f"{new!r} can't name an experiment: a name begins with a letter, holds letters, digits, _ . + and -, and "
            f"is none of {', '.join(sorted(_TAKEN))}."
        )
    with _changing(trail):
        found = trail.db.execute(FIND_EXPERIMENT, (text_in(old),)).fetchone()
        if found is None:
            names = [text_out(name) for (name,) in trail.db.rows(EXPERIMENT_NAMES)]
            near = ", ".join(near_names(old, names) or names[:4]) or "none yet"
            raise ExperimentNotFoundError(f"No experiment is called {old!r}. Near: {near}.")
        if old != new and trail.db.execute(FIND_EXPERIMENT, (text_in(new),)).fetchone():
            raise UsageError(
                f"An experiment is called {new!r} already, and two are never mixed. Choose another name."
            )
        trail.db.execute(RENAME, (text_in(new), found[0]))
    return new


def forget(trail: Store, run: Run) -> Run:
    """Hide a run and its repeats; the next sweep removes them for good.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : Run
        Of this trail.

    Returns
    -------
    Run
        The run, as it can still be brought back.

    Raises
    ------
    UsageError
        If it is still running.
    """
    if run.status is RunStatus.RUNNING:
        raise UsageError(f"{run.reference} is still running: interrupt it first, then forget it.")
    with _changing(trail):
        trail.db.execute(FORGET, (time_in(datetime.now(UTC)), run.id, run.id))
    return find_run(trail, run.id, forgotten=True)


def bring_back(trail: Store, reference: str) -> Run:
    """Undo `forget`; possible until the next sweep.

    Parameters
    ----------
    trail : Store
        Open for writing.
    reference : str
        The forgotten run: `forest#7`, or the beginning of its id.

    Returns
    -------
    Run
        The run, with the repeats that were forgotten with it.

    Raises
    ------
    RunNotFoundError
        If it is gone, or never was.
    """
    run = find_run(trail, reference, forgotten=True)
    with _changing(trail):
        row, forgotten_at = trail.db.rows(WHEN_FORGOTTEN, (run.id,))[0]
        trail.db.execute(BRING_BACK, (row, row, forgotten_at))
    return find_run(trail, run.id)


@contextlib.contextmanager
def _changing(trail: Store) -> Iterator[None]:
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: nothing can be changed in it")
    try:
        with trail.db.atomic(wait_s=WAIT_S):
            trail.interned.forget_swept(trail.db)
            yield
    except BaseException:
        trail.interned.rollback()
        raise
    trail.interned.commit()
