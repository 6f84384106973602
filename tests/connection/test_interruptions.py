"""Connections that are interrupted, played by hand: the in-process client cannot be cancelled or lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import WebSocket
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect, WebSocketState

from fastws.connection import Limits, make_service, serve


@dataclass
class Peer:
    """A server's end of a connection, played by hand, and what the hooks were told.

    Attributes:
        frames: What the peer sends.
        gone: Whether sending to it fails.
    """

    frames: list[Message] = field(default_factory=list)
    gone: bool = False
    goodbyes: list[int] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        return self.frames.pop(0)

    async def send(self, message: Message) -> None:
        if self.gone and message["type"] != "websocket.accept":
            raise OSError

    async def accept(self, websocket: WebSocket) -> None:
        await websocket.accept()

    async def goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        await asyncio.sleep(0)
        self.goodbyes.append(code)

    async def fallback(self, websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        pytest.fail("nothing went wrong")

    async def wait(self, websocket: WebSocket, *arguments: object) -> None:
        if websocket.application_state is WebSocketState.CONNECTING:
            await websocket.accept()
        self.reached.set()
        await asyncio.sleep(60)

    async def serve(self, **hooks: Any) -> None:
        chosen: dict[str, Any] = {
            "on_connect": self.accept,
            "on_disconnect": self.goodbye,
            "fallback": self.fallback,
            "dispatch": self.wait,
        }
        chosen |= hooks
        websocket = WebSocket({"type": "websocket"}, self.receive, self.send)
        limits = Limits(max_message_size=None, send_timeout=None, hook_timeout=1)
        await serve(websocket, make_service(**chosen, on_error=None, prepare=lambda: None, limits=limits))


CONNECT = {"type": "websocket.connect"}


@pytest.mark.parametrize("hook", ["dispatch", "on_connect"])
def test_a_cancelled_connection_says_goodbye_and_stays_cancelled(hook: str) -> None:
    async def cancel() -> list[int]:
        peer = Peer([CONNECT, {"type": "websocket.receive", "text": "hello"}])
        task = asyncio.create_task(peer.serve(**{hook: peer.wait}))
        await peer.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return peer.goodbyes

    assert asyncio.run(cancel()) == [1006]


@pytest.mark.parametrize("caught", [True, False], ids=["caught", "not-caught"])
def test_a_peer_that_is_gone_when_on_connect_greets_it_has_its_goodbye(caught: bool) -> None:
    async def greet(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.send_text("hello")
        except WebSocketDisconnect:
            if not caught:
                raise

    async def run() -> list[int]:
        peer = Peer([CONNECT], gone=True)
        await peer.serve(on_connect=greet)
        return peer.goodbyes

    assert asyncio.run(run()) == [1006]
