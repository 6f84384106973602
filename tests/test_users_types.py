"""What our users' type checkers see: mypy and pyright read this file, and both have to agree with it.

They call one type by two names where a coroutine function has no annotation, so this asks what calls give.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from fastapi import WebSocket as FastAPIWebSocket
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect
from typing_extensions import assert_type

from fastws import SocketRouter, Status, WebSocket, WSRouter, reply_with_error
from fastws.observable import RouteOptions


class Ask(BaseModel):
    type: Literal["ask"]
    text: str


class Reply(BaseModel):
    text: str


router = WSRouter(discriminator="type", prefix="/ws")


@router.receive
async def bare(websocket: WebSocket, message: Ask) -> Reply:
    await websocket.send_model(message, by_alias=False)
    return Reply(text=message.text)


@WSRouter().receive(Ask, callbacks=Reply, response_model_exclude_none=True)
async def declared(websocket: FastAPIWebSocket, message: Ask) -> Reply:
    return Reply(text=message.text)


@WSRouter().receive()
async def stream(message: Ask) -> AsyncIterator[Reply]:
    yield Reply(text=message.text)


@WSRouter().receive(Ask)
def in_thread(message: Ask) -> Reply:
    return Reply(text=message.text)


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    await websocket.accept()


@router.on_disconnect
async def leave(websocket: WebSocket, code: int, reason: str | None) -> int:
    return code


@WSRouter().on_disconnect
async def leave_with_exception(websocket: WebSocket, error: WebSocketDisconnect) -> int:
    return error.code


@router.on_fallback
async def fall_back(websocket: WebSocket, message: str | bytes, error: Exception | None) -> str:
    return str(error)


@router.on_error
async def fail(websocket: WebSocket, message: Ask, error: Exception) -> bytes:
    return b""


requests = SocketRouter(concurrency=8)


@requests.route("sum", RouteOptions(data_check=lambda headers, payload: True))
async def add(ws: WebSocket, headers: dict[str, Any], payload: list[int]) -> int:
    return sum(payload)


@requests.route("local")
def read_local(local: dict[str, Any]) -> dict[str, int]:
    return {"status": Status.OK}


async def check(websocket: WebSocket, message: Ask, error: WebSocketDisconnect) -> None:
    """Never called: what type checkers find in it is the test."""
    assert_type(await bare(websocket, message), Reply)
    assert_type(await declared(websocket, message), Reply)
    assert_type([item async for item in stream(message)], list[Reply])
    assert_type(in_thread(message), Reply)
    assert_type(await connect(websocket), None)
    assert_type(await leave(websocket, 1000, None), int)
    assert_type(await leave_with_exception(websocket, error), int)
    assert_type(await fall_back(websocket, "", None), str)
    assert_type(await fail(websocket, message, error), bytes)
    assert_type(await add(websocket, {}, [1]), int)
    assert_type(read_local({}), dict[str, int])
    assert_type(await reply_with_error(websocket, message, error), None)
    assert_type(await router.on_error(reply_with_error)(websocket, message, error), None)
    assert_type(await websocket.send_model(message, exclude_none=True), None)
    assert_type(router.parse(b"{}"), Any)


def test_what_the_checkers_refuse_does_not_work_either() -> None:
    # Comments that nothing needs would be errors, too.
    with pytest.raises(TypeError):
        router.receive(Ask, response_model_exclude_non=True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        SocketRouter(concurency=8)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_the_decorated_handlers_are_the_functions_themselves() -> None:
    assert router.parse('{"type":"ask","text":"?"}') == Ask(type="ask", text="?")
    assert in_thread(Ask(type="ask", text="?")) == Reply(text="?")
    assert [*requests.routes] == ["sum", "local"]
