from dependencies import app, get_user
from fastapi.testclient import TestClient


def test_what_was_added_is_shown() -> None:
    app.dependency_overrides[get_user] = lambda: "carl"
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "add", "item": "milk"})
        assert websocket.receive_json() == {"owner": "carl", "item": "milk"}
        websocket.send_json({"type": "show"})
        assert {"owner": "carl", "item": "milk"} in websocket.receive_json()
    app.dependency_overrides.clear()
