"""The hooks of a connection: which of them run, when, and with what."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import pytest
from fastapi import Depends, FastAPI, HTTPException, WebSocket, WebSocketException
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.errors import WrongFrameError


class Ping(BaseModel):
    type: Literal["ping"]


PING = '{"type":"ping"}'

Goodbyes = list[tuple[int, str]]


@pytest.fixture
def goodbyes(router: WSRouter) -> Goodbyes:
    """The codes and reasons that on_disconnect was called with."""
    called: Goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        called.append((code, reason))

    return called


def test_the_goodbye_has_the_code_and_reason_of_the_peer(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    with client.websocket_connect("/ws") as websocket:
        websocket.close(4321, "bye")
    assert goodbyes == [(4321, "bye")]


def test_a_raising_handler_closes_says_goodbye_and_raises(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive() == {"type": "websocket.close", "code": 1011, "reason": ""}
    assert goodbyes == [(1011, "")]


def test_a_raising_fallback_ends_the_connection_as_a_handler_does(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), client.websocket_connect("/ws") as websocket:
        websocket.send_text("nonsense")
        assert websocket.receive()["code"] == 1011
    assert goodbyes == [(1011, "")]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (HTTPException(401), (1008, "Unauthorized")),
        (HTTPException(403, "not you"), (1008, "not you")),
        (HTTPException(418, "x" * 200), (1011, "x" * 123)),
        (HTTPException(500, "é" * 100), (1011, "é" * 61)),
        (WebSocketException(4000, "as asked"), (4000, "as asked")),
    ],
    ids=["401", "403", "other", "cut-between-characters", "websocket"],
)
def test_exceptions_that_mean_a_close_code(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes, error: Exception, expected: tuple[int, str]
) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise error

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive() == {"type": "websocket.close", "code": expected[0], "reason": expected[1]}
    assert goodbyes == [expected]


def test_an_exception_that_the_application_handles_reaches_it_with_the_connection_open(
    app: FastAPI, router: WSRouter, goodbyes: Goodbyes
) -> None:
    class OutOfTeaError(Exception):
        pass

    @app.exception_handler(OutOfTeaError)
    async def handle(websocket: WebSocket, error: OutOfTeaError) -> None:
        await websocket.send_text("no tea")
        await websocket.close(4018)

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise OutOfTeaError

    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "no tea"
        assert websocket.receive()["code"] == 4018
    assert goodbyes == [(1011, "")]


def test_a_handler_that_closes_is_a_goodbye_with_its_code(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.close(4001, "enough")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 4001
    assert goodbyes == [(4001, "enough")]


def test_a_handler_that_reads_on_until_the_peer_leaves(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        websocket.send_text("more")
        assert websocket.receive_text() == "MORE"
        websocket.close(1000)
    assert goodbyes == [(1000, "")]


def test_a_disconnect_of_another_connection_is_an_error_of_the_handler(
    router: WSRouter, client: TestClient, goodbyes: Goodbyes
) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise WebSocketDisconnect(1006)  # as a send to somebody else does who has gone

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 1011
    assert goodbyes == [(1011, "")]


@pytest.mark.parametrize("as_text", [True, False], ids=["text-router", "binary-router"])
def test_a_frame_of_the_wrong_kind_goes_to_the_fallback(app: FastAPI, client: TestClient, as_text: bool) -> None:
    router = WSRouter(as_text=as_text)
    app.include_router(router, prefix="/ws")
    seen = []

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        seen.append((message, error))

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text("pong")

    with client.websocket_connect("/ws") as websocket:
        right, wrong = websocket.send_text, websocket.send_bytes
        if as_text:
            wrong(PING.encode())
            right(PING)
        else:
            right(PING)
            wrong(PING.encode())
        assert websocket.receive_text() == "pong"
    ((message, error),) = seen
    assert message is None
    assert isinstance(error, WrongFrameError)
    assert (error.expected, error.received) == (("text", "binary") if as_text else ("binary", "text"))


def test_the_goodbye_is_bounded(app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    router = WSRouter(hook_timeout=0.05)
    app.include_router(router, prefix="/ws")
    started = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        started.append(code)
        await asyncio.sleep(60)

    with caplog.at_level(logging.WARNING), client.websocket_connect("/ws"):
        pass
    assert started == [1000]
    assert "on_disconnect did not finish within 0.05 s" in caplog.text


def test_dependencies_of_the_connection_live_until_after_the_goodbye(app: FastAPI, client: TestClient) -> None:
    order = []

    async def session() -> object:
        order.append("open")
        yield
        order.append("close")

    router = WSRouter(dependencies=[Depends(session)])
    app.include_router(router, prefix="/ws")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        order.append("goodbye")

    with client.websocket_connect("/ws"):
        pass
    assert order == ["open", "goodbye", "close"]


def test_a_hook_that_is_replaced_counts_from_the_next_goodbye_on(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    async def first(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append("first")

    async def second(websocket: WebSocket, event: WebSocketDisconnect) -> None:
        goodbyes.append("second")

    for hook in (first, second, first):
        router.on_disconnect(hook)
        with client.websocket_connect("/ws"):
            pass
    assert goodbyes == ["first", "second", "first"]
