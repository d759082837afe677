"""A recipe as text and as static HTML: its cells in order, each as it runs, and what to know before."""

from __future__ import annotations

from html import escape

from celltrail.display.markup import muted, text
from celltrail.domain.lineage import Recipe, RecipeExecution

_CODE = "margin:0 0 .4em 0;padding:0;border:0;background:none;font-family:monospace;white-space:pre-wrap"
_LONGEST = 40_000  # characters of code in the output of one cell; the notebook that -o writes holds all


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as text.

    Parameters
    ----------
    recipe : Recipe
        The recipe.

    Returns
    -------
    str
        Each cell below its number, as it is to be run.
    """
    parts = [head_words(recipe), *recipe.remarks]
    cells = [f"# {_label(one)}\n{one.code.strip(chr(10))}" for one in recipe.executions]
    return "\n".join(parts) + "\n\n" + "\n\n".join(cells)


def recipe_html(recipe: Recipe) -> str:
    """Return a recipe as HTML.

    Parameters
    ----------
    recipe : Recipe
        Everything in it is escaped here.

    Returns
    -------
    str
        No script, no class, nothing that a viewer must fetch.
    """
    said = "".join(f"<div>{text(one, 400)}</div>" for one in recipe.remarks)
    cells: list[str] = []
    room = _LONGEST
    for one in recipe.executions:
        room -= len(one.code)
        if room < 0:
            rest = len(recipe.executions) - len(cells)
            cells.append(f"<div>{muted(text(f'{rest} more cells: recipe {recipe.target} -o recipe.ipynb'))}</div>")
            break
        cells.append(f'<div>{muted(text(_label(one)))}</div><pre style="{_CODE}">{escape(one.code)}</pre>')
    head = f"<div><b>{text(head_words(recipe))}</b></div>"
    body = f'{head}{said}<div style="height:.4em"></div>{"".join(cells)}'
    return f'<div style="max-width:62em;line-height:1.5">{body}</div>'


def head_words(recipe: Recipe) -> str:
    """Say what it makes, and of how many cells."""
    count = len(recipe.executions)
    return f"{recipe.target}: {count} {'cell' if count == 1 else 'cells'}, in the order in which they ran"


def _label(one: RecipeExecution) -> str:
    """Return `[3]`, with what is not as it should be."""
    said = [f"[{one.execution_count}]"]
    said += [f"failed with {one.error_name}"] if one.status.value == "failed" and one.error_name else []
    said += [one.status.value] if one.status.value in ("interrupted", "lost") else []
    said += [one.certainty.value] if one.certainty.value != "observed" else []
    return " · ".join(said)
