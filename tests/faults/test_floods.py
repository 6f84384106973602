"""A peer that sends far more than is handled: what it sends waits on its side, not in the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from controls import State
from dialects import Dialect, each_dialect
from server_state import HERE, IMPLEMENTATIONS, MB, needs_linux, order, read_state, wait_for_state
from servers import Server, run_server
from stuck_peers import flood, open_peer

pytestmark = [pytest.mark.faults, needs_linux]

# More than the operating system's buffers hold, so that the sender feels it when the server does not read.
FLOOD = 100_000

# For one connection, beside its handlers: that of the server, and the reader.
TASKS = 2


@pytest.fixture(params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    options = ["--app-dir", HERE]
    with run_server("slow_app:app", tmp_path / "log", implementation=request.param, options=options) as server:
        yield server


def measure_idle(server: Server, dialect: Dialect, path: str) -> State:
    """Return the state of the server when a connection has been served and has gone."""
    before = read_state(server)
    with open_peer(server, path) as peer:
        peer.send(dialect.sleep(0.01, 1))
        assert peer.receive() == dialect.slept(1).encode()
    return wait_for_state(server, lambda state: state.tasks == before.tasks, seconds=5)[0]


def has_tasks_of(idle: State) -> Callable[[State], bool]:
    return lambda state: state.tasks == idle.tasks


def watch(server: Server, dialect: Dialect, idle: State, seconds: float) -> None:
    """Check for some time what the flood costs the server."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = read_state(server)
        assert state.tasks <= idle.tasks + TASKS + dialect.handlers
        assert state.rss <= idle.rss + 10 * MB
        time.sleep(0.02)


@each_dialect
def test_a_flood_waits_with_its_sender_and_all_of_it_is_handled(server: Server, dialect: Dialect) -> None:
    path = dialect.prefix + "/usual"
    idle = measure_idle(server, dialect, path)
    with open_peer(server, path) as peer, flood(peer, dialect.note, FLOOD) as sender:
        watch(server, dialect, idle, 1)
        assert sender.is_alive(), "the server took more than it handles"
        assert read_state(server).count("began") == 1
        order(server, "release")
        for answer in dialect.noted * FLOOD:
            assert peer.receive() == answer
        state, _ = wait_for_state(server, lambda state: state.count("noted") == FLOOD, seconds=40)
        assert state.rss <= idle.rss + 10 * MB
    state, _ = wait_for_state(server, has_tasks_of(idle), seconds=5)
    assert state.count("disconnected") == 2


@each_dialect
@pytest.mark.parametrize("path", ["/usual", "/together", "/cancelling"])
def test_a_flood_that_ends_with_a_reset_leaves_no_task(server: Server, dialect: Dialect, path: str) -> None:
    idle = measure_idle(server, dialect, dialect.prefix + path)
    with open_peer(server, dialect.prefix + path) as peer, flood(peer, dialect.note, FLOOD):
        watch(server, dialect, idle, 0.3)
        peer.reset()
    # As long as there is no room for what it sent last, the server does not learn that the peer has gone.
    order(server, "release")
    state, _ = wait_for_state(server, has_tasks_of(idle), seconds=10)
    assert state.count("disconnected") == 2
    assert state.count("noted") < FLOOD
