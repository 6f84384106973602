"""Several handlers of a connection at a time, each in a task of its own."""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
from fastapi import HTTPException, WebSocket, WebSocketException
from peers import Peer, Say, count_tasks, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.errors import InvalidCloseCodeError

pytestmark = pytest.mark.anyio

USER: ContextVar[str] = ContextVar("USER")


class Crowd:
    """A router whose handlers wait for permission to go on, and a note of those that run."""

    def __init__(self, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.started: list[str] = []
        self.finished: list[str] = []
        self.cancelled: list[str] = []
        self.goodbyes: list[int] = []
        self.errors: dict[str, Exception] = {}
        self._waiting: dict[str, anyio.Event] = {}
        self.router.receive(Say)(self.handle)
        self.router.on_disconnect(self.say_goodbye)

    async def handle(self, websocket: WebSocket, message: Say) -> None:
        self.started.append(message.text)
        self._waiting[message.text] = anyio.Event()
        try:
            await self._waiting[message.text].wait()
        except asyncio.CancelledError:
            self.cancelled.append(message.text)
            raise
        if message.text in self.errors:
            raise self.errors[message.text]
        self.finished.append(message.text)

    async def go_on(self, *texts: str) -> None:
        for text in texts:
            self._waiting[text].set()
        await settle()

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        self.goodbyes.append(code)


@pytest.mark.parametrize("concurrency", [2, 3, 5])
async def test_so_many_handlers_run_at_a_time_in_the_order_of_their_messages(concurrency: int) -> None:
    crowd = Crowd(concurrency=concurrency)
    peer = Peer(*"abcdefgh")
    async with peer.served(crowd.router):
        assert crowd.started == list("abcdefgh")[:concurrency]
        for number, text in enumerate("abcdefgh", start=1):
            await crowd.go_on(text)
            assert crowd.started == list("abcdefgh")[: concurrency + number]
        peer.leave(1000)
    assert (crowd.finished, crowd.goodbyes) == (list("abcdefgh"), [1000])


async def test_a_later_handler_may_finish_first() -> None:
    crowd = Crowd(concurrency=2)
    peer = Peer(*"abc")
    async with peer.served(crowd.router):
        await crowd.go_on("b")
        await crowd.go_on("c", "a")
        peer.leave()
    assert crowd.finished == ["b", "c", "a"]


async def test_each_handler_has_a_task_and_a_context_of_its_own() -> None:
    router = WSRouter(concurrency=2)
    tasks = []
    users = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        tasks.append(asyncio.current_task())
        users.append(USER.get("nobody"))
        USER.set(message.text)
        await settle()
        tasks.append(asyncio.current_task())

    peer = Peer("a", "b", "c")
    async with peer.served(router):
        peer.leave()
    assert len(tasks) == 6
    assert len(set(tasks)) == 3
    assert users == ["nobody"] * 3


async def test_nothing_is_read_while_the_handlers_and_the_mailbox_are_full() -> None:
    crowd = Crowd(concurrency=2, mailbox=3)
    peer = Peer(*"abcdefgh")
    async with peer.served(crowd.router):
        assert (crowd.started, peer.unread, peer.waiting) == (["a", "b"], 3, 0)
        await crowd.go_on("a")
        assert (crowd.started, peer.unread) == (["a", "b", "c"], 2)
        for text in "bcdefgh":
            await crowd.go_on(text)
        peer.leave()
    assert crowd.finished == list("abcdefgh")


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
        assert line.startswith(f"another handler of the same connection raised {name} at {__file__}:")
    assert "secret" not in caplog.text


async def test_a_send_that_finds_the_peer_gone_is_no_error() -> None:
    async def lose(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    crowd = Crowd(concurrency=2)
    raised = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        await settle()
        try:
            await websocket.send_text(message.text)
        except WebSocketDisconnect as gone:
            raised.append(message.text)
            raise gone from None

    crowd.router.mapping[Say] = handle
    peer = Peer(*"abc", send=lose)
    peer.leave(1006)
    await peer.run(crowd.router)
    assert (raised, peer.closes, crowd.goodbyes) == ([], [], [1006]) or raised == ["a", "b"]


@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize("code", [1000, 1005, 1006])
async def test_handlers_are_cancelled_when_the_peer_leaves_if_that_is_asked_for(concurrency: int, code: int) -> None:
    crowd = Crowd(concurrency=concurrency, cancel_on_disconnect=True)
    peer = Peer(*"abcd")
    async with peer.served(crowd.router):
        await crowd.go_on("a")
        peer.leave(code)
    running = list("bc")[:concurrency]
    assert (crowd.started, crowd.finished, crowd.goodbyes) == (["a", *running], ["a"], [code])
    assert sorted(crowd.cancelled) == running


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


async def test_handlers_finish_when_the_peer_leaves_if_nothing_is_asked_for() -> None:
    crowd = Crowd(concurrency=2)
    peer = Peer(*"abc")
    async with peer.served(crowd.router):
        peer.leave(1000)
        await settle()
        await crowd.go_on("a", "b")
        await crowd.go_on("c")
    assert (crowd.finished, crowd.cancelled, crowd.goodbyes) == (["a", "b", "c"], [], [1000])


@pytest.mark.parametrize("code", [1006, 1012])
async def test_what_waits_for_a_handler_is_dropped_when_nobody_is_there(code: int) -> None:
    crowd = Crowd(concurrency=2)
    peer = Peer(*"abcd")
    async with peer.served(crowd.router):
        peer.leave(code)
        await settle()
        await crowd.go_on("a", "b")
    assert (crowd.started, crowd.goodbyes) == (["a", "b"], [code])


async def test_a_cancelled_connection_cancels_its_handlers() -> None:
    crowd = Crowd(concurrency=2)
    peer = Peer(*"abc")
    before = count_tasks()
    served = asyncio.create_task(peer.run(crowd.router))
    await settle()
    served.cancel()
    with pytest.raises(asyncio.CancelledError):
        await served
    assert (sorted(crowd.cancelled), crowd.goodbyes, count_tasks()) == (["a", "b"], [1006], before)


async def test_a_handler_that_closes_is_the_last_to_start_and_the_others_finish() -> None:
    crowd = Crowd(concurrency=2, max_message_size=20)
    peer = Peer("a", "b" * 20, "c")
    async with peer.served(crowd.router):
        assert peer.closes == [(1009, "message over 20 bytes")]
        await crowd.go_on("a")
    assert (crowd.started, crowd.finished, crowd.goodbyes) == (["a"], ["a"], [1009])


@pytest.mark.parametrize("options", [{"concurrency": 2}, {"cancel_on_disconnect": True}], ids="-".join)
async def test_a_frame_that_comes_after_closing_is_not_handled(options: dict[str, Any]) -> None:
    crowd = Crowd(**options)
    peer = Peer("a", "b")
    async with peer.served(crowd.router):
        running = list(crowd.started)
        await peer.websocket.close(4000)
        peer.say("late", "later")
        await settle()
        await crowd.go_on(*running)
    assert (crowd.started, crowd.finished, crowd.goodbyes) == (running, running, [4000])


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
