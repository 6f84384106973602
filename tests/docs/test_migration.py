"""The programs of the page on migrating from an endpoint of FastAPI do what it says, both alike."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from pages import exchange, find_exchanges, load_program
from starlette.websockets import WebSocketDisconnect

PAGE = "docs/migration/fastapi.md"

programs = pytest.mark.parametrize("name", ["endpoint.py", "routed.py"])


@programs
def test_an_endpoint_and_a_router_answer_alike(name: str) -> None:
    program = load_program(name)
    with TestClient(program.app) as client:
        with client.websocket_connect("/ws/kitchen?token=t1") as anna:
            exchange(anna, *find_exchanges(PAGE))
            with client.websocket_connect("/ws/kitchen?token=t2") as ben, client.websocket_connect("/ws/hall?token=t1"):
                ben.send_json({"type": "say", "text": "hello"})
                assert anna.receive_json() == ben.receive_json() == {"type": "said", "by": "ben", "text": "hello"}
                anna.send_json({"type": "count"})
                assert anna.receive_json() == {"count": 2}
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/kitchen?token=t3"):
            pass
    assert program.connections == {}


def test_a_message_that_is_not_valid_ends_the_endpoint_and_leaves_its_connection_behind() -> None:
    program = load_program("endpoint.py")
    with (
        TestClient(program.app) as client,
        pytest.raises(KeyError, match="text"),
        client.websocket_connect("/ws/kitchen?token=t1") as anna,
    ):
        anna.send_json({"type": "say"})
        anna.receive_json()
    assert len(program.connections) == 1


def test_a_message_that_is_not_valid_does_not_end_the_router() -> None:
    program = load_program("routed.py")
    with TestClient(program.app) as client, client.websocket_connect("/ws/kitchen?token=t1") as anna:
        anna.send_json({"type": "say"})
        assert anna.receive_json()["code"] == "invalid-message"
        exchange(anna, *find_exchanges(PAGE))
    assert program.connections == {}
