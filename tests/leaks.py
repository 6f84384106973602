"""What many calls leave behind: references, and bytes."""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from pydantic import ValidationError

# A leak shows in a few; a hundred thousand take a minute.
CALLS: Final = int(os.environ.get("FASTWS_CALLS", "3000"))


def copy(text: str) -> str:
    """Return an equal string of its own, because a string keeps its UTF-8 once somebody has asked for it."""
    return text[:1] + text[1:]


@contextmanager
def collecting_only_what_comes() -> Iterator[None]:
    """Let the garbage collector leave out what is there already, which with all tests loaded takes it long."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def repeat(function: Callable[[Any], object], make: Callable[[], object], calls: int) -> None:
    for _ in range(calls):
        with suppress(ValidationError, LookupError):
            function(make())


def grow(
    function: Callable[[Any], object], make: Callable[[], object], watched: list[Any], calls: int = CALLS
) -> tuple[list[int], int]:
    """Return how many references to each thing, and how many bytes, so many calls leave behind."""

    def count() -> list[int]:
        return [sys.getrefcount(thing) for thing in watched]

    with collecting_only_what_comes():
        repeat(function, make, 300)
        gc.collect()
        before = count()
        tracemalloc.start()
        try:
            repeat(function, make, 10)
            first, _ = tracemalloc.get_traced_memory()
            repeat(function, make, calls)
            gc.collect()
            last, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return [after - earlier for after, earlier in zip(count(), before, strict=True)], last - first
