"""Ratios that hold on a busy machine: the contenders take turns inside each round, and the median round counts."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from time import monotonic, perf_counter
from typing import Any, Final, TypeVar

from pydantic import ValidationError

# So long runs one contender before the other takes its turn: short beside the machine's own drift, long beside the clock.
TURN: Final = 0.001

# There are so many rounds even if there is no time for them.
ENOUGH: Final = 5

Turn = Callable[[], float]

NameT = TypeVar("NameT")


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


def take_rounds(turns: Mapping[NameT, Turn], rounds: int, seconds: float) -> dict[NameT, list[float]]:
    """Let everybody take turns, and return what each has found; every round begins with another of them.

    Parameters:
        turns: What takes them.
        rounds: How many turns each takes,
        seconds: and after what time no other round begins, on a machine that is too busy for all of them.
    """
    found: dict[NameT, list[float]] = {name: [] for name in turns}
    names = list(turns)
    end = monotonic() + seconds
    for number in range(rounds):
        if number >= ENOUGH and monotonic() > end:
            break
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            found[name].append(turns[name]())
    return found
