"""The application of the fault tests of streams: what begins, what is cleaned up, and what is over."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel

from fastws import WSRouter, reply_with_error

# By the names that connections share; lines in a file where the process ends before anybody can ask.
counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
sockets: defaultdict[str, set[WebSocket]] = defaultdict(set)
NOTES = os.environ.get("FASTWS_NOTES")


def note(websocket: WebSocket, what: str) -> None:
    counts[websocket.path_params["name"]][what] += 1
    if NOTES is not None:
        with Path(NOTES).open("a") as file:
            file.write(f"{what}\n")


class Item(BaseModel):
    n: int
    text: str = ""


class Wait(BaseModel):
    """Send a number, and then wait for something that never comes."""

    type: Literal["wait"]


async def wait(websocket: WebSocket, message: Wait) -> AsyncIterator[Item]:
    note(websocket, "begun")
    try:
        yield Item(n=0)
        await asyncio.Event().wait()
    finally:
        await clean_up(websocket)


class Send(BaseModel):
    """Send numbers, with a text of so many characters, after so many seconds each."""

    type: Literal["send"]
    size: int = 1
    seconds: float = 0.001


async def send(websocket: WebSocket, message: Send) -> AsyncIterator[Item]:
    note(websocket, "begun")
    try:
        for number in range(1_000_000):
            yield Item(n=number, text="x" * message.size)
            await asyncio.sleep(message.seconds)
    finally:
        await clean_up(websocket)


class SendElsewhere(BaseModel):
    """Send what an iterator gives that was made elsewhere."""

    type: Literal["send elsewhere"]


async def send_elsewhere(websocket: WebSocket, message: SendElsewhere) -> AsyncIterator[Item]:
    return send(websocket, Send(type="send"))


class SendFromThread(BaseModel):
    """Send numbers from a plain generator."""

    type: Literal["send from a thread"]


def send_from_thread(websocket: WebSocket, message: SendFromThread) -> Iterator[Item]:
    note(websocket, "begun")
    try:
        for number in range(1_000_000):
            yield Item(n=number)
            # Longer than the server needs to learn that the peer has gone.
            time.sleep(0.03)
    finally:
        note(websocket, "cleaning up")
        time.sleep(0.01)
        note(websocket, "closed")


class Raise(BaseModel):
    """Send two numbers, then raise."""

    type: Literal["raise"]


async def raise_midway(websocket: WebSocket, message: Raise) -> AsyncIterator[Item]:
    note(websocket, "begun")
    try:
        yield Item(n=0)
        await asyncio.sleep(0.001)
        yield Item(n=1)
        raise ZeroDivisionError("on purpose")
    finally:
        await clean_up(websocket)


class Sleep(BaseModel):
    """Take so many seconds."""

    type: Literal["sleep"]
    seconds: float


async def sleep(websocket: WebSocket, message: Sleep) -> Item:
    note(websocket, "slept")
    await asyncio.sleep(message.seconds)
    return Item(n=-1)


class Close(BaseModel):
    """Close the connection."""

    type: Literal["close"]


async def close(websocket: WebSocket, message: Close) -> None:
    await websocket.close(4001, "enough")


async def clean_up(websocket: WebSocket) -> None:
    note(websocket, "cleaning up")
    await asyncio.sleep(0.01)
    note(websocket, "closed")


async def connect(websocket: WebSocket) -> None:
    await websocket.accept()
    sockets[websocket.path_params["name"]].add(websocket)


async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    # First what must not be lost: the process may end before the hook does.
    note(websocket, f"goodbye {code}")
    await asyncio.sleep(0.01)
    sockets[websocket.path_params["name"]].discard(websocket)


HANDLERS = [wait, send, send_elsewhere, send_from_thread, raise_midway, sleep, close]


def make_router(*, answers: bool = False, **options: Any) -> WSRouter:
    router = WSRouter(discriminator="type", **options)
    router.on_connect(connect)
    router.on_disconnect(disconnect)
    if answers:
        router.on_error(reply_with_error)
    for handler in HANDLERS:
        router.receive(handler)
    return router


# By the first part of the path; the second is the name under which the connection is counted.
ROUTERS = {
    "plain": make_router(),
    "together": make_router(concurrency=8),
    "cancelling": make_router(cancel_on_disconnect=True),
    "cancelling-together": make_router(cancel_on_disconnect=True, concurrency=8),
    "timed": make_router(send_timeout=1),
    "timed-together": make_router(send_timeout=1, concurrency=8),
    "answering": make_router(answers=True),
    "answering-together": make_router(answers=True, concurrency=8),
}

app = FastAPI()
for kind, router in ROUTERS.items():
    app.include_router(router, prefix=f"/{kind}/{{name}}")


@app.get("/counts/{name}")
async def show_counts(name: str) -> Counter[str]:
    return counts[name]


@app.get("/close/{name}")
async def close_all(name: str) -> int:
    """Close all connections with a name, from outside their handlers."""
    closed = list(sockets[name])
    for websocket in closed:
        await websocket.close(4002, "over")
    return len(closed)


@app.get("/tasks")
async def count_tasks() -> int:
    return len(asyncio.all_tasks())
