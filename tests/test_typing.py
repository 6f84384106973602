"""What type checkers see of the decorators: mypy runs over this file, and the decorators give back what they get."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypedDict, assert_type

from fastws import WebSocket, WSRouter, reply_with_error


class Ping(BaseModel):
    type: Literal["ping"]


class Pong(BaseModel):
    type: Literal["pong"]


@dataclass
class Point:
    x: int


class Total(TypedDict):
    total: int


Either = Annotated[Ping | Pong, Field(discriminator="type")]
Alias = TypeAliasType("Alias", Ping | Pong)

# Parameters are positional-only here, so that a `Callable` can say what the handlers are.
PingHandler = Callable[[WebSocket, Ping], Coroutine[Any, Any, Pong]]


async def handle(websocket: WebSocket, message: Ping, /) -> Pong:
    await websocket.send_model(message, by_alias=False, exclude_none=True)
    return Pong(type="pong")


async def stream(message: Ping, /) -> AsyncIterator[Pong]:
    yield Pong(type="pong")


def handle_in_thread(message: Ping, /) -> Pong:
    return Pong(type="pong")


class Chat:
    async def handle(self, websocket: WebSocket, message: Ping, /) -> Pong:
        return Pong(type="pong")

    async def __call__(self, websocket: WebSocket, message: Ping) -> Pong:
        return Pong(type="pong")


def test_the_bare_decorator() -> None:
    @WSRouter().receive
    async def decorated(websocket: WebSocket, message: Ping, /) -> Pong:
        return Pong(type="pong")

    assert_type(decorated, PingHandler)
    assert WSRouter().receive(handle) is handle
    assert_type(WSRouter().receive(handle), PingHandler)
    assert_type(WSRouter().receive(stream), Callable[[Ping], AsyncIterator[Pong]])
    assert_type(WSRouter().receive(handle_in_thread), Callable[[Ping], Pong])
    assert_type(WSRouter().receive(Chat().handle), PingHandler)
    partial = functools.partial(handle_in_thread)
    assert_type(WSRouter().receive(partial), "functools.partial[Pong]")


def test_the_decorator_without_a_model() -> None:
    assert_type(WSRouter().receive()(handle), PingHandler)
    assert_type(WSRouter().receive()(stream), Callable[[Ping], AsyncIterator[Pong]])
    assert_type(WSRouter().receive(response_model_exclude_none=True)(handle), PingHandler)
    assert_type(WSRouter().receive(path=": ping", callbacks=Ping | Pong)(handle), PingHandler)
    chat = Chat()
    assert_type(WSRouter().receive()(chat), Chat)


def test_the_decorator_with_a_model() -> None:
    @WSRouter().receive(Ping, callbacks=Pong, path=": ping", response_model_include={"type"})
    async def decorated(websocket: WebSocket, message: Ping, /) -> Pong:
        return Pong(type="pong")

    assert_type(decorated, PingHandler)
    assert_type(WSRouter().receive(Ping)(handle), PingHandler)
    assert_type(WSRouter().receive(Ping, Pong)(handle), PingHandler)
    assert_type(WSRouter().receive(Ping)(Chat()), Chat)


async def handle_either(websocket: WebSocket, message: Ping | Pong, /) -> None: ...


async def handle_point(message: Point, /) -> None: ...


async def handle_total(message: Total, /) -> None: ...


EitherHandler = Callable[[WebSocket, Ping | Pong], Coroutine[Any, Any, None]]


def test_the_decorator_with_other_types() -> None:
    assert_type(WSRouter().receive(Ping | Pong)(handle_either), EitherHandler)
    assert_type(WSRouter().receive(Either)(handle_either), EitherHandler)
    assert_type(WSRouter().receive(Alias)(handle_either), EitherHandler)
    assert_type(WSRouter().receive(Point)(handle_point), Callable[[Point], Coroutine[Any, Any, None]])
    assert_type(WSRouter().receive(Total)(handle_total), Callable[[Total], Coroutine[Any, Any, None]])


def test_the_decorators_of_hooks() -> None:
    router = WSRouter()

    async def on_error(websocket: WebSocket, message: Ping, error: Exception, /) -> None: ...

    assert_type(router.on_error(on_error), Callable[[WebSocket, Ping, Exception], Coroutine[Any, Any, None]])
    assert router.on_fallback(reply_with_error) is reply_with_error
    assert router.fallback(reply_with_error) is reply_with_error


def test_an_option_that_does_not_exist_is_an_error_of_types() -> None:
    # An unused comment would be an error, too.
    with pytest.raises(TypeError):
        WSRouter().receive(Ping, response_model_exclude_non=True)  # type: ignore[call-overload]
