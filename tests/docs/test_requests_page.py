"""The programs of the page on requests answer as it says."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pages import exchange, find_exchanges, load_blocks
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

PAGE = "docs/requests.md"


def call(websocket: WebSocketTestSession, route: str, **rest: Any) -> tuple[int, Any]:
    """Return the status and the payload of the reply to a request."""
    websocket.send_json({"uuid": 1, "route": route, **rest})
    reply = websocket.receive_json()
    return reply["status"], reply["payload"]


def test_the_exchanges_of_the_page_on_requests_are_what_its_programs_answer() -> None:
    first, _, typed, *_ = map(TestClient, load_blocks(PAGE))
    sums, heartbeat, orders = find_exchanges(PAGE)
    with first.websocket_connect("/ws") as websocket:
        exchange(websocket, sums, heartbeat)
    with typed.websocket_connect("/ws?token=t1") as websocket:
        exchange(websocket, orders)
    with typed.websocket_connect("/ws") as websocket:
        assert call(websocket, "orders/new", payload={"item": "tea"}) == (401, {"Message": "Who are you?"})


def test_the_hooks_of_the_page_on_requests_answer_as_it_says() -> None:
    _, hooks, *_ = map(TestClient, load_blocks(PAGE))
    with hooks.websocket_connect("/ws?user=anna") as websocket:
        assert call(websocket, "book", headers={"book": 1}) == (200, "Walden")
        assert call(websocket, "book", headers={"book": 2}) == (403, {"Message": "Access denied"})
        assert call(websocket, "book", headers={"book": 3}) == (404, {"Message": "no such book"})
        assert call(websocket, "book", headers={"book": "1"}) == (400, {"Message": "Data check failed"})
        assert call(websocket, "words", payload="one two three") == (200, 3)


@pytest.mark.parametrize(
    "headers",
    [{}, {"cookie": "session=t1"}, {"cookie": "session=t1", "origin": "https://evil.example"}],
    ids=["nobody", "no browser", "another page"],
)
def test_the_page_on_requests_refuses_whom_it_says(headers: dict[str, str]) -> None:
    *_, access, _ = map(TestClient, load_blocks(PAGE))
    with pytest.raises(WebSocketDisconnect) as refused, access.websocket_connect("/ws", headers=headers):
        pytest.fail("it connected")
    assert refused.value.code == 1008


def test_the_page_on_requests_lets_its_users_in() -> None:
    *_, access, _ = map(TestClient, load_blocks(PAGE))
    headers = {"cookie": "session=t1", "origin": "https://app.example"}
    with access.websocket_connect("/ws", headers=headers) as websocket:
        assert call(websocket, "whoami") == (200, "anna")


@pytest.mark.parametrize("path", ["/a", "/b", "/c/attic", "/v1/d"])
def test_the_page_on_requests_mounts_its_router_in_all_ways(path: str) -> None:
    *_, mounted = map(TestClient, load_blocks(PAGE))
    with mounted.websocket_connect(f"{path}?token=t1") as websocket:
        assert call(websocket, "where") == (200, path)
