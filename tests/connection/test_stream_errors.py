"""Streams that fail: on their way, and when they are told to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, count_cancellations, settle

from fastws import WSRouter

pytestmark = pytest.mark.anyio

OPTIONS: Final[list[dict[str, Any]]] = [
    {},
    {"concurrency": 8},
    {"cancel_on_disconnect": True},
    {"cancel_on_disconnect": True, "concurrency": 8},
]


@pytest.mark.parametrize("patient", [False, True], ids=["goes-on", "gives-up"])
async def test_a_stream_may_put_up_with_its_cancellation(patient: bool) -> None:
    router = WSRouter()
    notes: list[object] = []

    @router.receive(Say)
    async def subscribe(message: Say) -> AsyncIterator[int]:
        try:
            await anyio.sleep_forever()
        except asyncio.CancelledError:
            notes.append("cancelled")
        await asyncio.sleep(0.01)
        notes.append("went on")
        if patient:
            raise LookupError
        yield 1

    @router.on_disconnect
    async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        notes.append((code, count_cancellations()))

    peer = Peer("hello")
    served = asyncio.create_task(peer.run(router))
    await settle()
    peer.leave(1005)
    if patient:
        with pytest.raises(LookupError):
            await served
    else:
        await served
    assert notes == ["cancelled", "went on", (1005, 0)]


@pytest.mark.parametrize("options", OPTIONS, ids="+".join)
@pytest.mark.parametrize("lives", [False, True], ids=["without-on-error", "with-on-error"])
async def test_a_stream_that_raises_midway_is_an_error_of_its_handler(options: dict[str, Any], lives: bool) -> None:
    router = WSRouter(**options)
    notes: list[object] = []

    @router.receive(Say)
    async def subscribe(message: Say) -> AsyncIterator[int]:
        yield 0
        await asyncio.sleep(0)
        yield 1
        raise LookupError

    @router.on_disconnect
    async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        notes.append(code)

    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        notes.append(type(error))
        await websocket.send_text("sorry")

    if lives:
        router.on_error(on_error)
    peer = Peer("hello")
    served = asyncio.create_task(peer.run(router))
    await settle()
    if lives:
        peer.leave(1000)
        await served
        assert (peer.texts, peer.closes, notes) == (["0", "1", "sorry"], [], [LookupError, 1000])
    else:
        with pytest.raises(LookupError):
            await served
        assert (peer.texts, peer.closes, notes) == (["0", "1"], [(1011, "")], [1011])
