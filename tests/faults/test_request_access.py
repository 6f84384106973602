"""Who may not connect is told so by HTTP, before there is a connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, find_complaints
from request_peers import run_requests_app, write_reply, write_request
from server_state import order, read_state, wait_for_state
from servers import Server
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

pytestmark = pytest.mark.faults

TIMES: Final = 50

ORIGIN: Final = "https://app.example"


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_requests_app(log, request.param) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server with an empty log and no counts."""
    shared_server.clear_log()
    order(shared_server, "reset")
    return shared_server


async def knock(server: Server, path: str, origin: str | None) -> int | str:
    """Ask for a connection; return the status of HTTP where there is none, else what a request is answered."""
    try:
        async with connect(f"ws://{server.address}{path}", additional_headers={"Origin": origin or ""}) as connection:
            await connection.send(write_request("echo", 5))
            return str(await asyncio.wait_for(connection.recv(), 10))
    except InvalidStatus as refusal:
        return refusal.response.status_code


async def knock_often(server: Server, path: str, origin: str | None) -> Counter[int | str]:
    return Counter(await asyncio.gather(*(knock(server, path, origin) for _ in range(TIMES))))


@pytest.mark.parametrize(
    ("path", "origin", "answer", "tracebacks"),
    [
        ("/usual", "https://evil.example", write_reply("5"), 0),
        ("/of-one-origin", ORIGIN, write_reply("5"), 0),
        ("/of-one-origin", "https://evil.example", 403, 0),
        ("/refusing", ORIGIN, 403, 0),
        ("/refusing-in-a-thread", ORIGIN, 403, 0),
        ("/failing", ORIGIN, 500, TIMES),
    ],
    ids=["anybody", "right-origin", "wrong-origin", "refused", "refused-in-a-thread", "access_logic-raises"],
)
def test_a_refusal_is_one_of_http(server: Server, path: str, origin: str, answer: int | str, tracebacks: int) -> None:
    idle = read_state(server)
    assert asyncio.run(knock_often(server, path, origin)) == {answer: TIMES}
    state, _ = wait_for_state(server, lambda state: state.tasks == idle.tasks, seconds=2)
    assert (state.count("connected"), state.count("disconnected")) == (TIMES, TIMES)
    log = server.read_log()
    assert log.count("ZeroDivisionError: on purpose") == tracebacks
    assert find_complaints(log, "Traceback") == []
