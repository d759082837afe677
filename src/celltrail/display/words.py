"""The phrases that line, panel and terminal share: a change, a difference, what was kept. One line each."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from celltrail.views.numbers import count_text, noise_text, plural, shorten, signed_count
from celltrail.views.schema import Caution, Change, Delta, FitRow, RunView, SavedSays, TrendPoint

BLOCKS = "▁▂▃▄▅▆▇█"
# Marks that turn the direction of text round would let a name repaint the line that it stands in.
_TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"}


def clean(text: str, limit: int = 200) -> str:
    """Return text on one line without control characters, cut at `limit`.

    A name may hold anything: escape sequences would drive the terminal, lone surrogates break the encoding.
    """
    if text.isascii() and text.isprintable():
        return shorten(text[: 4 * limit], limit)
    kept = "".join(
        " " if letter in "\t\r\n" else letter
        for letter in text[: 4 * limit]
        if letter in "\t\r\n" or (unicodedata.category(letter) not in {"Cc", "Cs"} and letter not in _TURNING)
    )
    return shorten(kept, limit)


def change_words(change: Change, limit: int = 60) -> str:
    """Write one change: `max_depth 8→12`, `+txn_hour`, `+17 571 rows`, `code +3 −1 lines`."""
    before, after, name = clean(change["before"], 40), clean(change["after"], 40), clean(change["name"], 40)
    kind = change["kind"]
    if kind == "columns":
        words = after
    elif kind == "rows":
        words = f"{signed_count(_count(after) - _count(before))} rows"
    elif kind == "code":
        words = f"code {after}"
    elif kind == "data" and before and after and "." not in name:
        words = f"other values in {name}"
    else:
        words = _moved(name, before, after)
    return shorten(words, limit)


def _moved(name: str, before: str, after: str) -> str:
    if not before:
        return f"+{name} {after}" if name else after
    if not after:
        return f"−{name}"
    return f"{name} {before}→{after}".strip()


def _count(text: str) -> int:
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    return int(digits) if digits else 0


def changes_words(changes: Sequence[Change], limit: int = 64) -> str:
    """Write the changes as far as they fit: `max_depth 8→12, +txn_hour, 4 more`."""
    shown: list[str] = []
    for index, change in enumerate(changes):
        words = change_words(change, max(limit, 12))
        rest = len(changes) - index
        if shown and len(", ".join([*shown, words])) + (8 if rest > 1 else 0) > limit:
            return f"{', '.join(shown)}, {rest} more"
        shown.append(words)
    return ", ".join(shown)


def delta_words(delta: Delta, *, in_full: bool = False) -> str:
    """Write a difference: `▲.0087 vs #6, may be chance (±.011)`; in full for the panel, with the noise's source."""
    joint = " · " if in_full else ", "
    amount = delta["text"] if in_full else delta["text"].replace(" ", "")
    words = f"{amount} vs {delta['against']}"
    if delta["direction"] == "same":
        words = f"same as {delta['against']}"
    elif delta["direction"] == "down" and delta["is_better"]:
        words += f"{joint}better"  # where less is better the arrow alone would mislead
    elif delta["direction"] == "up" and delta["is_better"] is False:
        words += f"{joint}worse"
    if not delta["may_be_chance"]:
        return words
    return f"{words}{joint}may be chance {_noise(delta, in_full)}".rstrip()


def _noise(delta: Delta, in_full: bool) -> str:
    if delta["noise"] is None:
        return ""
    amount = noise_text(float(delta["noise"]))
    if in_full and delta["noise_source"]:
        return f"(± {amount}, {clean(delta['noise_source'], 50)})"
    return f"(±{amount})"


def sparkline(points: Sequence[TrendPoint], limit: int = 12) -> str:
    """Draw a trend with block letters; nothing for fewer than three runs, a dot where a value is not finite."""
    values = [None if point["value"] is None else float(point["value"]) for point in points[-limit:]]
    return blocks(values) if len(values) >= 3 else ""


def blocks(values: Sequence[float | None]) -> str:
    """Draw numbers as `▁▃▂▅█`."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if not finite:
        return ""
    low, span = min(finite), max(finite) - min(finite)
    return "".join(
        BLOCKS[round((value - low) / span * 7) if span else 3] if value is not None and math.isfinite(value) else "·"
        for value in values
    )


def saved_words(says: SavedSays) -> str:
    """Write what the saved output says: `saved output says 0.8412 (ann, 12 Nov): scikit-learn 1.9.0→1.9.1`."""
    who = ", ".join(part for part in (clean(says["author"], 30), clean(says["date"], 12)) if part)
    differences = ", ".join(clean(one, 60) for one in says["differences"][:4])
    more = f", {len(says['differences']) - 4} more" if len(says["differences"]) > 4 else ""
    return f"saved output says {clean(says['value_text'], 20)}{f' ({who})' if who else ''}: {differences}{more}"


def unsaid(view: RunView) -> list[Caution]:
    """Return the cautions that no row shows already: a fit's remark stands beside the fit where there are several."""
    if len(view["fits"]) < 2:
        return view["cautions"]
    told = {f"{row['estimator']} {row['remark']}." for row in view["fits"] if row["remark"]}
    return [caution for caution in view["cautions"] if caution["text"] not in told]


def fits_words(fits: Sequence[FitRow]) -> str:
    """Summarise the fits: `1 fit, 3 params set (15 default)`."""
    words = plural(len(fits), "fit")
    written = [row["params_written"] for row in fits]
    if any(one is None for one in written):
        return words
    count = sum(len(one or {}) for one in written)
    default = sum(row["params_default"] for row in fits)
    return f"{words}, {plural(count, 'param')} set" + (f" ({count_text(default)} default)" if default else "")


def reference_words(view: RunView) -> str:
    """Write which run: `forest#7`, `forest#5 ×3`."""
    repeats = view["run"]["repeats"]
    return clean(view["run"]["reference"], 60) + (f" ×{count_text(repeats)}" if repeats > 1 else "")
