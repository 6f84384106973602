"""WSRouter: what is wrong is said where it is registered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from fastapi import Depends, FastAPI, Response, WebSocket
from fastapi.testclient import TestClient
from pings import PING, OtherPing, Ping, Pong, first_handler, second_handler
from pydantic import BaseModel, Field

from fastws import WSRouter
from fastws.errors import (
    DuplicateModelError,
    DuplicateTagError,
    InvalidDependencyError,
    InvalidDiscriminatorError,
    InvalidHandlerError,
    InvalidModelError,
)


class Untyped(BaseModel):
    text: str


class Loose(BaseModel):
    type: str


async def other_handler(websocket: WebSocket, message: OtherPing) -> None: ...


async def any_handler(websocket: WebSocket, message: Any) -> None: ...


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
        router.receive(OtherPing)(other_handler)
    assert error.value.code == "duplicate-tag"
    for part in ("Ping", "OtherPing", "type='ping'", "value of its own"):
        assert part in str(error.value)
    assert router.mapping == {Ping: first_handler}
    assert len(router.routes) == 3


def test_a_tag_has_one_model_within_a_union_too() -> None:
    router = WSRouter(discriminator="type")
    with pytest.raises(DuplicateTagError, match="OtherPing and Ping both claim"):
        router.receive(Ping | OtherPing)(any_handler)
    # Nothing was kept of what was refused.
    router.receive(Ping)(first_handler)
    assert list(router.mapping) == [Ping]


def test_without_a_discriminator_models_may_share_a_tag() -> None:
    router = WSRouter()
    router.receive(Ping)(first_handler)
    router.receive(OtherPing)(other_handler)
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
        router.receive(model)(any_handler)
    assert error.value.code == "invalid-discriminator"
    assert isinstance(error.value, ValueError)
    assert [part for part in parts if part not in str(error.value)] == []
    assert router.mapping == {}


@pytest.mark.parametrize(
    "model",
    ["Ping", Ping(type="ping"), object(), 7],
    ids=["string", "instance", "object", "number"],
)
def test_what_is_no_model(model: Any) -> None:
    with pytest.raises(InvalidModelError, match="is no message model: pass a pydantic model") as error:
        WSRouter().receive(model)
    assert isinstance(error.value, TypeError)


def test_a_forgotten_model_is_said_at_once() -> None:
    router = WSRouter()
    with pytest.raises(InvalidModelError, match=r"any_handler \(.*@router.receive\(Model\)"):
        router.receive(any_handler)
    with pytest.raises(InvalidModelError, match=r"@router.receive\(Model\)"):
        router.receive()(any_handler)


def test_a_model_that_was_taken_out_of_the_mapping_may_come_back() -> None:
    router = WSRouter(discriminator="type")
    router.receive(Ping)(first_handler)
    router.mapping.clear()
    router.receive(Ping)(first_handler)
    router.receive(Pong)(second_handler)
    with pytest.raises(DuplicateTagError):
        router.receive(OtherPing)(other_handler)


class ShortPing(BaseModel):
    type: Literal["short"] = Field(alias="t")


class LongPing(BaseModel):
    type: Literal["long"]


async def take(websocket: WebSocket, message: Any) -> None: ...


def take_one_after_another(websocket: WebSocket, message: Any) -> Any:
    yield


def test_the_alias_of_a_model_that_was_refused_does_not_count() -> None:
    router = WSRouter(discriminator="type")
    with pytest.raises(InvalidHandlerError, match="generator"):
        router.receive(ShortPing)(take_one_after_another)
    router.receive(LongPing)(take)
    assert router.parse('{"type":"long"}') == LongPing(type="long")


def test_the_alias_of_a_model_that_was_taken_out_of_the_mapping_does_not_count() -> None:
    router = WSRouter(discriminator="type")
    router.receive(ShortPing)(take)
    del router.mapping[ShortPing]
    router.receive(LongPing)(take)
    assert router.parse('{"type":"long"}') == LongPing(type="long")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"discriminator": ""}, "name of a field"),
        ({"discriminator": 7}, "name of a field"),
        ({"hook_timeout": "5"}, "number of seconds"),
        ({"hook_timeout": 0}, "number of seconds"),
        ({"hook_timeout": float("nan")}, "number of seconds"),
    ],
    ids=["no-name", "number", "text", "zero", "nan"],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WSRouter(**options)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (any_handler, "any_handler"),
        (Annotated[str, Depends(any_handler)], "not as the annotation"),
        (Depends(), "Depends"),
        (Depends("any_handler"), "Depends"),  # type: ignore[arg-type]
        (None, "None"),
    ],
    ids=["function", "annotation", "of-nothing", "of-a-name", "none"],
)
def test_what_is_listed_as_a_dependency_and_is_none_is_refused(listed: Any, message: str) -> None:
    # Or it would never be called, and everybody let in.
    with pytest.raises(InvalidDependencyError, match=message):
        WSRouter(dependencies=[listed])


def test_hooks_of_a_subclass_are_checked_at_startup() -> None:
    class Sloppy(WSRouter):
        async def _fallback(self, websocket: WebSocket, message: Any) -> None:  # type: ignore[override]
            pass

    app = FastAPI()
    app.include_router(Sloppy(), prefix="/ws")
    with pytest.raises(InvalidHandlerError, match=r"Sloppy\._fallback"), TestClient(app):
        pass


@pytest.mark.parametrize("hook", ["on_connect", "on_disconnect", "on_fallback"])
def test_a_hook_that_asks_for_a_dependency_is_refused(hook: str) -> None:
    # Otherwise the hook would take the mark for the value: a user that is always there.
    async def on_connect(websocket: WebSocket, user: Any = Depends(any_handler)) -> None: ...

    async def on_disconnect(websocket: WebSocket, code: int, user: Any = Depends(any_handler)) -> None: ...

    async def on_fallback(ws: Any, message: Any, error: Any, user: Any = Depends(any_handler)) -> None: ...

    functions = {"on_connect": on_connect, "on_disconnect": on_disconnect, "on_fallback": on_fallback}
    with pytest.raises(InvalidHandlerError, match=r"'user' as a dependency.*WSRouter\(dependencies="):
        getattr(WSRouter(), hook)(functions[hook])


def test_a_hook_takes_the_connection_first() -> None:
    async def fallback(message: str, error: Exception, websocket: WebSocket) -> None: ...

    async def goodbye(code: int, reason: str, websocket: WebSocket) -> None: ...

    with pytest.raises(InvalidHandlerError, match="the connection comes first"):
        WSRouter().on_fallback(fallback)
    with pytest.raises(InvalidHandlerError, match=r"goodbye\(websocket, code, reason\)"):
        WSRouter().on_disconnect(goodbye)


class Callee:
    async def __call__(self, websocket: WebSocket, message: Ping) -> None: ...

    async def unbound(self, message: Ping) -> None: ...


@pytest.mark.parametrize(
    ("func", "message"),
    [
        (Callee, r"Callee.*is a class. Pass an instance"),
        (Callee.unbound, r"Callee.unbound.*method of no object yet"),
        (second_handler, r"second_handler .*registered for Ping, but its 'message' is annotated as Pong"),
    ],
    ids=["class", "unbound", "other-model"],
)
def test_functions_that_cannot_be_meant(func: Any, message: str) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match=message):
        router.receive(Ping)(func)
    assert router.mapping == {}


def test_a_handler_of_one_model_cannot_serve_a_union() -> None:
    with pytest.raises(InvalidHandlerError, match="annotated as Ping"):
        WSRouter().receive(Ping | Pong)(first_handler)


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
    async def demanding(websocket: WebSocket, message: Ping, user: Response) -> None: ...

    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match="'user'"):
        router.receive(Ping)(demanding)
    with pytest.raises(InvalidHandlerError, match="not callable"):
        router.receive(Ping)(None)  # type: ignore[type-var]
    assert router.mapping == {}
    assert len(router.routes) == 2
