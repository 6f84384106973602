"""Measure what a message costs in process, against the number of models, and print it as JSON.

``python inside.py <environment> <rounds> <seconds> <number of models>...``.  In every round all contenders take turns, with every
number of models, and every round begins with another of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from time import thread_time
from typing import Final

from contenders import (
    ALONE,
    BY_HAND,
    DISCRIMINATED,
    FASTWS,
    FASTWS_INFERRED,
    NEWEST,
    ORIGINAL,
    SMART,
    WS_ROUTER,
    WS_ROUTER_INFERRED,
)
from fastapi import FastAPI
from figures import PARSE, WHOLE, Series, convert
from harness import count_answers
from interleaved import Turn, take_rounds, time_calls, without_collector
from report_applications import (
    make_alone,
    make_by_hand,
    make_discriminated,
    make_fastws,
    make_included,
    make_mounted,
    make_smart,
)
from rivals import Parse, adapt_discriminated, adapt_smart, load_and_look_up, route_with, validate_alone
from workload import TAG_FIRST, get_models

# Of one connection, and so long that its turn is about as long as the others'.
MESSAGES: Final = 300
TURN: Final = 0.002

# The measure, the contender and the number of models.
Place = tuple[str, str, int]


def list_parsers(count: int) -> dict[str, Parse]:
    """Return the ways from a text to its model, without a handler or a connection."""
    models = get_models(count)
    return {
        ALONE: validate_alone(models[0]),
        FASTWS: route_with(models, "type"),
        FASTWS_INFERRED: route_with(models),
        DISCRIMINATED: adapt_discriminated(models).validate_json,
        SMART: adapt_smart(models).validate_json,
        BY_HAND: load_and_look_up(models),
    }


def list_apps(environment: str, count: int) -> dict[str, FastAPI]:
    """Return the applications, as far as they are installed."""
    make_theirs = make_included if environment == ORIGINAL else make_mounted
    apps = {
        FASTWS: make_fastws(count, "type"),
        FASTWS_INFERRED: make_fastws(count),
        WS_ROUTER: make_theirs(count, "type"),
        WS_ROUTER_INFERRED: make_theirs(count),
        ALONE: make_alone(count),
        DISCRIMINATED: make_discriminated(count),
        SMART: make_smart(count),
        BY_HAND: make_by_hand(count),
    }
    return {name: app for name, app in apps.items() if app is not None}


def make_parse_turn(parse: Parse) -> Turn:
    loops = max(1, round(TURN / min(time_calls(parse, TAG_FIRST, 10) for _ in range(3))))

    def turn() -> float:
        start = thread_time()
        time_calls(parse, TAG_FIRST, loops)
        return (thread_time() - start) / loops

    return turn


def make_whole_turn(app: FastAPI, loop: asyncio.AbstractEventLoop) -> Turn:
    """Return a function that opens a connection and sends it messages; the connection itself is not timed."""
    once = count_answers(app, [TAG_FIRST] * MESSAGES, loop)
    assert (once.count, once.last) == (MESSAGES, TAG_FIRST)
    texts = [TAG_FIRST] * max(1, min(MESSAGES, round(TURN * MESSAGES / once.seconds)))

    def turn() -> float:
        outcome = count_answers(app, texts, loop)
        assert (outcome.count, outcome.last) == (len(texts), TAG_FIRST)
        return outcome.seconds / len(texts)

    return turn


def list_turns(environment: str, counts: list[int], loop: asyncio.AbstractEventLoop) -> Iterator[tuple[Place, Turn]]:
    for count in counts:
        if environment == NEWEST:
            for name, parse in list_parsers(count).items():
                yield (PARSE, name, count), make_parse_turn(parse)
        for name, app in list_apps(environment, count).items():
            yield (WHOLE, name, count), make_whole_turn(app, loop)


def measure(environment: str, counts: list[int], rounds: int, seconds: float) -> list[Series]:
    """Return what a message costs in process."""
    with closing(asyncio.new_event_loop()) as loop:
        turns = dict(list_turns(environment, counts, loop))
        with without_collector():
            found = take_rounds(turns, rounds, seconds)
    return [
        Series(kind, environment, name, count, None, convert(seconds)) for (kind, name, count), seconds in found.items()
    ]


def main() -> None:
    environment, rounds, seconds, *counts = sys.argv[1:]
    series = measure(environment, [int(count) for count in counts], int(rounds), float(seconds))
    print(json.dumps([asdict(one) for one in series]))


if __name__ == "__main__":
    main()
