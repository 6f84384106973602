"""Documentation-only routes and what FastAPI is shown of a handler."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.routing import Match
from starlette.websockets import WebSocket

from fastws import WSMainRoute, WSRoute, WSRouter
from fastws._inspect import name_callable
from fastws.openapi import document


class Item(BaseModel):
    name: str


async def annotated(websocket: WebSocket, message: Item) -> None:
    """Do something with an item."""


async def bare(websocket, message) -> None:  # type: ignore[no-untyped-def]
    """Do something with an item."""


async def bare_message(websocket: WebSocket, data, limit: int = 3) -> None: ...  # type: ignore[no-untyped-def]


async def bare_swapped(message: Item, websocket) -> None: ...  # type: ignore[no-untyped-def]


async def variadic(*args: Any, **kwargs: Any) -> None: ...


class Callee:
    async def __call__(self, websocket, message) -> None: ...  # type: ignore[no-untyped-def]


def operation_of(func: Any) -> dict[str, Any]:
    """Return what OpenAPI says of a handler of `Item`."""
    app, router = FastAPI(), WSRouter()
    router.receive(Item, path=": item")(func)
    app.include_router(router, prefix="/ws")
    operation: dict[str, Any] = app.openapi()["paths"]["/ws: item"]["post"]
    return operation


def test_a_handler_that_says_all_is_shown_as_written() -> None:
    assert document(annotated, Item) is annotated


@pytest.mark.parametrize("func", [annotated, bare, bare_swapped, Callee()], ids=name_callable)
def test_the_message_is_the_body_and_nothing_else_is_asked_for(func: Any) -> None:
    operation = operation_of(func)
    assert "parameters" not in operation
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Item"}


def test_other_parameters_are_documented_as_fastapi_does() -> None:
    operation = operation_of(bare_message)
    assert [parameter["name"] for parameter in operation["parameters"]] == ["limit"]
    assert "requestBody" in operation


def test_variadic_parameters_are_not_documented() -> None:
    operation = operation_of(variadic)
    assert "parameters" not in operation


def test_a_stand_in_looks_like_the_handler() -> None:
    stand_in = document(bare, Item)
    assert stand_in is not bare
    assert (stand_in.__name__, stand_in.__doc__, stand_in.__module__) == (bare.__name__, bare.__doc__, bare.__module__)
    assert stand_in.__globals__ is bare.__globals__
    assert list(inspect.signature(stand_in).parameters) == ["websocket", "message"]
    assert operation_of(bare)["description"] == "Do something with an item."


def test_a_function_without_signature_is_shown_as_it_is() -> None:
    update = dict[str, str]().update
    assert document(update, Item) is update


@pytest.mark.parametrize(
    ("func", "name"),
    [
        (annotated, "annotated"),
        (functools.partial(annotated), "annotated"),
        (functools.partial(functools.partial(annotated)), "annotated"),
        (Callee(), "Callee"),
        (Callee().__call__, "__call__"),
    ],
    ids=["function", "partial", "partial-of-partial", "object", "method"],
)
def test_a_handler_is_named(func: Any, name: str) -> None:
    assert name_callable(func) == name


@pytest.mark.parametrize("cls", [WSRoute, WSMainRoute])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_documentation_route_never_matches(cls: type[WSRoute], kind: str) -> None:
    route = cls("/ws", annotated, methods=["POST"])
    assert route.matches({"type": kind, "method": "POST", "path": "/ws", "headers": []}) == (Match.NONE, {})


@pytest.mark.parametrize("path", ["/ws", "/ws (annotated)", "/ws%20(annotated)"])
def test_no_request_reaches_a_documentation_route(path: str) -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Item)(annotated)
    app.include_router(router, prefix="/ws")
    assert TestClient(app).post(path, json={"name": "x"}).status_code == 404


def test_the_document_is_served() -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Item)(bare)
    app.include_router(router, prefix="/ws")
    assert TestClient(app).get("/openapi.json").json() == app.openapi()
    assert TestClient(app).get("/docs").status_code == 200
