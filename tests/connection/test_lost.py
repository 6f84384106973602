"""Peers that are lost or do not read: what a send finds out, in the handler itself or in another task."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, count_cancellations, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.connection import lifecycle

pytestmark = pytest.mark.anyio

counts_cancellations = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not count cancellations")


async def send_forever(message: Message) -> None:
    """Send as a server does whose peer does not read."""
    if message["type"] == "websocket.send":
        await anyio.Event().wait()


async def lose(message: Message) -> None:
    """Send as a server does that has lost its peer."""
    if message["type"] != "websocket.accept":
        raise OSError


class Lost:
    """A connection that is lost in a send of another task, while its own waits for a message."""

    def __init__(
        self, *texts: str, send: Callable[[Message], Awaitable[None]] = send_forever, send_timeout: float = 0.01
    ) -> None:
        self.router = WSRouter(send_timeout=send_timeout)
        self.goodbyes: list[tuple[int, str, int]] = []
        self.go_on = anyio.Event()
        self.peer = Peer(*texts, send=send)
        self.router.receive(Say)(self.handle)
        self.router.on_disconnect(self.say_goodbye)

    async def handle(self, websocket: WebSocket, message: Say) -> None:
        if message.text == "send":
            await websocket.send_text("hello")
        if message.text == "close":
            await websocket.close(4000)
        if message.text != "quick":
            await self.go_on.wait()

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        await settle()
        self.goodbyes.append((code, reason, count_cancellations()))

    async def send(self) -> None:
        with pytest.raises(WebSocketDisconnect):
            await self.peer.websocket.send_text("hello")


@pytest.mark.parametrize(("send", "reason"), [(send_forever, "send timeout"), (lose, "")], ids=["timeout", "lost"])
@pytest.mark.parametrize("texts", [(), ("quick",), ("slow",)], ids=["no-message", "straight", "mailbox"])
async def test_a_send_of_another_task_ends_a_connection_that_waits_for_a_message(
    texts: tuple[str, ...], send: Callable[[Message], Awaitable[None]], reason: str
) -> None:
    lost = Lost(*texts, send=send)
    lost.go_on.set()

    async def serve() -> int:
        await lost.peer.run(lost.router)
        await settle()  # would be cancelled, if a cancellation were left over
        return count_cancellations()

    task = asyncio.create_task(serve())
    await settle()
    await lost.send()
    if send is lose:
        lost.peer.leave(1006)
    assert await task == 0
    assert lost.goodbyes == [(1006, reason, 0)]


@pytest.mark.parametrize("task_of_another", [True, False], ids=["another-task", "the-handler-itself"])
async def test_a_send_that_fails_while_a_handler_waits_does_not_cancel_it(task_of_another: bool) -> None:
    lost = Lost("slow", "next")
    finished = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        if not task_of_another:
            await lost.send()
        await lost.go_on.wait()
        finished.append(message.text)

    lost.router.mapping[Say] = handle
    async with lost.peer.served(lost.router):
        if task_of_another:
            await lost.send()
        lost.go_on.set()
    assert finished == ["slow"]
    assert lost.goodbyes == [(1006, "send timeout", 0)]


async def test_a_handler_that_waits_after_closing_is_not_cancelled_by_a_send_that_fails() -> None:
    lost = Lost(send_timeout=0.5)
    async with lost.peer.served(lost.router):
        sending = asyncio.create_task(lost.send())
        await settle()
        lost.peer.say("close")
        await sending
        await settle()
        assert not lost.peer.ended
        lost.go_on.set()
    assert lost.goodbyes == [(4000, "", 0)]


async def test_a_peer_that_says_much_and_reads_nothing_is_given_up() -> None:
    # The mailbox is full as soon as the send waits, so that both waits are over in the same turn.
    router = WSRouter(send_timeout=0.05, mailbox=2)
    goodbyes = []

    @router.receive(Say)
    async def answer(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text(message.text)

    @router.on_disconnect
    async def say_goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    peer = Peer(*"abcdef", send=send_forever)
    async with peer.served(router):
        pass
    assert goodbyes == [(1006, "send timeout")]


@counts_cancellations
async def test_a_connection_that_is_cancelled_and_lost_at_the_same_time_stays_cancelled() -> None:
    lost = Lost()
    task = asyncio.create_task(lost.peer.run(lost.router))
    await settle()
    await lost.send()
    task.cancel()  # before it has noticed
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [code for code, _, _ in lost.goodbyes] == [1006]


@pytest.mark.parametrize("code", [1000, 1001, 1006])
async def test_the_server_says_how_a_connection_ended_whose_peer_a_send_found_gone(code: int) -> None:
    lost = Lost("send", "unread", send=lose)
    lost.peer.leave(code, "bye")
    await lost.peer.run(lost.router)
    assert lost.goodbyes == [(code, "bye", 0)]
    assert lost.peer.unread == 0


@pytest.mark.parametrize("fails", [False, True], ids=["it-is-silent", "it-fails"])
async def test_a_server_that_does_not_say_is_not_waited_for(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "REPORT_TIMEOUT", 0.05)
    lost = Lost("send", send=lose)
    if fails:
        lost.peer.put(ZeroDivisionError())
    with anyio.fail_after(2):
        await lost.peer.run(lost.router)
    assert lost.goodbyes == [(1006, "", 0)]


async def test_a_handler_that_puts_up_with_a_lost_peer_gets_what_came_before() -> None:
    router = WSRouter()
    failed = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        try:
            await websocket.send_text(message.text)
        except WebSocketDisconnect:
            failed.append(message.text)

    peer = Peer("a", "b", send=lose)
    peer.leave(1006)
    await peer.run(router)
    assert failed == ["a", "b"]


@pytest.mark.parametrize("slow", [False, True], ids=["in-time", "too-late"])
async def test_a_send_may_have_a_cancel_scope_of_its_own(slow: bool) -> None:
    caught = []

    async def send(message: Message) -> None:
        if message["type"] == "websocket.send":
            with anyio.move_on_after(60 if slow else 0.01) as scope:
                await anyio.sleep_forever()
            caught.append(scope.cancelled_caught)

    router = WSRouter(send_timeout=0.01 if slow else 60)
    raised = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        with anyio.fail_after(5):
            try:
                await websocket.send_text(message.text)
            except WebSocketDisconnect as gone:
                raised.append((gone.code, gone.reason))
            await settle()

    peer = Peer("a", send=send)
    if not slow:
        peer.leave()
    await peer.run(router)
    assert (caught, raised) == (([], [(1006, "send timeout")]) if slow else ([True], []))
    assert count_cancellations() == 0


async def test_a_send_that_waits_can_be_cancelled() -> None:
    lost = Lost("send", send_timeout=60)
    task = asyncio.create_task(lost.peer.run(lost.router))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [code for code, _, _ in lost.goodbyes] == [1006]


@counts_cancellations
async def test_a_send_that_is_cancelled_when_its_time_is_over_stays_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Lost("send")
    loop = asyncio.get_running_loop()
    expire: list[Callable[[], None]] = []

    def call_later(seconds: float, callback: Callable[[], None]) -> asyncio.Handle:
        expire.append(callback)
        return asyncio.Handle(callback, [], loop)

    monkeypatch.setattr(loop, "call_later", call_later)
    task = asyncio.create_task(lost.peer.run(lost.router))
    await settle()
    expire[0]()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [code for code, _, _ in lost.goodbyes] == [1006]
