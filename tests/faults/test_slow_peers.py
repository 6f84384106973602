"""A peer that does not read what it is sent: it costs its own connection, nobody else's, and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator

import pytest
from controls import State
from server_state import HERE, IMPLEMENTATIONS, MB, needs_linux, order, read_state, wait_for_state
from servers import Server, run_server
from stuck_peers import open_peer
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

from fastws.connection.closing import CLOSE_TIMEOUT

pytestmark = [pytest.mark.faults, needs_linux]

# Of the endpoints whose paths begin with /timed.
SEND_TIMEOUT = 1.0

# What a stuck peer may need beyond that.
LEEWAY = 1.0

# So small that little of what is sent leaves the server.
RECEIVE_BUFFER = 4096

# 64 KiB each: 100 MB.
FRAMES = 1600

POUR = f'{{"type":"pour","times":{FRAMES}}}'

PATHS = ["/timed", "/timed-together"]


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    options = ["--app-dir", HERE, "--ws-per-message-deflate", "false"]
    with run_server("slow_app:app", log, implementation=request.param, options=options) as server:
        for path in ("/usual", *PATHS):
            with open_peer(server, path) as peer:
                peer.send('{"type":"sleep","seconds":0.01,"number":1}')
                peer.receive()
        wait_for_state(server, lambda state: state.count("disconnected") == 3, seconds=5)
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server as if nothing had happened yet."""
    order(shared_server, "reset")
    return shared_server


@pytest.fixture
def idle(server: Server) -> State:
    return read_state(server)


@pytest.mark.parametrize("path", PATHS)
def test_a_stuck_peer_is_given_up_and_costs_little_memory(server: Server, idle: State, path: str) -> None:
    rss = 0

    def is_over(state: State) -> bool:
        nonlocal rss
        rss = max(rss, state.rss)
        return state.count("disconnected") == 1 and state.tasks == idle.tasks

    with open_peer(server, path, receive_buffer=RECEIVE_BUFFER) as peer:
        peer.send(POUR)
        state, _ = wait_for_state(server, is_over, seconds=SEND_TIMEOUT + LEEWAY)
        assert state.count("disconnected 1006") == 1
        assert 0 < state.count("poured") < FRAMES
        assert rss <= idle.rss + 8 * MB


def test_closing_does_not_wait_for_a_stuck_peer(server: Server, idle: State) -> None:
    busy = 0.3

    def get_stuck(path: str, then: str) -> None:
        peer = peers.enter_context(open_peer(server, path, receive_buffer=RECEIVE_BUFFER))
        peer.send(f'{{"type":"pour","times":{FRAMES},"seconds":{busy},"then":"{then}"}}')

    with contextlib.ExitStack() as peers:
        for path in PATHS:
            get_stuck(path, "close")
            get_stuck(path, "raise")
        # A send may take a minute there, but a connection that has failed does not wait so long for its close frame.
        get_stuck("/usual", "raise")
        ended = 2 * len(PATHS)
        wait_for_state(server, lambda state: state.count("disconnected") == ended, seconds=busy + SEND_TIMEOUT + LEEWAY)
        state, _ = wait_for_state(
            server,
            lambda state: state.count("disconnected") == ended + 1 and state.tasks == idle.tasks,
            seconds=CLOSE_TIMEOUT,
        )
    assert state.count("poured") < FRAMES


@pytest.mark.parametrize(
    ("path", "greeting"),
    [
        ("/timed", None),
        ("/timed", '{"type":"sleep","seconds":0.01,"number":1}'),
        ("/timed-together", None),
    ],
    ids=["no-handler-yet", "a-handler-has-waited", "together"],
)
def test_a_stuck_peer_that_only_others_send_to_is_given_up(
    server: Server, idle: State, path: str, greeting: str | None
) -> None:
    with (
        open_peer(server, path, receive_buffer=RECEIVE_BUFFER) as stuck,
        connect(f"ws://{server.address}{path}") as speaker,
    ):
        if greeting is not None:
            stuck.send(greeting)
            assert stuck.receive() == b"1"
        start = time.monotonic()
        speaker.send(f'{{"type":"tell","times":{FRAMES}}}')
        assert speaker.recv(timeout=SEND_TIMEOUT + LEEWAY) == "lost 1"
        assert time.monotonic() - start >= SEND_TIMEOUT
        # Not a message of its own has come, and yet its connection has ended.
        state, _ = wait_for_state(server, lambda state: state.count("disconnected") == 1, seconds=LEEWAY)
        assert state.count("disconnected 1006") == 1
        speaker.send('{"type":"tell","times":1}')
        assert speaker.recv(timeout=LEEWAY) == "lost 0"
    wait_for_state(server, lambda state: state.tasks == idle.tasks, seconds=LEEWAY)


CLIENTS = 100
UNAFFECTED = 95

# Each client asks so often, so that the machine is not what they wait for.
PAUSE = 0.1

# What a shared machine may add to any answer, in seconds.
NOISE = 0.02


async def measure(clients: list[ClientConnection], seconds: float) -> list[list[float]]:
    """Let every client ask and wait for the answer for some time; return how long its answers took."""

    async def ask(client: ClientConnection, delay: float) -> list[float]:
        latencies = []
        await asyncio.sleep(delay)
        deadline = time.perf_counter() + seconds
        while (start := time.perf_counter()) < deadline:
            await client.send('{"type":"sleep","seconds":0,"number":1}')
            assert await client.recv() == "1"
            latencies.append(time.perf_counter() - start)
            await asyncio.sleep(PAUSE)
        return latencies

    return await asyncio.gather(*(ask(client, PAUSE * number / len(clients)) for number, client in enumerate(clients)))


def get_p99(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=100, method="inclusive")[98]


async def count_slower(server: Server) -> int:
    """Return how many clients wait longer for their answers while a peer is stuck than before."""
    clients = [await connect_async(f"ws://{server.address}/timed", compression=None) for _ in range(CLIENTS)]
    try:
        await measure(clients, 0.3)
        before = await measure(clients, 1.5)
        with open_peer(server, "/timed", receive_buffer=RECEIVE_BUFFER) as stuck:
            stuck.send(POUR)
            meanwhile = await measure(clients, 1.5)
    finally:
        await asyncio.gather(*(client.close() for client in clients))
    usual = get_p99([latency for latencies in before for latency in latencies])
    p99s = sorted(map(get_p99, meanwhile))
    print(f"p99: {usual * 1000:.1f} ms; meanwhile:", *(f"{p99 * 1000:.1f}" for p99 in p99s))
    return sum(p99 > max(2 * usual, NOISE) for p99 in p99s)


def test_others_do_not_feel_a_stuck_peer(server: Server) -> None:
    # What the stuck peer does to others it does each time; a machine that is busy with something else does not.
    for attempt in range(1, 4):
        slower = asyncio.run(count_slower(server))
        assert read_state(server).count("disconnected 1006") == attempt
        if slower <= CLIENTS - UNAFFECTED:
            return
    pytest.fail(f"{slower} of {CLIENTS} clients felt the stuck peer")
