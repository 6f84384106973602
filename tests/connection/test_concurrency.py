"""Several handlers of a connection at a time, each in a task of its own."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
from crowds import Crowd
from fastapi import WebSocket
from peers import Peer, Say, count_tasks, settle

from fastws import WSRouter

pytestmark = pytest.mark.anyio

USER: ContextVar[str] = ContextVar("USER")


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


@pytest.mark.parametrize("late", [0, 1, 40], ids="{} more messages".format)
async def test_handlers_are_cancelled_also_where_this_side_had_closed_before(late: int) -> None:
    crowd = Crowd(cancel_on_disconnect=True)
    peer = Peer("a")
    async with peer.served(crowd.router):
        await peer.websocket.close(4000)
        # What the peer said before it heard of that.
        peer.say(*["late"] * late)
        await settle()
        peer.leave(4000)
    assert (crowd.started, crowd.cancelled, crowd.goodbyes) == (["a"], ["a"], [4000])


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


@pytest.mark.parametrize("shutdown", [True, False], ids=["shutdown", "disconnect"])
async def test_the_goodbye_waits_for_cancelled_handlers_unless_the_server_shuts_down(shutdown: bool) -> None:
    router = WSRouter(cancel_on_disconnect=True)
    steps = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await settle()
            steps.append("cleared away")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        steps.append(f"goodbye {code}")

    peer = Peer("a")
    served = asyncio.create_task(peer.run(router))
    await settle()
    if shutdown:
        served.cancel()
    else:
        peer.leave(1001)
    await asyncio.wait([served])
    assert served.cancelled() == shutdown
    assert steps == (["goodbye 1006", "cleared away"] if shutdown else ["cleared away", "goodbye 1001"])


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
