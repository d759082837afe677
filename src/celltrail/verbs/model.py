"""What a verb is: its arguments, options, examples and function; and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

Count = Literal["one", "optional", "many", "any", "text", "optional text"]
Completes = Literal["", "run", "experiment", "file", "verb", "filter"]


@dataclass(frozen=True, slots=True)
class Argument:
    """A word of a verb that stands by its place.

    Attributes
    ----------
    name : str
        As it is shown, in small letters, and the keyword of the verb's function.
    help : str
        What it is, in a few words.
    count : str
        How many words it takes: "one"; "optional"; "many", at least one; "any"; "text", all the rest as it was
        typed, quotes included; "optional text".
    completes : str
        What Tab offers.
    choices : tuple of str
        The only words allowed; empty where any is.
    """

    name: str
    help: str
    count: Count = "one"
    completes: Completes = ""
    choices: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """As usage lines show it."""
        word = "|".join(self.choices) if self.choices else self.name.upper()
        return {"one": word, "text": word, "many": f"{word}…", "any": f"[{word}…]"}.get(self.count, f"[{word}]")


@dataclass(frozen=True, slots=True)
class Option:
    """A word of a verb that begins with `-`.

    Attributes
    ----------
    flag : str
        "--best".
    help : str
        What it does, in a few words.
    value : str
        What follows it, as shown ("N"); empty where nothing does.
    read : callable
        Makes the value of the word; raises ValueError where it can't.
    short : str
        "-o"; empty where there is none.
    """

    flag: str
    help: str
    value: str = ""
    read: Callable[[str], Any] = str
    short: str = ""

    @property
    def keyword(self) -> str:
        """The keyword of the verb's function."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def shown(self) -> str:
        """As usage lines show it."""
        return f"{self.flag} {self.value}" if self.value else self.flag


@dataclass(frozen=True, slots=True)
class Example:
    """A line that can be typed as it stands, and what it does."""

    words: str
    does: str


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be asked for, at every door.

    Attributes
    ----------
    name : str
        "runs".
    summary : str
        What it does, one line without a full stop.
    run : str
        Its function as "module:name"; imported when it is first asked for, so that the table stays light. It takes
        a `Context` and, by keyword, what was read; it gives an `Answer`.
    examples : tuple of Example
        Three.
    short_magic : bool
        Whether `%runs` works beside `%trail runs`.
    """

    name: str
    summary: str
    run: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    examples: tuple[Example, ...] = ()
    short_magic: bool = False

    def function(self) -> Callable[..., Answer]:
        """Import and return the verb's function."""
        module, _, name = self.run.partition(":")
        found: Callable[..., Answer] = getattr(import_module(module), name)
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb answers, for every door.

    Attributes
    ----------
    text : str
        For a terminal and for plain cells.
    data : object
        For `--json`: the shapes of `views.schema`.
    value : object
        What the Python door gives; None: the answer itself.
    bundle : dict
        MIME bundle for a notebook; empty where the text says it all.
    exit_status : int
        Of the shell: 1 where the answer is "no" (`doctor`).
    aside : str
        What a person should know beside it; a shell writes it to stderr, so that the text can be piped.
    """

    text: str
    data: Any
    value: Any = None
    bundle: dict[str, object] = field(default_factory=dict)
    exit_status: int = 0
    aside: str = ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """Show in a notebook what the line and the panel show."""
        return {"text/plain": self.text, **self.bundle}
