"""Several handlers of a connection at a time, of which one fails."""

from __future__ import annotations

import asyncio
import logging

import crowds
import pytest
from crowds import Crowd
from fastapi import HTTPException, WebSocket, WebSocketException
from peers import Peer, Say, count_tasks, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws.errors import InvalidCloseCodeError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("error", "code", "raised"),
    [
        (ZeroDivisionError(), 1011, ZeroDivisionError),
        (WebSocketException(4000), 4000, WebSocketException),
        (WebSocketException(1006), 1011, InvalidCloseCodeError),
        (HTTPException(403), 1008, None),
    ],
    ids=["error", "websocket", "illegal-code", "http"],
)
async def test_an_error_ends_the_connection_and_the_others_finish(
    error: Exception, code: int, raised: type[Exception] | None, caplog: pytest.LogCaptureFixture
) -> None:
    crowd = Crowd(concurrency=3)
    crowd.errors["b"] = error
    peer = Peer(*"abcdef")
    before = count_tasks()
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    peer.websocket.scope["starlette.exception_handlers"] = ({WebSocketException: print}, {})
    await crowd.go_on("b")
    assert not served.done()
    await crowd.go_on("a", "c")
    if raised is None:
        await served
    else:
        with pytest.raises(raised):
            await served
    assert (crowd.started, crowd.finished, crowd.goodbyes) == (list("abc"), ["a", "c"], [code])
    assert count_tasks() == before
    assert caplog.messages == []


async def test_the_first_error_is_raised_and_each_further_one_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd(concurrency=3)
    crowd.errors = {"a": ZeroDivisionError("secret"), "b": LookupError("secret"), "c": ValueError("secret")}
    peer = Peer(*"abc")
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    for text in "bca":
        await crowd.go_on(text)
    with pytest.raises(LookupError):
        await served
    assert peer.closes == [(1011, "")]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    for name, line in zip(["ValueError", "ZeroDivisionError"], caplog.messages, strict=True):
        assert line.startswith(f"another handler of the same connection raised {name} at {crowds.__file__}:")
    assert "secret" not in caplog.text


async def test_a_send_that_finds_the_peer_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def lose(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    crowd = Crowd(concurrency=2)
    raised = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        await settle()
        try:
            await websocket.send_text(message.text)
        except WebSocketDisconnect:
            raised.append(message.text)
            raise

    crowd.router.mapping[Say] = handle
    peer = Peer(*"abc", send=lose)
    async with peer.served(crowd.router):
        for _ in range(3):
            await settle()
        peer.leave(1001)
    assert (raised, peer.closes, crowd.goodbyes, caplog.messages) == (["a", "b"], [], [1001], [])


async def test_handlers_are_cancelled_when_another_fails_if_that_is_asked_for() -> None:
    crowd = Crowd(concurrency=3, cancel_on_disconnect=True)
    crowd.errors["b"] = ZeroDivisionError()
    peer = Peer(*"abcd")
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    await crowd.go_on("b")
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(served, 5)
    assert (crowd.started, crowd.finished, sorted(crowd.cancelled)) == (list("abc"), [], ["a", "c"])
    assert (peer.closes, crowd.goodbyes) == ([(1011, "")], [1011])


async def test_a_send_after_another_handler_has_failed_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd(concurrency=3)
    crowd.errors = {"a": WebSocketDisconnect(1011), "b": ZeroDivisionError(), "c": WebSocketDisconnect(1011)}
    peer = Peer(*"abc")
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    await crowd.go_on("b")
    await crowd.go_on("a", "c")
    with pytest.raises(ZeroDivisionError):
        await served
    assert (peer.closes, crowd.goodbyes, caplog.messages) == ([(1011, "")], [1011], [])


async def test_what_the_server_raises_ends_the_connection_and_the_others_finish() -> None:
    crowd = Crowd(concurrency=2)
    peer = Peer("a")
    peer.put(ZeroDivisionError())
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    await crowd.go_on("a")
    with pytest.raises(ZeroDivisionError):
        await served
    assert (crowd.finished, crowd.goodbyes) == (["a"], [1011])
