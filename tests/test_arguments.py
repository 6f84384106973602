"""Which parameter of a handler is the connection, which the message, and which are FastAPI's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, Protocol
from uuid import UUID

import pytest
import typing_extensions
from fastapi import Body, Depends, FastAPI, Header, Query, Security, WebSocket
from fastapi.testclient import TestClient
from model_kinds import Base, Box, Either, Numbers, Pair, Ping, Point, Pong, T, Total, get_ping, taking
from pydantic import Field
from starlette.requests import HTTPConnection
from typing_extensions import TypeAliasType

import fastws
from fastws import WSRouter
from fastws._inspect import signature_of
from fastws.arguments import drop_bound, match_arguments
from fastws.errors import UnresolvedError
from fastws.handlers import find_message, plan_handler

if TYPE_CHECKING:
    from elsewhere import Socket, User  # type: ignore[import-not-found]

    CurrentUser = Annotated[User, Depends(len)]


class Sender(Protocol):
    async def send_text(self, data: str) -> None: ...


class Color(Enum):
    RED = "red"


Earlier = TypeAliasType("Earlier", Annotated[Ping, Depends(get_ping)])
Size = NewType("Size", int)
Kind = TypeAliasType("Kind", Literal["a", "b"])


def match(func: Callable[..., Any], model: Any = Ping) -> tuple[str | None, str | None, list[str]]:
    """Return the names of the connection, of the message and of the others."""
    signature = signature_of(func)
    assert signature is not None
    found = match_arguments(drop_bound(func, signature), model)
    names = [parameter.name if parameter else None for parameter in (found.connection, found.message)]
    return names[0], names[1], [parameter.name for parameter in found.others]


@pytest.mark.parametrize(
    "connection", [WebSocket, fastws.WebSocket, HTTPConnection, Any, typing_extensions.Any, object, Sender]
)
@pytest.mark.parametrize(
    ("message", "model"),
    [
        (Ping, Ping),
        (Base, Ping),
        (Ping | Pong, Ping),
        (Ping | Pong, Ping | Pong),
        (Annotated[Ping | Pong, Field(discriminator="type")], Ping | Pong),
        (Annotated[Ping, "a note"], Ping),
        (Annotated[Ping, Body(examples=[{}])], Ping),
        (Either, Either),
        (Either, Ping | Pong),
        (Any, Ping),
        (typing_extensions.Any, Ping),
        (object, Ping),
        (T, Ping),
        (Sender, Ping),
        (dict, Total),
        (dict[str, Any], Ping),
        (Mapping[str, Any], Total),
        (Total, Total),
        (Point, Point),
        (Pair[int], Pair[int]),
        (Box[int], Box[int]),
        (Numbers, Numbers),
        ("Undefined", Ping),
    ],
    ids=str,
)
def test_the_connection_and_the_message_in_their_usual_order(connection: Any, message: Any, model: Any) -> None:
    assert match(taking(socket=connection, data=message), model) == ("socket", "data", [])


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        pytest.param(taking(a=..., b=...), ("a", "b", []), id="no annotations"),
        pytest.param(taking(a=Ping, b=WebSocket), ("b", "a", []), id="swapped"),
        pytest.param(taking(a=Ping, b=...), ("b", "a", []), id="a message and something"),
        pytest.param(taking(a=..., b=Ping), ("a", "b", []), id="something and a message"),
        pytest.param(taking(a=WebSocket, b=...), ("a", "b", []), id="a connection and something"),
        pytest.param(taking(a=..., b=WebSocket), ("b", "a", []), id="something and a connection"),
        pytest.param(taking(a=int, b=Ping, c=str, d=WebSocket), ("d", "b", ["a", "c"]), id="among others"),
        pytest.param(taking(a=int, b=str, c=Ping), (None, "c", ["a", "b"]), id="message last"),
        pytest.param(taking(a=Ping), (None, "a", []), id="message alone"),
        pytest.param(taking(a=WebSocket), ("a", None, []), id="connection alone"),
        pytest.param(taking(a=dict[str, Any]), (None, "a", []), id="dict alone"),
        pytest.param(taking(a=...), (None, None, ["a"]), id="one without annotation could be either"),
        pytest.param(taking(), (None, None, []), id="nothing"),
        pytest.param(taking(a=WebSocket, b=Ping, c=WebSocket), ("a", "b", ["c"]), id="two connections"),
        pytest.param(taking(a=WebSocket, b=Ping, c=Ping), ("a", "b", ["c"]), id="two messages"),
        pytest.param(taking(a=WebSocket, b=Pong, c=Ping), ("a", "c", ["b"]), id="another model before"),
        pytest.param(taking(a=Any, b=Any, c=int), ("a", "b", ["c"]), id="Any"),
        pytest.param(taking(a=Total, b=...), (None, "a", ["b"]), id="a TypedDict, which is no connection"),
        pytest.param(taking(a=Point, b=Ping), (None, "b", ["a"]), id="a dataclass, which is no connection"),
        pytest.param(taking(a="WebSocket", b="Ping"), ("a", "b", []), id="strings"),
        pytest.param(taking(a="models.Ping", b="starlette.WebSocket"), ("b", "a", []), id="undefined, by name"),
        pytest.param(taking(a="Socket", b="Message"), ("a", "b", []), id="undefined, by position"),
    ],
)
def test_annotations_count_first_and_positions_second(func: Callable[..., Any], expected: Any) -> None:
    assert match(func) == expected


SCALARS = [str, bytes, int, float, bool, complex, Decimal, UUID, datetime, Color, Size, Kind, Literal["a", 1]]


@pytest.mark.parametrize(
    "scalar", [*SCALARS, int | None, Annotated[int, "a note"], "int", "int | None", Literal["a"] | None], ids=str
)
def test_what_stands_in_a_query_is_neither(scalar: Any) -> None:
    assert match(taking(socket=WebSocket, limit=scalar)) == ("socket", None, ["limit"])
    assert match(taking(limit=scalar, message=Ping)) == (None, "message", ["limit"])


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[Ping, Depends(get_ping)],
        Annotated[Ping, Security(get_ping)],
        Annotated[Ping, Query()],
        Annotated[Ping, Header()],
        Annotated[WebSocket, Depends(get_ping)],
        Annotated[Any, Depends(get_ping)],
        Earlier,
    ],
    ids=["Depends", "Security", "Query", "Header", "connection", "Any", "alias"],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_is_marked_is_neither_whatever_its_type_is(annotation: Any, place: int) -> None:
    annotations = [("socket", WebSocket), ("message", Ping)]
    annotations.insert(place, ("earlier", annotation))
    func = taking(**dict(annotations))
    assert match(func) == ("socket", "message", ["earlier"])
    assert find_message(func) is Ping


async def with_defaults(
    message: Ping, earlier: Ping = Depends(get_ping), limit: int = 3, tags: list[str] = Query([])
) -> None: ...


async def keywords(limit: int, *, message: Ping, websocket: WebSocket) -> None: ...


async def many(websocket: WebSocket, message: Ping, *args: Any, **kwargs: Any) -> None: ...


async def positional(message: Ping, websocket: WebSocket, /, limit: int) -> None: ...


async def bound(previous: Ping, websocket: WebSocket, message: Ping, limit: int = 3) -> None: ...


class Chat:
    async def handle(self, message: Ping, websocket: WebSocket) -> None: ...

    async def __call__(self, message: Ping, websocket: WebSocket) -> None: ...


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        pytest.param(with_defaults, (None, "message", ["earlier", "limit", "tags"]), id="defaults"),
        pytest.param(keywords, ("websocket", "message", ["limit"]), id="keywords"),
        pytest.param(many, ("websocket", "message", []), id="variadic"),
        pytest.param(positional, ("websocket", "message", ["limit"]), id="positional"),
        pytest.param(Chat().handle, ("websocket", "message", []), id="method"),
        pytest.param(Chat(), ("websocket", "message", []), id="object"),
        pytest.param(functools.partial(bound, get_ping()), ("websocket", "message", ["limit"]), id="partial"),
        pytest.param(
            functools.partial(bound, previous=get_ping(), limit=1), ("websocket", "message", []), id="partial by name"
        ),
        pytest.param(
            functools.partial(functools.partial(bound, previous=get_ping()), limit=1),
            ("websocket", "message", []),
            id="partial of a partial",
        ),
    ],
)
def test_every_kind_of_function_and_of_parameter(func: Callable[..., Any], expected: Any) -> None:
    assert match(func) == expected
    assert find_message(func) is Ping


async def user_behind(message: Ping, user: Annotated[User, Depends(get_ping)]) -> None: ...


async def alias_behind(message: Ping, user: CurrentUser) -> None: ...


async def user_instead(websocket: WebSocket, user: Annotated[User, Depends(get_ping)]) -> None: ...


async def user_beside(websocket: WebSocket, message: Ping, user: CurrentUser) -> None: ...


@pytest.mark.parametrize("func", [user_behind, alias_behind, user_instead, user_beside])
def test_a_dependency_that_is_imported_for_type_checkers_alone_is_no_connection(func: Callable[..., Any]) -> None:
    # It would be taken for a user that is always there.
    with pytest.raises(UnresolvedError, match=r"annotates 'user' as .*not defined. Define or import it"):
        plan_handler(func, Ping)


async def user_by_default(message: Ping, user: User = Depends(get_ping)) -> None: ...


async def socket_and_message(socket: Socket, message: User) -> None: ...


@pytest.mark.parametrize("func", [user_by_default, socket_and_message])
def test_a_type_that_nobody_needs_may_be_imported_for_type_checkers_alone(func: Callable[..., Any]) -> None:
    plan_handler(func, Ping)


MANAGER = object()


def test_a_default_of_the_programs_own_is_nothing_that_a_client_can_set(app: FastAPI, client: TestClient) -> None:
    router = WSRouter()

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping, manager=MANAGER, times=1) -> dict[str, Any]:  # type: ignore[no-untyped-def]
        return {"kept": manager is MANAGER, "times": times}

    app.include_router(router, prefix="/ws")
    with client.websocket_connect("/ws?manager=evil&times=3") as websocket:
        websocket.send_text('{"type":"ping"}')
        assert websocket.receive_json() == {"kept": True, "times": "3"}
    parameters = client.get("/openapi.json").json()["paths"]["/ws (ping)"]["post"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["times"]
