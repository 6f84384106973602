"""Peers that are lost while they wait for replies leave nothing behind, however their requests are handled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, Play, find_complaints, reach_often, reset, stop
from request_peers import run_requests_app, write_request
from server_state import read_state, wait_for_state
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

# Of each of the endpoints.
TIMES: Final = 200

# How long their handlers wait, in seconds: where they are not cancelled, what was read is handled to the end.
WAITS: Final = {"/usual": 0.02, "/together": 0.05, "/cancelling": 60.0, "/cancelling-together": 60.0}

# And what becomes of those that have begun.
ENDS: Final = {
    "/usual": "waited",
    "/together": "waited",
    "/cancelling": "cancelled",
    "/cancelling-together": "cancelled",
}

# So many requests wait for their replies.
PENDING: Final = 12


def reset_with_replies_pending(seconds: float) -> Play:
    async def play(connection: ClientConnection) -> None:
        for number in range(PENDING):
            await connection.send(write_request("wait", seconds, uuid=str(number)))
        assert await connection.recv() == "begun"
        reset(connection)

    return play


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_resets_with_replies_pending_leave_nothing_behind(tmp_path: Path, implementation: str) -> None:
    with run_requests_app(tmp_path / "log", implementation) as server:
        idle = read_state(server)

        async def reach_all() -> None:
            plays = {path: reset_with_replies_pending(seconds) for path, seconds in WAITS.items()}
            await asyncio.gather(*(reach_often(server, path, play, TIMES) for path, play in plays.items()))

        asyncio.run(reach_all())
        state, _ = wait_for_state(server, lambda state: state.tasks == idle.tasks, seconds=2)
        assert (state.count("connected"), state.count("disconnected")) == (4 * TIMES, 4 * TIMES)
        for path, ended in ENDS.items():
            assert state.count(f"begun {path}") >= TIMES
            assert state.count(f"{ended} {path}") == state.count(f"begun {path}")
        assert stop(server) < 1
        assert find_complaints(server.read_log()) == []
