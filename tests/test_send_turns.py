"""Sends of several tasks to a peer that reads slowly: one waits for the peer, the others for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from fastws._receive import TimedSend

pytestmark = pytest.mark.anyio


class NarrowServer:
    """A server whose peer takes a message when it is told to, and that lets one task alone wait for that.

    So does uvicorn with the older implementation of the package `websockets`.
    """

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None
        self._send = TimedSend(self._take, lambda rest: rest)

    async def _take(self, message: Any) -> None:
        assert self._waiter is None
        self.sent.append(message)
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def _deliver(self, number: int) -> int:
        rest: Awaitable[None] | None = self._send.send({"number": number})
        if rest is not None:
            await rest
        return number

    def start(self, number: int) -> asyncio.Task[int]:
        """Send a number in a task of its own."""
        return asyncio.create_task(self._deliver(number))

    async def read(self) -> None:
        """Let the peer take what waits."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        await settle()

    @property
    def numbers(self) -> list[int]:
        return [message["number"] for message in self.sent]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def send_three(server: NarrowServer) -> list[asyncio.Task[int]]:
    tasks = [server.start(number) for number in range(3)]
    await settle()
    return tasks


async def test_each_waits_for_its_turn() -> None:
    server = NarrowServer()
    tasks = await send_three(server)
    assert server.numbers == [0]
    await server.read()
    assert server.numbers == [0, 1]
    late = server.start(3)
    for _ in range(3):
        await server.read()
    assert await asyncio.gather(*tasks, late) == server.numbers == [0, 1, 2, 3]


async def test_nobody_waits_for_a_send_that_is_over() -> None:
    server = NarrowServer()
    tasks = await send_three(server)
    for _ in range(3):
        await server.read()
    await asyncio.gather(*tasks)
    next_one = server.start(3)
    await settle()
    assert server.numbers == [0, 1, 2, 3]
    await server.read()
    assert await next_one == 3


@pytest.mark.parametrize(
    ("cancelled", "left"),
    [([0], [0, 1, 2]), ([1], [0, 2]), ([2], [0, 1]), ([0, 1], [0, 2]), ([1, 2], [0]), ([0, 1, 2], [0])],
    ids=["who-waits-for-the-peer", "next", "last", "first-two", "last-two", "all"],
)
async def test_who_is_cancelled_holds_up_nobody(cancelled: list[int], left: list[int]) -> None:
    server = NarrowServer()
    tasks = await send_three(server)
    for number in cancelled:
        tasks[number].cancel()
    await settle()
    for _ in range(3):
        await server.read()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [n in cancelled for n in range(3)]
    late = server.start(3)
    await settle()
    await server.read()
    assert (await late, server.numbers) == (3, [*left, 3])


async def test_who_is_cancelled_when_its_turn_has_come_passes_it_on() -> None:
    server = NarrowServer()
    first, second, third = await send_three(server)
    first.cancel()
    # The turn is passed on in this step, and the next one does not know yet.
    await asyncio.sleep(0)
    second.cancel()
    await settle()
    await server.read()
    assert (second.cancelled(), await third, server.numbers) == (True, 2, [0, 2])
