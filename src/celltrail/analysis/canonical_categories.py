"""The canonical form of categories, version 1: their values, and then which value stands where (see `canonical`)."""

from __future__ import annotations

from typing import Any

from celltrail.analysis.canonical import BLOCK_ROWS


def feed_categories(hasher: Any, codes: Any, categories: Any, feed: Any, *, is_ordered: bool) -> None:
    """Feed categories by value.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    codes : iterable of ndarray of int
        Pieces of the places of the values among the categories, -1 for missing; read twice, so it is made a list.
    categories : array
        With `take`.
    feed : callable
        Feeds an array like the categories.
    is_ordered : bool
        Whether their order counts.
    """
    import numpy as np

    codes = list(codes)
    used = _in_order_of_appearance(codes, len(categories))
    numbers = np.full(len(categories) + 1, -1, "<i4")  # the last place is where code -1 looks
    numbers[used] = np.arange(len(used), dtype="<i4")
    hasher.update(f"{'ordered-' if is_ordered else ''}category\n".encode())
    if is_ordered:
        feed(hasher, categories)
    feed(hasher, categories.take(used))
    for block in codes:
        for start in range(0, len(block), BLOCK_ROWS):
            hasher.update(numbers.take(block[start : start + BLOCK_ROWS], mode="wrap").tobytes())


def _in_order_of_appearance(blocks: list[Any], most: int) -> Any:
    """Return the codes that are used, the first seen first; stops where none is left to be seen."""
    import numpy as np

    seen, used = np.zeros(most + 1, bool), []
    for whole in blocks:
        for start in range(0, len(whole), BLOCK_ROWS):
            block = whole[start : start + BLOCK_ROWS]
            fresh = block[~seen.take(block, mode="wrap")]
            if len(fresh):
                codes, first = np.unique(fresh, return_index=True)
                new = codes[np.argsort(first)]
                seen[new] = True
                used.extend(new[new >= 0].tolist())
                if len(used) == most:
                    return np.array(used, "i8")
    return np.array(used, "i8")
