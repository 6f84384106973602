"""Streams that are left before they have ended: by the client, by the server, by an error, and what they clean up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Annotated, Any

import anyio
import pytest
from fastapi import Depends, WebSocket
from peers import Peer, Say, count_tasks, settle
from starlette.types import Message

from fastws import WSRouter, replies, tasks

pytestmark = pytest.mark.anyio

every_mode = pytest.mark.parametrize("options", [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}], ids=str)


async def open_session() -> AsyncGenerator[str, None]:
    yield "session"


LEFT = ["waiting", "left", "cleaned up"]


class Streams:
    """A router of streams that wait after their first item, and a note of what became of them."""

    def __init__(self, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.steps: list[str] = []
        self.go_on = anyio.Event()
        self.router.on_disconnect(self.say_goodbye)

    def receive(self, func: Callable[..., Any]) -> Peer:
        """Register a handler; return a peer for it."""
        self.router.receive(Say)(func)
        peer = Peer()
        peer.websocket.scope.update(path_params={}, query_string=b"", headers=[])
        return peer

    async def generate(self, message: Say) -> AsyncGenerator[str, None]:
        try:
            yield message.text
            self.steps.append("waiting")
            await self.go_on.wait()
            yield "more"
        finally:
            self.steps.append("left")
            await settle()
            self.steps.append("cleaned up")

    async def return_one(self, message: Say) -> AsyncGenerator[str, None]:
        return self.generate(message)

    async def with_session(
        self, message: Say, session: Annotated[str, Depends(open_session)]
    ) -> AsyncGenerator[str, None]:
        async with aclosing(self.generate(message)) as items:
            async for item in items:
                yield item

    async def before_the_first_item(self, message: Say) -> AsyncGenerator[str, None]:
        await self.wait()
        return self.generate(message)

    async def wait(self) -> None:
        try:
            self.steps.append("waiting")
            await anyio.sleep_forever()
        finally:
            self.steps.append("left")
            await settle()
            self.steps.append("cleaned up")

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        # No cancellation of ours is left for the goodbye to run into.
        await settle()
        self.steps.append(f"goodbye {code} {tasks.count_cancellations(tasks.get_task())}")


@pytest.mark.parametrize("name", ["generate", "return_one", "with_session", "before_the_first_item"])
@every_mode
async def test_a_stream_is_closed_when_the_client_leaves(name: str, options: dict[str, Any]) -> None:
    streams = Streams(**options)
    peer = streams.receive(getattr(streams, name))
    number = count_tasks()

    @streams.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        pytest.fail("the client has left, that is all")

    peer.say("a")
    async with peer.served(streams.router):
        assert streams.steps == ["waiting"]
        peer.leave(1001)
    assert peer.texts == ([] if name == "before_the_first_item" else ['"a"'])
    assert streams.steps == [*LEFT, "goodbye 1001 0"]
    assert (count_tasks(), peer.closes) == (number, [])


async def test_a_stream_behind_a_slow_handler_does_not_wait_for_a_client_that_has_left() -> None:
    streams = Streams()

    async def follow(message: Say) -> AsyncGenerator[str, None]:
        if message.text == "slow":
            # Cancelled, too; but it puts up with it.
            with anyio.CancelScope(shield=True):
                await settle()
            return
        try:
            streams.steps.append(message.text)
            await anyio.sleep_forever()
            yield "never"
        finally:
            await settle()
            streams.steps.append("cleaned up")

    peer = streams.receive(follow)
    peer.say("slow", "follow")
    peer.leave(1001)
    async with peer.served(streams.router):
        pass
    assert streams.steps == ["follow", "cleaned up", "goodbye 1001 0"]


@every_mode
@pytest.mark.parametrize("late", [0, 1, 40], ids="{} more messages".format)
async def test_a_stream_is_closed_when_another_task_has_closed_the_connection(
    options: dict[str, Any], late: int
) -> None:
    streams = Streams(**options)
    peer = streams.receive(streams.generate)
    peer.say("a")
    async with peer.served(streams.router):
        await peer.websocket.close(4000)
        peer.say(*["late"] * late)
        await settle()
        peer.leave(4000)
    assert streams.steps == [*LEFT, "goodbye 4000 0"]


@every_mode
async def test_a_stream_is_closed_when_a_send_takes_too_long(options: dict[str, Any]) -> None:
    async def stall(message: Message) -> None:
        if message.get("text") == '"more"':
            await anyio.sleep_forever()

    streams = Streams(send_timeout=0.02, **options)
    peer = streams.receive(streams.generate)
    peer.send = stall
    peer.say("a")
    streams.go_on.set()
    async with peer.served(streams.router):
        pass
    # It did not wait itself, so it is closed, and shielded while it is.
    assert (peer.texts, streams.steps) == (['"a"'], [*LEFT, "goodbye 1006 0"])


@every_mode
async def test_a_stream_is_closed_when_a_send_finds_the_client_gone(options: dict[str, Any]) -> None:
    async def lose(message: Message) -> None:
        if message.get("text") == '"more"':
            raise OSError

    streams = Streams(**options)
    peer = streams.receive(streams.generate)
    peer.send = lose
    peer.say("a")
    async with peer.served(streams.router):
        streams.go_on.set()
        await settle()
        peer.leave(1006)
    # The same: the server has not said yet that the client is gone.
    assert (peer.texts, streams.steps) == (['"a"'], [*LEFT, "goodbye 1006 0"])


async def test_a_cancellation_from_outside_goes_on() -> None:
    streams = Streams()
    peer = streams.receive(streams.generate)
    peer.say("a")
    task = asyncio.create_task(peer.run(streams.router))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert streams.steps[:3] == LEFT
    assert streams.steps[3].startswith("goodbye 1006")


async def test_what_a_stream_makes_of_its_end_is_an_error() -> None:
    streams = Streams()

    async def fail(message: Say) -> AsyncGenerator[str, None]:
        try:
            yield "a"
            await anyio.sleep_forever()
        finally:
            raise LookupError

    errors = []

    @streams.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        await settle()
        errors.append(type(error))

    peer = streams.receive(fail)
    peer.say("a")
    async with peer.served(streams.router):
        peer.leave(1001)
    assert (errors, streams.steps) == ([LookupError], ["goodbye 1001 0"])


class Stubborn:
    """An iterator whose closing never ends."""

    def __aiter__(self) -> Stubborn:
        return self

    async def __anext__(self) -> str:
        return "a"

    async def aclose(self) -> None:
        await anyio.sleep_forever()


async def test_an_iterator_may_not_close_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_CLOSE_TIMEOUT", 0.02)
    streams = Streams()

    async def lose(message: Message) -> None:
        if peer.texts:
            raise OSError

    async def handle(message: Say) -> AsyncIterator[str]:
        return Stubborn()

    peer = streams.receive(handle)
    peer.send = lose
    peer.say("a")
    peer.leave(1006)
    async with peer.served(streams.router):
        pass
    assert (peer.texts, streams.steps) == (['"a"'], ["goodbye 1006 0"])


class Reels:
    """Plain generators, which run in threads and wait there."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def play(self, message: Say) -> Iterator[str]:
        try:
            yield "a"
            self.waiting.set()
            assert self.go_on.wait(10)
            self.steps.append("went on")
            yield "b"
            pytest.fail("nobody asks for more")
        finally:
            assert threading.current_thread() is not threading.main_thread()
            self.steps.append("closed")


@every_mode
async def test_a_plain_generator_is_closed_when_it_no_longer_runs(options: dict[str, Any]) -> None:
    streams, reels = Streams(**options), Reels()
    peer = streams.receive(reels.play)

    @streams.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        pytest.fail("the client has left, that is all")

    peer.say("a")
    async with peer.served(streams.router):
        assert await anyio.to_thread.run_sync(reels.waiting.wait, 10)
        peer.leave(1001)
        await settle()
        # A thread cannot be stopped: the generator is closed when it has come to its next item.
        assert reels.steps == []
        reels.go_on.set()
    assert (peer.texts, reels.steps) == (['"a"'], ["went on", "closed"])
    assert streams.steps == ["goodbye 1001 0"]
