"""Messages one at a time: in which task a handler runs, and what ends the connection from elsewhere."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, count_cancellations, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws._receive import MOST_SENDS

pytestmark = pytest.mark.anyio

USER: ContextVar[str] = ContextVar("USER")


async def serve_one_and_another(handle: Callable[[WebSocket, Any], Awaitable[None]]) -> None:
    """Serve two messages: the first is taken straight from the server, the second from the mailbox."""
    router = WSRouter()
    router.receive(Say)(handle)
    peer = Peer("a", "b")
    peer.leave()
    await peer.run(router)


async def test_a_handler_goes_on_in_the_task_and_context_of_the_connection() -> None:
    seen = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        USER.set(message.text)
        seen.append(asyncio.current_task())
        await settle()
        seen.append(asyncio.current_task())
        assert USER.get() == message.text

    await serve_one_and_another(handle)
    assert seen == [asyncio.current_task()] * 4
    assert USER.get() == "b"


async def test_a_cancel_scope_that_was_entered_before_the_first_wait_still_works() -> None:
    seen = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        with anyio.move_on_after(0.01) as scope:
            await anyio.sleep_forever()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(settle)
            tasks.start_soon(anyio.sleep_forever)
            await settle()
            tasks.cancel_scope.cancel()
        with pytest.raises(TimeoutError), anyio.fail_after(0.01):
            await anyio.sleep_forever()
        await settle()
        seen.append(scope.cancelled_caught)

    await serve_one_and_another(handle)
    assert seen == [True, True]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout came with Python 3.11")
async def test_a_timeout_that_was_entered_before_the_first_wait_still_works() -> None:
    seen = []

    async def handle(websocket: WebSocket, message: Say) -> None:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(60)
        except TimeoutError:
            seen.append(count_cancellations())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(settle())

    await serve_one_and_another(handle)
    assert seen == [0, 0]


@pytest.mark.parametrize("texts", [(), ("quick",), ("quick", "slow"), ("slow", "quick")], ids="-".join)
async def test_a_cancelled_connection_stays_cancelled(texts: tuple[str, ...]) -> None:
    router = WSRouter()
    goodbyes = []
    cancelled = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        if message.text == "slow":
            try:
                await settle()
                await asyncio.sleep(0 if texts[-1] == "quick" else 60)
            except asyncio.CancelledError:
                cancelled.append(message.text)
                raise

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        await settle()
        goodbyes.append(code)

    peer = Peer(*texts)
    task = asyncio.create_task(peer.run(router))
    for _ in range(3):
        await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert goodbyes == [1006]
    assert cancelled == (["slow"] if texts[-1:] == ("slow",) else [])


async def test_a_receive_that_is_no_coroutine() -> None:
    router = WSRouter()
    handled = []
    messages = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": '{"text":"a"}'}]

    def receive() -> asyncio.Future[Message]:
        future = asyncio.get_running_loop().create_future()
        message = messages.pop(0) if messages else {"type": "websocket.disconnect", "code": 1000}
        asyncio.get_running_loop().call_soon(future.set_result, message)
        return future

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        handled.append(message.text)

    peer = Peer()
    await router.handler(WebSocket({"type": "websocket"}, receive, peer.send))
    assert handled == ["a"]


async def test_a_frame_that_comes_after_another_task_has_closed_is_not_handled() -> None:
    router = WSRouter()
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        pytest.fail("the connection is closed")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    peer = Peer()
    async with peer.served(router):
        await peer.websocket.close(4000, "kicked")
        peer.say("late")
        await settle()
        peer.leave(4000)
    assert (peer.closes, goodbyes) == ([(4000, "kicked")], [(4000, "kicked")])


async def test_a_handler_that_waits_while_another_task_closes_is_the_last() -> None:
    router = WSRouter()
    go_on = anyio.Event()
    codes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await go_on.wait()
        with pytest.raises(WebSocketDisconnect) as gone:
            await websocket.send_text(message.text)
        codes.append(gone.value.code)

    peer = Peer("a", "b")
    async with peer.served(router):
        await peer.websocket.close(4000)
        go_on.set()
    assert codes == [4000]


async def test_a_handler_that_sends_without_end_lets_others_have_their_turn() -> None:
    router = WSRouter()
    turns: list[int] = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        for _ in range(3 * MOST_SENDS):
            await websocket.send_text("x")

    async def take_turns() -> None:
        while not peer.ended:
            turns.append(len(peer.sent))
            await anyio.lowlevel.checkpoint()

    peer = Peer()
    async with peer.served(router), anyio.create_task_group() as tasks:
        tasks.start_soon(take_turns)
        peer.say("a")
        await settle()
        peer.leave()
    assert len(peer.texts) == 3 * MOST_SENDS
    assert {turn // MOST_SENDS for turn in turns} >= {1, 2}


async def test_the_goodbye_of_a_cancelled_connection_does_not_wait_for_its_reader() -> None:
    router = WSRouter()
    steps = []

    async def receive() -> Message:
        try:
            return await peer._receive()
        except asyncio.CancelledError:
            await settle()
            steps.append("reader")
            raise

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await anyio.sleep_forever()

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        steps.append(f"goodbye {code}")

    peer = Peer("a")
    peer.websocket = WebSocket({"type": "websocket"}, receive, peer.send)
    served = asyncio.create_task(peer.run(router))
    await settle()
    served.cancel()
    with pytest.raises(asyncio.CancelledError):
        await served
    assert steps == ["goodbye 1006"]
    await settle()
    assert steps == ["goodbye 1006", "reader"]


@pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_a_connection_that_has_ended_is_freed_without_the_collector(wait: bool, concurrency: int) -> None:
    router = WSRouter(concurrency=concurrency)

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        if wait:
            await settle()

    peer = Peer("a", "b")
    peer.leave()
    connection = weakref.ref(peer.websocket)
    gc.disable()
    try:
        await peer.run(router)
        del peer.websocket
        assert connection() is None
    finally:
        gc.enable()
