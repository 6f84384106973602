"""What a client says in the handshake."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, Any

import pytest
from fastapi import Cookie, Depends, FastAPI, Header, Path, Query, WebSocket
from fastapi.security import APIKeyQuery, HTTPBearer
from model_sets import PYDANTIC
from pydantic import BaseModel

from fastws import WSRouter, get_asyncapi
from fastws.asyncapi.handshake import Endpoint, list_parameters, make_binding, read_handshakes
from fastws.errors import UnresolvedError


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


class Page(BaseModel):
    limit: int = 10
    before: str | None = None


async def serve(websocket: WebSocket) -> None: ...


def read(*dependencies: Any, address: str = "/ws") -> Any:
    (handshake,), _ = read_handshakes([Endpoint(address, serve, tuple(map(Depends, dependencies)))])
    return handshake


def test_the_parameters_of_dependencies_are_found_by_their_places() -> None:
    async def inner(session: Annotated[str, Cookie()]) -> None: ...

    async def outer(
        room: str,
        name: Annotated[str, Query(min_length=1, description="Who?")],
        x_token: Annotated[str | None, Header()] = None,
        _inner: None = Depends(inner),
    ) -> None: ...

    handshake = read(outer, address="/ws/{room}")
    assert list(handshake.path) == ["room"]
    assert make_binding(handshake.query) == {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1, "title": "Name", "description": "Who?"}},
        "required": ["name"],
    }
    assert list((make_binding(handshake.headers) or {})["properties"]) == ["x-token"]
    assert (make_binding(handshake.cookies) or {})["required"] == ["session"]


def test_models_of_parameters_are_taken_apart() -> None:
    async def page(page: Annotated[Page, Query()]) -> None: ...

    binding = make_binding(read(page).query)
    assert binding is not None
    assert list(binding["properties"]) == ["limit", "before"]
    assert "required" not in binding


def test_a_schema_stands_in_the_place_of_a_reference() -> None:
    async def paint(color: Annotated[Color, Query()]) -> None: ...

    binding = make_binding(read(paint).query)
    assert binding is not None
    assert binding["properties"]["color"]["enum"] == ["red", "blue"]


def test_parameters_of_the_path_are_texts() -> None:
    async def find(
        color: Annotated[Color, Path(description="Which?")], number: Annotated[int, Path(examples=[3])]
    ) -> None: ...

    address = "/{color}/{number}/{rest}"
    assert list_parameters(address, read(find, address=address).path) == {
        "color": {"description": "Which?", "enum": ["red", "blue"]},
        "number": {"examples": ["3"]},
        "rest": {},
    }


@pytest.mark.parametrize(
    "parameter",
    [
        Query(examples=["a"]),
        Query(openapi_examples={"one": {"value": "a"}, "two": {"summary": "none"}}),
    ],
    ids=["examples", "openapi_examples"],
)
def test_examples_are_kept(parameter: Any) -> None:
    async def ask(text: str = parameter) -> None: ...

    binding = make_binding(read(ask).query)
    assert binding is not None
    assert binding["properties"]["text"]["examples"] == ["a"]


def test_what_is_deprecated_says_so_and_what_is_hidden_says_nothing() -> None:
    async def ask(
        old: Annotated[str, Query(deprecated=True)] = "", hidden: Annotated[str, Query(include_in_schema=False)] = ""
    ) -> None: ...

    binding = make_binding(read(ask).query)
    assert binding is not None
    assert binding["properties"].keys() == {"old"}
    assert binding["properties"]["old"]["deprecated"] is True


def test_security_schemes_are_found_with_who_asks_for_them() -> None:
    key, bearer = APIKeyQuery(name="key"), HTTPBearer()
    endpoints = [
        Endpoint("/a", serve, (Depends(key),)),
        Endpoint("/a", serve, (Depends(bearer),)),
        Endpoint("/a", serve),
    ]
    (first, second, third), schemes = read_handshakes(endpoints)
    assert first.security == [{"APIKeyQuery": []}]
    assert second.security == [{"HTTPBearer": []}]
    assert third.security == []
    assert schemes.keys() == {"APIKeyQuery", "HTTPBearer"}


def test_schemes_of_one_name_are_told_apart_also_behind_other_dependencies() -> None:
    def make(name: str) -> Any:
        scheme = APIKeyQuery(name=name)

        async def get_user(key: str = Depends(scheme)) -> None: ...

        return get_user

    red, blue = make("red"), make("blue")
    endpoints = [Endpoint("/a", serve, (Depends(one),)) for one in (red, blue, red, blue)]
    handshakes, schemes = read_handshakes(endpoints)
    asked = [scheme for handshake in handshakes for requirement in handshake.security for scheme in requirement]
    assert asked == ["APIKeyQuery", "APIKeyQuery_2"] * 2
    assert [schemes[name]["name"] for name in asked] == ["red", "blue"] * 2


def test_what_handlers_ask_for_is_not_required() -> None:
    async def listed(token: Annotated[str, Query()]) -> None: ...

    async def handler(token: Annotated[str, Query()], limit: Annotated[int, Query()]) -> None: ...

    (connection, message), _ = read_handshakes([Endpoint("/ws", serve, (Depends(listed),)), Endpoint("/ws", handler)])
    binding = make_binding(connection.join([message]).query)
    assert binding is not None
    assert list(binding["properties"]) == ["token", "limit"]
    assert binding["required"] == ["token"]
    assert connection.query.keys() == {"token"}


def test_where_nothing_is_asked_there_is_no_binding() -> None:
    assert make_binding(read().query) is None
    assert read_handshakes([]) == ([], {})


def test_nothing_is_left_of_it_in_the_application() -> None:
    app = FastAPI()
    app.include_router(WSRouter(dependencies=[Depends(HTTPBearer())]), prefix="/ws")
    routes, before = list(app.routes), app.openapi()
    get_asyncapi(app)
    app.openapi_schema = None  # what FastAPI keeps
    assert (list(app.routes), app.openapi()) == (routes, before)


def serve_router(router: WSRouter) -> FastAPI:
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    return app


def match_undefined(name: str) -> Any:
    place = rf"<locals>\.{name} \({re.escape(__file__)}:\d+\)"
    return pytest.raises(UnresolvedError, match=rf"{place} annotates 'limit' as .*, which is not defined\. Define")


# Annotations are evaluated among the names of the module, and those of a function are none of them.
on_later_pydantic = pytest.mark.skipif(PYDANTIC < (2, 10), reason="pydantic says it when the router is mounted")


@on_later_pydantic
def test_what_a_handler_asks_for_and_is_not_defined_is_named() -> None:
    class Limit(int): ...

    router = WSRouter()

    @router.receive(Page)
    async def on_page(websocket: WebSocket, message: Page, limit: Annotated[Limit, Query()]) -> None: ...

    with match_undefined("on_page"):
        get_asyncapi(serve_router(router))


@on_later_pydantic
def test_what_a_dependency_asks_for_and_is_not_defined_is_named() -> None:
    class Limit(int): ...

    async def find_page(limit: Limit) -> None: ...

    with match_undefined("find_page"):
        get_asyncapi(serve_router(WSRouter(dependencies=[Depends(find_page)])))
