"""One run in a list: the keys of the public `Run`, content by digest."""

from __future__ import annotations

from celltrail.domain.run import Run
from celltrail.views.facts import field, measures
from celltrail.views.metrics import choose_main
from celltrail.views.numbers import as_number
from celltrail.views.plain import json_safe
from celltrail.views.schema import RunRow


def run_row(run: Run) -> RunRow:
    """Return a run as a row of `%runs`, `celltrail runs --json` and the sidebar.

    Parameters
    ----------
    run : Run
        As `search_runs` gives it.

    Returns
    -------
    RunRow
        Numbers that are not finite are the strings "nan", "inf" and "-inf".
    """
    main_metric, main_value = _main(run)
    return {
        "id": str(run.id),
        "reference": run.reference,
        "experiment": run.experiment,
        "number": run.number,
        "repeats": run.repeats,
        "author": run.author,
        "status": run.status.value,
        "started_at": run.started_at.isoformat(timespec="milliseconds"),
        "duration_s": run.duration_s,
        "main_metric": main_metric,
        "main_value": main_value,
        "params": {json_safe(name): json_safe(value) for name, value in run.params.items()},
        "metrics": {key: as_number(value) or 0.0 for key, value in run.metrics.items()},
        "tags": dict(run.tags),
        "note": run.note,
        "error": run.error,
        "source_digest": str(field(run, "source_digest") or ""),
        "environment_digest": str(field(run, "environment_digest") or ""),
    }


def _main(run: Run) -> tuple[str | None, float | str | None]:
    """Return the metric that speaks for a run, and its value."""
    asked = run.main_metric
    if asked is not None and asked in run.metrics and ":" not in "".join(run.metrics):
        # One model: the run's own summary says it, and a list need not read the metrics of each of its runs.
        return asked, as_number(run.metrics[asked])
    main = choose_main(measures(run), asked)
    return (asked, None) if main is None else (main.key, as_number(main.value))
