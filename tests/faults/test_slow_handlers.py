"""A handler that takes longer than the server waits for a pong, with messages queued behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialects import MESSAGES, Dialect, each_dialect
from server_state import HERE, IMPLEMENTATIONS
from servers import run_server
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.faults

QUEUED = 20


def queue(connection: ClientConnection, dialect: Dialect, seconds: float) -> None:
    """Keep the handler busy for some time, with messages behind it."""
    connection.send(dialect.sleep(seconds, 0))
    for number in range(1, QUEUED + 1):
        connection.send(dialect.sleep(0, number))


def receive_all(connection: ClientConnection) -> list[str | bytes]:
    return [connection.recv(timeout=10) for _ in range(QUEUED + 1)]


def foretell(dialect: Dialect) -> list[str]:
    return [dialect.slept(number) for number in range(QUEUED + 1)]


@each_dialect
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_handler_slower_than_the_pings_costs_no_message(
    implementation: str, dialect: Dialect, tmp_path: Path
) -> None:
    pings = ["--ws-ping-interval", "0.5", "--ws-ping-timeout", "0.5"]
    options = ["--app-dir", HERE, *pings]
    with (
        run_server("slow_app:app", tmp_path / "log", implementation=implementation, options=options) as server,
        connect(f"ws://{server.address}{dialect.prefix}/usual") as connection,
    ):
        queue(connection, dialect, 2)
        assert receive_all(connection) == foretell(dialect)
        assert connection.close_code is None


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_full_mailbox_pauses_reading_and_loses_nothing(implementation: str, tmp_path: Path) -> None:
    options = ["--app-dir", HERE, "--ws-ping-interval", "0"]
    with run_server("slow_app:app", tmp_path / "log", implementation=implementation, options=options) as server:
        # What is read is seen by a ping, which the server answers as soon as it reads it.
        with connect(f"ws://{server.address}/usual") as connection:
            queue(connection, MESSAGES, 1)
            assert connection.ping().wait(0.5), "there is room for all messages, and yet nothing is read"
            assert receive_all(connection) == foretell(MESSAGES)
        with connect(f"ws://{server.address}/narrow") as connection:
            queue(connection, MESSAGES, 1)
            # Behind the messages, so that the server has taken those before this comes.
            assert receive_nothing(connection)
            pong = connection.ping()
            assert not pong.wait(0.4), "the mailbox is full, and yet the server reads on"
            assert receive_all(connection) == foretell(MESSAGES)
            assert pong.wait(5)


def receive_nothing(connection: ClientConnection) -> bool:
    """Wait a moment in which no message is to come."""
    try:
        connection.recv(timeout=0.2)
    except TimeoutError:
        return True
    return False
