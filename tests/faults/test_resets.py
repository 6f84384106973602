"""A thousand peers that are lost in the middle of their work leave nothing behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, ask, ask_until, find_complaints, join_often, reset, run_faults_app, stop, write
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

ROUTERS: Final = ["plain", "together", "cancelling"]

# Of each of the routers.
TIMES: Final = 350


async def reset_with_work_pending(connection: ClientConnection) -> None:
    await connection.send(write("wait", n=0, seconds=0.05, announce=True))
    for number in range(1, 6):
        await connection.send(write("wait", n=number, seconds=number / 100))
    assert await connection.recv() == "begun"
    reset(connection)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_thousand_resets_leave_nothing_behind(tmp_path: Path, implementation: str) -> None:
    with run_faults_app(tmp_path / "log", implementation) as server:
        baseline = ask(server, "/tasks")

        async def join_all() -> None:
            await asyncio.gather(
                *(join_often(server, router, router, reset_with_work_pending, TIMES) for router in ROUTERS)
            )

        asyncio.run(join_all())
        assert ask_until(server, "/tasks", lambda tasks: tasks <= baseline, seconds=1) <= baseline
        for router in ROUTERS:
            tally = ask(server, f"/tallies/{router}")
            assert tally["goodbyes"] == {"1005": TIMES}
            assert tally["torn_down"] == TIMES
            # Work was pending, and nobody there to be answered.
            assert tally["handlers"]["begun"] - tally["handlers"].get("answered", 0) >= TIMES / 2
        assert stop(server) < 1
        assert find_complaints(server.read_log()) == []
