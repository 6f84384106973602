"""The example of articles answers as its rules say, from a real database."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from servers import run_server
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import connect

# By its name, because the examples are programs and no package.
articles_example = importlib.import_module("examples.articles")

OPENING = {"title": "Opening hours", "author": "Anna", "content": "Always."}
EVENING = {"title": "Members' evening", "author": "Anna", "content": "On Friday."}
DIARY = {"title": "Diary", "author": "Anna", "content": "It rained."}

DENIED = {"Message": "Access denied"}
FAILED = {"Message": "Data check failed"}
MISSING = {"Message": "There is no such article."}


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(articles_example, "DATABASE", tmp_path / "articles.sqlite")
    with TestClient(articles_example.app) as client:
        yield client


def ask(websocket: WebSocketTestSession, route: str, **rest: Any) -> tuple[int, Any]:
    websocket.send_json({"uuid": 7, "route": route, **rest})
    reply = websocket.receive_json()
    assert reply["uuid"] == 7
    return reply["status"], reply["payload"]


@pytest.mark.parametrize(
    ("query", "article", "expected"),
    [
        pytest.param("", 1, (200, OPENING), id="public to everybody"),
        pytest.param("?token=ben", 1, (200, OPENING), id="public to a member"),
        pytest.param("", 2, (403, DENIED), id="members' to nobody"),
        pytest.param("?token=ben", 2, (200, EVENING), id="members' to a member"),
        pytest.param("", 3, (403, DENIED), id="private to nobody"),
        pytest.param("?token=ben", 3, (403, DENIED), id="private to another"),
        pytest.param("?token=anna", 3, (200, DIARY), id="private to its author"),
        pytest.param("?token=anna", 4, (404, MISSING), id="missing"),
        pytest.param("", "1", (200, OPENING), id="number in quotes"),
        pytest.param("", "one", (400, FAILED), id="no number"),
        pytest.param("", -1, (400, FAILED), id="negative number"),
        pytest.param("", 10**18, (400, FAILED), id="number beyond the database"),
        pytest.param("", True, (400, FAILED), id="true"),
        pytest.param("", [1], (400, FAILED), id="list"),
        pytest.param("", None, (400, FAILED), id="null"),
    ],
)
def test_an_article_is_sent_to_whom_may_read_it(
    articles: TestClient, query: str, article: object, expected: tuple[int, object]
) -> None:
    with articles.websocket_connect(f"/ws{query}") as websocket:
        assert expected == ask(websocket, "get-article", headers={"article": article})


@pytest.mark.parametrize("rest", [{}, {"headers": {}}, {"headers": None}], ids=["none", "empty", "null"])
def test_a_request_without_the_header_fails_its_check(articles: TestClient, rest: dict[str, Any]) -> None:
    with articles.websocket_connect("/ws") as websocket:
        assert ask(websocket, "get-article", **rest) == (400, FAILED)


def test_members_write_articles_which_are_private_at_first(articles: TestClient) -> None:
    with articles.websocket_connect("/ws?token=ben") as ben:
        assert ask(ben, "write-article", payload={"title": "Tea", "content": "Green."}) == (200, {"id": 4})
        tea = {"title": "Tea", "author": "Ben", "content": "Green."}
        assert (200, tea) == ask(ben, "get-article", headers={"article": 4})
    with articles.websocket_connect("/ws?token=anna") as anna:
        assert ask(anna, "get-article", headers={"article": 4}) == (403, DENIED)


def test_nobody_else_writes_articles(articles: TestClient) -> None:
    with articles.websocket_connect("/ws") as websocket:
        draft = {"title": "Tea", "content": "Green.", "access": "PUBLIC"}
        assert ask(websocket, "write-article", payload=draft) == (401, {"Message": "Members only."})
        assert ask(websocket, "get-article", headers={"article": 4}) == (404, MISSING)


def test_a_draft_is_validated(articles: TestClient) -> None:
    with articles.websocket_connect("/ws?token=ben") as websocket:
        status, payload = ask(websocket, "write-article", payload={"title": "", "access": "SECRET"})
    assert (status, payload["Message"]) == (400, "Data check failed")
    places = [error["loc"] for error in payload["detail"]]
    assert places == [["payload", "title"], ["payload", "content"], ["payload", "access"]]


def test_a_wrong_token_is_refused(articles: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, articles.websocket_connect("/ws?token=eve"):
        pytest.fail("it connected")
    assert refused.value.code == 1008


def test_articles_stay_where_the_program_starts_again(articles: TestClient) -> None:
    with articles.websocket_connect("/ws?token=ben") as websocket:
        ask(websocket, "write-article", payload={"title": "Tea", "content": "Green.", "access": "PUBLIC"})
    with TestClient(articles_example.app) as again, again.websocket_connect("/ws") as websocket:
        tea = {"title": "Tea", "author": "Ben", "content": "Green."}
        assert (200, tea) == ask(websocket, "get-article", headers={"article": 4})
        assert ask(websocket, "get-article", headers={"article": 5}) == (404, MISSING)


def test_many_requests_at_a_time_share_no_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real server, where they are handled eight at a time."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    count = 100
    with run_server("examples.articles:app", tmp_path / "log") as server:
        with connect(f"ws://{server.address}/ws?token=anna") as anna:
            for number in range(count):
                anna.send(
                    json.dumps({"uuid": number, "route": "get-article", "headers": {"article": 1 + number % 3}})
                    if number % 4
                    else json.dumps(
                        {"uuid": number, "route": "write-article", "payload": {"title": "x", "content": ""}}
                    )
                )
            replies = [json.loads(anna.recv(timeout=10)) for _ in range(count)]
        log = server.read_log()
    assert list(range(count)) == sorted(reply["uuid"] for reply in replies)
    assert {200} == {reply["status"] for reply in replies}
    written = sorted(reply["payload"]["id"] for reply in replies if "id" in reply["payload"])
    assert list(range(4, 4 + count // 4)) == written
    assert "Traceback" not in log
