"""Reads a filter: text in, tree out.

The grammar is MLflow's, extended::

    filter      := [ either ]
    either      := both ("or" both)*
    both        := negation ("and" negation)*
    negation    := "not" negation | "(" either ")" | comparison
    comparison  := key sign value
                 | key ["not"] ("like" | "ilike") value
                 | key ["not"] "in" "(" value ("," value)* ")"
                 | key "is" ["not"] "null"
    key         := "metrics." name | "params." name | "tags." name | ["attributes."] name
    sign        := "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="
    value       := number | "true" | "false" | quoted text | bare word
    order       := key ["asc" | "desc"] ("," key ["asc" | "desc"])*

A name may be quoted with double quotes or backticks, a text with single or double quotes; a doubled quote
stands for the quote itself. Attributes are status, started, duration, experiment, number, author, notebook,
note, repeats, estimator and id. A date is an ISO date or time, or `3 days ago`, `yesterday`, `today`, `now`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn, cast

from celltrail.store.filter_tree import (
    And,
    Compare,
    In,
    IsNull,
    Key,
    Kind,
    Node,
    Not,
    Operator,
    Or,
    Order,
    Present,
    Value,
    filter_error,
    near_names,
)
from celltrail.store.filter_values import (
    ATTRIBUTES,
    RESERVED,
    UnfitValueError,
    attribute_name,
    is_numeric,
    read_value,
)
from celltrail.store.filter_words import Word, cut

_PREFIXES: dict[str, Kind] = {
    "metric": "metric",
    "metrics": "metric",
    "param": "param",
    "params": "param",
    "parameter": "param",
    "parameters": "param",
    "tag": "tag",
    "tags": "tag",
    "attr": "attribute",
    "attribute": "attribute",
    "attributes": "attribute",
    "run": "attribute",
}
_SIGNS = {"=", "==", "!=", "<>", "<", "<=", ">", ">="}
_SAME_SIGN = {"==": "=", "<>": "!="}
# Deeper than a person writes, and far from where Python's own stack ends.
_DEEPEST = 100


def parse_filter(text: str, *, now: datetime | None = None) -> Node:
    """Read a filter.

    Parameters
    ----------
    text : str
        Such as `metrics.auc > 0.9 and not (tags.owner = 'me' or started < '3 days ago')`. Empty: all runs.
    now : datetime, optional
        Aware; what "today" is measured from, in the zone in which dates are meant. By default the clock.

    Returns
    -------
    Node
        The tree.

    Raises
    ------
    FilterError
        If the text can't be read; the message points at the character.

    Examples
    --------
    >>> parse_filter("number = 7").value
    7
    """
    reader = _Reader(text, now or datetime.now().astimezone())
    return reader.whole_filter()


def parse_order(text: str) -> list[Order]:
    """Read what runs are ordered by.

    Parameters
    ----------
    text : str
        Such as `metrics.auc desc, started`.

    Returns
    -------
    list of Order
        The terms, most weighty first; none for an empty text.

    Raises
    ------
    FilterError
        If the text can't be read.
    """
    return _Reader(text, datetime.now().astimezone()).whole_order()


class _Reader:
    """Goes through the words once, from left to right, one method a rule."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text = text
        self.now = now
        self.words = cut(text)
        self.at = 0
        self.depth = 0

    def whole_filter(self) -> Node:
        if self.is_at_end():
            return And(())
        node = self.either()
        if self.word.is_sign(")"):
            self.fail(self.word, "This ) closes nothing.")
        if not self.is_at_end():
            self.fail(self.word, "Expected `and` or `or` between two comparisons.")
        return node

    def whole_order(self) -> list[Order]:
        terms: list[Order] = []
        while not self.is_at_end():
            key = self.key()
            direction = self.take() if self.word.is_keyword("asc", "desc") else None
            terms.append(Order(key, direction is not None and direction.is_keyword("desc")))
            if not self.is_at_end() and not self.take_sign(","):
                self.fail(self.word, "Expected `asc`, `desc` or a comma.")
        return terms

    def either(self) -> Node:
        parts = [self.both()]
        while self.word.is_keyword("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Node:
        parts = [self.negation()]
        while self.word.is_keyword("and"):
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(self.word, f"More than {_DEEPEST} levels of `not` and parentheses.")
        node = self.negated_or_bracketed()
        self.depth -= 1
        return node

    def negated_or_bracketed(self) -> Node:
        if self.word.is_keyword("not"):
            self.take()
            return Not(self.negation())
        if not self.word.is_sign("("):
            return self.comparison()
        opening = self.take()
        node = self.either()
        if not self.take_sign(")"):
            problem = "This ( is never closed." if self.is_at_end() else "Expected `and`, `or` or ) here."
            self.fail(opening if self.is_at_end() else self.word, problem)
        return node

    def comparison(self) -> Node:
        key = self.key()
        if self.word.is_keyword("is"):
            self.take()
            is_negated = self.take_keyword("not")
            if not self.take_keyword("null"):
                self.fail(self.word, "Expected `null` after `is`.")
            return Not(IsNull(key)) if is_negated else IsNull(key)
        is_negated = self.take_keyword("not")
        if self.word.is_keyword("in"):
            node: Node = self.membership(key)
        elif self.word.is_keyword("like", "ilike"):
            node = self.likeness(key)
        elif is_negated:
            self.fail(self.word, "Expected `in`, `like` or `ilike` after `not`.")
        else:
            return self.plain_comparison(key)
        # As in SQL, `x not in (…)` asks for an x: a run without it is not among the answers.
        return And((Present(key), Not(node))) if is_negated else node

    def plain_comparison(self, key: Key) -> Node:
        sign = self.take()
        if sign.kind != "sign" or sign.text not in _SIGNS:
            self.fail(sign, "Expected a comparison here: = != < <= > >= like ilike in is.")
        operator = cast(Operator, _SAME_SIGN.get(sign.text, sign.text))
        return Compare(key, operator, self.value(key, operator))

    def membership(self, key: Key) -> Node:
        self.take()
        if not self.take_sign("("):
            self.fail(self.word, "Expected ( after `in`: in ('a', 'b').")
        values = [self.value(key, "=")]
        while self.take_sign(","):
            values.append(self.value(key, "="))
        if not self.take_sign(")"):
            self.fail(self.word, "Expected a comma or ) in the list of values.")
        return In(key, tuple(values))

    def likeness(self, key: Key) -> Node:
        operator = self.take()
        if is_numeric(key):
            self.fail(operator, f"`{operator.text.lower()}` compares texts, and this is none.")
        word = self.word
        value = self.value(key, "like")
        if not isinstance(value, str):
            self.fail(word, f"`{operator.text.lower()}` needs a pattern in quotes: 'random%'.")
        return Compare(key, cast(Operator, operator.text.lower()), value)

    def key(self) -> Key:
        word = self.take()
        if word.kind == "quoted" and word.quote in {'"', "`"}:
            return Key("any", word.text, word.position)
        if word.kind != "word" or word.is_keyword(*RESERVED):
            self.fail(word, "Expected a name here: metrics.NAME, params.NAME, tags.NAME, status, started, …")
        prefix, dot, rest = word.text.partition(".")
        kind = _PREFIXES.get(prefix.lower()) if dot else None
        if word.text.endswith("."):
            rest += self.quoted_part(word)
        if kind is None:
            whole = f"{prefix}.{rest}" if dot else prefix
            name = attribute_name(whole)
            return Key("attribute", name, word.position) if name else Key("any", whole, word.position)
        if kind != "attribute":
            return Key(kind, rest, word.position)
        name = attribute_name(rest)
        if name is None:
            raise filter_error(
                self.text,
                word.position + len(prefix) + 1,
                f"A run has no attribute {rest!r}.",
                near=near_names(rest, ATTRIBUTES) or ATTRIBUTES,
            )
        return Key("attribute", name, word.position)

    def quoted_part(self, word: Word) -> str:
        part = self.word
        if part.kind != "quoted" or part.quote == "'" or part.position != word.position + len(word.text):
            self.fail(part, 'Expected a name after the dot, in backticks or double quotes: metrics."my metric".')
        return self.take().text

    def value(self, key: Key, operator: str) -> Value:
        word = self.take()
        try:
            return read_value(key, operator, word, self.now)
        except UnfitValueError as problem:
            raise filter_error(self.text, word.position, str(problem)) from None

    @property
    def word(self) -> Word:
        return self.words[self.at]

    def is_at_end(self) -> bool:
        return self.word.kind == "end"

    def take(self) -> Word:
        word = self.words[self.at]
        self.at = min(self.at + 1, len(self.words) - 1)
        return word

    def take_sign(self, sign: str) -> bool:
        return self.word.is_sign(sign) and bool(self.take())

    def take_keyword(self, keyword: str) -> bool:
        return self.word.is_keyword(keyword) and bool(self.take())

    def fail(self, word: Word, problem: str) -> NoReturn:
        raise filter_error(self.text, word.position, problem)
