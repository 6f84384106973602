import asyncio

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from replies import Add, Entry, add, app, items, router


@pytest.fixture(autouse=True)
def empty_list() -> None:
    items.clear()


def test_over_a_connection() -> None:
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "add", "item": "milk"})
        assert websocket.receive_json() == {"item": "milk", "count": 1}


def test_that_nothing_is_answered() -> None:
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_text("nonsense")
        websocket.send_json({"type": "show"})
        assert websocket.receive_json() == []


def test_the_handler_alone() -> None:
    assert asyncio.run(add(Add(type="add", item="tea", count=2))) == Entry(item="tea", count=2)


def test_what_the_router_accepts() -> None:
    assert router.parse('{"type":"add","item":"tea"}') == Add(type="add", item="tea", count=1)
    with pytest.raises(ValidationError):
        router.parse('{"type":"add","item":"tea","count":0}')
