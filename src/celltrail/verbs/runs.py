"""`runs`: the list of runs, as text, as a DataFrame, as JSON."""

from __future__ import annotations

import importlib.util
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.errors import CelltrailError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    import pandas as pd

    from celltrail.domain.run import Run
    from celltrail.store.trail import Trail
    from celltrail.views.schema import RunRow

# The newest runs are looked at to learn by what `--best` ranks; the metric of an afternoon stands among them.
_LOOKED_AT = 20
_FIRST_COLUMNS = ("experiment", "number", "status")
_LAST_COLUMNS = ("note", "started_at", "duration_s", "repeats", "author", "id")


def runs(
    context: Context,
    *,
    filter: str = "",
    since: str | None = None,
    until: str | None = None,
    best: int | None = None,
    mine: bool = False,
    notebook: bool = False,
    limit: int | None = None,
) -> Answer:
    """List runs, newest first; with `best`, the best ones, best first. A cell shows a page unless it is told more."""
    from celltrail.display.lists import SHOWN
    from celltrail.views.rows import run_row

    trail = context.trail()
    wanted = [f"({filter})"] if filter else []
    wanted += [f"started >= {_quoted(since)}"] if since else []
    wanted += [f"started <= {_quoted(until)}"] if until else []
    wanted += [f"author = {_quoted(_author(context))}"] if mine else []
    wanted += [_in_notebook(trail, context)] if notebook else []
    condition = " and ".join(wanted)
    most = limit or (SHOWN if context.door == "cell" else None)
    if best is not None:
        found = _best(trail, condition, best if limit is None else min(best, limit))
    else:
        # One more, to know whether there are more.
        found = trail.search_runs(condition, limit=None if most is None else most + 1)
    has_more = best is None and most is not None and len(found) > most
    found = found[:most] if has_more else found
    return _answer(context, found, [run_row(run) for run in found], is_filtered=bool(condition), has_more=has_more)


def _answer(
    context: Context, found: Sequence[Run], rows: list[RunRow], *, is_filtered: bool, has_more: bool
) -> Answer:
    from celltrail.display.tables import runs_text

    if rows:
        text = runs_text(rows)
    elif is_filtered:
        text = "No run fulfils this."
    else:
        text = "No runs yet. A cell that trains or evaluates becomes one after %load_ext celltrail."
    if context.door == "cell":
        return _in_a_cell(found, rows, text, has_more=has_more)
    return Answer(text, rows, value=_table(found, rows) if context.door == "python" else None)


def _in_a_cell(found: Sequence[Run], rows: list[RunRow], text: str, *, has_more: bool) -> Answer:
    """Show few columns, as a shell does, and give the table with all columns to `found = %runs`."""
    from celltrail.display.lists import MORE, SHOWN, more_html, rest_words, runs_html
    from celltrail.display.tables import runs_text

    shown: dict[str, object] = {"text/plain": text}
    if rows:
        shown["text/html"] = runs_html(rows)
    if len(rows) > SHOWN:
        shown["text/plain"] = f"{runs_text(rows[:SHOWN])}\n{rest_words(len(rows) - SHOWN)}"
    if has_more:
        shown["text/plain"] = f"{shown['text/plain']}\n{MORE}"
        shown["text/html"] = f"{shown['text/html']}{more_html()}"
    table = _table(found, rows)
    if isinstance(table, list):
        return Answer(text, rows, bundle=shown)
    _show_as(table, shown)
    return Answer(text, rows, value=table, bundle=shown)


def _show_as(frame: pd.DataFrame, shown: dict[str, object]) -> None:
    """Let a frame show itself as told, as long as it holds what it holds now.

    It stays a plain DataFrame: what is made of it, and its pickle, show themselves as pandas does.
    """
    made, itself = frame.copy(), weakref.ref(frame)

    def bundle(**_: object) -> dict[str, object] | None:
        now = itself()
        return shown if now is not None and now.equals(made) else None

    # Beside pandas' own __setattr__, which takes attributes for columns.
    object.__setattr__(frame, "_repr_mimebundle_", bundle)


