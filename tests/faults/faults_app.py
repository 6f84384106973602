"""The application of the fault suite: routers that count what happens to their connections, and answer for it over HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import Depends, FastAPI, HTTPException, WebSocket
from pydantic import BaseModel

from fastws import WSRouter


@dataclass
class Tally:
    """What happened to the connections that share a name.

    Attributes:
        set_up: How many connect-time dependencies have begun.
        torn_down: How many of them have ended.
        connected: How many times `on_connect` has run.
        goodbyes: How many times `on_disconnect` has begun, by close code.
        handlers: How many waiting handlers have begun, waited to the end, been cancelled and answered.
    """

    set_up: int = 0
    torn_down: int = 0
    connected: int = 0
    goodbyes: Counter[int] = field(default_factory=Counter)
    handlers: Counter[str] = field(default_factory=Counter)


tallies: defaultdict[str, Tally] = defaultdict(Tally)


def tally_of(websocket: WebSocket) -> Tally:
    return tallies[websocket.path_params["name"]]


class Echo(BaseModel):
    """Answer at once, with how many messages of the connection were handled before, and the message's own number."""

    type: Literal["echo"]
    n: int


class Wait(BaseModel):
    """Answer likewise after so many seconds; say at once that the handler has begun, if that is wanted."""

    type: Literal["wait"]
    n: int
    seconds: float
    announce: bool = False


class Stream(BaseModel):
    """Send numbers, in frames of so many bytes, until a `Stop` is handled."""

    type: Literal["stream"]
    size: int = 1


class Stop(BaseModel):
    """End the stream of the same connection."""

    type: Literal["stop"]


class Flood(BaseModel):
    """Send frames of so many bytes for ever, as fast as they are taken."""

    type: Literal["flood"]
    size: int


class End(BaseModel):
    """End the connection after so many seconds."""

    type: Literal["end"]
    how: Literal["raise", "refuse", "close"]
    seconds: float = 0


async def count(websocket: WebSocket) -> AsyncIterator[None]:
    tally = tally_of(websocket)
    tally.set_up += 1
    try:
        yield
    finally:
        tally.torn_down += 1


async def connect(websocket: WebSocket) -> None:
    tally_of(websocket).connected += 1
    websocket.state.handled = 0
    websocket.state.stopped = False
    await websocket.accept()


async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    tally_of(websocket).goodbyes[code] += 1
    # Long enough for another goodbye to begin, or for this one to be cut off, if something were to do that.
    await asyncio.sleep(0.01)


async def fall_back(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
    if message == "raise":
        raise ZeroDivisionError("on purpose")
    await websocket.send_text(type(error).__name__)


async def echo(websocket: WebSocket, message: Echo) -> None:
    before, websocket.state.handled = websocket.state.handled, websocket.state.handled + 1
    await websocket.send_text(f"{before} {message.n}")


async def wait(websocket: WebSocket, message: Wait) -> None:
    before, websocket.state.handled = websocket.state.handled, websocket.state.handled + 1
    handlers = tally_of(websocket).handlers
    handlers["begun"] += 1
    if message.announce:
        await websocket.send_text("begun")
    try:
        await asyncio.sleep(message.seconds)
    except asyncio.CancelledError:
        handlers["cancelled"] += 1
        raise
    handlers["waited"] += 1
    await websocket.send_text(f"{before} {message.n}")
    handlers["answered"] += 1


async def stream(websocket: WebSocket, message: Stream) -> None:
    number = 0
    while not websocket.state.stopped:
        await websocket.send_text(str(number).ljust(message.size))
        number += 1
        await asyncio.sleep(0.001)
    await websocket.send_text("end of the stream")


async def stop(websocket: WebSocket, message: Stop) -> None:
    websocket.state.stopped = True
    await websocket.send_text("stopped")


async def flood(websocket: WebSocket, message: Flood) -> None:
    while True:
        await websocket.send_text("x" * message.size)


async def end(websocket: WebSocket, message: End) -> None:
    if message.seconds:
        await asyncio.sleep(message.seconds)
    match message.how:
        case "raise":
            raise ZeroDivisionError("on purpose")
        case "refuse":
            raise HTTPException(403, "not for you")
        case "close":
            await websocket.close(4001, "enough")


HANDLERS: dict[type[BaseModel], Callable[..., Any]] = {
    Echo: echo,
    Wait: wait,
    Stream: stream,
    Stop: stop,
    Flood: flood,
    End: end,
}


def make_router(**options: Any) -> WSRouter:
    router = WSRouter(dependencies=[Depends(count)], **options)
    router.on_connect(connect)
    router.on_disconnect(disconnect)
    router.on_fallback(fall_back)
    for model, handler in HANDLERS.items():
        router.receive(model)(handler)
    return router


# By the first part of the path; the second is the name under which the connection is counted.
ROUTERS = {
    "plain": make_router(max_message_size=65536),
    "together": make_router(max_message_size=65536, concurrency=8),
    "in-pairs": make_router(concurrency=2),
    "cancelling": make_router(cancel_on_disconnect=True),
    "large": make_router(max_message_size=None),
    "binary": make_router(max_message_size=None, as_text=False),
}

app = FastAPI()
for kind, router in ROUTERS.items():
    app.include_router(router, prefix=f"/{kind}/{{name}}")


@app.get("/tallies/{name}")
async def show_tally(name: str) -> dict[str, Any]:
    return vars(tallies[name])


@app.get("/tasks")
async def count_tasks() -> int:
    return len(asyncio.all_tasks())
