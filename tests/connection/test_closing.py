"""How an exception ends a connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, WebSocketException
from fastapi.testclient import TestClient
from peers import Say
from starlette import websockets
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.connection.closing import end_with_error
from fastws.errors import InvalidCloseCodeError
from fastws.websocket import WebSocket, adopt


def connect(sent: list[Message], error: Exception | None = None) -> WebSocket:
    """Return an accepted connection; sending a close frame to it fails with `error`."""

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if error and message["type"] == "websocket.close":
            raise error

    websocket = adopt(websockets.WebSocket({"type": "websocket"}, receive, send))
    asyncio.run(websocket.accept())
    sent.clear()
    return websocket


def end(websocket: WebSocket, error: Exception) -> Any:
    return asyncio.run(end_with_error(websocket, error))


def test_an_error_of_the_program_is_raised_on_after_a_close() -> None:
    sent: list[Message] = []
    websocket = connect(sent)
    assert end(websocket, ValueError()) is True
    assert sent == [{"type": "websocket.close", "code": 1011, "reason": ""}]
    assert websocket.ending == (1011, "")


def test_an_error_after_the_peer_has_left_is_still_an_error() -> None:
    sent: list[Message] = []
    websocket = connect(sent)
    websocket.peer_gone = True
    websocket.end(1006)
    assert end(websocket, ValueError()) is True
    assert end(websocket, WebSocketDisconnect(1006)) is False
    assert sent == []


@pytest.mark.parametrize(
    "error", [HTTPException(403), WebSocketException(4000), WebSocketException(1006)], ids=["http", "code", "no-code"]
)
@pytest.mark.parametrize("gone", [True, False], ids=["gone", "closed"])
def test_what_only_means_a_code_comes_too_late(error: Exception, gone: bool) -> None:
    sent: list[Message] = []
    websocket = connect(sent)
    if gone:
        websocket.note_disconnect({"type": "websocket.disconnect", "code": 1000})
    else:
        asyncio.run(websocket.close(1000))
        sent.clear()
    assert end(websocket, error) is False
    assert end(websocket, ValueError()) is True
    assert sent == []


def test_a_send_after_our_own_close_is_a_disconnect_too() -> None:
    websocket = connect([])
    websocket.end(4000)
    assert end(websocket, WebSocketDisconnect(4000)) is False


@pytest.mark.parametrize("failure", [OSError(), RuntimeError(), AssertionError()], ids=["gone", "refused", "full"])
def test_a_close_frame_that_cannot_be_sent_does_no_harm(failure: Exception) -> None:
    sent: list[Message] = []
    websocket = connect(sent, failure)
    assert end(websocket, HTTPException(403, "no")) is False
    assert len(sent) == 1
    assert websocket.ending is not None
    assert websocket.ending[0] in {1006, 1008}


@pytest.mark.parametrize("code", [0, 1005, 1006, 1015, 2999, 5000])
def test_an_exception_with_a_code_that_cannot_be_sent_is_an_error_of_the_program(code: int) -> None:
    sent: list[Message] = []
    websocket = connect(sent)
    error = WebSocketException(code, "secret")
    with pytest.raises(InvalidCloseCodeError, match=f"^{code} ") as raised:
        end(websocket, error)
    assert raised.value.__cause__ is error
    assert sent == [{"type": "websocket.close", "code": 1011, "reason": ""}]
    assert websocket.ending == (1011, "")


def test_a_handler_that_raises_such_an_exception_closes_with_1011(
    app: FastAPI, router: WSRouter, client: TestClient
) -> None:
    goodbyes = []

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        raise WebSocketException(1006)

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    with pytest.raises(InvalidCloseCodeError), client.websocket_connect("/ws") as connection:
        connection.send_text('{"text":"hello"}')
        assert connection.receive()["code"] == 1011
    assert goodbyes == [1011]
