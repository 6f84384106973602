"""The examples run as a reader would run them."""

from __future__ import annotations

import importlib
import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from servers import Server, run_server
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import ClientConnection, connect

# By its name, because the examples are programs and no package.
chat_example = importlib.import_module("examples.chat")
notes_example = importlib.import_module("examples.notes")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("examples.chat:app", tmp_path_factory.mktemp("chat") / "log") as server:
        yield server


def receive(connection: ClientConnection, seconds: float = 5) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(connection.recv(timeout=seconds))
    return event


def enter(server: Server, room: str, name: str) -> ClientConnection:
    return connect(f"ws://{server.address}/ws/{room}?name={name}")


def test_two_people_chat_in_a_room(chat: Server) -> None:
    with enter(chat, "lobby", "ann") as ann:
        assert receive(ann) == {"type": "present", "names": ["ann"]}
        with enter(chat, "lobby", "bob") as bob:
            assert receive(ann) == receive(bob) == {"type": "present", "names": ["ann", "bob"]}
            ann.send('{"type":"say","text":"hello"}')
            assert receive(ann) == receive(bob) == {"type": "said", "name": "ann", "text": "hello"}
            bob.send('{"type":"rename","name":"bea"}')
            assert receive(ann) == receive(bob) == {"type": "renamed", "before": "bob", "name": "bea"}
            assert receive(ann) == receive(bob) == {"type": "present", "names": ["ann", "bea"]}
        assert receive(ann) == {"type": "present", "names": ["ann"]}
    assert "Traceback" not in chat.read_log()


def test_rooms_are_apart(chat: Server) -> None:
    with enter(chat, "kitchen", "ann") as ann, enter(chat, "garden", "bob") as bob:
        assert receive(ann)["names"] == ["ann"]
        assert receive(bob)["names"] == ["bob"]
        bob.send('{"type":"say","text":"anybody?"}')
        assert receive(bob)["text"] == "anybody?"
        with pytest.raises(TimeoutError):
            ann.recv(timeout=0.1)


@pytest.mark.parametrize(
    "frame",
    ["nonsense", '{"type":"shout"}', '{"type":"say","text":""}', b"binary"],
    ids=["text", "tag", "field", "binary"],
)
def test_nonsense_is_answered_and_the_chat_goes_on(chat: Server, frame: str | bytes) -> None:
    # A room for each, or the one who has just left the other may still be on the way out.
    with enter(chat, uuid4().hex, "ann") as ann:
        receive(ann)
        ann.send(frame)
        problem = receive(ann)
        assert problem["type"] == "problem"
        assert "shout" not in problem["detail"]
        ann.send('{"type":"say","text":"still here"}')
        assert receive(ann)["text"] == "still here"


def test_somebody_who_vanishes_does_not_spoil_it_for_the_others(chat: Server) -> None:
    with enter(chat, "attic", "ann") as ann, enter(chat, "attic", "bob") as bob:
        receive(ann), receive(ann), receive(bob)
        bob.socket.close()
        ann.send('{"type":"say","text":"bob?"}')
        events = [receive(ann), receive(ann)]
        assert {"type": "said", "name": "ann", "text": "bob?"} in events
        assert {"type": "present", "names": ["ann"]} in events


def test_rooms_are_cleared_away() -> None:
    """However their members leave, and in whichever order their goodbyes run."""
    with TestClient(chat_example.app) as client:
        for room in range(3):
            with (
                client.websocket_connect(f"/ws/{room}?name=ann") as ann,
                client.websocket_connect(f"/ws/{room}?name=bob") as bob,
            ):
                ann.receive_json()
                bob.receive_json()
                assert set(chat_example.rooms) == {str(room)}
    assert chat_example.rooms == {}


