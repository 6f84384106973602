"""Whole messages in process: the application is driven through ASGI, as a server would, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from fastws import WSRouter

SCOPE = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "ws",
    "path": "/ws",
    "raw_path": b"/ws",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
    "subprotocols": [],
    "extensions": {},
}


async def echo(websocket: WebSocket, message: Any) -> None:
    """Answer a message with itself."""
    await websocket.send_text(message.model_dump_json())


def make_app(router: WSRouter) -> FastAPI:
    """Make an application of one router, whose prefix is `/ws`."""
    app = FastAPI()
    app.include_router(router)
    return app


async def accept(websocket: WebSocket) -> None:
    """Accept a connection, which the original leaves to the program."""
    await websocket.accept()


def make_original_app(router: Any) -> FastAPI:
    """Make an application of the original's router, through its handler: its own route fails on today's FastAPI."""
    router.on_connect(accept)
    app = FastAPI()
    app.websocket("/ws")(router.handler)
    return app


def make_loop_app(parse: Callable[[str], Any]) -> FastAPI:
    """Make an application with the loop that a program writes by hand."""
    app = FastAPI()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await echo(websocket, parse(await websocket.receive_text()))
        except WebSocketDisconnect:
            return

    return app


def exchange(app: FastAPI, texts: Sequence[str], loop: asyncio.AbstractEventLoop | None = None) -> list[Any]:
    """Open a connection, send it every text, close it; return what the application sent."""
    incoming = iter(
        [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": text} for text in texts),
            {"type": "websocket.disconnect", "code": 1000, "reason": ""},
        ]
    )
    sent: list[Any] = []

    # Neither ever waits: what a server and a network would add is the same for all.
    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    connection = app(dict(SCOPE), receive, send)
    if loop is None:
        asyncio.run(connection)
    else:
        loop.run_until_complete(connection)
    return sent
