"""The cell's door: `%trail VERB …`, and daily verbs by themselves: `%runs`, `%compare`, `%restore`, `%recipe`.

`%trail` alone is the panel; `%trail forest#7` shows the thing named. The magics read words, ask the verb and show
its answer; rules live in `verbs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class

from celltrail.errors import BadReferenceError, CelltrailError, NotFoundError, TrailNotFoundError, UsageError
from celltrail.magics.bare import keep_bare_names
from celltrail.magics.completion import offer_words

if TYPE_CHECKING:
    from celltrail.verbs.model import Verb
    from celltrail.verbs.reading import Word

# A test holds them equal to the table of verbs, which is loaded with the first question: so `%load_ext` stays light.
NAMES = ("trail", "runs", "compare", "restore", "recipe", "lineage", "replay")


@magics_class
class TrailMagics(Magics):
    """The line magics that ask."""

    @line_magic
    def trail(self, line: str) -> Any:
        """Ask celltrail: %trail VERB …, %trail help; %trail alone is the panel, %trail forest#7 shows a run."""
        from celltrail.verbs.reading import cut_line

        words = cut_line(line)
        return _in_one_line(lambda: self._trail(words))

    @line_magic
    def runs(self, line: str) -> Any:
        """List runs: %runs metrics.accuracy > 0.9 --since yesterday; %runs -h says more."""
        return self._ask("runs", line)

    @line_magic
    def compare(self, line: str) -> Any:
        """Show everything that differs: %compare forest#2 forest#7; %compare -h says more."""
        return self._ask("compare", line)

    @line_magic
    def restore(self, line: str) -> Any:
        """Bring back a cell to the letter as a new cell: %restore forest#2; %restore -h says more."""
        return self._ask("restore", line)

    @line_magic
    def recipe(self, line: str) -> Any:
        """Give the least code that makes a variable or a run again: %recipe model; %recipe -h says more."""
        return self._ask("recipe", line)

    @line_magic
    def lineage(self, line: str) -> Any:
        """Draw where a thing came from, or say which cells are stale: %lineage model; %lineage -h says more."""
        return self._ask("lineage", line)

    @line_magic
    def replay(self, line: str) -> Any:
        """Run the recipe of a run anew and compare: %replay forest#7; %replay -h says more."""
        return self._ask("replay", line)

    def _ask(self, name: str, line: str) -> Any:
        from celltrail.verbs.reading import cut_line
        from celltrail.verbs.table import find_verb

        return _in_one_line(lambda: self._answer(find_verb(name), cut_line(line)))

    def _trail(self, words: list[Word]) -> Any:
        from celltrail.verbs.reading import Word
        from celltrail.verbs.table import VERBS, spoken_verb

        if not words:
            return self._panel()
        name = "help" if words[0].text in {"-h", "--help"} else words[0].text
        is_verb = any(each.name.split()[0] == name for each in VERBS)
        if name == "track" and "-h" not in {word.text for word in words}:
            # The kernel's own magic knows the cell before this one.
            return self.shell.run_line_magic("track", " ".join(word.raw for word in words[1:]))
        if not is_verb:
            return self._show_thing(words)
        return self._answer(*spoken_verb([Word(name, name), *words[1:]]))

    def _panel(self) -> Any:
        from celltrail.verbs import current
        from celltrail.verbs.table import find_verb
        from celltrail.widget import trail_widget

        try:
            return trail_widget(current.context("cell").trail())
        except ImportError as error:
            print(f"The panel needs anywidget ({error}): pip install anywidget. These are the runs:")  # noqa: T201
            return self._answer(find_verb("runs"), [])

    def _show_thing(self, words: list[Word]) -> Any:
        """Show what `%trail forest#7` names; what names nothing may be a misspelt verb."""
        from celltrail.domain.words import did_you_mean
        from celltrail.verbs.table import VERBS, find_verb

        name = words[0].text
        hint = did_you_mean(name, [verb.name for verb in VERBS])
        is_alone = all(word.raw.startswith("-") for word in words[1:])
        if name.isidentifier() and not is_alone:
            raise UsageError(f"{name} is no verb. {hint}")
        try:
            return self._answer(find_verb("show"), words)
        except (BadReferenceError, NotFoundError, TrailNotFoundError) as error:
            if not name.isidentifier():
                raise
            raise UsageError(f"{name} is no verb, and names no run or experiment here. {hint}") from error

    def _answer(self, verb: Verb, words: list[Word]) -> Any:
        """Ask, and return what the cell shows, where that is more than text."""
        from celltrail.verbs import current
        from celltrail.verbs.asking import as_json, ask

        answer, request = ask(current.context("cell", self._offer_cell), verb, words)
        if not request.as_json and (answer.value is not None or answer.bundle):
            return answer.value if answer.value is not None else answer
        text = as_json(answer) if request.as_json else answer.text
        if text:
            print(text)  # noqa: T201  what was asked for
        return None

    def _offer_cell(self, source: str) -> None:
        self.shell.set_next_input(source, replace=False)


def _in_one_line(work: Callable[[], Any]) -> Any:
    """Let errors of celltrail be one line without a traceback; the cell is in error, as with any magic."""
    try:
        return work()
    except CelltrailError as error:
        raise IPythonUsageError(str(error)) from error


def register(shell: Any) -> Callable[[], None]:
    """Put the magics of this file into a shell, without taking a name that another magic holds.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.

    Returns
    -------
    callable
        Takes them out again.
    """
    magics = TrailMagics(shell)
    known = shell.magics_manager.magics["line"]
    ours = {name: getattr(magics, name) for name in NAMES if name not in known}
    known.update(ours)
    undo = [keep_bare_names(shell, {*ours, "track"}), offer_words(shell, NAMES[1:])]

    def forget() -> None:
        for each in undo:
            each()
        for name, function in ours.items():
            if known.get(name) == function:
                del known[name]

    return forget
