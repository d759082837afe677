"""What `%trail` leaves in the notebook for viewers without a kernel: its newest runs as a table."""

from __future__ import annotations

from collections.abc import Sequence

from celltrail.display.markup import muted, table, text
from celltrail.views.labels import metric_label
from celltrail.views.numbers import value_text
from celltrail.views.schema import RunRow

SHOWN = 20


def rows_html(rows: Sequence[RunRow]) -> str:
    """Return runs as a static table, without clock times, so that it changes only when the runs do.

    Parameters
    ----------
    rows : sequence of RunRow
        In the order to be shown.

    Returns
    -------
    str
        HTML that survives untrusted notebooks and sanitisers.
    """
    if not rows:
        return f"<div>{muted('no runs')}</div>"
    heads = [muted(head) for head in ("run", "main metric", "", "parameters", "status")]
    cells = [_cells(row) for row in rows[:SHOWN]]
    more = f"<div>{muted(f'{len(rows) - SHOWN} more')}</div>" if len(rows) > SHOWN else ""
    return table([heads, *cells]) + more


def _cells(row: RunRow) -> list[str]:
    main = row["main_metric"]
    value = row["metrics"].get(main) if main else None
    params = ", ".join(f"{name} {value_text(value)}" for name, value in list(row["params"].items())[:4])
    repeats = f" ×{row['repeats']}" if row["repeats"] > 1 else ""
    return [
        f"<b>{text(row['reference'], 40)}</b>{repeats}",
        "" if value is None else f"<b>{text(value_text(value), 20)}</b>",
        "" if main is None else text(metric_label(main, ""), 40),
        text(params, 80),
        "" if row["status"] == "finished" else text(row["status"]),
    ]
