"""One slow request and a hundred fast ones behind it: they wait for it where they have to, and nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, reach
from request_peers import run_requests_app, write_reply, write_request
from servers import Server

pytestmark = pytest.mark.faults

FAST: Final = 100
SECONDS: Final = 1.0

SLOW: Final = write_request("sleep", SECONDS, uuid="0")
REPLIES: Final = [write_reply(uuid=str(number)) for number in range(FAST + 1)]


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_requests_app(log, request.param) as server:
        yield server


async def ask_all(server: Server, path: str, seconds: float) -> tuple[list[str], list[float]]:
    """Ask for something slow, then for much that takes so long; return the replies, and when each came."""
    async with reach(server, path) as connection:
        start = time.monotonic()
        await connection.send(SLOW)
        for number in range(1, FAST + 1):
            await connection.send(write_request("sleep", seconds, uuid=str(number)))
        replies, times = [], []
        for _ in range(FAST + 1):
            replies.append(str(await asyncio.wait_for(connection.recv(), 10)))
            times.append(time.monotonic() - start)
        return replies, times


@pytest.mark.parametrize(
    ("path", "seconds"), [("/together", 0), ("/cancelling-together", 0.005)], ids=["at-once", "cancelling-and-soon"]
)
def test_a_slow_request_does_not_delay_those_behind_it(server: Server, path: str, seconds: float) -> None:
    replies, times = asyncio.run(ask_all(server, path, seconds))
    print(f"the fast ones after {times[-2]:.3f} s, the slow one after {times[-1]:.3f} s")
    assert replies[-1] == REPLIES[0]
    assert sorted(replies) == sorted(REPLIES)
    assert times[-2] < SECONDS / 2
    assert times[-1] >= SECONDS


@pytest.mark.parametrize("path", ["/usual", "/cancelling"])
def test_replies_come_in_the_order_of_the_requests(server: Server, path: str) -> None:
    replies, times = asyncio.run(ask_all(server, path, 0))
    assert replies == REPLIES
    assert times[0] >= SECONDS
