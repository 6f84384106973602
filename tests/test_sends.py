"""Closing and sending: which codes are refused, what an end and a slow peer do to a send, and subclasses."""

from __future__ import annotations

import enum
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from peers import Peer, count_cancellations, send_at_once, settle
from starlette import websockets
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect, WebSocketState

from fastws.errors import InvalidCloseCodeError
from fastws.websocket import Settings, WebSocket, adopt

pytestmark = pytest.mark.anyio


class Code(enum.IntEnum):
    FULL = 4000


async def connect(
    peer: Peer, send_timeout: float | None = None, cls: type[websockets.WebSocket] = websockets.WebSocket
) -> WebSocket:
    """Return an accepted connection."""
    peer.websocket.__class__ = cls
    websocket = adopt(peer.websocket, Settings(send_timeout=send_timeout))
    await websocket.accept()
    peer.sent.clear()
    return websocket


async def refuse(message: Message) -> None:
    if message["type"] != "websocket.accept":
        raise OSError("gone")


async def stall(message: Message) -> None:
    if message["type"] != "websocket.accept":
        await anyio.Event().wait()


@pytest.mark.parametrize(
    "code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536, -1000, "1000", None, True, 1000.0]
)
@pytest.mark.parametrize("send_timeout", [None, 60.0], ids=["untimed", "timed"])
async def test_a_close_code_that_no_frame_can_carry_is_refused_at_the_call(
    code: Any, send_timeout: float | None
) -> None:
    peer = Peer()
    websocket = await connect(peer, send_timeout)
    with pytest.raises(InvalidCloseCodeError, match="3000 to 4999") as refused:
        await websocket.close(code)
    assert str(refused.value).startswith(f"{code!r} ")
    assert isinstance(refused.value, ValueError)
    assert refused.value.close_code is code
    assert refused.value.code == "invalid-close-code"
    # The connection lives.
    assert websocket.ending is None
    await websocket.send_text("hello")
    await websocket.close(1000)
    assert peer.sent == [
        {"type": "websocket.send", "text": "hello"},
        {"type": "websocket.close", "code": 1000, "reason": ""},
    ]


@pytest.mark.parametrize("code", [*range(1000, 1004), *range(1007, 1015), 3000, 4999, Code.FULL])
async def test_a_close_code_that_a_frame_can_carry_passes(code: int) -> None:
    peer = Peer()
    websocket = await connect(peer)
    await websocket.close(code, "bye")
    assert peer.closes == [(code, "bye")]
    assert websocket.ending == (code, "bye")


@pytest.mark.parametrize("code", [1006, 403, 1000])
async def test_before_accepting_the_code_goes_nowhere(code: int) -> None:
    peer = Peer()
    websocket = adopt(peer.websocket)
    await websocket.receive()
    await websocket.close(code, "x" * 200)
    assert peer.closes == [(code, "x" * 123)]


@pytest.mark.parametrize("reason", [None, "", "é" * 62])
async def test_the_reason_is_cut_to_what_a_close_frame_holds(reason: str | None) -> None:
    peer = Peer()
    await (await connect(peer)).close(4000, reason)
    assert peer.closes == [(4000, "é" * 61 if reason else "")]


Send = Callable[[WebSocket], Awaitable[None]]
SENDS: dict[str, Send] = {
    "text": lambda websocket: websocket.send_text("late"),
    "bytes": lambda websocket: websocket.send_bytes(b"late"),
    "json": lambda websocket: websocket.send_json("late"),
    "send": lambda websocket: websocket.send({"type": "websocket.send", "text": "late"}),
}


