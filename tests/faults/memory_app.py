"""The application of `test_memory.py`: the same echo as Starlette, FastAPI and we make it, and a look at its memory."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from typing import Literal

from controls import router
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket as StarletteWebSocket

from fastws import WSRouter

app = FastAPI()
ours = WSRouter()

_before: list[tracemalloc.Snapshot] = []


class Traced(BaseModel):
    """What has been allocated and not freed since `/control/trace`.

    Attributes:
        size: In bytes.
        top: The lines that allocated most of it.
    """

    size: int
    top: list[str]


@router.post("/trace")
async def trace() -> None:
    """Begin to count memory, or begin anew."""
    gc.collect()
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    _before[:] = [_take_snapshot()]


@router.get("/traced")
async def get_traced() -> Traced:
    gc.collect()
    differences = _take_snapshot().compare_to(_before[0], "lineno")
    top = sorted(differences, key=lambda difference: -difference.size_diff)[:25]
    return Traced(size=sum(difference.size_diff for difference in differences), top=[str(line) for line in top])


def _take_snapshot() -> tracemalloc.Snapshot:
    return tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, tracemalloc.__file__)])


async def echo(websocket: StarletteWebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


# FastAPI has no method for it in all versions.
app.router.routes.append(WebSocketRoute("/starlette", echo))


@app.websocket("/fastapi")
async def echo_in_fastapi(websocket: WebSocket) -> None:
    await echo(websocket)


class Say(BaseModel):
    type: Literal["say"]


class Wait(BaseModel):
    type: Literal["wait"]


@ours.receive(Say)
async def say(websocket: WebSocket, message: Say) -> None:
    await websocket.send_text("said")


@ours.receive(Wait)
async def wait(websocket: WebSocket, message: Wait) -> None:
    await asyncio.sleep(0.001)
    await websocket.send_text("waited")


app.include_router(router)
app.include_router(ours, prefix="/ours")
