"""Ratios that hold on a busy machine: the contenders take turns inside each round, and the median round counts."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from time import perf_counter
from typing import Any, Final

from pydantic import ValidationError

# So long runs one contender before the other takes its turn: short beside the machine's own drift, long beside the clock.
TURN: Final = 0.001

Turn = Callable[[], float]


@dataclass(frozen=True)
class Ratios:
    """The ratios of all rounds."""

    middle: float
    least: float
    most: float


def summarise(ratios: list[float]) -> Ratios:
    return Ratios(median(ratios), min(ratios), max(ratios))


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from charging one contender for what another left behind."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def time_calls(parse: Callable[[str], Any], text: str, loops: int) -> float:
    start = perf_counter()
    for _ in repeat(None, loops):
        parse(text)
    return (perf_counter() - start) / loops


def time_refusals(parse: Callable[[str], Any], text: str, loops: int) -> float:
    """Time calls that may end in a validation error."""
    start = perf_counter()
    for _ in repeat(None, loops):
        try:  # noqa: SIM105  (`suppress` would cost more than some of what it surrounds)
            parse(text)
        except ValidationError:
            pass
    return (perf_counter() - start) / loops


def make_turn(parse: Callable[[str], Any], text: str, *, refused: bool = False) -> Turn:
    """Return a function that takes one turn and returns the seconds of one call."""
    timer = time_refusals if refused else time_calls
    once = min(timer(parse, text, 1) for _ in range(3))
    loops = max(1, round(TURN / once))
    if loops > 1:
        loops = max(1, round(TURN / timer(parse, text, loops)))
    return lambda: timer(parse, text, loops)


def compare(base: Turn, ours: Turn, rounds: int) -> Ratios:
    """Return how many times the base's time ours takes; the base runs before and after, so that drift cancels."""
    ratios = []
    with without_collector():
        for _ in range(rounds):
            before, between, after = base(), ours(), base()
            ratios.append(2 * between / (before + after))
    return summarise(ratios)


def compare_difference(base: Turn, ours: Turn, empty: Turn, rounds: int) -> Ratios:
    """Return what part of the base's time ours takes without the empty call around it."""
    ratios = []
    with without_collector():
        for _ in range(rounds):
            before, first, between, last, after = base(), empty(), ours(), empty(), base()
            ratios.append((2 * between - first - last) / (before + after))
    return summarise(ratios)
