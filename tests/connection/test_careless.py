"""Programs and servers that are careless with a connection: each of these once lost one, or worse."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any, Literal

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, send_at_once, settle
from pydantic import BaseModel, field_validator
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.connection import closing

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def note_goodbyes(router: WSRouter) -> list[int]:
    goodbyes: list[int] = []

    @router.on_disconnect
    async def say_goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        await asyncio.sleep(0)
        goodbyes.append(code)

    return goodbyes


async def test_a_model_may_be_registered_while_another_is_validated() -> None:
    router = WSRouter()

    class Busy(BaseModel):
        type: Literal["busy"]
        text: str

        @field_validator("text")
        @classmethod
        def register(cls, text: str) -> str:
            class Late(BaseModel):
                type: Literal["late"]

            Late.__name__ = f"Late{len(router.mapping)}"
            if len(router.mapping) == 1:
                router.receive(Late)(answer)
            return text

    async def answer(websocket: WebSocket, message: Any) -> None:
        await websocket.send_text(type(message).__name__)

    router.receive(Busy)(answer)
    peer = Peer()
    async with peer.served(router):
        for text in ('{"type":"busy","text":"x"}', '{"type":"busy","text":"y"}', '{"type":"late"}'):
            peer.put({"type": "websocket.receive", "text": text})
        await settle()
        assert peer.texts == ["Busy", "Busy", "Late1"]
        peer.leave()


async def test_nothing_is_read_ahead_behind_a_message_over_the_limit() -> None:
    router = WSRouter(max_message_size=100)
    go_on = anyio.Event()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await go_on.wait()

    goodbyes = note_goodbyes(router)
    peer = Peer("first", *["x" * 1000] * 10)
    async with peer.served(router):
        # The first is being handled, the second is known to be the last.
        assert peer.unread == 9
        go_on.set()
    assert peer.closes == [(1009, "message over 100 bytes")]
    assert goodbyes == [1009]


@pytest.mark.parametrize(
    "options",
    [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}, {"as_text": False}],
    ids=["in-turn", "together", "cancelling", "text-instead-of-binary"],
)
async def test_a_frame_of_the_wrong_kind_may_be_no_larger_than_another(options: dict[str, Any]) -> None:
    router = WSRouter(max_message_size=100, **options)
    goodbyes = note_goodbyes(router)
    frame: dict[str, Any] = {"text": "x" * 101} if "as_text" in options else {"bytes": b"x" * 101}
    peer = Peer()
    async with peer.served(router):
        peer.put({"type": "websocket.receive", **frame})
        await settle()
        assert peer.closes == [(1009, "message over 100 bytes")]
    assert goodbyes == [1009]


async def test_a_handler_that_reads_for_itself_gets_no_message_over_the_limit() -> None:
    router = WSRouter(max_message_size=100)
    seen = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as end:
            seen.append(end.code)

    goodbyes = note_goodbyes(router)
    peer = Peer("first", "x" * 1000)
    async with peer.served(router):
        pass
    assert (peer.closes, seen, goodbyes) == ([(1009, "message over 100 bytes")], [1009], [1009])


async def test_a_handler_that_the_program_cancels_ends_alone() -> None:
    router = WSRouter(concurrency=3)
    tasks: list[asyncio.Task[Any] | None] = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        if message.text == "stop":
            assert tasks[0] is not None
            tasks[0].cancel()
        else:
            tasks.append(asyncio.current_task())
            await settle()
            await settle()
        await websocket.send_text(message.text)

    goodbyes = note_goodbyes(router)
    peer = Peer("first", "second", "stop")
    async with peer.served(router):
        await settle()
        await settle()
        peer.say("third")
        await settle()
        await settle()
        await settle()
        assert peer.texts == ["stop", "second", "third"]
        assert goodbyes == []
        peer.leave()
    assert goodbyes == [1005]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
async def test_a_close_in_an_eager_task_does_not_cancel_the_connection() -> None:
    router = WSRouter()
    if sys.version_info >= (3, 12):
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await asyncio.gather(websocket.close(4000))

    goodbyes = note_goodbyes(router)
    try:
        peer = Peer("close")
        async with peer.served(router):
            pass
    finally:
        asyncio.get_running_loop().set_task_factory(None)
    assert (peer.closes, goodbyes) == ([(4000, "")], [4000])


async def test_the_goodbye_comes_also_where_the_server_is_asked_for_the_code_in_vain() -> None:
    router = WSRouter()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text("anybody?")

    goodbyes = note_goodbyes(router)

    async def refuse(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    peer = Peer("hello", send=refuse)
    task = asyncio.create_task(peer.run(router))
    await settle()
    task.cancel()
    await asyncio.wait([task])
    assert goodbyes == [1006]


async def test_a_close_that_takes_too_long_is_the_end_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "CLOSE_TIMEOUT", 0.01)
    router = WSRouter(max_message_size=100, send_timeout=None)

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text(message.text)

    goodbyes = note_goodbyes(router)

    async def block(message: Message) -> None:
        if message["type"] == "websocket.close":
            await asyncio.sleep(60)

    peer = Peer("x" * 1000, "too late", send=block)
    async with peer.served(router):
        pass
    assert (peer.texts, goodbyes) == ([], [1009])


async def test_on_error_has_the_exception_at_hand_also_after_a_wait() -> None:
    router = WSRouter()
    seen = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        raise KeyError(message.text)

    @router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        await settle()
        seen.append(sys.exc_info()[1] is error)
        raise  # noqa: PLE0704

    peer = Peer("tea")
    with pytest.raises(KeyError, match="tea"):
        await peer.run(router)
    assert seen == [True]


async def test_a_goodbye_that_raises_does_not_keep_a_cancelled_connection(caplog: pytest.LogCaptureFixture) -> None:
    router = WSRouter(concurrency=2)

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await asyncio.sleep(60)

    @router.on_disconnect
    async def say_goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        raise ValueError("secret")

    peer = Peer("wait")
    task = asyncio.create_task(peer.run(router))
    await settle()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    (record,) = [record for record in caplog.records if record.levelno > logging.INFO]
    assert record.getMessage().startswith("on_disconnect raised ValueError at ")
    assert peer.closes == []


async def test_what_a_fallback_raises_does_not_quote_the_message() -> None:
    router = WSRouter()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None: ...

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        raise ValueError("no")

    peer = Peer()
    peer.put({"type": "websocket.receive", "text": json.dumps({"secret": 1})})
    with pytest.raises(ValueError, match="no") as raised:
        await peer.run(router)
    assert raised.value.__context__ is None


async def test_somebody_who_has_read_since_before_does_not_hide_the_end() -> None:
    router = WSRouter()

    @router.on_connect
    async def connect(websocket: WebSocket) -> None:
        await websocket.accept()
        reading.append(asyncio.create_task(websocket.receive()))
        await asyncio.sleep(0)

    reading: list[asyncio.Task[Message]] = []
    goodbyes = note_goodbyes(router)
    # First come, first served, as servers do it.
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    task = asyncio.create_task(router.handler(WebSocket({"type": "websocket"}, incoming.get, send_at_once)))
    await settle()
    incoming.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
    await asyncio.wait_for(task, timeout=5)
    assert goodbyes == [1000]
    assert (await reading[0])["type"] == "websocket.disconnect"
