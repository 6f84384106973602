"""A thousand connections at a time whose messages fail: each client is told, each connection has one goodbye."""

from __future__ import annotations

import asyncio
import json
import resource
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import pytest
from fault_peers import IMPLEMENTATIONS, ask, ask_until, find_complaints, join, write
from servers import Server, run_server
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

TIMES: Final = 1000

# Of what differs in nothing but the place.
FEWER: Final = 100

# What fails at which place, and how many connections at a time.
PLACES: Final = {
    "handler": TIMES,
    "dependency": TIMES,
    "reply": TIMES,
    "handler after a wait": FEWER,
    "handler in a thread": FEWER,
    "dependency in a thread": FEWER,
    "teardown": FEWER,
    "serializer": FEWER,
}


@pytest.fixture(scope="module", autouse=True)
def many_files() -> Iterator[None]:
    """Let this process, and the servers that it starts, have as many sockets as are needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * TIMES)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    options = ["--no-access-log"]
    with run_server("faults.messages_app:app", log, implementation=request.param, options=options) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server with an empty log."""
    shared_server.clear_log()
    return shared_server


Play = Callable[[ClientConnection], Awaitable[object]]


async def play_together(server: Server, router: str, name: str, times: int, play: Play) -> Counter[object]:
    """Connect so many peers, and when all are, let all play at a time; return what they saw."""
    everybody = asyncio.Event()
    arrived = 0
    seen: Counter[object] = Counter()

    async def join_once() -> None:
        nonlocal arrived
        async with join(server, router, name) as connection:
            arrived += 1
            if arrived == times:
                everybody.set()
            await everybody.wait()
            seen[await asyncio.wait_for(play(connection), 60)] += 1

    await asyncio.gather(*(join_once() for _ in range(times)))
    return seen


def check_crowd(server: Server, router: str, place: str, times: int, play: Play, *, saw: object, goodbye: str) -> None:
    """Let a crowd play, and hold what was seen, counted and left behind against what is promised."""
    name = f"{router}-{place}".replace(" ", "-")
    before = ask(server, "/tasks")
    assert asyncio.run(play_together(server, router, name, times, play)) == {saw: times}

    def is_over(tally: dict[str, Any]) -> bool:
        return bool(sum(tally["goodbyes"].values()) >= times and tally["torn_down"] >= times)

    tally = ask_until(server, f"/tallies/{name}", is_over)
    assert tally["goodbyes"] == {goodbye: times}
    assert (tally["set_up"], tally["torn_down"]) == (times, times)
    assert ask_until(server, "/tasks", lambda tasks: tasks <= before) <= before
    log = server.read_log()
    assert find_complaints(log, "Traceback") == []


@pytest.mark.parametrize(("place", "times"), PLACES.items(), ids=PLACES.keys())
@pytest.mark.parametrize("router", ["plain", "together"])
def test_each_client_sees_1011(server: Server, router: str, place: str, times: int) -> None:
    async def fail(connection: ClientConnection) -> tuple[int | None, str | None]:
        await connection.send(write(place))
        await connection.wait_closed()
        return connection.close_code, connection.close_reason

    check_crowd(server, router, place, times, fail, saw=(1011, ""), goodbye="1011 ")
    log = server.read_log()
    # Each error is raised on to the server; some have a cause, which is a traceback of its own.
    assert log.count("Exception in ASGI application") == times


@pytest.mark.parametrize(("place", "times"), PLACES.items(), ids=PLACES.keys())
@pytest.mark.parametrize("router", ["answering", "answering-together"])
def test_each_client_is_answered_where_errors_are(server: Server, router: str, place: str, times: int) -> None:
    async def fail_and_go_on(connection: ClientConnection) -> tuple[str, ...]:
        await connection.send(write(place))
        error = json.loads(await connection.recv())
        await connection.send(write("echo", n=7))
        answer = json.loads(await connection.recv())
        await connection.close(4242, "done")
        return (error["code"], str(error["detail"]), str(answer))

    saw = ("internal-error", "[]", "{'n': 7}")
    check_crowd(server, router, place, times, fail_and_go_on, saw=saw, goodbye="4242 done")
    log = server.read_log()
    assert log.count("an exception was answered with an error frame") == times
    assert "ASGI" not in log


@pytest.mark.parametrize("router", ["plain", "together"])
def test_a_refusal_is_no_error_of_the_server(server: Server, router: str) -> None:
    async def be_refused(connection: ClientConnection) -> tuple[int | None, str | None]:
        await connection.send(write("refusal"))
        await connection.wait_closed()
        return connection.close_code, connection.close_reason

    check_crowd(server, router, "refusal", FEWER, be_refused, saw=(1008, "not for you"), goodbye="1008 not for you")
    assert "Traceback" not in server.read_log()
