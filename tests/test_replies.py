"""What a handler returns: which values are sent, how they are written, and which declarations are refused."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NoReturn

import pytest
from exchanges import Exchange, exchange
from fastapi import Depends, FastAPI, WebSocket
from fastapi.responses import JSONResponse, Response
from fastapi.testclient import TestClient
from peers import Peer, Say
from pydantic import BaseModel, Field, RootModel, ValidationError
from pydantic_core import PydanticSerializationError
from typing_extensions import Never, TypeAliasType, TypedDict

from fastws import WSRouter, replies
from fastws.errors import InvalidHandlerError, InvalidReplyError, UnresolvedError

pytestmark = pytest.mark.anyio


class Item(BaseModel):
    name: str = "tea"
    price: float | None = None


class Offer(Item):
    secret: str = "of the house"


class Count(BaseModel):
    count: int


@dataclass
class Point:
    x: int


class Total(TypedDict):
    total: int


class Color(Enum):
    RED = "red"


class Row:
    """What a database gives: attributes."""

    name = "row"
    price = 2


class Opaque:
    """What pydantic cannot serialise."""


class Numbers(RootModel[list[int]]):
    pass


MaybeItem = TypeAliasType("MaybeItem", Item | None)

TEA = '{"name":"tea","price":null}'


async def items() -> AsyncIterator[Item]:
    yield Item()
    yield Item()


def returning(annotation: Any, value: Any) -> Callable[..., Awaitable[Any]]:
    """Return a handler that declares one thing and returns another."""

    async def handle(message: Say) -> Any:
        return value

    handle.__annotations__["return"] = annotation
    return handle


@pytest.mark.parametrize(
    ("annotation", "value", "frame"),
    [
        pytest.param(Item, Item(), TEA, id="model"),
        pytest.param(Item, {"name": "milk"}, '{"name":"milk","price":null}', id="model, of a dict"),
        pytest.param(Item, Row(), '{"name":"row","price":2.0}', id="model, of attributes"),
        pytest.param(Item, Offer(), TEA, id="model, of a subclass with more fields"),
        pytest.param(Item | Count, Item(), TEA, id="union, first"),
        pytest.param(Item | Count, Count(count=3), '{"count":3}', id="union, second"),
        pytest.param(Item | None, Item(), TEA, id="optional"),
        pytest.param(MaybeItem, Item(), TEA, id="alias of a type"),
        pytest.param(list[Item], [Item(), Row()], f'[{TEA},{{"name":"row","price":2.0}}]', id="list"),
        pytest.param(list[Item], [], "[]", id="empty list"),
        pytest.param(tuple[Item, int], (Item(), 1), f"[{TEA},1]", id="tuple"),
        pytest.param(Numbers, Numbers([1, 2]), "[1,2]", id="root model"),
        pytest.param(dict, {"item": Item(), "n": 2**70}, f'{{"item":{TEA},"n":{2**70}}}', id="dict"),
        pytest.param(dict[str, int], {"a": "1"}, '{"a":1}', id="dict of numbers"),
        pytest.param(dict[str, float], {"a": float("nan")}, '{"a":null}', id="not a number"),
        pytest.param(Any, {"item": Item()}, f'{{"item":{TEA}}}', id="Any"),
        pytest.param(object, [Item()], f"[{TEA}]", id="object"),
        pytest.param(Total, {"total": 7}, '{"total":7}', id="TypedDict"),
        pytest.param(Point, Point(x=1), '{"x":1}', id="dataclass"),
        pytest.param(Point, {"x": 2}, '{"x":2}', id="dataclass, of a dict"),
        pytest.param(str, "tea", '"tea"', id="str"),
        pytest.param(str, "", '""', id="empty str"),
        pytest.param(int, 0, "0", id="int"),
        pytest.param(bool, False, "false", id="bool"),
        pytest.param(float, 1, "1.0", id="float"),
        pytest.param(bytes, b"tea", '"tea"', id="bytes"),
        pytest.param(Color, Color.RED, '"red"', id="enum"),
        pytest.param(Literal["a", "b"], "b", '"b"', id="literal"),
        pytest.param(Annotated[Item, "a note"], Item(), TEA, id="Annotated"),
        pytest.param(Annotated[int, Field(gt=0)], 3, "3", id="Annotated with a constraint"),
        pytest.param("Item | Count", Count(count=1), '{"count":1}', id="string"),
    ],
)
async def test_a_returned_value_is_sent(annotation: Any, value: Any, frame: str) -> None:
    # Neither does the serializer warn of anything: warnings are errors here.
    assert await exchange(returning(annotation, value)) == Exchange([frame], [])
    assert await exchange(returning(annotation, value), as_text=False) == Exchange([frame.encode()], [])


async def undeclared(message: Say):  # type: ignore[no-untyped-def]  # noqa: ANN201, RUF100
    return Item()


NOTHING = (None, "None", type(None), NoReturn, Never)
ANYTHING = (Item, Item | None, list[Item], Any, object, str, AsyncIterator[Item], MaybeItem)


@pytest.mark.parametrize(
    "handle",
    [
        pytest.param(undeclared, id="no annotation"),
        *(pytest.param(returning(nothing, Item()), id=repr(nothing)) for nothing in NOTHING),
        *(pytest.param(returning(anything, None), id=f"None for {anything}") for anything in ANYTHING),
    ],
)
async def test_nothing_is_sent(handle: Callable[..., Any]) -> None:
    assert await exchange(handle) == Exchange([], [])


class Shop:
    async def sell(self, message: Say) -> Item:
        return Item(name=message.text)

    async def __call__(self, message: Say) -> Item:
        return Item(name=message.text)


async def sell(prefix: str, message: Say) -> Item:
    return Item(name=prefix + message.text)


async def sell_annotated(message: Say, websocket: WebSocket) -> Annotated[Item, "a note"]:
    return Item(name=message.text)


def sell_in_thread(message: Say) -> Item:
    assert threading.current_thread() is not threading.main_thread()
    return Item(name=message.text)


def sell_later(message: Say) -> Awaitable[Item]:
    return Shop().sell(message)


def sell_by_coroutine(message: Say) -> Coroutine[Any, Any, Item]:
    return Shop().sell(message)


def sell_at_once(message: Say) -> Awaitable:  # type: ignore[type-arg]
    return Shop().sell(message)


@functools.wraps(sell_annotated)
async def wrapped(*args: Any, **kwargs: Any) -> Any:
    return await sell_annotated(*args, **kwargs)


@pytest.mark.parametrize(
    "func",
    [
        Shop().sell,
        Shop(),
        functools.partial(sell, ""),
        sell_annotated,
        sell_in_thread,
        sell_later,
        sell_by_coroutine,
        sell_at_once,
        wrapped,
    ],
    ids=["method", "object", "partial", "annotated", "def", "Awaitable", "Coroutine", "bare Awaitable", "wrapped"],
)
async def test_every_kind_of_function_replies(func: Callable[..., Any]) -> None:
    expected = Exchange(['{"name":"tea","price":null}', '{"name":"milk","price":null}'], [])
    assert await exchange(func, "tea", "milk") == expected


@pytest.mark.parametrize(
    ("annotation", "value", "declared"),
    [
        pytest.param(Count, Item(), "Count", id="another model"),
        pytest.param(Count, "tea", "Count", id="no model"),
        pytest.param(Count, Count, "Count", id="the class"),
        pytest.param(Count, {"count": "many"}, "Count", id="a wrong field"),
        pytest.param(list[Count], [Count(count=1), "tea"], "list[test_replies.Count]", id="a wrong item"),
        pytest.param(Count | Point, Item(), "test_replies.Count | test_replies.Point", id="no member of the union"),
        pytest.param(int, "many", "int", id="no number"),
        pytest.param(Annotated[int, "a note"], "many", "typing.Annotated[int, 'a note']", id="Annotated"),
    ],
)
async def test_a_value_that_is_not_what_is_declared_is_an_error(annotation: Any, value: Any, declared: str) -> None:
    sent = await exchange(returning(annotation, value))
    assert (sent.frames, sent.kinds) == ([], [InvalidReplyError])
    assert isinstance(sent.errors[0], TypeError)
    # Pydantic's words, which quote the value, are in the cause alone.
    assert str(sent.errors[0]).startswith(f"returning.<locals>.handle ({__file__}:")
    assert str(sent.errors[0]).endswith(
        f" returned something that is no {declared}. Return what it declares, or declare it."
    )
    assert isinstance(sent.errors[0].__cause__, ValidationError)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Any, "\ud800"),
        (str, "\ud800"),
        (dict, {"a": ["\udfff"]}),
        (bytes, b"\xff"),
        (Any, Opaque()),
        (Any, {1: Opaque}),
    ],
    ids=["surrogate in Any", "surrogate in str", "surrogate in dict", "bytes", "object", "class"],
)
async def test_a_value_that_is_no_json_is_an_error_and_no_broken_frame(annotation: Any, value: Any) -> None:
    sent = await exchange(returning(annotation, value), "one", "two")
    assert (sent.frames, sent.kinds) == ([], [PydanticSerializationError] * 2)


@pytest.mark.parametrize(
    ("annotation", "receive", "expected"),
    [
        (Any, {}, ["written"]),
        (object, {}, ["written"]),
        (AsyncIterator, {}, ["written", "written"]),
        (Any, {"response_model_exclude_none": True}, [TEA.replace(',"price":null', "")]),
        (Item, {}, [TEA]),
    ],
    ids=["Any", "object", "stream", "with options", "model"],
)
async def test_only_what_has_no_schema_is_left_to_orjson(
    annotation: Any, receive: dict[str, Any], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "dump_json", lambda value: b"written")
    value = items() if annotation is AsyncIterator else Item()
    assert await exchange(returning(annotation, value), receive=receive) == Exchange([*expected], [])


async def test_without_a_hook_an_invalid_value_ends_the_connection() -> None:
    router = WSRouter()
    router.receive(Say)(returning(Item, "tea"))
    peer = Peer("one", "two")
    with pytest.raises(InvalidReplyError) as error:
        await peer.run(router)
    assert error.value.code == "invalid-reply"
    assert (peer.texts, peer.closes) == ([], [(1011, "")])


@pytest.mark.parametrize(
    "annotation",
    [Response, JSONResponse, Item | Response, Response | None, Annotated[Response, "a note"]],
    ids=["Response", "JSONResponse", "union", "optional", "annotated"],
)
def test_an_http_response_is_refused_where_it_is_registered(annotation: Any) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match=r"handle \(.*not answered with an HTTP response.*annotate `-> None`"):
        router.receive(returning(annotation, None))
    assert (router.mapping, len(router.routes)) == ({}, 2)


@pytest.mark.parametrize("annotation", [Opaque, list[Opaque], Item | Opaque, 7], ids=["class", "list", "union", "7"])
def test_what_pydantic_cannot_serialise_is_refused_where_it_is_registered(annotation: Any) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match=r"handle \(.*cannot serialise. Return a pydantic model"):
        router.receive(returning(annotation, None))
    assert (router.mapping, len(router.routes)) == ({}, 2)


@pytest.mark.parametrize("annotation", ["Later", "Later | None", list["Later"]], ids=str)  # type: ignore[name-defined]  # noqa: F821
def test_a_name_that_is_never_defined_is_said_at_startup(annotation: Any) -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(returning(annotation, None))
    app.include_router(router, prefix="/ws")
    with pytest.raises(UnresolvedError, match=r"handle \(.*Later.*not defined. Define") as error, TestClient(app):
        pass
    assert error.value.code == "unresolved"
    with pytest.raises(UnresolvedError, match="Later"):
        router.parse('{"text":"hello"}')


@pytest.mark.parametrize("annotation", ["Later", "Later | None", "list[Later]"])
async def test_a_name_may_be_defined_later(annotation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = returning(annotation, [Item()] if "list" in annotation else Item())
    router = WSRouter()
    router.receive(handle)
    monkeypatch.setattr(sys.modules[__name__], "Later", Item, raising=False)
    peer = Peer("one")
    peer.leave()
    await peer.run(router)
    assert peer.texts == [f"[{TEA}]" if "list" in annotation else TEA]


async def keep() -> str:
    return "kept"


async def reply(socket: WebSocket, data: Say, message: Annotated[str, Depends(keep)], websocket: str) -> str:
    return f"{message} {websocket}"


async def stream(
    socket: WebSocket, data: Say, message: Annotated[str, Depends(keep)], websocket: str
) -> AsyncIterator[str]:
    yield f"{message} {websocket}"


def in_thread(socket: WebSocket, data: Say, message: Annotated[str, Depends(keep)], websocket: str, func: str) -> str:
    return f"{message} {websocket}"


@pytest.mark.parametrize("func", [reply, stream, in_thread], ids=["reply", "stream", "thread"])
@pytest.mark.parametrize("listed", [[], [Depends(keep)]], ids=["for each message", "listed"])
def test_other_parameters_may_have_any_name(func: Callable[..., Any], listed: list[Any]) -> None:
    app, router = FastAPI(), WSRouter(dependencies=listed)
    router.receive(func)
    app.include_router(router, prefix="/ws")
    with TestClient(app).websocket_connect("/ws?websocket=query&func=any") as websocket:
        for _ in range(2):
            websocket.send_text('{"text":"hello"}')
            assert websocket.receive_text() == '"kept query"'
