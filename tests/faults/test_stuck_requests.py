"""A peer that asks and asks and does not read the replies: it costs little memory, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from controls import State
from fault_peers import find_complaints
from request_peers import run_requests_app, write_request
from server_state import IMPLEMENTATIONS, KB, MB, needs_linux, order, read_state, wait_for_state
from servers import Server
from stuck_peers import flood, open_peer

pytestmark = [pytest.mark.faults, needs_linux]

# Of the endpoints whose paths begin with /timed.
SEND_TIMEOUT = 1.0

# What a stuck peer may need beyond that.
LEEWAY = 1.0

# So small that little of what is sent leaves the server.
RECEIVE_BUFFER = 4096

# Of 8 KB each: far more than systems keep for a connection.
REQUESTS = 10_000

FILL = write_request("fill", 8 * KB)

PATHS = ["/timed", "/timed-together"]


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_requests_app(log, request.param) as server:
        for path in PATHS:
            with open_peer(server, path) as peer:
                peer.send(write_request("sleep", 0.01))
                peer.receive()
        wait_for_state(server, lambda state: state.count("disconnected") == len(PATHS), seconds=5)
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server as if nothing had happened yet."""
    order(shared_server, "reset")
    return shared_server


@pytest.mark.parametrize("path", PATHS)
def test_a_peer_that_reads_no_reply_is_given_up_and_costs_little_memory(server: Server, path: str) -> None:
    idle = read_state(server)
    rss = 0

    def is_over(state: State) -> bool:
        nonlocal rss
        rss = max(rss, state.rss)
        return state.count("disconnected") == 1 and state.tasks == idle.tasks

    with open_peer(server, path, receive_buffer=RECEIVE_BUFFER) as peer, flood(peer, FILL, REQUESTS):
        state, seconds = wait_for_state(server, is_over, seconds=SEND_TIMEOUT + LEEWAY)
    filled = state.count("filled")
    print(f"{path}: {(rss - idle.rss) / MB:.1f} MB for {filled} replies, given up after {seconds:.1f} s")
    assert seconds >= SEND_TIMEOUT
    assert 0 < filled < REQUESTS / 2
    assert rss <= idle.rss + 8 * MB
    assert find_complaints(server.read_log()) == []
