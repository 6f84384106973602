"""A stream ends with its connection, whichever way that ends and whatever the stream does meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import pytest
from fault_peers import IMPLEMENTATIONS, ask, ask_until, find_complaints, join_often, reset, write
from servers import Server, run_server
from stuck_peers import open_peer
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

TIMES: Final = 100

# A plain generator keeps a thread busy, and there are 40.
TIMES_IN_THREADS: Final = 30

STREAMS: Final = {
    "wait": (write("wait"), TIMES),
    "send": (write("send"), TIMES),
    "send-much": (write("send", size=65_536), TIMES),
    "send-slowly": (write("send", seconds=60), TIMES),
    "send-elsewhere": (write("send elsewhere"), TIMES),
    "send-from-a-thread": (write("send from a thread"), TIMES_IN_THREADS),
}

ROUTERS: Final = ["plain", "together", "cancelling", "cancelling-together"]

Leave = Callable[[ClientConnection], Awaitable[object]]


async def close(connection: ClientConnection) -> None:
    await connection.close(4242, "done")


async def be_reset(connection: ClientConnection) -> None:
    reset(connection)


async def end_silently(connection: ClientConnection) -> None:
    """End with a bare FIN, and go on reading."""
    connection.transport.write_eof()
    await connection.wait_closed()


LEAVES: Final[dict[str, tuple[Leave, str]]] = {
    "close-frame": (close, "goodbye 4242"),
    "reset": (be_reset, "goodbye 1005"),
    "bare-fin": (end_silently, "goodbye 1005"),
}


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    options = ["--no-access-log"]
    with run_server("faults.streams_app:app", log, implementation=request.param, options=options) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server with an empty log."""
    shared_server.clear_log()
    return shared_server


def find_lines(server: Server) -> list[str]:
    """Return what the server has logged, without what it logs of each connection."""
    return [line for line in server.read_log().splitlines() if not line.startswith("INFO:")]


def wait_for_counts(server: Server, name: str, expected: dict[str, int], before: int) -> None:
    """Wait until the server has counted what is expected and runs no more tasks than before."""
    assert ask_until(server, f"/counts/{name}", lambda counts: counts == expected) == expected
    assert ask_until(server, "/tasks", lambda tasks: tasks <= before) <= before


def expect(times: int, **others: int) -> dict[str, int]:
    """Return what is counted of so many streams that have begun."""
    return {"begun": times, "cleaning up": times, "closed": times, **others}


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("leaving", LEAVES.values(), ids=LEAVES.keys())
@pytest.mark.parametrize("streaming", STREAMS.values(), ids=STREAMS.keys())
def test_streams_are_closed_when_their_clients_leave(
    server: Server, request: pytest.FixtureRequest, router: str, leaving: tuple[Leave, str], streaming: tuple[str, int]
) -> None:
    (leave, goodbye), (stream, times) = leaving, streaming

    async def leave_midway(connection: ClientConnection) -> None:
        await connection.send(stream)
        await asyncio.wait_for(connection.recv(), 10)
        await leave(connection)

    name = request.node.callspec.id
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, leave_midway, times))
    wait_for_counts(server, name, expect(times, **{goodbye: times}), before)
    assert find_lines(server) == []


@pytest.mark.parametrize("router", ["together", "cancelling-together"])
def test_all_streams_of_a_connection_are_closed(server: Server, router: str) -> None:
    async def leave_midway(connection: ClientConnection) -> None:
        for stream, _ in list(STREAMS.values())[:5]:
            await connection.send(stream)
        for _ in range(10):
            await asyncio.wait_for(connection.recv(), 10)
        reset(connection)

    name = f"{router}-many"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, leave_midway, 20))
    wait_for_counts(server, name, expect(100, **{"goodbye 1005": 20}), before)
    assert find_lines(server) == []


@pytest.mark.parametrize("router", ["plain", "together"])
@pytest.mark.parametrize("stream", ["wait", "send"])
def test_a_stream_that_begins_when_its_client_has_gone_ends_too(server: Server, router: str, stream: str) -> None:
    async def leave_before(connection: ClientConnection) -> None:
        # As many as run at a time, so that the stream has to wait for one of them.
        for _ in range(8 if router == "together" else 1):
            await connection.send(write("sleep", seconds=0.3))
        await connection.send(STREAMS[stream][0])
        await asyncio.sleep(0.1)
        await connection.close(4242)

    name = f"{router}-{stream}-late"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, leave_before, 20))
    # What is sent when the peer has gone is a disconnect, after which nothing more is handled.
    counts = ask_until(server, f"/counts/{name}", lambda counts: counts.get("goodbye 4242") == 20)
    assert counts["goodbye 4242"] == 20
    assert counts.get("begun", 0) == counts.get("closed", 0)
    assert ask_until(server, "/tasks", lambda tasks: tasks <= before) <= before
    assert find_lines(server) == []


