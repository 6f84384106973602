"""The programs of the how-to pages do what these say."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from pages import exchange, find_exchanges, load_program
from pydantic import BaseModel
from running import run_tests
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter


def ask_who(client: TestClient, address: str = "/ws", **options: object) -> object:
    """Return what a client is told that asks who it is."""
    with client.websocket_connect(address, **options) as websocket:  # type: ignore[arg-type]
        websocket.send_json({"type": "who-am-i"})
        return websocket.receive_json()


def expect_refusal(client: TestClient, address: str = "/ws", **options: object) -> None:
    with pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)):
        ask_who(client, address, **options)


@pytest.fixture
def cookies() -> ModuleType:
    return load_program("cookies.py")


def test_whoever_has_logged_in_may_connect_from_the_page_of_the_application(cookies: ModuleType) -> None:
    client = TestClient(cookies.app)
    assert client.post("/login", json={"name": "anna", "password": "wrong"}).status_code == 403
    assert client.post("/login", json={"name": "nobody", "password": ""}).status_code == 403
    login = client.post("/login", json={"name": "anna", "password": "lighthouse"})
    for attribute in ("HttpOnly", "Secure", "SameSite=lax"):
        assert attribute in login.headers["set-cookie"]
    cookie = f"session={next(iter(cookies.sessions))}"
    assert ask_who(client, headers={"cookie": cookie, "origin": "https://app.example"}) == {"name": "anna"}
    expect_refusal(client, headers={"cookie": cookie, "origin": "https://evil.example"})
    expect_refusal(client, headers={"cookie": cookie})
    expect_refusal(client, headers={"cookie": "session=made-up", "origin": "https://app.example"})


def test_a_token_comes_in_a_header_or_as_a_subprotocol() -> None:
    client = TestClient(load_program("tokens.py").app)
    assert ask_who(client, headers={"authorization": "Bearer t1"}) == {"name": "anna"}
    with client.websocket_connect("/ws", subprotocols=["shop.v1", "bearer.t1"]) as websocket:
        assert websocket.accepted_subprotocol == "shop.v1"
        websocket.send_json({"type": "who-am-i"})
        assert websocket.receive_json() == {"name": "anna"}
    expect_refusal(client)
    expect_refusal(client, subprotocols=["shop.v1", "bearer.made-up"])


def test_a_ticket_is_good_for_one_connection_and_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    program = load_program("tickets.py")
    client = TestClient(program.app)

    def buy() -> str:
        ticket: str = client.post("/tickets", headers={"x-token": "t1"}).json()["ticket"]
        return ticket

    assert client.post("/tickets", headers={"x-token": "made-up"}).status_code == 401
    ticket = buy()
    assert ask_who(client, f"/ws?ticket={ticket}") == {"name": "anna"}
    expect_refusal(client, f"/ws?ticket={ticket}")
    monkeypatch.setattr(program, "LIFETIME", -1.0)
    expect_refusal(client, f"/ws?ticket={buy()}")
    buy()
    assert len(program.tickets) == 1, "old tickets are thrown away"


def test_a_room_hears_what_is_said_in_it() -> None:
    program = load_program("rooms.py")
    with (
        TestClient(program.app) as client,
        client.websocket_connect("/rooms/kitchen") as anna,
        client.websocket_connect("/rooms/kitchen") as ben,
        client.websocket_connect("/rooms/garden") as carl,
    ):
        for websocket, text in ((anna, "tea?"), (carl, "weeds")):
            websocket.send_json({"type": "say", "text": text})
        assert anna.receive_json() == ben.receive_json() == {"type": "said", "text": "tea?"}
        assert carl.receive_json() == {"type": "said", "text": "weeds"}
        assert set(program.rooms.members) == {"kitchen", "garden"}
    assert program.rooms.members == {}


@pytest.mark.parametrize(("offered", "version"), [(["shop.v1"], 0), (["shop.v1", "shop.v2"], 1)], ids=["old", "both"])
def test_the_best_common_version_is_spoken(offered: list[str], version: int) -> None:
    answers = find_exchanges("docs/how-to/subprotocols.md")
    with TestClient(load_program("subprotocols.py").app).websocket_connect("/ws", subprotocols=offered) as websocket:
        assert websocket.accepted_subprotocol == ["shop.v1", "shop.v2"][version]
        exchange(websocket, answers[version])


def test_whoever_offers_no_version_is_refused() -> None:
    expect_refusal(TestClient(load_program("subprotocols.py").app), subprotocols=["shop.v0"])


def test_an_answer_streams_until_it_is_stopped() -> None:
    with TestClient(load_program("language_model.py").app).websocket_connect("/ws") as websocket:
        exchange(websocket, *find_exchanges("docs/how-to/language-models.md"))


def test_an_answer_is_given_up_when_its_reader_leaves() -> None:
    """Otherwise this would take an hour."""
    with TestClient(load_program("language_model.py").app).websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "ask", "id": 1, "prompt": "anything"})
        assert websocket.receive_json() == {"type": "token", "id": 1, "text": "You "}


def test_a_task_runs_behind_the_reply_and_another_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    program = load_program("background_tasks.py")
    monkeypatch.setattr(program, "PERIOD", 0.05)
    with TestClient(program.app) as client, client.websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "order", "item": "tea"})
        heard = [websocket.receive_json()]
        while {event["type"] for event in heard} != {"accepted", "clock"} or heard[-1]["type"] != "clock":
            heard.append(websocket.receive_json())
    assert {"type": "accepted", "item": "tea"} in heard
    assert program.mails == ["You ordered tea."]


def test_the_tests_of_the_page_on_tests_pass(tmp_path: Path) -> None:
    assert "4 passed" in run_tests(tmp_path, "replies.py", "test_list.py")


class Fail(BaseModel):
    type: Literal["fail"]
    refuse: bool


def test_what_a_handler_raises_comes_out_of_the_test_client(router: WSRouter, client: TestClient) -> None:
    @router.receive
    async def fail(message: Fail) -> None:
        raise HTTPException(409, "taken") if message.refuse else LookupError

    with client.websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "fail", "refuse": True})
        with pytest.raises(WebSocketDisconnect) as refused:
            websocket.receive_json()
    assert (refused.value.code, refused.value.reason) == (1011, "taken")
    with pytest.raises(LookupError), client.websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "fail", "refuse": False})
        websocket.receive_json()
