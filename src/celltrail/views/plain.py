"""Values as JSON can carry them to every front end."""

from __future__ import annotations

import math
from typing import Any

from celltrail.views.numbers import as_number

# JavaScript counts exactly up to here, and jupyter-client's packers refuse what is beyond 64 bits.
_LARGEST = 2**53 - 1


def json_safe(value: Any) -> Any:
    """Return a value that any JSON writer takes and any front end reads back the same.

    Parameters
    ----------
    value : object
        Plain data: None, bool, int, float, str, list, tuple, dict.

    Returns
    -------
    object
        Non-finite numbers as "nan", "inf", "-inf"; integers beyond 2**53 as text; lone surrogates, which UTF-8
        can't carry, written out as `\\ud800`.
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else as_number(value)
    if isinstance(value, int):
        return value if -_LARGEST <= value <= _LARGEST else str(value)
    if isinstance(value, list | tuple):
        return [json_safe(one) for one in value]
    if isinstance(value, dict):
        # Names of fields, texts and what is absent are most of a panel, and there are hundreds: no call for each.
        return {
            name if type(name) is str and name.isascii() else json_safe(str(name)): (
                one if one is None or (type(one) is str and one.isascii()) else json_safe(one)
            )
            for name, one in value.items()
        }
    return value
