"""Handlers that read frames themselves: they get the next ones, in order, wherever these come from."""

from __future__ import annotations

import json

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, settle
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])
async def test_a_handler_may_read_frames_itself(wait: bool) -> None:
    router = WSRouter()
    read: list[object] = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        read.append(message.text)
        if wait:
            await settle()
        if message.text == "upload":
            read.append(await websocket.receive_json())
            read.append(json.loads(await websocket.receive_text()))
            read.append((await websocket.receive())["type"])

    peer = Peer("upload", "one", "two", "three", "upload", "four")
    async with peer.served(router):
        peer.say("five", "six", "done")
        await settle()
        peer.leave()
    one, two, four, five = ({"text": text} for text in ("one", "two", "four", "five"))
    frame = "websocket.receive"
    assert read == ["upload", one, two, frame, "upload", four, five, frame, "done"]


async def test_a_handler_that_reads_sees_the_end_every_time() -> None:
    router = WSRouter()
    codes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        async for _ in websocket.iter_text():
            pass
        codes.append((await websocket.receive())["code"])
        with pytest.raises(WebSocketDisconnect) as gone:
            await websocket.receive_text()
        codes.append(gone.value.code)

    peer = Peer("a", "b", "c")
    async with peer.served(router):
        peer.leave(4000)
    assert codes == [4000, 4000]


async def test_two_tasks_that_read_get_one_frame_each() -> None:
    router = WSRouter()
    read = []

    async def read_one(websocket: WebSocket) -> None:
        read.append(json.loads(await websocket.receive_text())["text"])

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_one, websocket)
            tasks.start_soon(read_one, websocket)

    peer = Peer("start")
    async with peer.served(router):
        peer.say("one", "two")
        await settle()
        peer.leave()
    assert read == ["one", "two"]
