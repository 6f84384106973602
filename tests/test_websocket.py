"""The connection object: how it ended, and sends to a peer that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette import websockets
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws.close_codes import cut_reason
from fastws.websocket import Settings, TimedWebSocket, WebSocket, adopt


def connect(*incoming: Message, send: Callable[[Message], Awaitable[None]] | None = None) -> websockets.WebSocket:
    """Return an accepted connection whose server hands out the given messages."""
    messages = iter([{"type": "websocket.connect"}, *incoming])

    async def receive() -> Message:
        return next(messages)

    async def ignore(message: Message) -> None:
        pass

    websocket = websockets.WebSocket({"type": "websocket"}, receive, send or ignore)
    asyncio.run(websocket.accept())
    return websocket


async def refuse(message: Message) -> None:
    if message["type"] != "websocket.accept":
        raise OSError("gone")


def test_the_object_stays_the_same() -> None:
    original = connect()
    members = {original: "me"}
    adopted = adopt(original)
    assert adopted is original
    assert isinstance(adopted, WebSocket)
    assert adopt(adopted) is adopted
    assert type(adopted) is WebSocket
    assert members[adopted] == "me"


@pytest.mark.parametrize("send_timeout", [None, 60.0], ids=["untimed", "timed"])
def test_one_that_the_program_made_itself_gets_the_settings_of_its_router(send_timeout: float | None) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    own = WebSocket({"type": "websocket"}, receive, send)
    adopted = adopt(own, Settings(as_text=False, send_timeout=send_timeout))
    asyncio.run(adopted.accept())
    asyncio.run(adopted.send_model({"a": 1}))
    assert adopted is own
    assert isinstance(adopted, TimedWebSocket) == (send_timeout is not None)
    assert sent[-1] == {"type": "websocket.send", "bytes": b'{"a":1}'}


def test_a_subclass_of_the_program_keeps_what_it_overrides() -> None:
    class Loud(websockets.WebSocket):
        async def send_text(self, data: str) -> None:
            sent.append(data.upper())

    sent: list[str] = []
    original = connect()
    original.__class__ = Loud
    adopted = adopt(original)
    asyncio.run(adopted.send_text("hello"))
    assert sent == ["HELLO"]
    assert isinstance(adopted, Loud)
    assert isinstance(adopted, WebSocket)


@pytest.mark.parametrize(
    ("message", "ending"),
    [
        ({"type": "websocket.disconnect", "code": 4000, "reason": "bye"}, (4000, "bye")),
        ({"type": "websocket.disconnect", "code": 4000, "reason": None}, (4000, "")),
        ({"type": "websocket.disconnect"}, (1005, "")),
    ],
    ids=["code-and-reason", "no-reason", "bare"],
)
def test_it_remembers_how_the_peer_ended_it(message: Message, ending: tuple[int, str]) -> None:
    websocket = adopt(connect(message))
    assert websocket.ending is None
    asyncio.run(websocket.receive())
    assert websocket.ending == ending
    for _ in range(3):
        with pytest.raises(WebSocketDisconnect) as gone:
            asyncio.run(websocket.send_text("too late"))
        assert (gone.value.code, gone.value.reason) == ending


def test_every_send_to_a_lost_peer_raises_the_same() -> None:
    websocket = adopt(connect(send=refuse))
    for _ in range(3):
        with pytest.raises(WebSocketDisconnect) as gone:
            asyncio.run(websocket.send_text("hello"))
        assert gone.value.code == 1006
    # Why it has gone, the server says later.
    assert (websocket.peer_gone, websocket.ending) == (True, None)


def test_a_send_after_closing_is_one_to_a_connection_that_has_ended() -> None:
    websocket = adopt(connect())
    asyncio.run(websocket.close(4000, "enough"))
    assert websocket.ending == (4000, "enough")
    with pytest.raises(WebSocketDisconnect) as ended:
        asyncio.run(websocket.send_text("too late"))
    assert (ended.value.code, ended.value.reason) == (4000, "enough")


def test_closing_twice_is_a_mistake_of_the_program() -> None:
    websocket = adopt(connect())
    asyncio.run(websocket.close())
    with pytest.raises(RuntimeError, match="once a close message has been sent"):
        asyncio.run(websocket.close())


def test_a_reason_is_cut_whoever_closes() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(adopt(connect(send=send)).close(4000, "x" * 200))
    assert sent[-1] == {"type": "websocket.close", "code": 4000, "reason": "x" * 123}


def test_it_knows_whether_it_was_accepted() -> None:
    assert adopt(connect()).accepted
    fresh = adopt(websockets.WebSocket({"type": "websocket"}, None, None))  # type: ignore[arg-type]
    assert not fresh.accepted


def test_the_first_ending_counts() -> None:
    websocket = adopt(connect({"type": "websocket.disconnect", "code": 1000}))
    asyncio.run(websocket.close(4000, "enough"))
    asyncio.run(websocket.receive())
    assert websocket.ending == (4000, "enough")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", ""),
        ("bye", "bye"),
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 123),
        ("é" * 62, "é" * 61),
        ("x" * 121 + "🙂", "x" * 121),
        ("\ud800", "?"),
    ],
    ids=["empty", "short", "exact", "long", "two-bytes", "four-bytes", "lone-surrogate"],
)
def test_a_reason_is_cut_to_what_a_close_frame_holds(reason: str, expected: str) -> None:
    assert cut_reason(reason) == expected
