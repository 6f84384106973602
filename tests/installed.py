"""A program that uses the installed wheel as its users do, and looks at what it brought: `make test-wheel` runs it.

It needs nothing but what the wheel depends on.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from importlib.metadata import files
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel

import fastws
from fastws import SocketRouter, WSRouter


class Ping(BaseModel):
    type: Literal["ping"]
    count: int


class Pong(BaseModel):
    count: int


router = WSRouter(prefix="/ws")
requests = SocketRouter()
app = FastAPI()


@router.receive
async def answer(message: Ping) -> Pong:
    return Pong(count=message.count + 1)


@requests.route("sum")
async def add(ws: fastws.WebSocket, headers: dict[str, Any], payload: list[int]) -> int:
    return sum(payload)


app.include_router(router)
app.add_api_websocket_route("/requests", requests)


async def talk(path: str, text: str) -> list[dict[str, Any]]:
    """Return what the application sends to a client that sends one message and leaves."""
    received: list[dict[str, Any]] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": text},
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b"", "subprotocols": []}
    await app(scope, receive, send)
    return sent


def check_contents() -> None:
    """Look at what the wheel has brought: compiled modules, types and data, and nothing to compile them from."""
    brought = [str(path) for path in files("fastws-router") or ()]
    suffixes = {Path(name).suffix for name in brought if name.startswith("fastws/")}
    assert {".py", ".pyi", ".typed"} < suffixes, suffixes
    assert not suffixes & {".c", ".h", ".pxd", ".pyx"}, suffixes
    assert {name.split("/")[0].split("-")[0] for name in brought} == {"fastws", "fastws_router"}, brought
    assert Path(str(fastws.__file__)).is_relative_to(sys.prefix), fastws.__file__
    assert importlib.util.find_spec("Cython") is None


if __name__ == "__main__":
    check_contents()
    replies = [message.get("text") for message in asyncio.run(talk("/ws", '{"type":"ping","count":1}'))]
    assert replies[:2] == [None, '{"count":2}'], replies
    replies = [
        message.get("text") for message in asyncio.run(talk("/requests", '{"uuid":1,"route":"sum","payload":[1,2]}'))
    ]
    assert replies[1] == '{"headers":{},"payload":3,"uuid":1,"status":200}', replies
    print("the wheel works")
