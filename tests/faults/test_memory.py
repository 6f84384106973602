"""What an idle connection costs in memory, beside what it costs without us."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_state import HERE, IMPLEMENTATIONS, KB, needs_linux, order, read_state, wait_for_state
from servers import Server, run_server
from stuck_peers import Peer, open_peer

pytestmark = [pytest.mark.faults, needs_linux]

CONNECTIONS = 200


@pytest.fixture(params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    options = ["--app-dir", HERE, "--ws-per-message-deflate", "false"]
    with run_server("memory_app:app", tmp_path / "log", implementation=request.param, options=options) as server:
        yield server


def measure(server: Server, path: str, greeting: str | None = None) -> tuple[float, str]:
    """Return the bytes of Python's memory for each of many idle connections, and the lines that allocated most of it.

    Parameters:
        server: The server.
        path: The endpoint.
        greeting: What each connection sends first; it waits for the answer then.
    """
    tasks = read_state(server).tasks
    with open_peer(server, path) as peer:  # whatever is made once is made now
        exchange(peer, greeting)
    wait_for_state(server, lambda state: state.tasks == tasks, seconds=5)
    order(server, "trace")
    with contextlib.ExitStack() as peers:
        for _ in range(CONNECTIONS):
            exchange(peers.enter_context(open_peer(server, path)), greeting)
        wait_for_state(server, lambda state: state.tasks >= tasks + CONNECTIONS, seconds=5)
        with urllib.request.urlopen(f"http://{server.address}/control/traced", timeout=30) as response:
            traced = json.load(response)
    wait_for_state(server, lambda state: state.tasks == tasks, seconds=10)
    return traced["size"] / CONNECTIONS, "\n".join(traced["top"])


def exchange(peer: Peer, greeting: str | None) -> None:
    if greeting is not None:
        peer.send(greeting)
        peer.receive()


def test_an_idle_connection_costs_little_more_than_one_of_fastapi(server: Server) -> None:
    starlette, _ = measure(server, "/starlette")
    fastapi, _ = measure(server, "/fastapi")
    fresh, fresh_top = measure(server, "/ours")
    waited, waited_top = measure(server, "/ours", '{"type":"wait"}')
    figures = (
        f"bytes of an idle connection: {starlette:.0f} Starlette's, {fastapi:.0f} FastAPI's, {fresh:.0f} ours, "
        f"{waited:.0f} ours after a handler has waited"
    )
    print(figures)
    # FastAPI's exit stacks are what it costs above Starlette; the rest is ours.
    assert fresh <= fastapi + 2 * KB, f"{figures}\n{fresh_top}"
    # A task that reads ahead, and its mailbox.
    assert waited <= fresh + 8 * KB, f"{figures}\n{waited_top}"
