"""Peers that read more slowly than several requests of theirs are answered: each gets all its replies."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path

import pytest
from fault_peers import find_complaints
from request_peers import run_requests_app, write_request
from server_state import IMPLEMENTATIONS, KB
from websockets.sync.client import connect

pytestmark = pytest.mark.faults

# The older one lets one task alone wait for a peer.
OLDER = pytest.param(
    "websockets",
    marks=pytest.mark.skipif(importlib.util.find_spec("websockets.legacy") is None, reason="gone from websockets"),
)

# Far more than systems keep for a connection.
REQUESTS = 80
SIZE = 200 * KB


@pytest.mark.parametrize("path", ["/usual", "/together"])
@pytest.mark.parametrize("implementation", [*IMPLEMENTATIONS, OLDER])
def test_a_peer_that_reads_late_gets_all_its_replies(tmp_path: Path, implementation: str, path: str) -> None:
    log = tmp_path / "log"
    with run_requests_app(log, implementation) as server:
        # A queue of one: the library reads no further before it is asked to.
        with connect(f"ws://{server.address}{path}", max_queue=1, compression=None) as peer:
            for number in range(REQUESTS):
                peer.send(write_request("fill", SIZE, uuid=str(number)))
            time.sleep(1)
            replies = [json.loads(peer.recv(timeout=10)) for _ in range(REQUESTS)]
        log_text = server.read_log()
    assert sorted(reply["uuid"] for reply in replies) == list(range(REQUESTS))
    assert {len(reply["payload"]) for reply in replies} == {SIZE}
    assert find_complaints(log_text) == []
