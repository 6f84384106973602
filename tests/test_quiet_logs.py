"""What the log says of connections: nothing where they end as they should, one line else, and never a message."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

import pytest
from fastapi import HTTPException, WebSocket, WebSocketException
from peers import Peer, settle
from pydantic import BaseModel, field_validator
from starlette.types import Message

from fastws import WSRouter

pytestmark = pytest.mark.anyio

SECRET = "hunter2"

RECORDS = list[tuple[int, str]]


class Note(BaseModel):
    type: Literal["note"]
    text: str = ""

    @field_validator("text")
    @classmethod
    def stumble(cls, text: str) -> str:
        if text.startswith("stumble"):
            raise KeyError(text)
        return text


class Number(BaseModel):
    type: Literal["number"]
    value: int


def records_of(caplog: pytest.LogCaptureFixture) -> RECORDS:
    """Return what the package logged about connections, not about tables."""
    records = [record for record in caplog.records if record.name == "fastws"]
    return [(record.levelno, record.getMessage()) for record in records if "told apart" not in record.getMessage()]


async def wait_for_the_next(websocket: WebSocket, message: BaseModel) -> None:
    await settle()


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1012, 3000, 4999, None])
@pytest.mark.parametrize("options", [{}, {"concurrency": 2}], ids="".join)
@pytest.mark.parametrize("frames", [[], ['{"type":"note"}']], ids=["no-message", "after-a-wait"])
async def test_a_normal_end_is_not_worth_a_line(
    caplog: pytest.LogCaptureFixture, frames: list[str], options: dict[str, Any], code: int | None
) -> None:
    router = WSRouter(**options)
    router.receive(Note)(wait_for_the_next)
    peer = Peer()
    for frame in frames:
        peer.put({"type": "websocket.receive", "text": frame})
    peer.put({"type": "websocket.disconnect", "code": code, "reason": SECRET})
    with caplog.at_level(logging.DEBUG, "fastws"):
        await peer.run(router)
    assert records_of(caplog) == [(logging.DEBUG, f"a connection ended with code {code or 1005}")]


@pytest.mark.parametrize("code", [1002, 1006, 1007, 1009, 1011])
@pytest.mark.parametrize("options", [{}, {"concurrency": 2}], ids="".join)
async def test_another_end_is_one_line(
    caplog: pytest.LogCaptureFixture, options: dict[str, Any], code: int | None
) -> None:
    router = WSRouter(**options)
    router.receive(Note)(wait_for_the_next)
    peer = Peer()
    peer.put({"type": "websocket.receive", "text": '{"type":"note"}'})
    peer.put({"type": "websocket.disconnect", "code": code, "reason": SECRET})
    with caplog.at_level(logging.DEBUG, "fastws"):
        await peer.run(router)
    assert records_of(caplog) == [(logging.INFO, f"a connection ended with code {code}")]


@pytest.mark.parametrize("how", ["close", "HTTPException", "WebSocketException"])
async def test_what_a_handler_decides_is_not_worth_a_line(caplog: pytest.LogCaptureFixture, how: str) -> None:
    router = WSRouter()

    @router.receive(Note)
    async def note(websocket: WebSocket, message: Note) -> None:
        if how == "HTTPException":
            raise HTTPException(403, SECRET)
        if how == "WebSocketException":
            raise WebSocketException(4000, SECRET)
        await websocket.close(4000, SECRET)

    peer = Peer()
    peer.websocket.scope["starlette.exception_handlers"] = ({}, {})
    peer.put({"type": "websocket.receive", "text": '{"type":"note"}'})
    with caplog.at_level(logging.DEBUG, "fastws"):
        await peer.run(router)
    assert records_of(caplog) == []


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"text": '{"type":"nte","text":"' + SECRET + '"}'}, "ValidationError"),
        ({"bytes": SECRET.encode()}, "WrongFrameError"),
    ],
    ids=["unknown", "binary"],
)
async def test_what_is_dropped_without_a_hook_is_a_line_for_debugging(
    caplog: pytest.LogCaptureFixture, frame: Message, kind: str
) -> None:
    router = WSRouter(discriminator="type")
    router.receive(Note)(wait_for_the_next)
    peer = Peer()
    peer.put({"type": "websocket.receive", **frame})
    peer.put({"type": "websocket.disconnect", "code": 1000})
    with caplog.at_level(logging.DEBUG, "fastws"):
        await peer.run(router)
    dropped, _ = records_of(caplog)
    assert dropped == (
        logging.DEBUG,
        f"a message that no handler takes was dropped ({kind}); on_fallback could answer it",
    )


async def test_what_on_connect_forgot_to_accept_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    router = WSRouter()

    @router.on_connect
    async def connect(websocket: WebSocket) -> None: ...

    with caplog.at_level(logging.DEBUG, "fastws"):
        await Peer().run(router)
    ((level, text),) = records_of(caplog)
    assert (level, "accept()" in text) == (logging.WARNING, True)


async def lose(message: Message) -> None:
    if message["type"] == "websocket.send":
        raise OSError(SECRET)


@pytest.mark.parametrize(("code", "level"), [(1005, logging.DEBUG), (1006, logging.INFO)])
async def test_a_peer_that_a_send_finds_gone_is_one_line(
    caplog: pytest.LogCaptureFixture, code: int, level: int
) -> None:
    router = WSRouter()

    @router.receive(Note)
    async def note(websocket: WebSocket, message: Note) -> None:
        await websocket.send_text(SECRET)

    peer = Peer(send=lose)
    peer.put({"type": "websocket.receive", "text": '{"type":"note"}'})
    peer.leave(code)
    with caplog.at_level(logging.DEBUG, "fastws"):
        await peer.run(router)
    assert records_of(caplog) == [(level, f"a connection ended with code {code}")]


HOSTILE: dict[str, Message] = {
    "no JSON": {"text": SECRET},
    "unfinished": {"text": '{"type":"note","text":"' + SECRET},
    "unknown tag": {"text": '{"type":"' + SECRET + '"}'},
    "wrong type": {"text": '{"type":"number","value":"' + SECRET + '"}'},
    "deep": {"text": "[" * 5000 + f'"{SECRET}"'},
    "long": {"text": '{"type":"number","value":"' + SECRET * 10_000 + '"}'},
    "surrogate": {"text": f"\ud800{SECRET}"},
    "control characters": {"text": f"\r\n\x1b[31m{SECRET}"},
    "validator": {"text": '{"type":"note","text":"stumble ' + SECRET + '"}'},
    "long validator": {"text": '{"type":"note","text":"stumble ' + SECRET * 10_000 + '"}'},
    "handler": {"text": '{"type":"note","text":"' + SECRET + '"}'},
    "binary": {"bytes": SECRET.encode()},
    "too big": {"text": SECRET * 20_000},
    "nothing": {},
}


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.parametrize("discriminator", [None, "type"])
async def test_no_line_holds_anything_of_a_message(
    caplog: pytest.LogCaptureFixture, discriminator: str | None, concurrency: int, message: Message
) -> None:
    router = WSRouter(discriminator=discriminator, concurrency=concurrency, max_message_size=100_000)
    seen: list[object] = []

    @router.receive(Number)
    async def number(websocket: WebSocket, message: Number) -> None:
        pytest.fail("there is no such message")

    @router.receive(Note)
    async def note(websocket: WebSocket, message: Note) -> None:
        seen.append(message)
        if concurrency > 1:
            await settle()
        raise LookupError(message.text)

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        seen.append(error)

    peer = Peer()
    for _ in range(3):
        peer.put({"type": "websocket.receive", **message})
    with caplog.at_level(logging.DEBUG):
        served = asyncio.create_task(peer.run(router))
        for _ in range(3):
            await settle()
        peer.leave(1006, SECRET)
        await asyncio.wait([served])
    lines = [caplog.handler.format(record) for record in caplog.records if record.name.startswith("fastws")]
    assert seen or peer.closes[0][0] == 1009
    assert lines
    assert [line for line in lines if SECRET in line] == []
    assert max(len(line.encode()) for line in lines) < 1024
