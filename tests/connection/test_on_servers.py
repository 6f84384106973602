"""How connections end on real servers, whose faults the in-process client hides."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from servers import Server, run_server
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


@pytest.fixture(scope="module", params=["websockets-sansio", "wsproto"])
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_server("connection.endings_app:app", log, implementation=request.param) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server with an empty log."""
    shared_server.clear_log()
    return shared_server


@pytest.fixture
def connection(server: Server) -> Iterator[ClientConnection]:
    with connect(f"ws://{server.address}/ws") as connection:
        yield connection


def reset(connection: ClientConnection) -> None:
    """End the TCP connection with an RST."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.shutdown(socket.SHUT_RD)
    connection.socket.close()


def test_a_polite_close_is_one_goodbye_with_its_code(server: Server, connection: ClientConnection) -> None:
    connection.close(4242, "done")
    log = server.wait_for_log("disconnected")
    assert "disconnected 4242 'done'" in log
    assert log.count("disconnected") == 1


def test_a_raising_handler_closes_with_1011_and_is_logged(server: Server, connection: ClientConnection) -> None:
    connection.send('{"do":"raise"}')
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=5)
    assert connection.close_code == 1011
    log = server.wait_for_log("ZeroDivisionError: on purpose")
    assert log.count("disconnected 1011 ''") == 1


def test_an_http_exception_closes_with_its_detail_and_is_not_logged(
    server: Server, connection: ClientConnection
) -> None:
    connection.send('{"do":"refuse"}')
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=5)
    assert connection.close_code == 1008
    assert connection.close_reason is not None
    assert connection.close_reason.startswith("not for you, éé")
    assert len(connection.close_reason.encode()) == 123
    assert "Traceback" not in server.wait_for_log("disconnected 1008")


def test_a_websocket_exception_closes_with_its_code(server: Server, connection: ClientConnection) -> None:
    connection.send('{"do":"websocket-exception"}')
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=5)
    assert (connection.close_code, connection.close_reason) == (4000, "as asked")
    assert "Traceback" not in server.wait_for_log("disconnected 4000 'as asked'")


def test_a_handler_that_closes_is_one_goodbye_with_its_code(server: Server, connection: ClientConnection) -> None:
    connection.send('{"do":"close"}')
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=5)
    assert (connection.close_code, connection.close_reason) == (4001, "enough")
    assert server.wait_for_log("disconnected").count("disconnected 4001 'enough'") == 1


def test_a_reset_while_idle_is_one_goodbye(server: Server, connection: ClientConnection) -> None:
    reset(connection)
    # Both implementations report a lost peer as a close frame without a code.
    assert server.wait_for_log("disconnected").count("disconnected 1005 ''") == 1


def test_a_reset_while_a_handler_runs_is_one_goodbye_and_no_error(server: Server, connection: ClientConnection) -> None:
    connection.send('{"do":"slow"}')
    connection.send('{"do":"slow"}')
    server.wait_for_log("connected")
    reset(connection)
    log = server.wait_for_log("disconnected")
    assert log.count("disconnected") == 1
    assert "Traceback" not in log


def test_a_reset_while_sending_is_one_goodbye_and_no_error(server: Server, connection: ClientConnection) -> None:
    connection.send('{"do":"flood"}')
    connection.recv(timeout=5)
    reset(connection)
    log = server.wait_for_log("disconnected")
    assert log.count("disconnected") == 1
    assert "Traceback" not in log


@pytest.mark.parametrize(
    "frame",
    [b"", b'{"do":"echo"}', "", "[]", "null", "1", '{"do":"nothing"}', '{"do":', "\ud7ff", "x" * 70000, "[" * 100000],
    ids=["empty-binary", "binary", "empty", "array", "null", "number", "unknown", "cut", "bmp", "long", "deep"],
)
def test_a_connection_survives_any_frame(server: Server, connection: ClientConnection, frame: str | bytes) -> None:
    connection.send(frame)
    expected = "WrongFrameError None" if isinstance(frame, bytes) else f"ValidationError {frame!r}"
    assert connection.recv(timeout=5) == expected
    connection.send('{"do":"echo"}')
    assert connection.recv(timeout=5) == "echo"
    assert "Traceback" not in server.read_log()


def test_every_one_of_many_connections_has_one_goodbye(server: Server) -> None:
    for number in range(40):
        with connect(f"ws://{server.address}/ws") as connection:
            connection.send('{"do":"echo"}')
            connection.recv(timeout=5)
            if number % 2:
                reset(connection)
    log = server.wait_for_log("disconnected", times=40)
    assert (log.count("connected\n"), log.count("disconnected")) == (40, 40)
