"""What a request by route and id costs in process: ASGI in, the handler, the reply, ASGI out; 1,000 requests a round."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache

import orjson
import pytest
from fastapi import FastAPI
from harness import count_answers
from pytest_benchmark.fixture import BenchmarkFixture
from request_applications import (
    ENDS,
    REQUEST,
    dump_with_orjson,
    make_loop_by_hand,
    make_published_app,
    make_socket_app,
)

pytestmark = pytest.mark.benchmark(max_time=0.5, min_rounds=25)

REQUESTS = [REQUEST] * 1000


@cache
def list_apps() -> dict[str, FastAPI]:
    apps = {
        "fastws": make_socket_app(),
        "a loop by hand, json": make_loop_by_hand(),
        "a loop by hand, orjson": make_loop_by_hand(orjson.loads, dump_with_orjson),
        "original router": make_published_app() if ENDS else None,
    }
    return {name: app for name, app in apps.items() if app is not None}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("name", list_apps())
def test_requests(benchmark: BenchmarkFixture, loop: asyncio.AbstractEventLoop, name: str) -> None:
    benchmark.group = "1,000 requests by route and id"
    app = list_apps()[name]
    outcome = benchmark(count_answers, app, REQUESTS, loop, patient=True)
    assert outcome.last is not None
    assert orjson.loads(outcome.last) == {
        "headers": {},
        "payload": {"sum": 10, "unit": "metre"},
        "uuid": 123,
        "status": 200,
    }
    assert outcome.count == len(REQUESTS)
