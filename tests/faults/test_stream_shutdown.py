"""A server that is told to end: every stream cleans up, and the process ends in time."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, find_complaints, join, write
from servers import Server, run_server
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

GRACE: Final = 2
LEEWAY: Final = 1.0

ROUTERS: Final = ["plain", "together", "cancelling", "cancelling-together"]

# Streams of one connection each, and how many of them for each router.
STREAMS: Final = {
    write("wait"): 10,
    write("send"): 5,
    write("send", seconds=60): 5,
    write("send elsewhere"): 2,
    write("send from a thread"): 2,
}

TOTAL: Final = len(ROUTERS) * sum(STREAMS.values())


async def open_stream(server: Server, router: str, stream: str, queued: int) -> ClientConnection:
    client = await join(server, router, "shutdown")
    await client.send(stream)
    await asyncio.wait_for(client.recv(), 10)
    for _ in range(queued):
        await client.send(stream)
    return client


async def end(server: Server, *, queued: int) -> tuple[Counter[int | None], float]:
    """Have the server end while streams run; return the close codes that their clients see, and its time."""
    clients = [
        await open_stream(server, router, stream, queued)
        for router in ROUTERS
        for stream, times in STREAMS.items()
        for _ in range(times)
    ]
    start = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*(client.wait_closed() for client in clients))
    await asyncio.to_thread(server.process.wait)
    return Counter(client.close_code for client in clients), time.monotonic() - start


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("queued", [0, 3], ids=["alone", "with-others-behind"])
def test_every_stream_cleans_up_before_the_server_ends(
    implementation: str, queued: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tmp_path / "notes"
    monkeypatch.setenv("FASTWS_NOTES", str(notes))
    options = ["--no-access-log", "--timeout-graceful-shutdown", str(GRACE)]
    app = "faults.streams_app:app"
    with run_server(app, tmp_path / "log", implementation=implementation, options=options) as server:
        codes, seconds = asyncio.run(end(server, queued=queued))
    assert codes == {1012: TOTAL}
    assert seconds < GRACE + LEEWAY
    counts = Counter(notes.read_text().splitlines())
    assert counts["begun"] >= TOTAL
    # Where several run at a time, those behind have begun too.
    assert counts == {
        "begun": counts["begun"],
        "cleaning up": counts["begun"],
        "closed": counts["begun"],
        "goodbye 1012": TOTAL,
    }
    assert find_complaints(server.read_log()) == []
