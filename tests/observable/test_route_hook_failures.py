"""Hooks that raise, when the reply is shaped, and what cannot be a hook."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from types import MappingProxyType
from typing import Annotated, Any, cast

import pytest
from asking import FAILED, ILLEGAL, ask, error, ok
from fastapi import Body, Depends, Header, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws import SocketRouter, Status
from fastws.errors import InvalidHandlerError
from fastws.observable import HandlerResult, RouteOptions

Hook = Callable[..., Any]

HOOKS = ("data_check", "access", "hydrate", "dehydrate")


class Article(BaseModel):
    number: int


def make_router(handler: Hook, **options: Any) -> SocketRouter:
    router = SocketRouter()
    router.route("ask", cast("RouteOptions", options))(handler)
    return router


async def answer(ws: Any, headers: Any, payload: Any) -> Any:
    return payload


async def answer_with(hydrated: Any) -> Any:
    return hydrated


def make_router_of(name: str, hook: Hook) -> SocketRouter:
    """Return a router of a route with one hook, or a handler."""
    if name == "handler":
        return make_router(hook)
    return make_router(answer_with if name == "hydrate" else answer, **{name: hook})


class Taken(Exception):  # noqa: N818
    """An exception of the program's own."""


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)

RAISED = [
    pytest.param(ValueError("the secret"), error(500, FAILED), id="ValueError"),
    pytest.param(KeyError("the secret"), error(500, FAILED), id="KeyError"),
    pytest.param(AssertionError("the secret"), error(500, FAILED), id="AssertionError"),
    pytest.param(StopIteration("the secret"), error(500, FAILED), id="StopIteration"),
    pytest.param(Taken("the secret"), error(500, FAILED), id="own"),
    pytest.param(WebSocketDisconnect(1000), error(500, FAILED), id="WebSocketDisconnect"),
    pytest.param(HTTPException(409, "taken"), error(409, {"Message": "taken"}), id="HTTPException"),
    pytest.param(HTTPException(404), error(404, {"Message": "Not Found"}), id="HTTPException-without-detail"),
    pytest.param(
        HTTPException(422, {"of": ["any", 1, None]}),
        error(422, {"Message": {"of": ["any", 1, None]}}),
        id="HTTPException-with-data",
    ),
    pytest.param(
        HTTPException(400, cast("str", object())), error(400, {"Message": "400"}), id="HTTPException-that-is-no-json"
    ),
    pytest.param(
        HTTPException(cast("int", "404"), "the secret"), error(500, FAILED), id="HTTPException-without-a-status"
    ),
    pytest.param(HTTPException(2**70, "the secret"), error(500, FAILED), id="HTTPException-beyond-64-bits"),
    pytest.param(
        HTTPException(400, cast("str", ENDLESS)), error(400, {"Message": "400"}), id="HTTPException-in-itself"
    ),
    pytest.param(
        RequestValidationError(
            [{"type": "missing", "loc": ("query", "limit"), "msg": "Field required", "input": "secret"}]
        ),
        error(400, {**ILLEGAL, "detail": [{"type": "missing", "loc": ["query", "limit"], "msg": "Field required"}]}),
        id="RequestValidationError",
    ),
]


@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
@pytest.mark.parametrize("name", ["handler", *HOOKS])
@pytest.mark.parametrize(("raised", "expected"), RAISED)
def test_whatever_is_raised_there_is_a_reply_that_does_not_quote_it(
    name: str, raised: Exception, expected: dict[str, Any], caplog: pytest.LogCaptureFixture, *, plain: bool
) -> None:
    def fail(*arguments: Any) -> None:
        raise raised

    async def fail_in_loop(*arguments: Any) -> None:
        raise raised

    reply = ask(make_router_of(name, fail if plain else fail_in_loop))
    assert (reply, "the secret" in str(reply)) == (expected, False)
    # What is no answer of the program's is an error of it.
    logged = [record.getMessage() for record in caplog.records if record.name == "fastws"]
    assert logged == (["a request to 'ask' failed"] if expected["status"] == 500 else [])


