"""A server that is told to end: every connection has its goodbye, and the process ends in time."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from server_state import HERE, IMPLEMENTATIONS
from servers import Server, run_server
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.faults

GRACE = 2
LEEWAY = 1.0


@dataclass(frozen=True)
class Group:
    """Connections that are in the same state when the server is told to end.

    Attributes:
        path: Their endpoint.
        count: How many they are.
        seconds: How long their handler takes; `None` where there has been no message.
        queued: How many messages wait behind it.
    """

    path: str
    count: int
    seconds: float | None = None
    queued: int = 0


BUSY = 60.0

IDLE = [Group("/in-turn", 40), Group("/in-turn", 40, seconds=0.001), Group("/together", 20)]
WORKING = [Group("/in-turn", 3, BUSY), Group("/together", 3, BUSY)]
# More than the mailbox holds: these do not learn why they end.
OVERWORKED = [Group("/in-turn", 2, BUSY, queued=40), Group("/together", 2, BUSY, queued=40)]


async def open_client(server: Server, group: Group) -> ClientConnection:
    client = await connect(f"ws://{server.address}{group.path}")
    if group.seconds is not None:
        work = f'{{"type":"work","seconds":{group.seconds}}}'
        await client.send(work)
        assert await client.recv() == "begun"
        for _ in range(group.queued):
            await client.send(work)
    return client


async def end(server: Server) -> tuple[list[int | None], float]:
    """Have the server end while all clients are connected; return the close codes that they see, and its time."""
    groups = [*IDLE, *WORKING, *OVERWORKED]
    clients = [await open_client(server, group) for group in groups for _ in range(group.count)]
    await asyncio.sleep(0.2)  # until the queued messages have been read
    start = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*(client.wait_closed() for client in clients))
    await asyncio.to_thread(server.process.wait)
    return [client.close_code for client in clients], time.monotonic() - start


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_every_connection_has_its_goodbye_before_the_server_ends(
    implementation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goodbyes = tmp_path / "goodbyes"
    monkeypatch.setenv("FASTWS_GOODBYES", str(goodbyes))
    options = ["--app-dir", HERE, "--timeout-graceful-shutdown", str(GRACE)]
    with run_server("shutdown_app:app", tmp_path / "log", implementation=implementation, options=options) as server:
        codes, seconds = asyncio.run(end(server))
    assert codes == [1012] * 110
    assert seconds < GRACE + LEEWAY
    # Those of the busy ones begin when the server has lost its patience, and may never end.
    lost = sum(group.count for group in OVERWORKED)
    assert sorted(goodbyes.read_text().split()) == ["1006"] * lost + ["1012"] * (110 - lost)
    log = server.read_log()
    assert "Task was destroyed" not in log
    assert "never retrieved" not in log
