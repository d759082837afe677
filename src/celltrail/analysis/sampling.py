"""Which rows stand for all of them."""

from __future__ import annotations


def places(length: int, most: int) -> list[int]:
    """Return at most `most` row numbers, evenly spread, the first and the last among them."""
    if length <= most:
        return list(range(length))
    return [place * (length - 1) // (most - 1) for place in range(most)]
