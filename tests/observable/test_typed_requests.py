"""Headers and payloads with a type: what handlers and hooks get, and what a client is told of what is not valid."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from asking import ask_text
from case_ids import steady_str
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from typing_extensions import NotRequired, TypedDict

from fastws import SocketRouter
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.observable import Header, MessageData, Payload, RouteOptions

MISSING: Any = object()


class Article(BaseModel):
    number: int = Field(ge=1)
    title: str = "none"


class Tree(BaseModel):
    name: str
    branches: list[Tree] = []


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    day: date


@dataclass
class Point:
    x: int


class Options(TypedDict):
    limit: int
    after: NotRequired[int]


class Colour(Enum):
    RED = "red"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    age: int


class Unknown:
    pass


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


# What the handler got.
got: list[Any] = []


def make_router(
    *, headers: Any = MISSING, payload: Any = MISSING, default: Any = MISSING, options: RouteOptions | None = None
) -> SocketRouter:
    """Return a router of a handler whose headers or payload have a type, or a default."""
    router = SocketRouter()

    async def handle(ws: Any, headers, payload) -> None:  # type: ignore[no-untyped-def]
        got[:] = [headers, payload]

    async def handle_default(ws: Any, headers, payload=default) -> None:  # type: ignore[no-untyped-def]
        got[:] = [headers, payload]

    handler: Callable[..., Any] = handle if default is MISSING else handle_default
    handler.__annotations__ |= {k: v for k, v in {"headers": headers, "payload": payload}.items() if v is not MISSING}
    router.route("ask", options)(handler)
    return router


OK = '{"headers":{},"payload":null,"uuid":1,"status":200}'

# The same request in other words; the last are ones that the fast path leaves alone.
SPELLINGS = [
    '{"uuid":1,"route":"ask"%s}',
    '{"track_id":1,"path":"ask"%s}',
    '{"uuid":1,"path":"ask"%s,"route":"other"}',
    '{"route":"other","path":"ask","uuid":"other","track_id":1%s}',
    ' { "uuid" : 1 , "route" : "\\u0061sk" %s } ',
]


def ask_all(router: SocketRouter, rest: str) -> tuple[Any, str]:
    """Return what the handler got of a request in all spellings, and the reply; they have to be the same."""
    answers = []
    for spelling in SPELLINGS:
        got[:] = [None, "not called"]
        reply = ask_text(router, spelling % (rest and "," + rest))
        answers.append((list(got), reply))
    assert [repr(answer) for answer in answers] == [repr(answers[0])] * len(SPELLINGS)
    return answers[0]


@pytest.mark.parametrize(
    ("annotation", "payload", "expected"),
    [
        (Article, '{"number":1}', Article(number=1)),
        (Article, '{"number":"2","title":"T","more":0}', Article(number=2, title="T")),
        (Tree, '{"name":"a","branches":[{"name":"b"}]}', Tree(name="a", branches=[Tree(name="b")])),
        (Strict, '{"day":"2024-01-02"}', Strict(day=date(2024, 1, 2))),
        (Point, '{"x":1}', Point(1)),
        (Options, '{"limit":"1"}', {"limit": 1}),
        (list[int], '[1,"2"]', [1, 2]),
        (list[Article], '[{"number":1}]', [Article(number=1)]),
        (set[int], "[1,1]", {1}),
        (tuple[int, str], '[1,"a"]', (1, "a")),
        (dict[str, int], '{"a":"1"}', {"a": 1}),
        (dict, '{"a":[1]}', {"a": [1]}),
        (dict[str, Any], "{}", {}),
        (list, "[1]", [1]),
        (int, "1180591620717411303424", 2**70),
        (int, '"5"', 5),
        (float, "1", 1.0),
        (float, "Infinity", math.inf),
        (str, '"a"', "a"),
        (bool, "true", True),
        (bytes, '"a"', b"a"),
        (date, '"2024-01-02"', date(2024, 1, 2)),
        (Colour, '"red"', Colour.RED),
        (Literal["a", 1], "1", 1),
        (Annotated[int, Field(gt=3)], "4", 4),
        (Article | list[int], "[1]", [1]),
        (Article | list[int], '{"number":1}', Article(number=1)),
        (Pet, '{"kind":"dog","age":"3"}', Dog(kind="dog", age=3)),
        (Article | None, "null", None),
        (Article | None, '{"number":1}', Article(number=1)),
        (Article | None, "", None),
        (int | None, "", None),
        (Annotated[int | None, AfterValidator(repr)], "", "None"),
    ],
    ids=steady_str,
)
def test_a_payload_is_validated_to_its_type(annotation: Any, payload: str, expected: Any) -> None:
    handed, reply = ask_all(make_router(payload=annotation), payload and f'"payload":{payload}')
    assert (handed, reply) == ([{}, expected], OK)
    assert type(handed[1]) is type(expected)


@pytest.mark.parametrize(
    "annotation", [MISSING, Any, object, Payload, Payload | None, None | Any, Payload | Article], ids=steady_str
)
@pytest.mark.parametrize("payload", ["1", '"1"', "null", '{"number":"1"}', "[1.0]", "true"])
def test_a_type_that_says_nothing_leaves_the_payload_as_it_came(annotation: Any, payload: str) -> None:
    handed, reply = ask_all(make_router(payload=annotation), f'"payload":{payload}')
    assert (repr(handed), reply) == (repr([{}, json.loads(payload)]), OK)


@pytest.mark.parametrize(
    ("annotation", "rest", "expected"),
    [
        (int, "", 7),
        (int, '"payload":1', 1),
        (int | None, "", 7),
        (int | None, '"payload":null', None),
        (Article, "", 7),
        (MISSING, "", 7),
        (Any, "", 7),
        (Any, '"payload":null', None),
    ],
    ids=steady_str,
)
def test_a_default_stands_in_for_a_missing_payload(annotation: Any, rest: str, expected: Any) -> None:
    handed, reply = ask_all(make_router(payload=annotation, default=7), rest)
    assert (handed, reply) == ([{}, expected], OK)


@pytest.mark.parametrize(
    ("annotation", "headers", "expected"),
    [
        (Options, '{"limit":"1"}', {"limit": 1}),
        (Article, '{"number":1}', Article(number=1)),
        (dict[str, str], '{"a":"b"}', {"a": "b"}),
        (Options | None, "null", None),
        (Options | None, "", None),
        (Header, '{"a":1}', {"a": 1}),
        (Header, "null", {}),
        (Header, "", {}),
        (Header | None, "", {}),
        (dict, "null", {}),
        (MISSING, "", {}),
    ],
    ids=steady_str,
)
@pytest.mark.parametrize("payload", [MISSING, list[int]], ids=["", "with-payload"])
def test_headers_are_validated_to_their_type(annotation: Any, headers: str, expected: Any, payload: Any) -> None:
    rest = [f'"headers":{headers}'] if headers else []
    handed, reply = ask_all(make_router(headers=annotation, payload=payload), ",".join([*rest, '"payload":[1]']))
    assert (handed, reply) == ([expected, [1]], OK)


@pytest.mark.parametrize("rest", ["", '"headers":null'], ids=["missing", "null"])
def test_missing_headers_are_validated_as_empty_ones(rest: str) -> None:
    class Paging(BaseModel):
        limit: int = 10

    handed, reply = ask_all(make_router(headers=Paging), rest)
    assert (handed, reply) == ([Paging(limit=10), None], OK)


def test_headers_are_read_as_json_and_each_time_anew() -> None:
    class Paging(BaseModel):
        model_config = ConfigDict(strict=True)

        since: date = date(2024, 1, 1)
        seen: list[int] = []

    router = make_router(headers=Paging)
    handed, reply = ask_all(router, '"headers":{"since":"2024-05-06"}')
    assert (handed[0].since, reply) == (date(2024, 5, 6), OK)
    first, second = (ask_all(router, "")[0][0] for _ in range(2))
    assert first == second == Paging()
    assert first is not second


def test_a_mutable_default_is_not_shared_by_requests() -> None:
    router = SocketRouter()

    @router.route("ask")
    async def handle(ws: Any, headers: Any, payload: list[int] = []) -> list[int]:  # noqa: B006
        payload.append(1)
        return payload

    asked = [ask_text(router, '{"uuid":1,"route":"ask"}') for _ in range(2)]
    assert asked == ['{"headers":{},"payload":[1],"uuid":1,"status":200}'] * 2


@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
def test_hooks_see_what_was_validated(*, plain: bool) -> None:
    seen = []

    def check(message: MessageData) -> bool:
        seen.append((message.headers, message.payload))
        return True

    async def check_in_loop(message: MessageData) -> bool:
        return check(message)

    options: RouteOptions = {"data_check": check if plain else check_in_loop}
    router = make_router(headers=Options, payload=Article, options=options)
    handed, reply = ask_all(router, '"headers":{"limit":"3"},"payload":{"number":"1"}')
    assert (handed, reply) == ([{"limit": 3}, Article(number=1)], OK)
    assert seen == [({"limit": 3}, Article(number=1))] * len(SPELLINGS)


def test_hooks_are_not_called_for_what_is_not_valid() -> None:
    def check(message: MessageData) -> bool:
        pytest.fail("the payload is not valid")

    _, reply = ask_all(make_router(payload=int, options={"data_check": check}), '"payload":"x"')
    assert '"Message":"Data check failed","detail":[' in reply


@pytest.mark.parametrize("annotation", [Unknown, list[Unknown], 5], ids=steady_str)
@pytest.mark.parametrize("name", ["headers", "payload"])
def test_what_pydantic_cannot_validate_is_refused(name: str, annotation: Any) -> None:
    match = rf"handle.* annotates '{name}' as .*, which pydantic cannot validate\. Use a pydantic model"
    with pytest.raises(InvalidHandlerError, match=match):
        make_router(**{name: annotation})


class Unfinished(BaseModel):
    other: Later  # type: ignore[name-defined]  # noqa: F821


def test_what_is_not_defined_yet_is_refused_until_it_is() -> None:
    class Unit(BaseModel):
        parts: list[Part]

    with pytest.raises(UnresolvedError, match=r"Unfinished, which refers to a type that is not defined\. Define it"):
        make_router(payload=Unfinished)

    class Part(BaseModel):
        number: int

    Unit.model_rebuild()
    handed, reply = ask_all(make_router(payload=Unit), '"payload":{"parts":[{"number":1}]}')
    assert (handed[1].parts[0].number, reply) == (1, OK)