def _best(trail: Trail, condition: str, count: int) -> list[Run]:
    """Rank by the main metric of the newest run that has one."""
    from celltrail.views.facts import measures
    from celltrail.views.metrics import choose_main

    newest = trail.search_runs(condition, limit=_LOOKED_AT)
    mains = (choose_main(measures(run), run.main_metric) for run in newest)
    main = next((each for each in mains if each is not None), None)
    if main is None:
        if newest:
            raise CelltrailError(f"None of the newest {len(newest)} runs has a main metric, so none is best.")
        return []
    if main.greater_is_better is None:
        raise CelltrailError(
            f"Which way {main.key} is better is not known, so none is best. Sort it yourself: "
            "celltrail.runs() is a table, or name another metric with --main."
        )
    name = main.key.replace('"', '""')
    ranked = f'{condition} and metrics."{name}" is not null' if condition else f'metrics."{name}" is not null'
    way = "desc" if main.greater_is_better else "asc"
    return list(trail.search_runs(ranked, order_by=f'metrics."{name}" {way}', limit=count))


def _table(found: Sequence[Run], rows: Sequence[RunRow]) -> pd.DataFrame | list[Run]:
    """Return a DataFrame, one row a run; the runs themselves where pandas is not installed."""
    if importlib.util.find_spec("pandas") is None:
        return list(found)
    import pandas as pd

    telling = _telling_params(found, rows)
    records: list[dict[str, Any]] = []
    for run, row in zip(found, rows, strict=True):
        record: dict[str, Any] = {name: row.get(name) for name in (*_FIRST_COLUMNS, *_LAST_COLUMNS)}
        record["started_at"] = run.started_at
        record |= {f"metrics.{key}": value for key, value in run.metrics.items()}
        record |= {f"params.{key}": run.params[key] for key in telling if key in run.params}
        record |= {f"tags.{key}": value for key, value in run.tags.items()}
        records.append(record)
    index = pd.Index([run.reference for run in found], name="run")
    return pd.DataFrame.from_records(records, index=index, columns=_columns(records))


def _telling_params(found: Sequence[Run], rows: Sequence[RunRow]) -> list[str]:
    """Return the parameters worth a column: those that differ, and those that somebody wrote.

    What is written is read from the newest run of each experiment; defaults that all have alike stay in `Run.params`.
    """
    from celltrail.display.tables import differing_params, without_doubles

    newest = {run.experiment: run for run in reversed(found)}
    written = {
        name
        for run in list(newest.values())[-_LOOKED_AT:]
        for fit, param in run.content.field("written")
        for name in (param, f"{fit}.{param}")
    }
    wanted = written.union(differing_params(rows))
    return without_doubles(list(dict.fromkeys(key for run in found for key in run.params if key in wanted)))


def _columns(records: Sequence[dict[str, Any]]) -> list[str]:
    """Metrics before parameters before tags, whichever run had them first."""
    seen = dict.fromkeys(name for record in records for name in record)
    kinds = ("metrics.", "params.", "tags.")
    ordered = [name for kind in kinds for name in seen if name.startswith(kind)]
    return [*_FIRST_COLUMNS, *ordered, *_LAST_COLUMNS]


def _author(context: Context) -> str:
    if context.kernel is not None:
        return context.kernel.session.author
    from celltrail.capture.author import author

    return author()


def _in_notebook(trail: Trail, context: Context) -> str:
    """The trail names a notebook below its project by its way from there, others outright."""
    path = context.notebook
    if path is None:
        raise CelltrailError(
            "runs --notebook: no notebook is known here. Filter instead: notebook like '%fraud.ipynb'."
        )
    names = [path.as_posix()]
    project = trail.path.parent
    if path.is_relative_to(project):
        names.append(path.relative_to(project).as_posix())
    return f"notebook in ({', '.join(_quoted(name) for name in names)})"


def _quoted(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
