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
from fastws.errors import NotAcceptedError, WrongFrameError


class Ping(BaseModel):
    type: Literal["ping"]


PING = '{"type":"ping"}'


def test_the_goodbye_has_the_code_and_reason_of_the_peer(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    with client.websocket_connect("/ws") as websocket:
        websocket.close(4321, "bye")
    assert goodbyes == [(4321, "bye")]


def test_a_raising_handler_closes_says_goodbye_and_raises(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive() == {"type": "websocket.close", "code": 1011, "reason": ""}
    assert goodbyes == [(1011, "")]


def test_a_raising_fallback_ends_the_connection_as_a_handler_does(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        raise ZeroDivisionError

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    with pytest.raises(ZeroDivisionError), client.websocket_connect("/ws") as websocket:
        websocket.send_text("nonsense")
        assert websocket.receive()["code"] == 1011
    assert goodbyes == [1011]


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (HTTPException(401), 1008, "Unauthorized"),
        (HTTPException(403, "not you"), 1008, "not you"),
        (HTTPException(418, "x" * 200), 1011, "x" * 123),
        (HTTPException(500, "é" * 100), 1011, "é" * 61),
        (WebSocketException(4000, "as asked"), 4000, "as asked"),
    ],
    ids=["401", "403", "other", "cut-between-characters", "websocket"],
)
def test_exceptions_that_mean_a_close_code(
    router: WSRouter, client: TestClient, error: Exception, code: int, reason: str
) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise error

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive() == {"type": "websocket.close", "code": code, "reason": reason}
    assert goodbyes == [(code, reason)]


def test_an_exception_that_the_application_handles_reaches_it_with_the_connection_open(
    app: FastAPI, router: WSRouter
) -> None:
    class OutOfTeaError(Exception):
        pass

    @app.exception_handler(OutOfTeaError)
    async def handle(websocket: WebSocket, error: OutOfTeaError) -> None:
        await websocket.send_text("no tea")
        await websocket.close(4018)

    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise OutOfTeaError

    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "no tea"
        assert websocket.receive()["code"] == 4018
    assert goodbyes == [1011]


def test_a_handler_that_closes_is_a_goodbye_with_its_code(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.close(4001, "enough")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 4001
    assert goodbyes == [(4001, "enough")]


def test_a_handler_that_reads_on_until_the_peer_leaves(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        websocket.send_text("more")
        assert websocket.receive_text() == "MORE"
        websocket.close(1000)
    assert goodbyes == [1000]


def test_a_disconnect_of_another_connection_is_an_error_of_the_handler(router: WSRouter, client: TestClient) -> None:
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        raise WebSocketDisconnect(1006)  # as a send to somebody else does who has gone

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 1011
    assert goodbyes == [1011]


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


def test_neither_accepted_nor_closed_reaches_the_fallback_and_is_refused(
    router: WSRouter, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    @router.on_connect
    async def forget(websocket: WebSocket) -> None:
        pass

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        seen.append((message, error))

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        pytest.fail("there was no connection to say goodbye to")

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.code == 1011
    assert caplog.messages == [
        "on_connect neither accepted nor closed a connection, which is refused; call accept() in it"
    ]
    ((message, error),) = seen
    assert message is None
    assert isinstance(error, NotAcceptedError)
    assert isinstance(error, RuntimeError)
    assert error.args == ('WebSocket is not connected. Need to call "accept" first.',)


def test_a_fallback_may_close_what_was_not_accepted(
    router: WSRouter, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    @router.on_connect
    async def forget(websocket: WebSocket) -> None:
        pass

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        await websocket.close(4003)

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.code == 4003
    assert caplog.messages == []


@pytest.mark.parametrize("accept", [False, True], ids=["at-the-handshake", "after-accepting"])
def test_a_connection_that_on_connect_closes_has_no_goodbye(router: WSRouter, client: TestClient, accept: bool) -> None:
    @router.on_connect
    async def refuse(websocket: WebSocket) -> None:
        if accept:
            await websocket.accept()
        await websocket.close(4401)

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        pytest.fail("a refusal is no violation")

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        pytest.fail("there was no connection to say goodbye to")

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws") as websocket:
        websocket.receive_text()
    assert refused.value.code == 4401


def test_an_on_connect_that_fails_after_accepting_has_its_goodbye(router: WSRouter, client: TestClient) -> None:
    # What it had set up by then has to be cleared away.
    goodbyes = []

    @router.on_connect
    async def stumble(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ZeroDivisionError

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    with pytest.raises(ZeroDivisionError), client.websocket_connect("/ws") as websocket:
        assert websocket.receive()["code"] == 1011
    assert goodbyes == [1011]


@pytest.mark.parametrize(
    ("error", "code"), [(HTTPException(403), 1008), (WebSocketException(4403), 4403)], ids=["http", "websocket"]
)
def test_an_on_connect_that_refuses_after_accepting_has_none(
    router: WSRouter, client: TestClient, error: Exception, code: int
) -> None:
    @router.on_connect
    async def refuse(websocket: WebSocket) -> None:
        await websocket.accept()
        raise error

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        pytest.fail("it was refused")

    with client.websocket_connect("/ws") as websocket:
        assert websocket.receive()["code"] == code


def test_an_on_connect_that_raises_before_accepting_is_a_denial(router: WSRouter, client: TestClient) -> None:
    @router.on_connect
    async def refuse(websocket: WebSocket) -> None:
        raise WebSocketException(4403, "no")

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert (refused.value.code, refused.value.reason) == (4403, "no")


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


@pytest.mark.parametrize("caught", [True, False], ids=["caught-by-the-hook", "not-caught"])
def test_a_peer_that_leaves_during_on_connect_has_its_goodbye(
    router: WSRouter, client: TestClient, caught: bool
) -> None:
    goodbyes = []

    @router.on_connect
    async def ask(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect:
            if not caught:
                raise

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append(code)

    with client.websocket_connect("/ws") as websocket:
        websocket.close(4000)
    assert goodbyes == [4000]


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
