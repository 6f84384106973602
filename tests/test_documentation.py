"""The code in the README and in the documentation runs, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient

from fastws import OriginMiddleware, WSRouter

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_project_resolve(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_first_program_of_the_readme_does_what_the_text_says() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(program, "README.md", "exec", dont_inherit=True), names)
    client = TestClient(names["app"])
    with client.websocket_connect("/ws") as websocket:
        websocket.send_json({"type": "greeting", "name": "you"})
        assert websocket.receive_text() == "Hello, you!"
        websocket.send_json({"type": "question", "text": "?"})
        assert websocket.receive_json() == {"text": "42"}
    assert list(client.get("/openapi.json").json()["paths"]) == ["/ws", "/ws (greet)", "/ws (answer)"]


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


def load_handler_programs() -> list[dict[str, Any]]:
    """Return what the programs of the page on handlers define."""
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "handlers.md").read_text(), re.DOTALL)
    loaded = []
    for number, program in enumerate(programs):
        names: dict[str, Any] = {"__name__": f"program_{number}"}
        exec(compile(program, "handlers.md", "exec", dont_inherit=True), names)
        loaded.append(names)
    return loaded


def test_the_programs_of_the_page_on_handlers_do_what_the_text_says(capsys: pytest.CaptureFixture[str]) -> None:
    first, replies, streams = (TestClient(names["app"]) for names in load_handler_programs())
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


def test_no_other_page_has_programs_that_are_not_run() -> None:
    pages = [page.name for page in PAGES if "```python" in page.read_text()]
    assert sorted(pages) == ["README.md", "connections.md", "handlers.md"]
