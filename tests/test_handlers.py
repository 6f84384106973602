"""How handlers are called, and what cannot be one."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Annotated, Any, Protocol

import pytest
from model_kinds import Base, Box, Pair, Ping, Point, Pong, Total
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket
from typing_extensions import TypedDict

from fastws.callables import Handler, as_async
from fastws.errors import InvalidHandlerError
from fastws.handlers import plan_handler


class Sender(Protocol):
    async def send_text(self, data: str) -> None: ...


WEBSOCKET = WebSocket({"type": "websocket"}, None, None)  # type: ignore[arg-type]
MESSAGE = Ping(type="ping")

calls: list[tuple[Any, ...]] = []


async def plain(websocket: WebSocket, message: Ping) -> None:
    calls.append((websocket, message))


async def bare(websocket, message):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, RUF100
    calls.append((websocket, message))


async def swapped(message: Ping, websocket: WebSocket) -> None:
    calls.append((websocket, message))


async def half_swapped(message: Ping, websocket) -> None:  # type: ignore[no-untyped-def]
    calls.append((websocket, message))


async def half_plain(websocket, message: Ping) -> None:  # type: ignore[no-untyped-def]
    calls.append((websocket, message))


async def other_annotation(message: dict[str, Any], websocket: WebSocket) -> None:
    calls.append((websocket, message))


async def by_protocol(socket: Sender, message: Any) -> None:
    calls.append((socket, message))


async def by_base(message: Base, connection: HTTPConnection) -> None:
    calls.append((connection, message))


async def by_union(message: Ping | Pong, websocket: WebSocket) -> None:
    calls.append((websocket, message))


async def by_string(message: Missing, websocket: WebSocket) -> None:  # type: ignore[name-defined]  # noqa: F821
    calls.append((websocket, message))


async def annotated(message: Annotated[Ping, "a note"], websocket: Annotated[WebSocket, "a note"]) -> None:
    calls.append((websocket, message))


async def keywords(*, message: Ping, websocket: WebSocket) -> None:
    calls.append((websocket, message))


async def keyword_message(websocket: WebSocket, *, message: Ping) -> None:
    calls.append((websocket, message))


async def positional_only(message: Ping, websocket: WebSocket, /) -> None:
    calls.append((websocket, message))


async def message_and_more(message: Ping, websocket: WebSocket, *args: Any) -> None:
    assert args == ()
    calls.append((websocket, message))


async def variadic(*args: Any, **kwargs: Any) -> None:
    calls.append(args)


class Callee:
    async def __call__(self, websocket: WebSocket, message: Ping) -> None:
        calls.append((websocket, message))

    async def method(self, message: Ping, websocket: WebSocket) -> None:
        calls.append((websocket, message))


async def with_prefix(prefix: str, websocket: WebSocket, message: Ping) -> None:
    assert prefix == "p"
    calls.append((websocket, message))


@functools.wraps(swapped)
async def wrapped(*args: Any, **kwargs: Any) -> None:
    await swapped(*args, **kwargs)


def synchronous(websocket: WebSocket, message: Ping) -> None:
    assert threading.current_thread() is not threading.main_thread()
    calls.append((websocket, message))


def returns_coroutine(message: Ping, websocket: WebSocket) -> Any:
    return plain(websocket, message)


def call(plan: Handler, *arguments: Any) -> None:
    """Call a plan in an event loop of its own."""

    async def run() -> None:
        await plan(*arguments)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def _forget_calls() -> None:
    calls.clear()


@pytest.mark.parametrize(
    "func",
    [
        plain,
        bare,
        swapped,
        half_swapped,
        half_plain,
        other_annotation,
        by_protocol,
        by_base,
        by_union,
        annotated,
        keywords,
        keyword_message,
        positional_only,
        variadic,
        message_and_more,
        Callee(),
        pytest.param(Callee().method, id="method"),
        pytest.param(functools.partial(with_prefix, "p"), id="partial"),
        wrapped,
        synchronous,
        returns_coroutine,
    ],
)
def test_both_arguments_find_their_places(func: Callable[..., Any]) -> None:
    call(plan_handler(func, Ping), WEBSOCKET, MESSAGE)
    assert calls == [(WEBSOCKET, MESSAGE)]


def test_an_annotation_that_cannot_be_resolved_is_matched_by_its_name() -> None:
    class Missing(BaseModel):
        pass

    call(plan_handler(by_string, Missing), WEBSOCKET, MESSAGE)
    assert calls == [(WEBSOCKET, MESSAGE)]


async def only_message(message: Ping) -> None:
    calls.append((message,))


async def only_message_by_position(data: dict[str, Any]) -> None:
    calls.append((data,))


async def only_websocket(websocket: WebSocket) -> None:
    calls.append((websocket,))


async def nothing() -> None:
    calls.append(())


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        (only_message, (MESSAGE,)),
        (only_message_by_position, (MESSAGE,)),
        (only_websocket, (WEBSOCKET,)),
        (nothing, ()),
    ],
)
def test_a_handler_gets_only_what_it_asks_for(func: Callable[..., Any], expected: tuple[Any, ...]) -> None:
    call(plan_handler(func, Ping), WEBSOCKET, MESSAGE)
    assert calls == [expected]


def test_the_plain_signature_costs_nothing() -> None:
    assert plan_handler(plain, Ping) is plain


async def one_too_many(websocket: WebSocket, message: Ping, user) -> None: ...  # type: ignore[no-untyped-def]


async def two_models(message: Ping, other: Pong) -> None: ...


async def ambiguous(argument) -> None: ...  # type: ignore[no-untyped-def]


async def list_first(tags: list[str], message: Ping) -> None: ...


async def generator(websocket: WebSocket, message: Ping) -> Any:
    yield


@pytest.mark.parametrize(
    ("func", "parts"),
    [
        (None, ["None", "not callable"]),
        ("text", ["'text'", "not callable"]),
        (one_too_many, ["one_too_many", "test_handlers.py", "'user'", "Depends(get_user)"]),
        (two_models, ["two_models", "'other'", "one message", "Pong"]),
        (ambiguous, ["ambiguous", "'argument'"]),
        (list_first, ["list_first", "'tags'", "body"]),
        (generator, ["generator", "is a generator", "-> AsyncIterator[Model]"]),
    ],
)
def test_what_cannot_be_a_handler(func: Any, parts: list[str]) -> None:
    with pytest.raises(InvalidHandlerError) as error:
        plan_handler(func, Ping)
    assert isinstance(error.value, TypeError)
    assert error.value.code == "invalid-handler"
    assert [part for part in parts if part not in str(error.value)] == []


def test_a_function_without_signature_is_called_with_both() -> None:
    # `dict.update` has no signature; `{}.update(ws, m)` is a TypeError of its own, which shows what it was called with.
    with pytest.raises(TypeError, match="at most 1 argument, got 2"):
        call(plan_handler({}.update, Ping), WEBSOCKET, MESSAGE)


def test_a_coroutine_function_stays_as_it_is() -> None:
    assert as_async(plain) is plain
    partial = functools.partial(with_prefix, "p")
    assert as_async(partial) is partial
    callee = Callee()
    assert as_async(callee) is callee
    of_object = functools.partial(callee)
    assert as_async(of_object) is of_object


class Other(TypedDict):
    total: int


MODELS: list[Any] = [Ping, Pong, Point, Total, Pair[int], Box[int], Ping | Pong]


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("annotation", MODELS, ids=str)
def test_a_message_that_is_annotated_as_another_model_is_refused(annotation: Any, model: Any) -> None:
    async def func(socket: WebSocket, data: Any) -> None: ...

    func.__annotations__["data"] = annotation
    if annotation == model or (annotation == (Ping | Pong) and model in {Ping, Pong}):
        assert plan_handler(func, model) is func
    else:
        with pytest.raises(InvalidHandlerError, match=r"registered for .* its 'data' is annotated as .*both the same"):
            plan_handler(func, model)


@pytest.mark.parametrize(
    ("annotation", "model"),
    [(Base, Ping), (Ping, Base), (Box, Box[int]), (Pair, Pair[int]), (Annotated[Ping, "a"], Ping), (Other, Total)],
    ids=str,
)
def test_a_message_may_be_annotated_as_a_relative(annotation: Any, model: Any) -> None:
    async def func(socket: WebSocket, data: Any) -> None: ...

    func.__annotations__["data"] = annotation
    assert plan_handler(func, model) is func
