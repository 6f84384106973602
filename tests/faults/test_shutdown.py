"""A server that is told to end: every connection has its goodbye, and the process ends in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from server_state import HERE, IMPLEMENTATIONS
from servers import run_server
from shutdown_peers import Group, end

pytestmark = pytest.mark.faults

GRACE = 2
LEEWAY = 1.0


def write_work(seconds: float) -> str:
    return f'{{"type":"work","seconds":{seconds}}}'


BUSY = write_work(60)

IDLE = [Group("/in-turn", 40), Group("/in-turn", 40, write_work(0.001)), Group("/together", 20)]
WORKING = [Group("/in-turn", 3, BUSY), Group("/together", 3, BUSY)]
# More than the mailbox holds: these do not learn why they end.
OVERWORKED = [Group("/in-turn", 2, BUSY, queued=40), Group("/together", 2, BUSY, queued=40)]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_every_connection_has_its_goodbye_before_the_server_ends(
    implementation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goodbyes = tmp_path / "goodbyes"
    monkeypatch.setenv("FASTWS_GOODBYES", str(goodbyes))
    options = ["--app-dir", HERE, "--timeout-graceful-shutdown", str(GRACE)]
    with run_server("shutdown_app:app", tmp_path / "log", implementation=implementation, options=options) as server:
        codes, seconds = asyncio.run(end(server, [*IDLE, *WORKING, *OVERWORKED]))
    assert codes == [1012] * 110
    assert seconds < GRACE + LEEWAY
    # Those of the busy ones begin when the server has lost its patience, and may never end.
    lost = sum(group.count for group in OVERWORKED)
    assert sorted(goodbyes.read_text().split()) == ["1006"] * lost + ["1012"] * (110 - lost)
    log = server.read_log()
    assert "Task was destroyed" not in log
    assert "never retrieved" not in log
