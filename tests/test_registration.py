"""WSRouter: what is wrong is said where it is registered."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from fastapi import WebSocket
from pydantic import BaseModel

from fastws import WSRouter
from fastws.errors import (
    DuplicateModelError,
    DuplicateTagError,
    FastWSError,
    InvalidDiscriminatorError,
    InvalidHandlerError,
    InvalidModelError,
    NoMessagesError,
)


class Ping(BaseModel):
    type: Literal["ping"]


class Pong(BaseModel):
    type: Literal["pong"]


class OtherPing(BaseModel):
    type: Literal["ping", "other"]


class Untyped(BaseModel):
    text: str


class Loose(BaseModel):
    type: str


PING, PONG = '{"type":"ping"}', '{"type":"pong"}'


async def first_handler(websocket: WebSocket, message: Ping) -> None: ...


async def second_handler(websocket: WebSocket, message: Pong) -> None: ...


def test_a_model_has_one_handler() -> None:
    router = WSRouter()
    router.receive(Ping)(first_handler)
    with pytest.raises(DuplicateModelError) as error:
        router.receive(Ping)(second_handler)
    assert error.value.code == "duplicate-model"
    for part in ("Ping", "first_handler", "second_handler", "model of its own"):
        assert part in str(error.value)
    assert router.mapping == {Ping: first_handler}
    assert len(router.routes) == 3


def test_a_tag_has_one_model() -> None:
    router = WSRouter(discriminator="type")
    router.receive(Ping)(first_handler)
    with pytest.raises(DuplicateTagError) as error:
        router.receive(OtherPing)(second_handler)
    assert error.value.code == "duplicate-tag"
    for part in ("Ping", "OtherPing", "type='ping'", "value of its own"):
        assert part in str(error.value)
    assert router.mapping == {Ping: first_handler}
    assert len(router.routes) == 3


def test_a_tag_has_one_model_within_a_union_too() -> None:
    router = WSRouter(discriminator="type")
    with pytest.raises(DuplicateTagError, match="OtherPing and Ping both claim"):
        router.receive(Ping | OtherPing)(first_handler)
    # Nothing was kept of what was refused.
    router.receive(Ping)(first_handler)
    assert list(router.mapping) == [Ping]


def test_without_a_discriminator_models_may_share_a_tag() -> None:
    router = WSRouter()
    router.receive(Ping)(first_handler)
    router.receive(OtherPing)(second_handler)
    assert type(router.parse(PING)) is Ping
    assert type(router.parse('{"type":"other"}')) is OtherPing


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        (Untyped, ["Untyped", "no field 'type'", 'type: Literal["..."]']),
        (Loose, ["Loose", "'type'", "no literal", "'str'"]),
    ],
    ids=["lacking", "no-literal"],
)
def test_a_discriminator_that_a_model_does_not_have(model: Any, parts: list[str]) -> None:
    router = WSRouter(discriminator="type")
    with pytest.raises(InvalidDiscriminatorError) as error:
        router.receive(model)(first_handler)
    assert error.value.code == "invalid-discriminator"
    assert isinstance(error.value, ValueError)
    assert [part for part in parts if part not in str(error.value)] == []
    assert router.mapping == {}


def test_a_discriminator_is_the_name_of_a_field() -> None:
    with pytest.raises(InvalidDiscriminatorError, match="name of a field"):
        WSRouter(discriminator=7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model", [first_handler, "Ping", Ping(type="ping"), object()], ids=["function", "string", "instance", "object"]
)
def test_what_is_no_model(model: Any) -> None:
    with pytest.raises(InvalidModelError, match="is no message model: pass a pydantic model") as error:
        WSRouter().receive(model)(first_handler)
    assert isinstance(error.value, TypeError)


@pytest.mark.parametrize("hook", ["on_connect", "on_disconnect", "on_fallback", "fallback"])
def test_a_hook_is_checked_where_it_is_registered(hook: str) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match="not callable"):
        getattr(router, hook)(None)
    with pytest.raises(InvalidHandlerError, match="cannot be on_"):
        getattr(router, hook)(lambda a, b, c, d: None)


@pytest.mark.parametrize("dispatcher", ["text", lambda: None], ids=["not-callable", "no-arguments"])
def test_a_dispatcher_is_checked_where_it_is_given(dispatcher: Any) -> None:
    with pytest.raises(InvalidHandlerError, match="the dispatcher"):
        WSRouter(dispatcher=dispatcher)


def test_a_handler_is_checked_where_it_is_registered() -> None:
    async def demanding(websocket: WebSocket, message: Ping, user: str) -> None: ...

    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match="'user'"):
        router.receive(Ping)(demanding)
    with pytest.raises(InvalidHandlerError, match="not callable"):
        router.receive(Ping)(None)  # type: ignore[type-var]
    assert router.mapping == {}
    assert len(router.routes) == 2


def test_every_error_is_one_of_ours() -> None:
    for error in (DuplicateModelError, DuplicateTagError, InvalidHandlerError, NoMessagesError):
        assert issubclass(error, FastWSError)
