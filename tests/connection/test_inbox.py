"""Where messages come from: straight from the server, until a handler waits; then from a bounded mailbox."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, count_tasks, settle
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter

pytestmark = pytest.mark.anyio


class Chat:
    """A router whose handler waits for permission to go on, for the texts that are told to."""

    def __init__(self, *waits: str, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.started: list[str] = []
        self.finished: list[str] = []
        self.goodbyes: list[int] = []
        self.go_on = {text: anyio.Event() for text in waits}
        self.router.receive(Say)(self.handle)
        self.router.on_disconnect(self.say_goodbye)

    async def handle(self, websocket: WebSocket, message: Say) -> None:
        self.started.append(message.text)
        if message.text in self.go_on:
            await self.go_on[message.text].wait()
        self.finished.append(message.text)

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        self.goodbyes.append(code)


async def test_nothing_is_read_ahead_while_handlers_do_not_wait() -> None:
    router = WSRouter()
    unread = []
    peer = Peer("a", "b", "c")

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        unread.append(peer.unread)

    async with peer.served(router):
        peer.leave()
    assert unread == [2, 1, 0]


async def test_no_task_and_no_timer_is_made_for_handlers_that_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    router = WSRouter()
    tasks = []
    timers = []
    loop = asyncio.get_running_loop()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text(message.text)
        tasks.append(count_tasks())

    peer = Peer()
    async with peer.served(router):
        before = count_tasks()
        monkeypatch.setattr(loop, "call_at", lambda *arguments, **options: timers.append(arguments))
        peer.say(*"abcde")
        await settle()
        monkeypatch.undo()
        assert tasks == [before] * 5
        peer.leave()
    assert timers == []
    assert peer.texts == list("abcde")


async def test_reading_goes_on_as_soon_as_a_handler_waits_and_from_then_on() -> None:
    chat = Chat("slow", "slower")
    peer = Peer()
    async with peer.served(chat.router):
        before = count_tasks()
        peer.say("quick", "slow", "next")
        await settle()
        assert (chat.finished, peer.unread, peer.waiting) == (["quick"], 0, 1)
        assert count_tasks() == before + 1
        peer.say("another")
        await settle()
        assert (chat.started, peer.unread, peer.waiting) == (["quick", "slow"], 0, 1)
        chat.go_on["slow"].set()
        await settle()
        # The reader stays, and there is never a second one.
        peer.say("slower")
        await settle()
        assert (chat.started[-1], peer.waiting, count_tasks()) == ("slower", 1, before + 1)
        chat.go_on["slower"].set()
        peer.leave()
    assert chat.finished == ["quick", "slow", "next", "another", "slower"]


@pytest.mark.parametrize("waits", [(), ("0",), tuple("02468"), tuple("1379"), tuple("0123456789")], ids="/".join)
async def test_messages_are_handled_in_order(waits: tuple[str, ...]) -> None:
    chat = Chat(*waits, mailbox=3)
    peer = Peer(*"0123456789")
    peer.leave(1000)
    async with peer.served(chat.router):
        for text in reversed(waits):
            chat.go_on[text].set()
    assert chat.started == chat.finished == list("0123456789")
    assert chat.goodbyes == [1000]


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_nothing_is_read_while_the_mailbox_is_full(size: int) -> None:
    chat = Chat("0", "1", mailbox=size)
    peer = Peer(*"01234567")
    async with peer.served(chat.router):
        assert (peer.unread, peer.waiting) == (7 - size, 0)
        asked = peer.asked
        await settle()
        assert peer.asked == asked
        chat.go_on["0"].set()
        await settle()
        # The next message is out of the mailbox, so there is room for one.
        assert (chat.started, peer.asked, peer.waiting) == (["0", "1"], asked + 1, 0)
        chat.go_on["1"].set()
        await settle()
        assert (chat.finished, peer.waiting) == (list("01234567"), 1)
        peer.leave()
    assert chat.goodbyes == [1005]


@pytest.mark.parametrize(
    ("code", "handled"),
    [(1000, True), (1001, True), (1005, True), (1011, True), (4000, True), (1006, False), (1012, False)],
)
async def test_what_came_before_the_end_is_handled_unless_nobody_is_there(code: int, handled: bool) -> None:
    chat = Chat("a")
    peer = Peer(*"abc")
    async with peer.served(chat.router):
        peer.leave(code)
        await settle()
        assert (chat.started, peer.ended) == (["a"], False)
        chat.go_on["a"].set()
    assert chat.finished == list("abc" if handled else "a")
    assert chat.goodbyes == [code]


@pytest.mark.parametrize("code", [1000, 1005, 1006])
@pytest.mark.parametrize("caught", [True, False], ids=["caught", "not-caught"])
async def test_a_handler_that_waits_learns_at_once_that_the_peer_has_left(code: int, caught: bool) -> None:
    router = WSRouter()
    go_on = anyio.Event()
    raised = []
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await go_on.wait()
        try:
            await websocket.send_text("too late")
        except WebSocketDisconnect as gone:
            raised.append((message.text, gone.code, gone.reason))
            if not caught:
                raise

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    peer = Peer("a", "b")
    async with peer.served(router):
        peer.leave(code, "bye")
        await settle()
        go_on.set()
    handled = "ab" if caught and code != 1006 else "a"
    assert raised == [(text, code, "bye") for text in handled]
    assert (peer.texts, goodbyes) == ([], [(code, "bye")])


@pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])
@pytest.mark.parametrize("size", [1, 32], ids=["full-mailbox", "large-mailbox"])
async def test_what_came_before_a_handler_closes_is_dropped(wait: bool, size: int) -> None:
    router = WSRouter(mailbox=size)
    handled = []
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        handled.append(message.text)
        if wait:
            await settle()
        before = count_tasks()
        await websocket.close(4000, "enough")
        await settle()
        assert count_tasks() <= before

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    peer = Peer(*"abc")
    async with peer.served(router):
        pass
    assert (handled, goodbyes) == (["a"], [(4000, "enough")])


@pytest.mark.parametrize("waits", [(), ("a",)], ids=["straight-from-the-server", "through-the-mailbox"])
@pytest.mark.parametrize("late", [False, True], ids=["at-once", "later"])
async def test_what_the_server_raises_ends_the_connection_after_what_came_before(
    waits: tuple[str, ...], late: bool
) -> None:
    chat = Chat(*waits)
    peer = Peer("a", "b")
    if not late:
        peer.put(ZeroDivisionError())
    served = asyncio.create_task(peer.run(chat.router))
    await settle()
    for event in chat.go_on.values():
        event.set()
    await settle()
    if late:
        peer.put(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await served
    assert (chat.finished, chat.goodbyes, peer.closes) == (["a", "b"], [1011], [(1011, "")])


@pytest.mark.parametrize("how", ["leave", "close", "fail", "cancel"])
async def test_the_reader_ends_with_the_connection(how: str) -> None:
    router = WSRouter()
    go_on = anyio.Event()
    before = count_tasks()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await go_on.wait()
        if how == "close":
            await websocket.close()
        if how == "fail":
            raise ZeroDivisionError

    peer = Peer("a", "b")
    served = asyncio.create_task(peer.run(router))
    await settle()
    assert count_tasks() == before + 2
    if how == "leave":
        peer.leave()
    if how == "cancel":
        served.cancel()
    go_on.set()
    await asyncio.wait([served])
    assert (count_tasks(), peer.waiting) == (before, 0)
    assert served.cancelled() == (how == "cancel")
    if how == "fail":
        assert isinstance(served.exception(), ZeroDivisionError)
