"""The mapping of a router: changed by hand, replaced, and obeyed by the default dispatcher."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from pings import PING, OtherPing, Ping, first_handler
from pydantic import ValidationError

from fastws import WSRouter
from fastws.errors import DuplicateTagError, InvalidHandlerError


async def answer(websocket: WebSocket, message: Ping) -> None:
    await websocket.send_text("pong")


async def greedy(websocket: WebSocket, message: Ping, size: Request) -> None: ...


class Passing(WSRouter):
    """A router whose own dispatcher leaves everything to the default."""

    async def _dispatcher(self, websocket: WebSocket, mapping: dict[Any, Any], message: str | bytes) -> None:
        await super()._dispatcher(websocket, mapping, message)


async def take(websocket: WebSocket, message: Any) -> None: ...


def test_a_model_that_cannot_be_routed_is_refused_at_each_connection_if_it_came_by_hand(
    app: FastAPI, client: TestClient
) -> None:
    router = WSRouter(discriminator="type")
    router.receive(Ping)(take)
    app.include_router(router, prefix="/routed")
    with client.websocket_connect("/routed"):
        router.mapping[OtherPing] = take
    # Where pydantic alone tells models apart, before 2.11, the error is its own.
    for _ in range(2):
        with pytest.raises((DuplicateTagError, TypeError)), client.websocket_connect("/routed"):
            pytest.fail("the connection was served without the model")


def test_a_mapping_may_be_replaced(router: WSRouter, client: TestClient) -> None:
    router.receive(Ping)(first_handler)
    router.mapping = {Ping: answer}
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "pong"


def test_a_handler_that_cannot_be_called_is_refused_also_if_it_came_by_hand(router: WSRouter) -> None:
    router.mapping[Ping] = greedy
    with pytest.raises(InvalidHandlerError, match="'size'"):
        router.parse(PING)
    router.mapping[Ping] = answer
    assert router.parse(PING) == Ping(type="ping")


@pytest.mark.parametrize("mapping", [{}, {Ping: answer}], ids=["no-models", "one-model"])
def test_the_default_dispatcher_hands_what_it_cannot_route_to_the_fallback(
    app: FastAPI, client: TestClient, mapping: dict[Any, Any]
) -> None:
    router = Passing()
    router.mapping = mapping
    app.include_router(router, prefix="/ws")
    seen: list[Any] = []

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str, error: Exception | None) -> None:
        seen.append((message, type(error)))
        await websocket.send_text("fallback")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text("nonsense")
        assert websocket.receive_text() == "fallback"
    assert seen == [("nonsense", ValidationError if mapping else type(None))]


seen: list[Any] = []


async def defined_later(first: Later, second: Socket) -> None:  # type: ignore[name-defined]  # noqa: F821
    seen.extend([first, second])


def test_a_name_that_is_defined_after_the_handler_counts_before_the_position(
    router: WSRouter, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    router.receive(Ping)(defined_later)
    for name, annotation in {"Later": Ping, "Socket": WebSocket}.items():
        monkeypatch.setattr(sys.modules[__name__], name, annotation, raising=False)
    seen.clear()
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
    assert [type(one) for one in seen[:1]] == [Ping]
    assert isinstance(seen[1], WebSocket)


def test_the_default_dispatcher_replies_over_a_connection_of_the_programs_own(app: FastAPI, client: TestClient) -> None:
    router = WSRouter(as_text=False)

    @router.receive
    async def echo(message: Ping) -> Ping:
        return message

    @app.websocket("/own")
    async def own(websocket: WebSocket) -> None:
        await websocket.accept()
        await router.dispatcher(websocket, router.mapping, await websocket.receive_text())

    with client.websocket_connect("/own") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_bytes() == PING.encode()


def test_a_handler_of_another_mapping_is_planned_once(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def other(message: Ping) -> Ping:
        return message

    class Other(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: dict[Any, Any], message: str | bytes) -> None:
            await super()._dispatcher(websocket, {Ping: other}, message)

    router = Other()
    router.receive(Ping)(first_handler)
    app.include_router(router, prefix="/ws")
    with caplog.at_level("DEBUG", "fastws"), client.websocket_connect("/ws") as websocket:
        for _ in range(3):
            websocket.send_text(PING)
            assert websocket.receive_text() == PING
    assert sum("replies with" in record.message for record in caplog.records) == 1
