"""What a whole message costs in process: ASGI in, the handler, which answers, ASGI out; 1,000 messages a round."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache

import pytest
from fastapi import FastAPI, WebSocket
from harness import echo, exchange, make_app, make_loop_app, make_original_app
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import Models, Parse, adapt_discriminated, adapt_smart, look_up, make_original, write_match
from starlette.websockets import WebSocketDisconnect
from workload import TAG_FIRST, get_models

from fastws import WSRouter

pytestmark = pytest.mark.benchmark(max_time=0.5, min_rounds=25)

MESSAGES = [TAG_FIRST] * 1000


def make_ours(models: Models, discriminator: str | None = None) -> FastAPI:
    router = WSRouter(prefix="/ws", discriminator=discriminator)
    for model in models:
        router.receive(model)(echo)
    return make_app(router)


def make_theirs(models: Models, discriminator: str | None = None) -> FastAPI | None:
    router = make_original(models, discriminator)
    if router is None:
        return None
    router.mapping.update(dict.fromkeys(models, echo))

    return make_original_app(router)


def make_raw_app() -> FastAPI:
    app = FastAPI()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            return

    return app


@cache
def list_apps(count: int) -> dict[str, FastAPI]:
    models = get_models(count)
    loops: dict[str, Parse] = {
        "a loop by hand, discriminated union": adapt_discriminated(models).validate_json,
        "a loop by hand, smart union": adapt_smart(models).validate_json,
        "a loop by hand, json.loads and match": write_match(models),
        "a loop by hand, orjson and lookup": look_up(models),
    }
    apps = {
        "floor: raw echo, nothing validated": make_raw_app(),
        "fastws, inferred": make_ours(models),
        "fastws, discriminator": make_ours(models, "type"),
        **{name: make_loop_app(parse) for name, parse in loops.items()},
        "original router, smart": make_theirs(models),
        "original router, discriminator": make_theirs(models, "type"),
    }
    return {name: app for name, app in apps.items() if app is not None}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("name", list_apps(2))
@pytest.mark.parametrize("count", [2, 10, 50])
def test_whole_message(benchmark: BenchmarkFixture, loop: asyncio.AbstractEventLoop, count: int, name: str) -> None:
    benchmark.group = f"1,000 whole messages, {count} models"
    app = list_apps(count)[name]
    sent = benchmark(exchange, app, MESSAGES, loop)
    # The handshake and the answers, and whatever the application says at the end.
    assert len(sent) > len(MESSAGES)
