"""What cases are called by their values: the same in each run, so that one can be asked for by its name."""

from __future__ import annotations

import re


def steady_repr(value: object) -> str:
    """Return the `repr` of a value, without the address of any object."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def steady_str(value: object) -> str:
    """Return its `str`, likewise."""
    return value if isinstance(value, str) else steady_repr(value)