@pytest.mark.parametrize("router", ["together", "cancelling-together"])
@pytest.mark.parametrize(("stream", "times"), STREAMS.values(), ids=STREAMS.keys())
def test_streams_are_closed_when_another_handler_closes_the_connection(
    server: Server, request: pytest.FixtureRequest, router: str, stream: str, times: int
) -> None:
    seen = set()

    async def be_closed(connection: ClientConnection) -> None:
        await connection.send(stream)
        await asyncio.wait_for(connection.recv(), 10)
        await connection.send(write("close"))
        await asyncio.wait_for(connection.wait_closed(), 10)
        seen.add(connection.close_code)

    name = f"closed-by-a-handler-{request.node.callspec.id}"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, be_closed, times))
    wait_for_counts(server, name, expect(times, **{"goodbye 4001": times}), before)
    assert seen == {4001}
    assert find_lines(server) == []


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("queued", [0, 200], ids=["empty-mailbox", "full-mailbox"])
@pytest.mark.parametrize("stream", ["wait", "send-slowly", "send"])
def test_streams_are_closed_when_the_program_closes_the_connection(
    server: Server, request: pytest.FixtureRequest, router: str, queued: int, stream: str
) -> None:
    name = f"closed-by-the-program-{request.node.callspec.id}"
    before = ask(server, "/tasks")
    with open_peer(server, f"/{router}/{name}") as peer:
        peer.send(STREAMS[stream][0])
        assert peer.receive() == b'{"n":0,"text":"x"}' if "send" in stream else b'{"n":0,"text":""}'
        peer.send(write("sleep", seconds=0.2), times=queued)
        assert ask(server, f"/close/{name}") == 1
        # Though the client does not answer the close frame; the connection itself may take its time.
        counts = ask_until(server, f"/counts/{name}", lambda counts: counts.get("closed") == 1, seconds=1)
        assert counts.get("closed") == 1
    assert ask_until(server, f"/counts/{name}", lambda counts: counts.get("goodbye 4002") == 1)["goodbye 4002"] == 1
    assert ask_until(server, "/tasks", lambda tasks: tasks <= before) <= before
    assert find_lines(server) == []


@pytest.mark.parametrize("router", ["timed", "timed-together"])
def test_a_stream_to_a_client_that_does_not_read_is_given_up(server: Server, router: str) -> None:
    async def stop_reading(connection: ClientConnection) -> None:
        await connection.send(write("send", size=65_536, seconds=0))
        await connection.recv()
        connection.transport.pause_reading()
        await asyncio.to_thread(ask_until, server, f"/counts/{name}", lambda counts: counts.get("goodbye 1006") == 20)
        connection.transport.abort()

    name = f"{router}-stuck"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, stop_reading, 20, buffer=4096))
    wait_for_counts(server, name, expect(20, **{"goodbye 1006": 20}), before)
    assert find_lines(server) == ["a send took longer than 1 s; the connection is given up"] * 20


@pytest.mark.parametrize("router", ["plain", "together"])
def test_a_stream_that_raises_midway_ends_its_connection(server: Server, router: str) -> None:
    async def see_the_end(connection: ClientConnection) -> None:
        await connection.send(write("raise"))
        assert [json.loads(await connection.recv())["n"] for _ in range(2)] == [0, 1]
        await asyncio.wait_for(connection.wait_closed(), 10)
        assert connection.close_code == 1011

    name = f"{router}-raising"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, see_the_end, TIMES))
    wait_for_counts(server, name, expect(TIMES, **{"goodbye 1011": TIMES}), before)
    log = server.read_log()
    assert (log.count("ZeroDivisionError: on purpose"), find_complaints(log, "Traceback")) == (TIMES, [])


@pytest.mark.parametrize("router", ["answering", "answering-together"])
def test_a_stream_that_raises_midway_may_be_answered(server: Server, router: str) -> None:
    async def go_on(connection: ClientConnection) -> None:
        for _ in range(2):
            await connection.send(write("raise"))
            answers: list[dict[str, Any]] = [json.loads(await connection.recv()) for _ in range(3)]
            assert answers[-1] == {"type": "error", "code": "internal-error", "detail": []}
        await connection.send(write("sleep", seconds=0))
        assert json.loads(await connection.recv())["n"] == -1
        await connection.close(4242)

    name = f"{router}-raising"
    before = ask(server, "/tasks")
    asyncio.run(join_often(server, router, name, go_on, TIMES))
    wait_for_counts(server, name, expect(2 * TIMES, slept=TIMES, **{"goodbye 4242": TIMES}), before)
    log = server.read_log()
    assert (log.count("ZeroDivisionError: on purpose"), find_complaints(log, "Traceback")) == (2 * TIMES, [])
