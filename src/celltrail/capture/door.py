"""The one door for text: whatever is kept goes through here before its digest is taken.

What is kept, digested and compared is the masked text, on both sides. Values that were masked live in this process
alone. How a whole record passes is in `door_record`; what is looked for, in `analysis.masking`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from celltrail.analysis.masking import keys
from celltrail.analysis.masking.code import find_in_code
from celltrail.analysis.masking.find import PARTS, Rules, find_in_text, may_hold, without_colours
from celltrail.analysis.masking.known import KnownSecrets
from celltrail.analysis.masking.spans import Numbering, Span, put_masks
from celltrail.capture.private import chosen_private
from celltrail.domain.forks import renew_in_child
from celltrail.domain.ids import Digest

if TYPE_CHECKING:
    from celltrail.config import Privacy

# Names, parameters and sources come again with every cell. A longer text than this is looked at each time.
_REMEMBERED = 8_192
_LONGEST_REMEMBERED = 4_096
_PASSED = 1_024  # cells of notebooks, as they were when the file was read
_WORDS = {
    "key": ("key", "keys"),
    "password": ("password", "passwords"),
    "email": ("e-mail address", "e-mail addresses"),
    "card": ("card number", "card numbers"),
    "iban": ("bank account", "bank accounts"),
    "phone": ("phone number", "phone numbers"),
}

Spans = tuple[Span, ...]
T = TypeVar("T")


class Door:
    """Masks text by the settings of a project and by what this kernel knows to be secret.

    Parameters
    ----------
    parts : iterable of str, optional
        What is masked, of `PARTS`; all of it by default.

    Attributes
    ----------
    moved : dict of Digest to Digest
        Contents that have another digest since they were masked.
    """

    def __init__(self, parts: Iterable[str] = PARTS) -> None:
        self._known = KnownSecrets()
        self._parts = frozenset(parts)
        self._rules = Rules(self._parts)
        self._texts: dict[str, Spans] = {}
        self._codes: dict[str, Spans] = {}
        self._names: dict[str, bool] = {}
        self._same: dict[int, tuple[Any, Any]] = {}
        self._masked: dict[tuple[str, str], None] = {}
        self._contents: dict[str, bool] = {}
        self._clean: set[tuple[str | None, ...]] = set()
        self._passed: dict[int, Any] = {}  # with the object itself: while it lives here no other one takes its place
        self.moved: dict[Digest, Digest] = {}
        self._has_said = False
        self._lock = threading.RLock()
        renew_in_child(self, "_lock")
        self.look_at_environment()

    def mask(self, text: str, numbering: Numbering | None = None) -> str:
        """Return a text with masks in place of what must not be kept; the very same object where there is none.

        Parameters
        ----------
        text : str
            Output, message, note, path, difference: anything but the source of a cell.
        numbering : Numbering, optional
            Of the document that the text is part of.

        Returns
        -------
        str
            Masking it again changes nothing more.
        """
        spans = self._texts.get(text)
        if spans is None:
            spans = self._found(text, self._texts, find_in_text)
        if not spans:
            return text
        if "\x1b" in text:
            # Colours may part a value in two: then the text without them shows more of it.
            plain = without_colours(text)
            if len(bare := find_in_text(plain, self._rules)) > len(spans):
                text, spans = plain, bare
        return self._put(text, spans, numbering)

    def mask_code(self, source: str) -> str:
        """Return the source of a cell with masks in its string literals and comments, never in numbers or names."""
        spans = self._codes.get(source)
        if spans is None:
            spans = self._found(source, self._codes, find_in_code)
        return self._put(source, spans, None) if spans else source

    def mask_json(self, value: Any, numbering: Numbering | None = None) -> Any:
        """Return a value of JSON with every text in it masked; the very same object where there was nothing.

        Parameters
        ----------
        value : object
            Lists, dicts with text keys, text, numbers. What stands under the name of a secret is masked whole.
        numbering : Numbering, optional
            Of the document; by default of this value.

        Returns
        -------
        object
            Of the same form.
        """
        return self._json(value, numbering or Numbering())

    def mask_path(self, path: str, base: str) -> str:
        """Return a path masked below a folder: what lies above it is not kept where the path lies below."""
        if base and path.startswith(f"{base}/"):
            below = path[len(base) + 1 :]
            # The very same path where nothing is masked: else each record that bears one would be copied.
            return path if (kept := self.mask(below)) is below else f"{base}/{kept}"
        return self.mask(path)

    def remembered(self, value: Any, make: Callable[[Any], Any]) -> Any:
        """Return what `make` gives for a large object that comes again and again; the same each time."""
        known = self._same.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        made = make(value)
        with self._lock:
            if len(self._same) >= 64:
                self._same.clear()
            self._same[id(value)] = (value, made)
        return made

    def content(self, digest: Digest, data: bytes, make: Callable[[bytes], bytes | None]) -> bytes | None:
        """Return what `make` gives for content; content that it left as it was is not looked at again."""
        if digest in self._contents:
            return data
        kept = make(data)
        if kept is data:
            if len(self._contents) >= _REMEMBERED:
                self._contents.clear()
            self._contents[digest] = True
        return kept

    def unseen(self, digests: Iterable[Digest]) -> list[Digest]:
        """Return those whose content has not been looked at, or was not left as it was."""
        known = self._contents
        return [digest for digest in digests if digest not in known]

    def is_clean(self, texts: tuple[str | None, ...]) -> bool:
        """Say whether these texts have passed together, with nothing to mask by what is known now."""
        return texts in self._clean

    def know_clean(self, texts: tuple[str | None, ...]) -> None:
        """Remember that these texts have passed with nothing to mask."""
        if len(self._clean) >= _REMEMBERED:
            self._clean.clear()
        self._clean.add(texts)

    def not_passed(self, values: Iterable[T]) -> list[T]:
        """Return those of these very objects, which nobody changes, that are not known to hold nothing to mask."""
        known = self._passed
        return [value for value in values if id(value) not in known]

    def know_passed(self, values: Iterable[Any]) -> None:
        """Remember that these very objects have passed with nothing to mask."""
        if len(self._passed) >= _PASSED:
            self._passed.clear()
        self._passed.update((id(value), value) for value in values)

    def may_hold(self, text: str) -> bool:
        """Say whether a text is worth a closer look."""
        return may_hold(text, self._rules)

    def look_at_environment(self, source: str = "env") -> None:
        """Learn the secret variables of the environment; anew where the cell's source speaks of it."""
        if "keys" in self._parts and self._known.look_at_environment(again="env" in source):
            self._rules_changed()

    def learn(self, values: Iterable[str]) -> None:
        """Learn values that a name gave away, so that they are masked wherever they stand from now on."""
        if "keys" in self._parts and self._known.learn(values):
            self._rules_changed()

    def learn_from(self, values: Mapping[str, Any]) -> None:
        """Learn the secrets among named values: parameters, variables."""
        found = [value for name, value in values.items() if isinstance(value, str) and self._is_secret_name(name)]
        if found:
            self.learn(found)

    def learn_variables(self, source: str, namespace: Mapping[str, Any]) -> None:
        """Learn what stands in the user's variables that a cell names as secrets: `password = getpass()`."""
        if "keys" in self._parts and keys.names_secrets(source):
            names = {name for name in keys.IDENTIFIER.findall(source) if self._is_secret_name(name)}
            self.learn_from({name: namespace.get(name) for name in names})

    def holds_secret(self, data: bytes) -> bool:
        """Say whether bytes, such as a pickle, hold a value that this kernel knows to be secret."""
        return self._known.are_in(data)

    def said_once(self) -> str:
        """Return the sentence that says what was masked, the first time that there is something to say; else ""."""
        if self._has_said or not self._masked:
            return ""
        self._has_said = True
        counts: dict[str, int] = {}
        for kind, _ in self._masked:
            counts[kind] = counts.get(kind, 0) + 1
        return f"masked before storing: {in_words(counts)} · %trail help privacy"

    def _found(self, text: str, known: dict[str, Spans], find: Callable[[str, Rules], Spans]) -> Spans:
        spans = find(text, self._rules)
        if spans:
            given_away = [span.value for span in spans if span.kind in ("key", "password")]
            rules = self._rules
            self.learn(given_away)
            if self._rules is not rules:  # the same value may stand elsewhere in it
                spans = find(text, self._rules)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[text] = spans
        return spans

    def _put(self, text: str, spans: Spans, numbering: Numbering | None) -> str:
        for span in spans:
            self._masked[span.kind, span.value] = None
        return put_masks(text, spans, numbering if numbering is not None else Numbering())

    def _json(self, value: Any, numbering: Numbering) -> Any:
        if type(value) is str:
            return self.mask(value, numbering)
        if isinstance(value, list):
            items = [self._json(item, numbering) for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        if isinstance(value, dict):
            pairs = [(key, self.mask(key, numbering), self._named(key, value[key], numbering)) for key in value]
            is_same = all(kept is key and new is value[key] for key, kept, new in pairs)
            return value if is_same else {kept: new for _, kept, new in pairs}
        return value

    def _named(self, name: str, value: Any, numbering: Numbering) -> Any:
        if type(value) is str and "keys" in self._parts and self._is_secret_name(name):
            kind = "password" if keys.is_password_name(name) else "key"
            if keys.is_secret_text(value) or (kind == "password" and value and not keys.is_placeholder(value)):
                self.learn([value])
                return self._put(value, (Span(0, len(value), kind, value),), numbering)
        return self._json(value, numbering)

    def _is_secret_name(self, name: str) -> bool:
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= _REMEMBERED:
                self._names.clear()
            known = self._names[name] = keys.is_secret_name(name)
        return known

    def _rules_changed(self) -> None:
        with self._lock:
            self._rules = Rules(self._parts, self._known.pattern, self._known.values)
            for known in (self._texts, self._codes, self._same, self._contents, self._clean, self._passed):
                known.clear()


def in_words(counts: Mapping[str, int]) -> str:
    """Return how many masks there are, in words: "1 key, 2 e-mail addresses"."""
    return ", ".join(
        f"{count} {_WORDS.get(kind, (kind, f'{kind}s'))[count != 1]}" for kind, count in sorted(counts.items())
    )


_made: tuple[Privacy | None, Door] | None = None  # with the settings that it was made by


def current_door() -> Door:
    """Return the door of this process, by the settings that were chosen; by the defaults where none were."""
    global _made  # noqa: PLW0603  a process has one shell, and each text goes through the same door
    privacy, made = chosen_private(), _made
    if made is None or made[0] is not privacy:
        door = Door() if privacy is None else Door(privacy.mask)
        made = _made
        if made is None or made[0] is not privacy:  # another thread may have made one meanwhile
            _made = made = (privacy, door)
    return made[1]


def mask(text: str) -> str:
    """Mask a text at this process's door; see `Door.mask`."""
    return current_door().mask(text)
