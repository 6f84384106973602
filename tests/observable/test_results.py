"""What handlers return, and the exact replies that this makes."""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from asking import ask_text
from case_ids import steady_repr
from pydantic import BaseModel, Field

from fastws import SocketRouter, Status
from fastws.observable import HandlerResult

ASK = '{"uuid":1,"route":"ask"}'

INTERNAL_ERROR = '{"headers":null,"payload":{"Message":"Internal Server Error"},"uuid":1,"status":500}'


class Article(BaseModel):
    title: str = Field(alias="Title")
    draft: bool = Field(default=True, exclude=True)


@dataclass
class Point:
    x: int
    y: int


class Colour(Enum):
    RED = "red"


class Own(IntEnum):
    TEAPOT = 418


class Unknown:
    pass


def make_router(returned: Any) -> SocketRouter:
    """Return a router that returns the same for each request."""
    router = SocketRouter()

    @router.route("ask")
    async def handle(ws: Any, headers: Any, payload: Any) -> Any:
        return returned

    @router.route("plain")
    def handle_in_thread(ws: Any, headers: Any, payload: Any) -> Any:
        return returned

    @router.route("result")
    async def handle_result(ws: Any, headers: Any, payload: Any) -> HandlerResult:
        result: HandlerResult = returned
        return result

    @router.route("hooks", {"access": lambda ws, message: True})
    async def handle_with_hooks(ws: Any, headers: Any, payload: Any) -> Any:
        return returned

    return router


PAYLOADS: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (0, "0"),
    (-1, "-1"),
    (1.5, "1.5"),
    (-0.0, "-0.0"),
    (2**63, "9223372036854775808"),
    (2**64, "18446744073709551616"),
    (-(2**70), "-1180591620717411303424"),
    ([2**70, None, "null"], '[1180591620717411303424,null,"null"]'),
    (math.nan, "NaN"),
    ([math.inf, -math.inf, None], "[Infinity,-Infinity,null]"),
    ({"a": [{"b": math.nan}], "null": None}, '{"a":[{"b":NaN}],"null":null}'),
    ("", '""'),
    ('é\u2028\U0001f600"\n', '"é\u2028\U0001f600\\"\\n"'),
    ([], "[]"),
    ({}, "{}"),
    ((1, (2,)), "[1,[2]]"),
    ({1}, "[1]"),
    (frozenset({1}), "[1]"),
    ({1: 2, 1.5: 3}, '{"1":2,"1.5":3}'),
    (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
    (defaultdict(int, a=1), '{"a":1}'),
    (b"bytes", '"bytes"'),
    (datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc), '"2024-01-02T03:04:05Z"'),
    (datetime(2024, 1, 2, 3, 4, 5), '"2024-01-02T03:04:05"'),  # noqa: DTZ001, RUF100
    (date(2024, 1, 2), '"2024-01-02"'),
    (timedelta(hours=1), '"PT1H"'),
    (Decimal("1.10"), '"1.10"'),
    (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (Colour.RED, '"red"'),
    (Own.TEAPOT, "418"),
    (Point(1, 2), '{"x":1,"y":2}'),
    (Article(Title="T"), '{"Title":"T"}'),
    ([Article(Title="T"), None], '[{"Title":"T"},null]'),
    ({"article": Article(Title="T"), "big": 2**70}, '{"article":{"Title":"T"},"big":1180591620717411303424}'),
    ({"payload": 1, "other": 2}, '{"payload":1,"other":2}'),
    (
        {"status": 404, "headers": {}, "other": None},
        '{"status":404,"headers":{},"other":null}',
    ),
    ({"Status": 404}, '{"Status":404}'),
    ([{"status": 404}], '[{"status":404}]'),
    ("x" * 3000, '"' + "x" * 3000 + '"'),
]


@pytest.mark.parametrize("route", ["ask", "plain", "hooks"])
@pytest.mark.parametrize(("returned", "payload"), PAYLOADS, ids=[repr(one)[:30] for one, _ in PAYLOADS])
def test_what_is_returned_is_the_payload(route: str, returned: Any, payload: str) -> None:
    expected = f'{{"headers":{{}},"payload":{payload},"uuid":1,"status":200}}'
    assert ask_text(make_router(returned), ASK.replace("ask", route)) == expected


RESULTS = [
    ({"status": 201}, ("{}", "null", 201)),
    ({"status": None}, ("{}", "null", 200)),
    ({"status": Status.NOT_FOUND}, ("{}", "null", 404)),
    ({"status": HTTPStatus.CONFLICT}, ("{}", "null", 409)),
    ({"status": Own.TEAPOT, "payload": Own.TEAPOT}, ("{}", "418", 418)),
    ({"status": 0}, ("{}", "null", 0)),
    ({"status": -1}, ("{}", "null", -1)),
    ({"status": 2**31}, ("{}", "null", 2**31)),
    ({"headers": {}}, ("{}", "null", 200)),
    ({"headers": None}, ("null", "null", 200)),
    ({"headers": {"a": [1, None], "b": 2**70}}, ('{"a":[1,null],"b":1180591620717411303424}', "null", 200)),
    ({"headers": {1: math.nan}}, ('{"1":NaN}', "null", 200)),
    ({"headers": OrderedDict(a=1)}, ('{"a":1}', "null", 200)),
    ({"payload": None}, ("{}", "null", 200)),
    ({"payload": {"status": 404}}, ("{}", '{"status":404}', 200)),
    ({"payload": Article(Title="T")}, ("{}", '{"Title":"T"}', 200)),
    (OrderedDict(payload=1, status=202), ("{}", "1", 202)),
    ({"headers": {"a": 1}, "status": 404, "payload": [1]}, ('{"a":1}', "[1]", 404)),
    # Beside both a status and a payload, nothing else counts.
    ({"status": 404, "payload": 1, "other": 2}, ("{}", "1", 404)),
    ({"other": 2, "payload": None, "status": None, "headers": {"a": 1}}, ('{"a":1}', "null", 200)),
    ({"status": 500, "headers": {"a": "x" * 3000}}, ('{"a":"' + "x" * 3000 + '"}', "null", 500)),
]


