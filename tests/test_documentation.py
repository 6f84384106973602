"""The code in the README and in the documentation runs, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from fastws import OriginMiddleware, WSRouter

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_project_resolve(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_first_program_of_the_readme_does_what_the_text_says() -> None:
    client = TestClient(load_programs("README.md")[0])
    with client.websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "greeting", "name": "you"})
        assert websocket.receive_text() == "Hello, you!"
        websocket.send_json({"type": "question", "text": "?"})
        assert websocket.receive_json() == {"text": "42"}
    assert list(client.get("/openapi.json").json()["paths"]) == ["/ws", "/ws (greet)", "/ws (answer)"]


def test_the_second_program_of_the_readme_answers_as_the_text_says() -> None:
    _, app = load_programs("README.md")
    with TestClient(app).websocket_connect("/ws") as websocket:
        exchange(websocket, *find_exchanges("README.md"))


def test_the_programs_of_the_page_on_connections_run() -> None:
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "connections.md").read_text(), re.DOTALL)
    router = WSRouter()
    names: dict[str, Any] = {
        "WSRouter": WSRouter,
        "WebSocket": WebSocket,
        "router": router,
        "Message": Any,
        "app": FastAPI(),
    }
    for program in programs:
        exec(compile(program, "connections.md", "exec", dont_inherit=True), names)
    assert [middleware.cls for middleware in names["app"].user_middleware] == [OriginMiddleware]
    assert names["router"] is not router
    assert len(programs) == 3


def load_programs(page: str) -> list[FastAPI]:
    """Return the applications that the programs of a page define."""
    programs = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    loaded = []
    for number, program in enumerate(programs):
        names: dict[str, Any] = {"__name__": f"program_{number}"}
        exec(compile(program, page, "exec", dont_inherit=True), names)
        loaded.append(names["app"])
    return loaded


def test_the_programs_of_the_page_on_handlers_do_what_the_text_says(capsys: pytest.CaptureFixture[str]) -> None:
    first, replies, streams = map(TestClient, load_programs("docs/handlers.md"))
    with first.websocket_connect("/ws?token=t1") as websocket:
        websocket.send_text('{"type":"add","text":"milk"}')
        assert websocket.receive_json() == {"text": "milk", "by": "anna"}
        websocket.send_text('{"type":"add"}')
        missing = {"type": "missing", "loc": ["text"], "msg": "Field required"}
        assert websocket.receive_json() == {"type": "error", "code": "invalid-message", "detail": [missing]}
    with replies.websocket_connect("/ws") as websocket:
        websocket.send_text('{"type":"move","x":3}')
        assert websocket.receive_text() == '{"x":3}'
        websocket.send_text('{"type":"move","x":12}')
        assert websocket.receive_text() == '{"x":9,"note":"the wall"}'
    with streams.websocket_connect("/ws") as websocket:
        websocket.send_text('{"type":"count","to":3}')
        assert [websocket.receive_json()["value"] for _ in range(3)] == [0, 1, 2]
        websocket.send_text('{"type":"count","to":1000000}')
        assert websocket.receive_json() == {"value": 0}
    assert capsys.readouterr().out == "closed\nclosed\n"


def find_exchanges(page: str) -> list[str]:
    """Return what clients (`>`) and servers (`<`) send to each other on a page, each in one line."""
    texts = re.findall(r"```text\n(>.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return [re.sub(r"\n +", "", text).strip() for text in texts]


def exchange(websocket: WebSocketTestSession, *texts: str) -> None:
    """Send what a page says that clients send, and expect what it says that they get."""
    for line in "\n".join(texts).splitlines():
        if line.startswith("> "):
            websocket.send_text(line[2:])
        else:
            assert line == f"< {websocket.receive_text()}"


def call(websocket: WebSocketTestSession, route: str, **rest: Any) -> tuple[int, Any]:
    """Return the status and the payload of the reply to a request."""
    websocket.send_json({"uuid": 1, "route": route, **rest})
    reply = websocket.receive_json()
    return reply["status"], reply["payload"]


def test_the_exchanges_of_the_page_on_requests_are_what_its_programs_answer() -> None:
    first, _, typed, *_ = map(TestClient, load_programs("docs/requests.md"))
    sums, heartbeat, orders = find_exchanges("docs/requests.md")
    with first.websocket_connect("/ws") as websocket:
        exchange(websocket, sums, heartbeat)
    with typed.websocket_connect("/ws?token=t1") as websocket:
        exchange(websocket, orders)
    with typed.websocket_connect("/ws") as websocket:
        assert call(websocket, "orders/new", payload={"item": "tea"}) == (401, {"Message": "Who are you?"})


def test_the_hooks_of_the_page_on_requests_answer_as_it_says() -> None:
    _, hooks, *_ = map(TestClient, load_programs("docs/requests.md"))
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
    *_, access, _ = map(TestClient, load_programs("docs/requests.md"))
    with pytest.raises(WebSocketDisconnect) as refused, access.websocket_connect("/ws", headers=headers):
        pytest.fail("it connected")
    assert refused.value.code == 1008


def test_the_page_on_requests_lets_its_users_in() -> None:
    *_, access, _ = map(TestClient, load_programs("docs/requests.md"))
    headers = {"cookie": "session=t1", "origin": "https://app.example"}
    with access.websocket_connect("/ws", headers=headers) as websocket:
        assert call(websocket, "whoami") == (200, "anna")


@pytest.mark.parametrize("path", ["/a", "/b", "/c/attic", "/v1/d"])
def test_the_page_on_requests_mounts_its_router_in_all_ways(path: str) -> None:
    *_, mounted = map(TestClient, load_programs("docs/requests.md"))
    with mounted.websocket_connect(f"{path}?token=t1") as websocket:
        assert call(websocket, "where") == (200, path)


def test_no_other_page_has_programs_that_are_not_run() -> None:
    pages = [page.name for page in PAGES if "```python" in page.read_text()]
    assert sorted(pages) == ["README.md", "connections.md", "handlers.md", "requests.md"]
