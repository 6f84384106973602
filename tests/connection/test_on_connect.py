"""What on_connect may do with a connection: forget it, refuse it, fail, and lose it."""

from __future__ import annotations

import pytest
from fastapi import HTTPException, WebSocket, WebSocketException
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.errors import NotAcceptedError


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
