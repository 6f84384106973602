"""The application of the tests about slow handlers, floods and peers that do not read."""

from __future__ import annotations

import asyncio
from typing import Literal

import anyio
from controls import counts, released, router
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from requests_app import endpoints

from fastws import WSRouter

CHUNK = "x" * 65536


class Sleep(BaseModel):
    """Answer the number, after so many seconds."""

    type: Literal["sleep"]
    seconds: float
    number: int


class Note(BaseModel):
    """Count this; first wait until `/control/release` is called."""

    type: Literal["note"]


class Pour(BaseModel):
    """Send so many times 64 KiB; `seconds` later stop and do `then`."""

    type: Literal["pour"]
    times: int
    seconds: float | None = None
    then: Literal["nothing", "close", "raise"] = "nothing"


class Tell(BaseModel):
    """Send so many times 64 KiB to every other connection of the endpoint; answer how many were lost by it."""

    type: Literal["tell"]
    times: int


Room = set[WebSocket]


async def sleep(websocket: WebSocket, message: Sleep) -> None:
    if message.seconds:
        await asyncio.sleep(message.seconds)
    counts["slept"] += 1
    await websocket.send_text(str(message.number))


async def note(websocket: WebSocket, message: Note) -> None:
    counts["began"] += 1
    await released.wait()
    counts["noted"] += 1


async def pour(websocket: WebSocket, message: Pour) -> None:
    with anyio.move_on_after(message.seconds):
        for _ in range(message.times):
            await websocket.send_text(CHUNK)
            counts["poured"] += 1
    if message.then == "close":
        await websocket.close(4000, "enough")
    if message.then == "raise":
        raise ZeroDivisionError("on purpose")


def make_router(**limits: float) -> WSRouter:
    """Make an endpoint that knows all messages, and counts how its connections begin and end."""
    endpoint = WSRouter(**limits)  # type: ignore[arg-type]
    room: Room = set()

    @endpoint.on_connect
    async def connect(websocket: WebSocket) -> None:
        await websocket.accept()
        counts["connected"] += 1
        room.add(websocket)

    @endpoint.on_disconnect
    async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        counts["disconnected"] += 1
        counts[f"disconnected {code}"] += 1
        room.discard(websocket)

    async def tell(websocket: WebSocket, message: Tell) -> None:
        lost = 0

        async def tell_one(other: WebSocket) -> None:
            nonlocal lost
            try:
                for _ in range(message.times):
                    await other.send_text(CHUNK)
            except WebSocketDisconnect:
                lost += 1

        async with anyio.create_task_group() as group:
            for other in room - {websocket}:
                group.start_soon(tell_one, other)
        await websocket.send_text(f"lost {lost}")

    endpoint.receive(Sleep)(sleep)
    endpoint.receive(Note)(note)
    endpoint.receive(Pour)(pour)
    endpoint.receive(Tell)(tell)
    return endpoint


app = FastAPI()
app.include_router(router)
app.include_router(make_router(), prefix="/usual")
app.include_router(make_router(mailbox=4), prefix="/narrow")
app.include_router(make_router(concurrency=2), prefix="/together")
app.include_router(make_router(send_timeout=1), prefix="/timed")
app.include_router(make_router(send_timeout=1, concurrency=2), prefix="/timed-together")
app.include_router(make_router(cancel_on_disconnect=True), prefix="/cancelling")
# The same of requests.
app.include_router(endpoints, prefix="/requests")
