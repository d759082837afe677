"""What Tab offers behind our magics: verbs, runs, experiments, metrics, options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from celltrail.errors import CelltrailError

# The newest runs are offered; more than these nobody reads in a menu.
_OFFERED_RUNS = 50
_RELATIVE = ("last", "prev", "best", "saved")
_TRACK_OPTIONS = ("--tag", "--note", "--seed", "--main", "--no-model", "--no-panel", "--panel")


def offer_words(shell: Any, names: Iterable[str]) -> Callable[[], None]:
    """Complete the lines of our magics.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    names : iterable of str
        Verbs that are magics by themselves. The table of verbs is read when Tab is first pressed.

    Returns
    -------
    callable
        Takes the completions out again.
    """
    offers = {f"%{name}": _offer_of(name) for name in names}
    offers["%trail"] = lambda event: _fit(event, _after_trail(_words_before(event)))
    offers["%track"] = lambda event: _fit(event, ("on", "off", "status", "last"))
    offers["%%track"] = lambda event: _fit(event, _TRACK_OPTIONS)
    for key, offer in offers.items():
        shell.set_hook("complete_command", _hook(offer), str_key=key)

    def forget() -> None:
        for key in offers:
            shell.strdispatchers["complete_command"].strs.pop(key, None)

    return forget


def _hook(offer: Callable[[Any], list[str]]) -> Callable[[Any, Any], list[str]]:
    """IPython calls a hook with the shell first."""
    return lambda _shell, event: offer(event)


def _offer_of(name: str) -> Callable[[Any], list[str]]:
    return lambda event: _fit(event, _words_of(name))


def _after_trail(before: list[str]) -> Iterable[str]:
    from celltrail.verbs.table import VERBS

    if not before:
        return _known("verb")
    seconds = [verb.name.split()[1] for verb in VERBS if verb.name.startswith(f"{before[0]} ")]
    if seconds and len(before) == 1:
        return seconds
    return _words_of(" ".join(before[:2]) if seconds else before[0])


def _words_of(name: str) -> list[str]:
    from celltrail.verbs.reading import COMMON
    from celltrail.verbs.table import VERBS

    verb = next((each for each in VERBS if each.name == name), None)
    if verb is None:
        return []
    words = [option.flag for option in (*verb.options, *COMMON)]
    for argument in verb.arguments:
        words += argument.choices
        words += _known(argument.completes)
    return words


def _known(kind: str) -> list[str]:
    """Return what the trail knows of a kind."""
    if kind == "verb":
        from celltrail.verbs.table import VERBS

        return list(dict.fromkeys(verb.name.split()[0] for verb in VERBS))
    if kind not in {"run", "experiment", "filter"}:
        return []
    from celltrail.verbs import current

    try:
        runs = current.context("cell").trail().search_runs(limit=_OFFERED_RUNS)
    except CelltrailError:
        return []  # no trail yet: Tab is no place to say so
    if kind == "run":
        return [*_RELATIVE, *(run.reference for run in runs)]
    if kind == "experiment":
        return list(dict.fromkeys(run.experiment for run in runs))
    names = [f"metrics.{key}" for run in runs for key in run.metrics]
    names += [f"params.{key}" for run in runs for key in run.params]
    names += [f"tags.{key}" for run in runs for key in run.tags]
    return list(dict.fromkeys(names))


def _words_before(event: Any) -> list[str]:
    """Return the finished words behind the magic."""
    text: str = event.text_until_cursor
    words = text.split()[1:]
    return words if not text or text[-1].isspace() else words[:-1]


def _fit(event: Any, words: Iterable[str]) -> list[str]:
    """Return the ends of the words that begin with what stands before the cursor.

    IPython replaces only `event.symbol`: of `forest#` that is nothing, since `#` ends a word for it.
    """
    text: str = event.text_until_cursor
    typed = "" if not text or text[-1].isspace() else text.rsplit(maxsplit=1)[-1]
    given = typed.removesuffix(event.symbol) if event.symbol else typed
    return [word[len(given) :] for word in words if word.startswith(typed)]
