"""Streams whose connection ends: each is closed, whatever it does meanwhile, and may wait while it cleans up."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final, Literal

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, count_cancellations, count_tasks, settle
from pydantic import BaseModel
from starlette.types import Message

from fastws import WSRouter

pytestmark = pytest.mark.anyio

MAILBOX: Final = 4


class Subscribe(BaseModel):
    """Send numbers: one and then none, or one after the other."""

    type: Literal["wait", "count", "count in a thread", "count elsewhere"]


class Other(BaseModel):
    """Wait until the program says so."""

    type: Literal["other"]


class Stage:
    """A router with streams, and a note of what becomes of them.

    Attributes:
        router: The router.
        notes: What the streams and the goodbye did, in order.
        released: Lets the handlers of `Other` go on.
        cancelled: How many cancellations of the connection there may be at the goodbye.
    """

    def __init__(self, **options: Any) -> None:
        self.router = WSRouter(mailbox=MAILBOX, **options)
        self.notes: list[str | int] = []
        self.released = asyncio.Event()
        self.cancelled = 0
        self.router.receive(Subscribe)(self.subscribe)
        self.router.receive(Other)(self.wait)
        self.router.on_disconnect(self.say_goodbye)

    async def subscribe(self, websocket: WebSocket, message: Subscribe) -> AsyncIterator[int]:
        match message.type:
            case "wait":
                return self.count(pause=1000)
            case "count":
                return self.count(pause=0.001)
            case "count elsewhere":
                return Numbers(self)
            case "count in a thread":
                return self.count_in_thread()  # type: ignore[return-value]

    async def count(self, pause: float) -> AsyncIterator[int]:
        self.notes.append("begin")
        try:
            for number in range(10_000):
                yield number
                await asyncio.sleep(pause)
        finally:
            self.notes.append("clean up")
            await asyncio.sleep(0.01)
            self.notes.append("closed")

    def count_in_thread(self) -> Iterator[int]:
        self.notes.append("begin")
        try:
            for number in range(10_000):
                yield number
                # Longer than the event loop needs to learn that the peer has gone.
                time.sleep(0.05)
        finally:
            self.notes.append("clean up")
            time.sleep(0.01)
            self.notes.append("closed")

    async def wait(self, message: Other) -> None:
        self.notes.append("other")
        await self.released.wait()

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        # Of a cancellation that was meant for a stream, nothing is left.
        assert count_cancellations() <= self.cancelled
        await asyncio.sleep(0)
        self.notes.append(code)


class Numbers:
    """An asynchronous iterator that is no generator."""

    def __init__(self, stage: Stage) -> None:
        self._numbers = stage.count(pause=0.001)

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        return await anext(self._numbers)

    async def aclose(self) -> None:
        await self._numbers.aclose()  # type: ignore[attr-defined]


async def leave(peer: Peer, stage: Stage) -> None:
    peer.leave(1005)


async def be_lost(peer: Peer, stage: Stage) -> None:
    peer.leave(1006)


async def be_shut_down(peer: Peer, stage: Stage) -> None:
    peer.leave(1012)


async def be_closed(peer: Peer, stage: Stage) -> None:
    await peer.websocket.close(4000)
    await settle()
    peer.leave(4000)


async def be_closed_and_never_answer(peer: Peer, stage: Stage) -> None:
    await peer.websocket.close(4000)


async def be_closed_behind_a_full_mailbox(peer: Peer, stage: Stage) -> None:
    ask(peer, *["other"] * 3 * (MAILBOX + 8))
    await settle()
    assert peer.unread > 0
    await peer.websocket.close(4000)
    stage.released.set()


Ending = Callable[[Peer, Stage], Awaitable[None]]

ENDINGS: Final[dict[Ending, int]] = {
    leave: 1005,
    be_lost: 1006,
    be_shut_down: 1012,
    be_closed: 4000,
    be_closed_and_never_answer: 4000,
    be_closed_behind_a_full_mailbox: 4000,
}

OPTIONS: Final[list[dict[str, Any]]] = [
    {},
    {"concurrency": 8},
    {"cancel_on_disconnect": True},
    {"cancel_on_disconnect": True, "concurrency": 8},
]

options_of_all_kinds = pytest.mark.parametrize("options", OPTIONS, ids="+".join)


def ask(peer: Peer, *types: str) -> None:
    for type_ in types:
        peer.put({"type": "websocket.receive", "text": f'{{"type":"{type_}"}}'})


async def be_served(peer: Peer, stage: Stage, end: Callable[[], Awaitable[None]], seconds: float = 5) -> None:
    """Serve a peer until its connection has ended, and look whether anything is left."""
    before = count_tasks()
    served = asyncio.create_task(peer.run(stage.router))
    # A thread may take its time.
    for _ in range(1000):
        if stage.notes:
            break
        await asyncio.sleep(0.001)
    await settle()
    await end()
    await asyncio.wait_for(served, seconds)
    await settle()
    assert count_tasks() == before


@options_of_all_kinds
@pytest.mark.parametrize("type_", ["wait", "count", "count elsewhere", "count in a thread"])
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
async def test_a_stream_is_closed_when_its_connection_ends(ending: Ending, type_: str, options: dict[str, Any]) -> None:
    stage = Stage(**options)
    peer = Peer()
    ask(peer, type_)
    await be_served(peer, stage, lambda: ending(peer, stage))
    assert [note for note in stage.notes if note != "other"] == ["begin", "clean up", "closed", ENDINGS[ending]]
    assert peer.texts[0] == "0"


@options_of_all_kinds
@pytest.mark.parametrize("type_", ["wait", "count", "count in a thread"])
async def test_a_stream_that_begins_when_the_peer_has_gone_ends_at_once(type_: str, options: dict[str, Any]) -> None:
    stage = Stage(**{**options, "concurrency": 1})
    peer = Peer()
    ask(peer, "other", type_)

    async def end() -> None:
        peer.leave(1005)
        await settle()
        stage.released.set()

    await be_served(peer, stage, end)
    # With `cancel_on_disconnect`, what waits when the peer leaves is dropped; a thread is not even asked for.
    dropped = "cancel_on_disconnect" in options or type_ == "count in a thread"
    assert stage.notes == ["other", *([] if dropped else ["begin", "clean up", "closed"]), 1005]
    assert peer.texts == []


@options_of_all_kinds
@pytest.mark.parametrize("type_", ["wait", "count", "count in a thread"])
async def test_a_stream_to_a_peer_that_does_not_read_is_given_up(type_: str, options: dict[str, Any]) -> None:
    async def send(message: Message) -> None:
        if message["type"] == "websocket.send":
            await anyio.sleep_forever()

    stage = Stage(send_timeout=0.05, **options)
    peer = Peer(send=send)
    ask(peer, type_)

    async def end() -> None:
        # Longer than the send may take; the server says why when it is asked.
        await asyncio.sleep(0.1)
        peer.leave(1006)

    await be_served(peer, stage, end)
    assert stage.notes == ["begin", "clean up", "closed", 1006]


@options_of_all_kinds
@pytest.mark.parametrize("type_", ["wait", "count"])
async def test_a_stream_cleans_up_when_its_connection_is_cancelled(type_: str, options: dict[str, Any]) -> None:
    stage = Stage(**options)
    peer = Peer()
    ask(peer, type_)
    before = count_tasks()
    served = asyncio.create_task(peer.run(stage.router))
    await settle()
    served.cancel()
    stage.cancelled = count_cancellations(served)
    with pytest.raises(asyncio.CancelledError):
        await served
    assert [note for note in stage.notes if note != 1006] == ["begin", "clean up", "closed"]
    assert stage.notes.count(1006) == 1
    assert count_tasks() == before


@options_of_all_kinds
async def test_an_error_of_the_server_ends_a_stream(options: dict[str, Any]) -> None:
    stage = Stage(**options)
    peer = Peer()
    ask(peer, "wait")

    async def end() -> None:
        peer.put(ConnectionError("on purpose"))

    with pytest.raises(ConnectionError, match="on purpose"):
        await be_served(peer, stage, end)
    assert stage.notes == ["begin", "clean up", "closed", 1011]


@pytest.mark.parametrize("options", [one for one in OPTIONS if "concurrency" in one], ids="+".join)
@pytest.mark.parametrize("type_", ["wait", "count"])
async def test_all_streams_of_a_connection_are_closed(type_: str, options: dict[str, Any]) -> None:
    stage = Stage(**options)
    peer = Peer()
    ask(peer, *[type_] * 8)
    await be_served(peer, stage, lambda: leave(peer, stage))
    assert Counter(stage.notes) == {"begin": 8, "clean up": 8, "closed": 8, 1005: 1}


@options_of_all_kinds
async def test_a_stream_is_closed_though_its_client_has_filled_the_mailbox(
    options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(**options, send_timeout=0.1)
    streams = options.get("concurrency", 1)
    peer = Peer()
    ask(peer, *["wait"] * streams, *["wait"] * MAILBOX * 2)

    async def end() -> None:
        peer.leave(1005)

    await be_served(peer, stage, end)
    assert Counter(stage.notes) == {"begin": streams, "clean up": streams, "closed": streams, 1008: 1}
    assert "only streams run" in caplog.text


@options_of_all_kinds
async def test_a_handler_may_take_longer_than_the_mailbox_may_be_full(options: dict[str, Any]) -> None:
    stage = Stage(**options, send_timeout=0.05)
    peer = Peer()
    ask(peer, *["other"] * MAILBOX * 3)

    async def end() -> None:
        await asyncio.sleep(0.2)
        stage.released.set()
        await settle()
        peer.leave(1005)

    await be_served(peer, stage, end)
    assert Counter(stage.notes) == {"other": MAILBOX * 3, 1005: 1}


@options_of_all_kinds
async def test_handlers_may_end_in_the_turn_in_which_the_mailbox_was_full_for_too_long(options: dict[str, Any]) -> None:
    stage = Stage(**options, send_timeout=0.05)
    peer = Peer()
    ask(peer, *["other"] * MAILBOX * 3)

    async def end() -> None:
        await asyncio.sleep(0.02)
        # Past that time with this task ahead of the timer, as on a machine that has stood still.
        time.sleep(0.06)  # noqa: ASYNC251
        await asyncio.sleep(0)
        stage.released.set()
        await settle()
        peer.leave(1005)

    await be_served(peer, stage, end)
    assert Counter(stage.notes) == {"other": MAILBOX * 3, 1005: 1}
