"""Whether a variable surely holds another value: it tells a cell that only runs again from one that adds each time.

Only what compares without the user's code, and without addresses, is evidence; where there is none, nothing is said.
"""

from __future__ import annotations

from typing import Any

from celltrail.analysis.touching.looking import VALUES, Picture

_COUNTED = frozenset({list, tuple, dict, set, frozenset})


def gist_of(value: Any, picture: Picture) -> Any:
    """Return what tells whether another object holds the same.

    Parameters
    ----------
    value : object
        Of a variable.
    picture : Picture
        A look at it.

    Returns
    -------
    tuple of (str, object, object)
        Its type; its content, or None where that can't be compared; how much it holds, or None.

    Examples
    --------
    >>> gist_of(3, Picture(0))
    ('int', 3, None)
    """
    kind = type(value)
    if kind in VALUES:
        # The picture of a text is as long as the text: its hash will do.
        return (kind.__name__, hash(value) if kind in (str, bytes) else value, None)
    size = len(value) if kind in _COUNTED else getattr(value, "shape", None) if _has_shape(kind) else None
    if picture.opaque or picture.too_large or picture.is_lazy or picture.linked or len(picture.parts) != 1:
        return (kind.__name__, None, size)
    return (kind.__name__, next(iter(picture.parts.values())), size)


def _has_shape(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("numpy", "pandas") and kind.__name__ in (
        "ndarray",
        "DataFrame",
        "Series",
    )


def is_another(before: Any, after: Any) -> bool:
    """Say whether two gists surely tell of two values."""
    if before is None or after is None:
        return False
    if before[0] != after[0]:
        return True
    if before[1] is not None and after[1] is not None:
        return repr(before[1]) != repr(after[1])  # 1 and True differ, one NaN and another do not
    return before[2] is not None and after[2] is not None and before[2] != after[2]


def is_changed_within(before: int | None, picture: Picture) -> bool:
    """Say whether an object that was changed in place surely holds another value, not only other objects alike.

    Parameters
    ----------
    before : int or None
        How much it held, where its digest told of others by their address.
    picture : Picture
        A look at it, taken after.

    Returns
    -------
    bool
        What lies deeper in it does not count: an address there may have been given to another object meanwhile.
    """
    after = picture.linked.get(picture.root)
    return before is None or after is None or before != after