@pytest.mark.parametrize("how", SENDS.values(), ids=SENDS.keys())
@pytest.mark.parametrize("send_timeout", [None, 60.0], ids=["untimed", "timed"])
class TestEverySend:
    async def test_after_the_peer_has_left(self, how: Send, send_timeout: float | None) -> None:
        peer = Peer()
        websocket = await connect(peer, send_timeout)
        peer.leave(4000, "bye")
        await websocket.receive()
        for _ in range(2):
            with pytest.raises(WebSocketDisconnect) as gone:
                await how(websocket)
            assert (gone.value.code, gone.value.reason) == (4000, "bye")
        assert peer.sent == []

    async def test_after_closing(self, how: Send, send_timeout: float | None) -> None:
        peer = Peer()
        websocket = await connect(peer, send_timeout)
        await websocket.close(4001, "enough")
        for _ in range(2):
            with pytest.raises(WebSocketDisconnect) as gone:
                await how(websocket)
            assert (gone.value.code, gone.value.reason) == (4001, "enough")
        assert len(peer.sent) == 1

    async def test_to_a_peer_that_the_server_has_lost(self, how: Send, send_timeout: float | None) -> None:
        peer = Peer(send=refuse)
        websocket = await connect(peer, send_timeout)
        for _ in range(2):
            with pytest.raises(WebSocketDisconnect) as gone:
                await how(websocket)
            assert gone.value.code == 1006
        assert websocket.peer_gone
        assert websocket.application_state is WebSocketState.DISCONNECTED
        assert websocket.client_state is WebSocketState.DISCONNECTED
        with pytest.raises(WebSocketDisconnect):
            await websocket.close()

    async def test_that_the_server_refuses_because_it_has_closed_itself(
        self, how: Send, send_timeout: float | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def refuse(message: Message) -> None:
            raise RuntimeError("Unexpected ASGI message")

        peer = Peer()
        websocket = await connect(peer, send_timeout)
        peer.send = refuse
        with caplog.at_level(logging.DEBUG, "fastws"):
            for _ in range(2):
                with pytest.raises(WebSocketDisconnect) as gone:
                    await how(websocket)
                assert gone.value.code == 1006
        assert (websocket.peer_gone, websocket.ending) == (True, None)
        line = "the server refused a frame (RuntimeError); the connection is given up"
        assert caplog.record_tuples == [("fastws", logging.INFO, line)]

    async def test_before_accepting(self, how: Send, send_timeout: float | None) -> None:
        peer = Peer()
        websocket = adopt(peer.websocket, Settings(send_timeout=send_timeout))
        with pytest.raises(RuntimeError):
            await how(websocket)
        assert peer.sent == []

    async def test_that_waits(self, how: Send, send_timeout: float | None) -> None:
        async def wait(message: Message) -> None:
            await anyio.sleep(0.01)

        peer = Peer(send=wait)
        await how(await connect(peer, send_timeout))
        assert [message["type"] for message in peer.sent] == ["websocket.send"]


@pytest.mark.parametrize("how", SENDS.values(), ids=SENDS.keys())
async def test_nothing_remains_of_a_send_that_waited_and_was_in_time(how: Send) -> None:
    async def wait(message: Message) -> None:
        await anyio.lowlevel.checkpoint()

    peer = Peer(send=wait)
    websocket = await connect(peer, 0.2)
    await how(websocket)
    await anyio.sleep(0.25)
    assert len(peer.sent) == 1
    assert websocket.ending is None
    assert count_cancellations() == 0


@pytest.mark.parametrize("how", SENDS.values(), ids=SENDS.keys())
async def test_a_send_may_take_only_so_long(how: Send, caplog: pytest.LogCaptureFixture) -> None:
    peer = Peer(send=stall)
    websocket = await connect(peer, 0.01)
    for _ in range(2):
        with pytest.raises(WebSocketDisconnect) as gone:
            await how(websocket)
        assert (gone.value.code, gone.value.reason) == (1006, "send timeout")
    assert websocket.ending == (1006, "send timeout")
    assert websocket.application_state is WebSocketState.DISCONNECTED
    assert count_cancellations() == 0
    assert caplog.record_tuples == [
        ("fastws", logging.WARNING, "a send took longer than 0.01 s; the connection is given up")
    ]


async def test_two_sends_that_the_server_refuses_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    closed = anyio.Event()

    async def refuse(message: Message) -> None:
        await closed.wait()
        raise RuntimeError("Unexpected ASGI message")

    async def send() -> None:
        with pytest.raises(WebSocketDisconnect):
            await websocket.send_text("hello")

    peer = Peer()
    websocket = await connect(peer, 60.0)
    peer.send = refuse
    with caplog.at_level(logging.DEBUG, "fastws"):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            tasks.start_soon(send)
            await settle()
            closed.set()
    assert len(caplog.messages) == 1


async def test_a_close_may_take_only_so_long() -> None:
    websocket = await connect(Peer(send=stall), 0.01)
    with pytest.raises(WebSocketDisconnect):
        await websocket.close()
    assert websocket.ending == (1006, "send timeout")


@pytest.mark.parametrize("how", SENDS.values(), ids=SENDS.keys())
async def test_without_a_limit_a_send_takes_any_time(how: Send) -> None:
    websocket = await connect(Peer(send=stall))
    with anyio.move_on_after(0.05) as scope:
        await how(websocket)
    assert scope.cancelled_caught
    assert websocket.ending is None


class Loud(websockets.WebSocket):
    """A program's own connection, which changes every frame."""

    async def send(self, message: Message) -> None:
        if "text" in message:
            message = {**message, "text": message["text"].upper()}
        await super().send(message)


class Quiet(websockets.WebSocket):
    async def send_text(self, data: str) -> None:
        await super().send_text(data.lower())

    async def send_bytes(self, data: bytes) -> None:
        await super().send_bytes(data.lower())


@pytest.mark.parametrize("send_timeout", [None, 60.0], ids=["untimed", "timed"])
@pytest.mark.parametrize(
    ("cls", "text", "binary"),
    [(websockets.WebSocket, "Hi", b"Hi"), (Loud, "HI", b"Hi"), (Quiet, "hi", b"hi")],
    ids=["starlette", "send", "send_text-and-send_bytes"],
)
async def test_a_subclass_of_the_program_keeps_what_it_overrides(
    cls: type[websockets.WebSocket], text: str, binary: bytes, send_timeout: float | None
) -> None:
    peer = Peer(send=send_at_once)
    websocket = await connect(peer, send_timeout, cls)
    assert isinstance(websocket, cls)
    await websocket.send_text("Hi")
    await websocket.send_bytes(b"Hi")
    assert [message.get("text", message.get("bytes")) for message in peer.sent] == [text, binary]
    # It still knows how it ended, and its sends are still limited.
    peer.send = refuse
    with pytest.raises(WebSocketDisconnect):
        await websocket.send_text("Hi")
    assert websocket.peer_gone


@pytest.mark.parametrize("cls", [Loud, Quiet])
async def test_the_sends_of_a_subclass_may_take_only_so_long(cls: type[websockets.WebSocket]) -> None:
    websocket = await connect(Peer(send=stall), 0.01, cls)
    with anyio.fail_after(2), pytest.raises(WebSocketDisconnect, match="send timeout"):
        await websocket.send_text("Hi")


class Broken(websockets.WebSocket):
    """A connection whose own `send` has a bug."""

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            raise RuntimeError("a bug of the program")
        await super().send(message)


@pytest.mark.parametrize("send_timeout", [None, 60.0], ids=["untimed", "timed"])
async def test_a_bug_of_a_programs_own_send_is_not_taken_for_a_lost_peer(send_timeout: float | None) -> None:
    websocket = await connect(Peer(), send_timeout, Broken)
    with pytest.raises(RuntimeError, match="a bug of the program"):
        await websocket.send_text("hello")
    assert websocket.peer_gone is False
