"""Handlers that many of these tests share, and a way to play a connection to its very end."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, WebSocket
from vocabulary import Shout, Wave

Mapping = dict[Any, Callable[..., Any]]
Message = MutableMapping[str, Any]


async def on_shout(websocket: WebSocket, data: Shout) -> None:
    await websocket.send_text(f"heard {data.words}")


async def on_wave(websocket: WebSocket, data: Wave) -> None:
    await websocket.send_text(f"saw {data.hands} hands")


def play(app: FastAPI, *frames: Message) -> list[Message]:
    """Play a connection to its very end; the test client cancels what an application does after it has closed."""
    incoming = iter([{"type": "websocket.connect"}, *frames])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": [], "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    return sent