def test_somebody_who_does_not_read_holds_up_the_others_once(chat: Server) -> None:
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket"
    request = f"GET /ws/porch?name=sloth HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n{key}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", chat.port)) as sloth, enter(chat, "porch", "ann") as ann:
        sloth.sendall(request.encode())
        text = json.dumps({"type": "say", "text": "x" * 2000})

        def ask() -> float:
            start = time.monotonic()
            ann.send(text)
            while receive(ann, seconds=10)["type"] != "said":
                pass
            return time.monotonic() - start

        assert any(ask() > 4 for _ in range(20_000)), "nothing ever filled up"
        assert max(ask() for _ in range(50)) < 4
        with enter(chat, "porch", "bob") as bob:
            assert receive(bob)["names"] == ["ann", "bob"]


def test_every_message_is_documented(chat: Server) -> None:
    with urllib.request.urlopen(f"http://{chat.address}/openapi.json") as response:
        document = json.load(response)
    assert list(document["paths"]) == ["/ws/{room}", "/ws/{room} (say)", "/ws/{room} (rename)"]
    assert {"Say", "Rename", "Said", "Renamed", "Present", "Problem"} <= document["components"]["schemas"].keys()
    names = [parameter["name"] for parameter in document["paths"]["/ws/{room}"]["post"]["parameters"]]
    assert names == ["room", "name"]


def test_the_page_is_served(chat: Server) -> None:
    with urllib.request.urlopen(f"http://{chat.address}/") as response:
        assert response.headers["content-type"].startswith("text/html")
        page = response.read().decode()
    assert page == (Path(__file__).parent.parent / "examples" / "chat.html").read_text()


@pytest.fixture(scope="module")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("examples.streaming:app", tmp_path_factory.mktemp("streaming") / "log") as server:
        yield server


def test_an_answer_streams_and_can_be_stopped(streaming: Server) -> None:
    with connect(f"ws://{streaming.address}/ws") as connection:
        connection.send('{"type":"ask","prompt":"anything"}')
        assert receive(connection) == {"type": "word", "text": "You"}
        connection.send('{"type":"ask","prompt":"something else"}')
        connection.send('{"type":"stop"}')
        events = [receive(connection)]
        while events[-1]["type"] != "done":
            events.append(receive(connection))
        assert events[-1] == {"type": "done", "stopped": True}
        assert {"type": "busy"} in events
        # Far fewer than the 60 of the whole answer.
        assert len(events) < 20
        connection.send('{"type":"ask","prompt":"again"}')
        assert receive(connection)["type"] == "word"
    assert "Traceback" not in streaming.read_log()


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(notes_example, "DATABASE", tmp_path / "notes.sqlite")
    return TestClient(notes_example.app)


def test_notes_are_written_listed_read_and_thrown_away(notes: TestClient) -> None:
    with notes.websocket_connect("/ws?token=anna&limit=2") as websocket:

        def ask(text: str) -> Any:
            websocket.send_text(text)
            return websocket.receive_json()

        for number, text in enumerate(("buy milk", "call ben", "sleep"), start=1):
            note = {"type": "note", "id": number, "text": text}
            assert ask(json.dumps({"type": "add", "text": text})) == note
        assert [note["id"] for note in ask('{"type":"list"}')] == [3, 2]
        assert ask('{"type":"read","id":1}') == {"type": "word", "text": "buy"}
        assert websocket.receive_json() == {"type": "word", "text": "milk"}
        assert ask('{"type":"remove","id":2}') == {"type": "removed", "id": 2}
        missing = {"type": "error", "code": 404, "detail": "There is no such note."}
        assert ask('{"type":"remove","id":2}') == missing
        assert ask('{"type":"read","id":2}') == missing
        assert ask("?")["code"] == "invalid-message"
        assert [note["id"] for note in ask('{"type":"list"}')] == [3, 1]


def test_notes_are_their_owners(notes: TestClient) -> None:
    with notes.websocket_connect("/ws?token=anna") as anna, notes.websocket_connect("/ws?token=ben") as ben:
        anna.send_text('{"type":"add","text":"secret"}')
        assert anna.receive_json()["id"] == 1
        ben.send_text('{"type":"read","id":1}')
        assert ben.receive_json()["code"] == 404
    with pytest.raises(WebSocketDisconnect) as refused, notes.websocket_connect("/ws?token=eve"):
        pytest.fail("it connected")
    assert refused.value.code == 1008
