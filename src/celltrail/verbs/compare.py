"""`compare`: everything that differs between runs."""

from __future__ import annotations

from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer


def compare(context: Context, *, runs: list[str], code: bool = False) -> Answer:
    """Compare each later run with the first."""
    from celltrail.display.comparison import compare_html
    from celltrail.display.tables import compare_text
    from celltrail.views.compare import compare_view

    if len(runs) < 2:
        raise UsageError(
            f"compare needs two runs or more, and got {runs[0]} alone. Compare it so: compare {runs[0]} last"
        )
    trail = context.trail()
    first, *others = [context.find(reference) for reference in runs]
    views = [compare_view(trail, first, other) for other in others]
    if code:
        diffs = [
            view["code"] or f"{view['left']['reference']} and {view['right']['reference']}: same code."
            for view in views
        ]
        return Answer("\n\n".join(diffs), [view["code"] for view in views] if len(views) > 1 else views[0]["code"])
    text = "\n\n".join(compare_text(view) for view in views)
    html = '<hr style="margin:1em 0;opacity:.3">'.join(compare_html(view) for view in views)
    return Answer(text, views if len(views) > 1 else views[0], bundle={"text/html": html})
