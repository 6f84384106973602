"""A server of requests that is told to end: every client hears of it, and the process ends in time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, find_complaints
from request_peers import run_requests_app, write_request
from shutdown_peers import Group, end

pytestmark = pytest.mark.faults

GRACE: Final = 2
LEEWAY: Final = 1.0

BUSY: Final = write_request("wait", 60)

# Nobody has to wait for these.
SWIFT: Final = [
    Group("/usual", 20),
    Group("/usual", 20, write_request("wait", 0.001)),
    Group("/together", 20, write_request("wait", 0.001)),
    Group("/cancelling", 10, BUSY),
    Group("/cancelling", 10, BUSY, queued=8),
    Group("/cancelling-together", 10, BUSY, queued=4),
]

# For these the server has no patience in the end; of some, the mailbox is full.
WORKING: Final = [
    Group("/usual", 5, BUSY),
    Group("/usual", 5, BUSY, queued=40),
    Group("/together", 5, BUSY, queued=4),
    Group("/together", 5, BUSY, queued=60),
]


@pytest.mark.parametrize(
    ("groups", "seconds"), [(SWIFT, LEEWAY), ([*SWIFT, *WORKING], GRACE + LEEWAY)], ids=["swift", "working"]
)
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_every_client_hears_of_the_end(
    implementation: str, tmp_path: Path, groups: list[Group], seconds: float
) -> None:
    options = ["--timeout-graceful-shutdown", str(GRACE)]
    with run_requests_app(tmp_path / "log", implementation, *options) as server:
        codes, took = asyncio.run(end(server, groups))
    assert codes == [1012] * sum(group.count for group in groups)
    assert took < seconds
    assert find_complaints(server.read_log(), "Traceback") == []
