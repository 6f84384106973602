"""The programs of the page on handlers do what it says."""

from __future__ import annotations

from typing import Any, Final, Literal

import pytest
from fastapi import HTTPException, WebSocket
from fastapi.testclient import TestClient
from pages import find_blocks, load_blocks
from pydantic import BaseModel, ValidationError, model_validator
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter, reply_with_error
from fastws.errors import NotAcceptedError, UnclaimedMessageError, WrongFrameError

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


class Odd(BaseModel):
    type: Literal["odd"]
    way: str

    @model_validator(mode="after")
    def be_odd(self) -> Any:
        if self.way == "raise":
            raise LookupError
        return "no model"


CHANGING: Final = '{"type":"odd","way":"change"}'
RAISING: Final = '{"type":"odd","way":"raise"}'


def note_fallbacks(router: WSRouter) -> list[tuple[object, type]]:
    """Return a list to which each call of the fallback is added: the message, and the class of the error."""
    notes: list[tuple[object, type]] = []

    @router.on_fallback
    async def note(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        notes.append((message, type(error)))
        await websocket.close()

    return notes


@pytest.mark.parametrize(
    ("frame", "message", "error"),
    [
        ("nonsense", "nonsense", ValidationError),
        ("{}", "{}", ValidationError),
        (RAISING, RAISING, LookupError),
        (b"{}", None, WrongFrameError),
        (CHANGING, CHANGING, UnclaimedMessageError),
    ],
)
def test_the_fallback_gets_what_the_page_says(
    router: WSRouter, client: TestClient, frame: str | bytes, message: str | None, error: type[Exception]
) -> None:
    router.receive(Odd)(lambda websocket, message: None)
    notes = note_fallbacks(router)
    with client.websocket_connect("/ws") as websocket:
        websocket.send({"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame})
    assert notes == [(message, error)]


def test_the_fallback_of_a_router_without_models_gets_the_message_alone(router: WSRouter, client: TestClient) -> None:
    notes = note_fallbacks(router)
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text("{}")
    assert notes == [("{}", type(None))]


def test_the_fallback_gets_a_connection_that_on_connect_leaves_open(router: WSRouter, client: TestClient) -> None:
    @router.on_connect
    async def hesitate(websocket: WebSocket) -> None:
        pass

    notes = note_fallbacks(router)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
        pytest.fail("it connected")
    assert notes == [(None, NotAcceptedError)]
