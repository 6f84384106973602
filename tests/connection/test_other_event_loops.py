"""Under trio nothing is read ahead for handlers that run one at a time; all else is as it is under asyncio."""

from __future__ import annotations

import anyio
import pytest
from fastapi import WebSocket
from peers import Peer, Say, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_messages_are_handled_in_order(anyio_backend: str) -> None:
    router = WSRouter()
    steps: list[str] = []
    unread = []
    peer = Peer("slow", "quick", "slow", "quick")

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        steps.append(message.text)
        if message.text == "slow":
            await settle()
        await websocket.send_text(message.text)
        unread.append(peer.unread)
        steps.append("done")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        steps.append(str(code))

    async with peer.served(router):
        for _ in range(3):
            await settle()
        peer.leave(1000)
    assert steps == ["slow", "done", "quick", "done", "slow", "done", "quick", "done", "1000"]
    assert peer.texts == ["slow", "quick", "slow", "quick"]
    assert unread == ([3, 2, 1, 0] if anyio_backend == "trio" else [0, 0, 0, 0])


async def test_a_handler_may_read_frames_itself() -> None:
    router = WSRouter()
    read = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        read.append([message.text, await websocket.receive_text()])

    peer = Peer("a", "b", "c", "d")
    async with peer.served(router):
        peer.leave()
    assert read == [["a", '{"text": "b"}'], ["c", '{"text": "d"}']]


async def test_a_handler_that_reads_to_the_end_is_the_last() -> None:
    router = WSRouter()
    codes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        async for _ in websocket.iter_text():
            pass
        codes.extend([(await websocket.receive())["code"] for _ in range(2)])

    peer = Peer("a", "b")
    async with peer.served(router):
        peer.leave(4000)
    assert codes == [4000, 4000]
    assert peer.asked == 4  # connect, a, b, disconnect


@pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])
async def test_what_came_before_a_handler_closes_is_dropped(wait: bool) -> None:
    router = WSRouter()
    handled = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        handled.append(message.text)
        if wait:
            await settle()
        await websocket.close(4000)

    peer = Peer("a", "b")
    async with peer.served(router):
        pass
    assert (handled, peer.closes) == (["a"], [(4000, "")])


async def test_a_scope_that_was_entered_before_the_first_wait_still_works() -> None:
    router = WSRouter()
    caught = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        with anyio.move_on_after(0.01) as scope:
            await anyio.sleep_forever()
        caught.append(scope.cancelled_caught)

    peer = Peer("a", "b")
    async with peer.served(router):
        peer.leave()
    assert caught == [True, True]


async def test_a_send_may_take_only_so_long() -> None:
    async def stall(message: Message) -> None:
        if message["type"] == "websocket.send":
            await anyio.sleep_forever()

    router = WSRouter(send_timeout=0.01)
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        with pytest.raises(WebSocketDisconnect):
            await websocket.send_text("hello")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    peer = Peer("a", send=stall)
    await peer.run(router)
    assert goodbyes == [(1006, "send timeout")]


@pytest.mark.parametrize("attempt", range(6))  # trio shuffles its tasks
@pytest.mark.parametrize("early", [True, False], ids=["messages-first", "connection-first"])
async def test_several_handlers_at_a_time(early: bool, attempt: int) -> None:
    router = WSRouter(concurrency=2)
    started: list[str] = []
    finished: list[str] = []
    go_on = anyio.Event()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        started.append(message.text)
        await go_on.wait()
        finished.append(message.text)

    peer = Peer(*("abc" if early else ""))
    async with peer.served(router):
        peer.say(*("" if early else "abc"))
        await settle()
        assert started == ["a", "b"]
        go_on.set()
        peer.leave()
    assert (started, sorted(finished)) == (["a", "b", "c"], ["a", "b", "c"])


async def test_handlers_are_cancelled_when_the_peer_leaves_if_that_is_asked_for() -> None:
    router = WSRouter(cancel_on_disconnect=True)
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await anyio.sleep_forever()

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    peer = Peer("a", "b")
    async with peer.served(router):
        peer.leave(4000)
    assert goodbyes == [4000]