@pytest.mark.parametrize("name", ["handler", *HOOKS])
def test_what_pydantic_says_in_the_program_is_no_error_of_the_client(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    def validate(*arguments: Any) -> Article:
        return Article.model_validate({"number": "the secret"})

    assert ask(make_router_of(name, validate)) == error(500, FAILED)
    assert "ValidationError" in caplog.text


@pytest.mark.parametrize(
    ("status", "shaped"),
    [
        (None, True),
        (200, True),
        (Status.CREATED, True),
        (299, True),
        (199, False),
        (300, False),
        (404, False),
        (500, False),
    ],
)
@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
def test_only_a_payload_of_success_is_shaped(status: int | None, *, shaped: bool, plain: bool) -> None:
    async def handle(ws: Any, headers: Any, payload: Any) -> HandlerResult:
        return {"status": status, "headers": {"a": 1}, "payload": 20}

    def double(payload: int) -> int:
        return 2 * payload

    async def double_in_loop(payload: int) -> int:
        return 2 * payload

    router = make_router(handle, dehydrate=double if plain else double_in_loop)
    expected = {"headers": {"a": 1}, "payload": 40 if shaped else 20, "status": 200 if status is None else status}
    assert ask(router) == expected


@pytest.mark.parametrize("returned", [None, [], {}, "text", {"payload": 1, "other": 2}], ids=repr)
def test_what_is_returned_alone_is_shaped_too(returned: Any) -> None:
    async def handle(ws: Any, headers: Any, payload: Any) -> Any:
        return returned

    assert ask(make_router(handle, dehydrate=lambda payload: [payload])) == ok([returned])


def test_a_result_that_dehydrate_returns_is_a_payload_like_any() -> None:
    result = {"status": 404, "payload": 1}
    assert ask(make_router(answer, dehydrate=lambda payload: result)) == ok(result)


@pytest.mark.parametrize(
    "returned", [object(), float, {1, object()}, lambda: None], ids=["object", "class", "set", "function"]
)
def test_what_dehydrate_returns_has_to_be_json(returned: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(make_router(answer, dehydrate=lambda payload: returned)) == error(500, FAILED)
    assert "PydanticSerializationError" in caplog.text


def test_with_dehydrate_what_the_handler_is_annotated_to_return_is_not_read() -> None:
    class Row:
        name = "Ann"

    async def handle(ws: Any, headers: Any, payload: Any) -> Row:
        return Row()

    assert ask(make_router(handle, dehydrate=lambda row: row.name)) == ok("Ann")


@pytest.mark.parametrize("options", [None, {}, dict.fromkeys(HOOKS), MappingProxyType({"access": None})], ids=str)
def test_hooks_may_be_none(options: Any) -> None:
    router = SocketRouter()
    router.route("ask", options)(answer)
    assert ask(router, payload=1) == ok(1)


async def needs_three(message: Any, local: Any, limit: Any) -> bool:
    return True


async def needs_name(message: Any, *, limit: int) -> bool:
    return True


async def depends(message: Any, user: Annotated[str, Depends(needs_name)]) -> bool:
    return True


async def depends_by_default(message: Any, user: str = Depends(needs_name)) -> bool:
    return True


async def reads_query(message: Any, *, limit: Annotated[int, Query()] = 1) -> bool:
    return True


async def reads_header(message: Any, x_user: str = Header("nobody")) -> bool:
    return True


async def reads_body(message: Any, body: Annotated[dict[str, Any], Body()]) -> bool:
    return True


def yields(*arguments: Any) -> Iterator[bool]:
    yield False


async def yields_in_loop(*arguments: Any) -> AsyncIterator[bool]:
    yield False


class Check:
    def check(self, message: Any) -> bool:
        return True


NO_DEPENDENCY = "as a dependency, which hooks do not have. Let a dependency of the endpoint put"


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize(
    ("hook", "parts"),
    [
        pytest.param(1, ["1 cannot be", "not callable"], id="number"),
        pytest.param("check", ["'check' cannot be", "not callable"], id="text"),
        pytest.param(False, ["False cannot be", "not callable"], id="false"),
        pytest.param(Check, ["Check cannot be", "it is a class"], id="class"),
        pytest.param(Check.check, ["Check.check (", "it is a method of no object yet"], id="method"),
        pytest.param(needs_name, ["needs_name (", "'limit'", "Write it as `async def needs_name("], id="keyword"),
        pytest.param(depends, ["depends (", "'user'", NO_DEPENDENCY], id="depends"),
        pytest.param(depends_by_default, ["depends_by_default (", "'user'", NO_DEPENDENCY], id="depends-by-default"),
        pytest.param(reads_query, ["reads_query (", "'limit'", NO_DEPENDENCY], id="query"),
        pytest.param(reads_header, ["reads_header (", "'x_user'", NO_DEPENDENCY], id="header"),
        pytest.param(reads_body, ["reads_body (", "'body'", NO_DEPENDENCY], id="body"),
        pytest.param(functools.partial(depends), ["depends (", "'user'", NO_DEPENDENCY], id="partial"),
    ],
)
def test_what_cannot_be_called_or_would_not_be_as_meant_is_no_hook(name: str, hook: Any, parts: list[str]) -> None:
    with pytest.raises(InvalidHandlerError) as raised:
        make_router(answer, **{name: hook})
    assert [part for part in parts if part not in str(raised.value)] == []
    assert raised.value.code == "invalid-handler"


async def takes_connection(connection: WebSocket) -> bool:
    return True


@pytest.mark.parametrize("name", ["data_check", "access"])
@pytest.mark.parametrize("hook", [yields, yields_in_loop, functools.partial(yields)], ids=["plain", "async", "partial"])
def test_a_generator_is_no_check_because_it_is_always_true(name: str, hook: Hook) -> None:
    with pytest.raises(InvalidHandlerError, match=rf"yields.* cannot be {name}: it is a generator"):
        make_router(answer, **{name: hook})


def test_a_hook_that_needs_more_than_there_is_is_refused() -> None:
    with pytest.raises(InvalidHandlerError, match=r"cannot be data_check: missing .*'limit'.*\(message, local\)`"):
        make_router(answer, data_check=needs_three)


@pytest.mark.parametrize(
    ("name", "hook", "wrong"),
    [
        pytest.param("data_check", lambda ws, message: True, "ws", id="check-connection"),
        pytest.param("data_check", lambda local: True, "local", id="check-local"),
        pytest.param("data_check", lambda local, message: True, "local", id="check-swapped"),
        pytest.param("data_check", takes_connection, "connection", id="check-annotated"),
        pytest.param("access", lambda message: True, "message", id="access-message"),
        pytest.param("access", lambda message, ws: True, "message", id="access-swapped"),
        pytest.param("access", lambda ws, local: True, "local", id="access-local"),
        pytest.param("access", lambda first, websocket: True, "websocket", id="access-second"),
        pytest.param("hydrate", lambda message: True, "message", id="hydrate-message"),
        pytest.param("hydrate", lambda message, ws: True, "message", id="hydrate-swapped"),
    ],
)
def test_a_hook_that_would_get_something_else_than_it_says_is_refused(name: str, hook: Hook, wrong: str) -> None:
    with pytest.raises(InvalidHandlerError, match=rf"takes '{wrong}' in the wrong place for {name}, .* called as \("):
        make_router(answer, **{name: hook})


@pytest.mark.parametrize(
    ("name", "hook"),
    [
        pytest.param("data_check", lambda data, cache: True, id="other-names"),
        pytest.param("data_check", lambda message, limit=5, ws=None: True, id="default-of-its-own"),
        pytest.param("access", lambda socket, *, ws=None: True, id="keyword"),
        pytest.param("dehydrate", lambda message: message, id="payload-of-a-chat"),
    ],
)
def test_other_names_say_nothing(name: str, hook: Hook) -> None:
    assert ask(make_router(answer, **{name: hook}))["status"] == 200


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        pytest.param({"acess": answer}, ["'ask' has no option 'acess'", "data_check, access, hydrate"], id="misspelt"),
        pytest.param({"data_check": None, 1: None}, ["no option 1"], id="number"),
        pytest.param([("access", answer)], ["a dictionary of hooks", "not [("], id="list"),
        pytest.param("access", ["a dictionary of hooks", "not 'access'"], id="text"),
        pytest.param(answer, ["a dictionary of hooks"], id="function"),
    ],
)
def test_options_are_a_dictionary_of_known_hooks(options: Any, parts: list[str]) -> None:
    router = SocketRouter()
    with pytest.raises(InvalidHandlerError) as raised:
        router.route("ask", options)(answer)
    assert [part for part in parts if part not in str(raised.value)] == []
    assert dict(router.routes) == {}


def test_a_handler_that_does_not_take_what_hydrate_returns_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    router = make_router(answer, hydrate=lambda ws, message: "never used")
    assert ask(router, payload=1) == ok(1)
    assert "takes (ws, headers, payload), and not what hydrate of the route 'ask' returns" in caplog.text
