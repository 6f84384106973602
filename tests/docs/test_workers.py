"""A broadcast reaches the clients of all workers, through a real Redis."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pages import PROGRAMS, find_blocks
from running import find_port, run
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.servers

(COMMAND,) = (block.text.strip() for block in find_blocks("docs/how-to/workers.md", "bash"))


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    port = find_port()
    with run(f"redis-server --port {port} --bind 127.0.0.1 --save ''", port, tmp_path):
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture
def port(tmp_path: Path, redis: str) -> Iterator[int]:
    port = find_port()
    shutil.copy(PROGRAMS / "broadcast.py", tmp_path / "app.py")
    with run(f"{COMMAND} --port {port}", port, tmp_path, {"REDIS": redis}):
        yield port


def hear(connection: ClientConnection, text: str) -> int:
    """Return the worker that a text came from, which is the next that a client hears."""
    event = json.loads(connection.recv(timeout=10))
    assert (event["type"], event["text"]) == ("said", text)
    worker: int = event["worker"]
    return worker


def test_what_one_worker_is_told_is_heard_from_all(port: int) -> None:
    with ExitStack() as stack:
        connections: list[ClientConnection] = []
        workers: set[int] = set()
        # Until both of them have a connection: which one accepts is up to the kernel.
        while len(workers) < 2:
            assert len(connections) < 100
            connections.append(stack.enter_context(connect(f"ws://127.0.0.1:{port}/ws")))
            connections[-1].send(json.dumps({"type": "say", "text": str(len(connections))}))
            workers |= {hear(connection, str(len(connections))) for connection in connections}
        connections[0].send('{"type":"say","text":"the end"}')
        assert len({hear(connection, "the end") for connection in connections}) == 1
