"""Dispatchers: a mapping of the program's own, an override of the default, and one that replaces it."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from pings import PING, PONG, Ping, Pong
from typing_extensions import TypedDict

from fastws import WSRouter
from fastws.errors import (
    InvalidHandlerError,
    UnclaimedMessageError,
)


class Point(TypedDict):
    type: Literal["point"]
    x: int


def test_a_mapping_changed_by_hand_counts_from_the_next_connection_on(router: WSRouter, client: TestClient) -> None:
    async def one(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text("one")

    async def two(message: Ping, websocket: WebSocket) -> None:
        await websocket.send_text("two")

    router.mapping[Ping] = one
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "one"
    router.mapping[Ping] = two
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "two"


def test_an_override_may_hand_another_mapping_to_the_default(app: FastAPI, client: TestClient) -> None:
    class Guarded(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: dict[Any, Any], message: str | bytes) -> None:
            if not getattr(websocket.state, "known", False):
                mapping = {model: func for model, func in mapping.items() if model is Ping or model is Point}
            await super()._dispatcher(websocket, mapping, message)

    router = Guarded()
    app.include_router(router, prefix="/ws")
    refused = []

    @router.receive(Ping)
    async def ping(message: Ping, websocket: WebSocket) -> None:
        websocket.state.known = True

    @router.receive(Pong)
    async def pong(websocket: WebSocket, message: Pong) -> None:
        await websocket.send_text("pong")

    @router.receive(Point)
    async def point(websocket: WebSocket, message: Point) -> None:
        await websocket.send_text("point")

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        refused.append((message, type(error)))

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PONG)
        websocket.send_text('{"type":"point","x":1}')
        assert websocket.receive_text() == "point"
        websocket.send_text(PING)
        websocket.send_text(PONG)
        assert websocket.receive_text() == "pong"
    assert refused == [(PONG, UnclaimedMessageError)]


def test_handlers_of_a_dispatcher_may_have_any_signature(app: FastAPI, client: TestClient) -> None:
    async def dispatch(websocket: WebSocket, mapping: dict[Any, Any], message: str) -> None:
        await mapping[Ping](websocket, Ping(type="ping"), message, len(message))

    router = WSRouter(dispatcher=dispatch)
    app.include_router(router, prefix="/ws")

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping, raw: str, size: int) -> None:
        await websocket.send_text(f"{raw} {size}")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello 5"
    assert router.parse(PING) == Ping(type="ping")


def test_the_default_way_is_closed_to_handlers_that_only_a_dispatcher_can_call(
    app: FastAPI, client: TestClient
) -> None:
    class Own(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: dict[Any, Any], message: str | bytes) -> None:
            await super()._dispatcher(websocket, mapping, message)

    router = Own()
    app.include_router(router, prefix="/ws")

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping, size: Request) -> None:
        pytest.fail("it cannot be called")

    with pytest.raises(InvalidHandlerError, match="'size'"), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 1011
