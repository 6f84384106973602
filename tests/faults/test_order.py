"""Messages are handled in the order they came, or several at a time, and each exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fault_peers import (
    IMPLEMENTATIONS,
    ask_until,
    find_complaints,
    join,
    join_often,
    pipeline,
    reset,
    run_faults_app,
    write,
)
from servers import Server
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

TIMES: Final = 20


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_faults_app(log, request.param) as server:
        yield server


def run_pipeline(server: Server, router: str, total: int, make: Callable[[int], str]) -> list[str]:
    async def run() -> list[str]:
        async with join(server, router, f"{router}-pipeline") as connection:
            return await pipeline(connection, total, make)

    return asyncio.run(run())


def test_a_hundred_thousand_messages_are_answered_in_their_order(server: Server) -> None:
    total = 100_000

    def make(number: int) -> str:
        # The first half is taken straight from the server; when a handler has waited, what follows is read ahead.
        if number >= total // 2 and number % 1000 == 0:
            return write("wait", n=number, seconds=0.001)
        return f'{{"type":"echo","n":{number}}}'

    # The first number is the order in which they were handled, the second the one in which they were sent.
    assert run_pipeline(server, "plain", total, make) == [f"{number} {number}" for number in range(total)]
    assert find_complaints(server.read_log()) == []


def test_slow_and_fast_messages_at_a_time_are_each_answered_once(server: Server) -> None:
    total = 10_000

    def make(number: int) -> str:
        return write("wait", n=number, seconds=0.005) if number % 10 == 0 else write("echo", n=number)

    answers = [answer.split() for answer in run_pipeline(server, "together", total, make)]
    begun, sent = ([int(answer[place]) for answer in answers] for place in (0, 1))
    assert sorted(begun) == sorted(sent) == list(range(total))
    # No answer to a fast one waits for that to a slow one.
    assert sent != sorted(sent)
    assert find_complaints(server.read_log()) == []


def test_a_stream_goes_on_until_another_message_stops_it(server: Server) -> None:
    async def run() -> list[str]:
        async with join(server, "in-pairs", "stream") as connection:
            await connection.send(write("stream"))
            answers = [str(await connection.recv()) for _ in range(20)]
            await connection.send(write("stop"))
            while answers[-1] != "end of the stream":
                answers.append(str(await asyncio.wait_for(connection.recv(), 5)))
            return answers

    *numbers, end = asyncio.run(run())
    numbers.remove("stopped")
    assert [int(number) for number in numbers] == list(range(len(numbers)))
    assert end == "end of the stream"


@pytest.mark.parametrize(
    ("router", "seconds", "ended"),
    [("plain", 0.5, "waited"), ("together", 0.5, "waited"), ("cancelling", 30, "cancelled")],
    ids=["plain", "together", "cancelling"],
)
def test_a_handler_whose_peer_has_gone_ends_as_was_asked(
    server: Server, router: str, seconds: float, ended: str
) -> None:
    async def leave_a_handler_behind(connection: ClientConnection) -> None:
        await connection.send(write("wait", n=0, seconds=seconds, announce=True))
        await connection.recv()
        reset(connection)

    def is_over(tally: dict[str, Any]) -> bool:
        return bool(tally["torn_down"] >= TIMES)

    name = f"{router}-left-behind"
    asyncio.run(join_often(server, router, name, leave_a_handler_behind, TIMES))
    tally = ask_until(server, f"/tallies/{name}", is_over, seconds=1 if ended == "cancelled" else 5)
    assert tally["handlers"] == {"begun": TIMES, ended: TIMES}
    assert tally["goodbyes"] == {"1005": TIMES}
    assert find_complaints(server.read_log()) == []
