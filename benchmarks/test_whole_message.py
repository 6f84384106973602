"""What a whole message costs in process: ASGI in, the handler, which answers, ASGI out; 1,000 messages a round.

The handler answers with the message's own `model_dump_json()`, or with a constant, which leaves the router alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache

import pytest
from applications import HANDLERS, make_floor_app, make_loop_app, make_ours, make_theirs
from fastapi import FastAPI
from harness import count_answers
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import Parse, adapt_discriminated, adapt_smart, look_up, write_match
from workload import TAG_FIRST, get_models

pytestmark = pytest.mark.benchmark(max_time=0.5, min_rounds=25)

MESSAGES = [TAG_FIRST] * 1000


@cache
def list_apps(count: int, answer: str) -> dict[str, FastAPI]:
    models = get_models(count)
    handler = HANDLERS[answer]
    loops: dict[str, Parse] = {
        "a loop by hand, discriminated union": adapt_discriminated(models).validate_json,
        "a loop by hand, smart union": adapt_smart(models).validate_json,
        "a loop by hand, json.loads and match": write_match(models),
        "a loop by hand, orjson and lookup": look_up(models),
    }
    apps = {
        "floor: nothing parsed, constant answer": make_floor_app(),
        "fastws, inferred": make_ours(models, handler),
        "fastws, discriminator": make_ours(models, handler, "type"),
        **{name: make_loop_app(parse, handler) for name, parse in loops.items()},
        "original router, smart": make_theirs(models, handler),
        "original router, discriminator": make_theirs(models, handler, "type"),
    }
    return {name: app for name, app in apps.items() if app is not None}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("name", list_apps(2, "constant"))
@pytest.mark.parametrize("answer", HANDLERS)
@pytest.mark.parametrize("count", [2, 10, 50])
def test_whole_message(
    benchmark: BenchmarkFixture, loop: asyncio.AbstractEventLoop, count: int, answer: str, name: str
) -> None:
    benchmark.group = f"1,000 whole messages, {count} models, {answer} answer"
    app = list_apps(count, answer)[name]
    outcome = benchmark(count_answers, app, MESSAGES, loop)
    assert (outcome.count, outcome.last) == (len(MESSAGES), TAG_FIRST)
