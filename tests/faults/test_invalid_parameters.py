"""What a client sees when a dependency of its message finds fault with the parameters of its connection."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from fault_peers import IMPLEMENTATIONS, ask_until
from servers import Server, run_server
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

pytestmark = pytest.mark.faults

names = itertools.count()


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    options = ["--no-access-log"]
    with run_server("faults.messages_app:app", log, implementation=request.param, options=options) as server:
        yield server


@pytest.mark.parametrize("router", ["plain", "together"])
@pytest.mark.parametrize(
    ("type_", "query", "reason"),
    [
        ("limit", "limit=secret", "query.limit: int_parsing"),
        ("limit", "", "query.limit: missing"),
        ("paging", "limit=secret", "query.limit: int_parsing"),
        ("paging", "secret=1", "query.?: extra_forbidden"),
        ("paging", "limit=secret&secret=1&more=2", "query.limit: int_parsing"),
        ("paging", f"{'secret' * 500}=1", "query.?: extra_forbidden"),
        ("token", "", "header.x-token: missing"),
    ],
    ids=["type", "missing", "model", "unknown", "many", "long", "header"],
)
def test_the_connection_is_closed_with_a_word(server: Server, router: str, type_: str, query: str, reason: str) -> None:
    name = f"{type_}-{next(names)}"
    with connect(f"ws://{server.address}/{router}/{name}?{query}") as connection:
        # Before a dependency asks for it, nobody minds.
        connection.send('{"type":"echo","n":1}')
        assert connection.recv(timeout=5) == '{"n":1}'
        connection.send(f'{{"type":"{type_}"}}')
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=5)
    assert (connection.close_code, connection.close_reason) == (1008, reason)
    tally = ask_until(server, f"/tallies/{name}", lambda tally: tally["goodbyes"] != {})
    assert tally["goodbyes"] == {f"1008 {reason}": 1}
    # The server itself logs the address of each connection.
    log = [line for line in server.read_log().splitlines() if not line.endswith("[accepted]")]
    assert [line for line in log if "secret" in line or "Traceback" in line] == []


@pytest.mark.parametrize("router", ["answering", "answering-together"])
def test_or_is_answered_where_errors_are(server: Server, router: str) -> None:
    name = f"{router}-{next(names)}"
    with connect(f"ws://{server.address}/{router}/{name}?limit=secret") as connection:
        for _ in range(3):
            connection.send('{"type":"limit"}')
            assert connection.recv(timeout=5) == (
                '{"type":"error","code":"invalid-parameters","detail":[{"type":"int_parsing","loc":["query","limit"],'
                '"msg":"Input should be a valid integer, unable to parse string as an integer"}]}'
            )
        connection.send('{"type":"echo","n":1}')
        assert connection.recv(timeout=5) == '{"n":1}'
    tally = ask_until(server, f"/tallies/{name}", lambda tally: tally["goodbyes"] != {})
    assert tally["goodbyes"] == {"1000 ": 1}