@pytest.mark.parametrize("route", ["ask", "plain", "hooks", "result"])
@pytest.mark.parametrize(("returned", "expected"), RESULTS, ids=[repr(one)[:30] for one, _ in RESULTS])
def test_a_dictionary_of_nothing_else_or_of_a_status_and_a_payload_is_a_result(
    route: str, returned: Any, expected: tuple[str, str, int]
) -> None:
    headers, payload, status = expected
    reply = f'{{"headers":{headers},"payload":{payload},"uuid":1,"status":{status}}}'
    assert ask_text(make_router(returned), ASK.replace("ask", route)) == reply


@pytest.mark.parametrize("route", ["ask", "plain", "hooks", "result"])
@pytest.mark.parametrize(
    "returned",
    [
        {"status": True},
        {"status": "200"},
        {"status": 200.0},
        {"status": [], "payload": 1},
        {"status": Decimal(200)},
        {"status": 2**63},
        {"headers": []},
        {"headers": "x"},
        {"headers": 0},
        {"headers": MappingProxyType({"a": 1})},
        {"headers": {"a": Unknown()}},
        {"headers": {"\ud800": 1}},
        {"payload": Unknown()},
        {"payload": "\ud800"},
    ],
    ids=steady_repr,
)
def test_a_result_that_is_none_is_an_error_of_the_program(
    route: str, returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask_text(make_router(returned), ASK.replace("ask", route)) == INTERNAL_ERROR
    assert f"a request to '{route}' failed" in caplog.text


@pytest.mark.parametrize("route", ["ask", "plain", "hooks"])
@pytest.mark.parametrize(
    "returned",
    [
        "\ud800",
        ["\udfff"],
        {"\ud800": 1},
        {"a": "x\ud800"},
        b"\xff",
        Unknown(),
        Unknown,
        [lambda: None],
        ValueError("x"),
    ],
    ids=["text", "list", "key", "value", "bytes", "object", "class", "function", "exception"],
)
def test_what_is_no_json_is_an_error_of_the_program(
    route: str, returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask_text(make_router(returned), ASK.replace("ask", route)) == INTERNAL_ERROR
    assert f"a request to '{route}' failed" in caplog.text


@pytest.mark.parametrize(
    "returned", [True, 404, "status", [], [("status", 404)], Article(Title="T"), object()], ids=steady_repr
)
def test_what_is_annotated_as_a_result_has_to_be_one(returned: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert ask_text(make_router(returned), ASK.replace("ask", "result")) == INTERNAL_ERROR
    assert "returned something that is no HandlerResult" in caplog.text


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (None, ("null", 200)),
        ({}, ("null", 200)),
        ({"other": 1}, ("null", 200)),
        ({"status": 404, "other": 1}, ("null", 404)),
        ({"payload": {"a": 1}, "other": 1}, ('{"a":1}', 200)),
    ],
    ids=str,
)
def test_what_is_annotated_as_a_result_is_one_whatever_else_stands_in_it(
    returned: Any, expected: tuple[str, int]
) -> None:
    payload, status = expected
    reply = f'{{"headers":{{}},"payload":{payload},"uuid":1,"status":{status}}}'
    assert ask_text(make_router(returned), ASK.replace("ask", "result")) == reply


def test_a_recursive_result_is_an_error_of_the_program() -> None:
    returned: list[Any] = []
    returned.append(returned)
    assert ask_text(make_router(returned), ASK) == INTERNAL_ERROR


# Pydantic writes so many levels and no more.
@pytest.mark.parametrize(("depth", "fits"), [(1, True), (255, True), (256, False), (100_000, False)])
def test_a_result_that_is_too_deep_is_an_error_of_the_program(depth: int, *, fits: bool) -> None:
    returned: list[Any] = []
    for _ in range(depth - 1):
        returned = [returned]
    expected = f'{{"headers":{{}},"payload":{"[" * depth}{"]" * depth},"uuid":1,"status":200}}'
    assert ask_text(make_router(returned), ASK) == (expected if fits else INTERNAL_ERROR)


def test_handlers_may_share_what_they_return() -> None:
    shared = {"status": 201, "headers": {"a": 1}, "payload": [1]}
    router = make_router(shared)
    assert ask_text(router, ASK) == ask_text(router, ASK)
    assert shared == {"status": 201, "headers": {"a": 1}, "payload": [1]}
