"""The programs of the page on handlers do what it says."""

from __future__ import annotations

from typing import Literal

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from pages import find_blocks, load_blocks
from pydantic import BaseModel

from fastws import WSRouter, reply_with_error

PAGE = "docs/handlers.md"


class Read(BaseModel):
    type: Literal["read"]
    text: str


def find(text: str) -> str:
    if text == "none":
        raise HTTPException(404, "There is no such note.")
    raise LookupError(text)


def test_the_programs_of_the_page_on_handlers_do_what_the_text_says(capsys: pytest.CaptureFixture[str]) -> None:
    first, replies, streams = map(TestClient, load_blocks(PAGE))
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


def test_errors_are_answered_with_the_frames_of_the_page(router: WSRouter, client: TestClient) -> None:
    router.on_fallback(reply_with_error)
    router.on_error(reply_with_error)

    @router.receive
    async def read(message: Read) -> str:
        return find(message.text)

    (frames,) = find_blocks(PAGE, "text")
    with client.websocket_connect("/ws") as websocket:
        for text in ('{"type":"read"}', '{"type":"read","text":"none"}', '{"type":"read","text":"all"}'):
            websocket.send_text(text)
        assert [websocket.receive_text() for _ in range(3)] == frames.text.splitlines()
