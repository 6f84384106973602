"""What handlers are annotated to return: validated, written by its type, or refused where the route is registered."""

from __future__ import annotations

import math
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Dict, Literal  # noqa: UP035

import pytest
from asking import FAILED, ask, error, ok
from case_ids import steady_str
from fastapi import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from fastws import SocketRouter
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.observable import HandlerResult, RouteOptions


class Article(BaseModel):
    number: int
    title: str = Field(default="", serialization_alias="Title")


class Draft(Article):
    secret: str = "secret"


class Row:
    """What an ORM has, of more than an article."""

    number = 3
    title = "row"
    secret = "secret"


class Point(TypedDict):
    x: int


@dataclass
class Pixel:
    x: int


class Unknown:
    pass


class Unfinished(BaseModel):
    other: Missing  # type: ignore[name-defined]  # noqa: F821


def make_router(annotation: Any, returned: Any, options: RouteOptions | None = None) -> SocketRouter:
    """Return a router of a handler that is annotated to return something, and returns something."""
    router = SocketRouter()

    async def handle(ws: Any, headers: Any, payload: Any) -> Any:
        return returned

    handle.__annotations__["return"] = annotation
    router.route("ask", options)(handle)
    return router


ARTICLE = {"number": 3, "Title": "row"}

# A handler behind hooks is called elsewhere than one that stands alone.
ROUTES = pytest.mark.parametrize("options", [None, {"access": lambda: True}], ids=["alone", "hooks"])


@ROUTES
@pytest.mark.parametrize(
    ("annotation", "returned", "expected"),
    [
        (Article, Article(number=1), ok({"number": 1, "Title": ""})),
        (Article, {"number": "1"}, ok({"number": 1, "Title": ""})),
        (Article, Draft(number=1), ok({"number": 1, "Title": ""})),
        (Article, Row(), ok(ARTICLE)),
        (list[Article], [Row(), {"number": 1}], ok([ARTICLE, {"number": 1, "Title": ""}])),
        (list[Article], [], ok([])),
        (dict[str, Article], {"status": Row()}, ok({"status": ARTICLE})),
        (Article | None, None, ok(None)),
        (Article | None, Row(), ok(ARTICLE)),
        (Annotated[Article, "the article"], Row(), ok(ARTICLE)),
        (Awaitable[Article], Row(), ok(ARTICLE)),
        (Article | HandlerResult, Article(number=1), ok({"number": 1, "Title": ""})),
        (Article | HandlerResult, {"number": 1}, ok({"number": 1, "Title": ""})),
        (Article | HandlerResult, {"status": 404, "payload": "none"}, ok("none", status=404)),
        (Article | HandlerResult, {"payload": Article(number=1)}, ok({"number": 1, "Title": ""})),
        (Article | HandlerResult | None, None, ok(None)),
        (HandlerResult | None, None, ok(None)),
        (HandlerResult | None, {"status": 404, "other": 1}, ok(None, status=404)),
        (Annotated[HandlerResult, "it"], {"status": 404, "other": 1}, ok(None, status=404)),
        ("HandlerResult", {"status": 404, "other": 1}, ok(None, status=404)),
        ("observable.HandlerResult", {"status": 404, "other": 1}, ok(None, status=404)),
        (HandlerResult | dict[str, Any], {"status": 404}, ok(None, status=404)),
        (HandlerResult | dict[str, Any], {"status": 404, "a": 1}, ok({"status": 404, "a": 1})),
        (dict, {"status": 404}, ok(None, status=404)),
        (Dict, {"status": 404}, ok(None, status=404)),  # noqa: UP006
        (dict[str, Any], {"status": 404}, ok(None, status=404)),
        (Mapping[str, Any], {"status": 404}, ok(None, status=404)),
        (Any, {"status": 404}, ok(None, status=404)),
        (object, {"status": 404}, ok(None, status=404)),
        (None, {"status": 404}, ok(None, status=404)),
        (None, 5, ok(5)),
        (dict[str, int], {"status": 404}, ok({"status": 404})),
        (dict[str, int], {"a": "1"}, ok({"a": 1})),
        (Point, {"x": "1", "y": 2}, ok({"x": 1})),
        (Pixel, Pixel(1), ok({"x": 1})),
        (Pixel, {"x": 1}, ok({"x": 1})),
        (int, 2**70, ok(2**70)),
        (int, "5", ok(5)),
        (bool, 1, ok(True)),
        (Literal["a"], "a", ok("a")),
        (datetime, datetime(2024, 1, 2), ok("2024-01-02T00:00:00")),  # noqa: DTZ001, RUF100
        (tuple[int, str], (1, "a"), ok([1, "a"])),
        (Iterable[Article], [Row()], ok([ARTICLE])),
        # As pydantic writes the type, where a payload without one keeps it.
        (float, math.nan, ok(None)),
    ],
    ids=steady_str,
)
def test_what_is_declared_is_validated_and_written_by_its_type(
    annotation: Any, returned: Any, expected: dict[str, Any], options: RouteOptions | None
) -> None:
    assert ask(make_router(annotation, returned, options)) == expected


@ROUTES
@pytest.mark.parametrize(
    ("annotation", "returned"),
    [
        (Article, None),
        (Article, {"number": "x"}),
        (Article, {"status": 404}),
        (Article, {"payload": Article(number=1)}),
        (Article, Unknown()),
        (list[Article], [{}]),
        (list[Article], Article(number=1)),
        (Article | None, 0),
        (Article | HandlerResult, "text"),
        (dict[str, int], {"a": "x"}),
        (Point, {}),
        (Point, {"payload": {"x": 1}}),
        (int, None),
        (int, 1.5),
        (str, 5),
        (str, "\ud800"),
        (Literal["a"], "b"),
    ],
    ids=steady_str,
)
def test_what_is_not_what_was_declared_is_an_error_of_the_program(
    annotation: Any, returned: Any, options: RouteOptions | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(make_router(annotation, returned, options)) == error(500, FAILED)
    assert "a request to 'ask' failed" in caplog.text


def test_the_log_says_what_was_declared(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(make_router(Article, 1)) == error(500, FAILED)
    assert "returned something that is no Article. Return what it declares, or declare it." in caplog.text


def test_a_validator_of_what_is_declared_may_raise_anything() -> None:
    class Strict(BaseModel):
        def model_post_init(self, context: object) -> None:
            raise RuntimeError("no")

    assert ask(make_router(Strict, {})) == error(500, FAILED)


@pytest.mark.parametrize(
    ("annotation", "parts"),
    [
        (Unknown, ["annotated to return Unknown", "pydantic cannot serialise", "Return a pydantic model"]),
        (list[Unknown], ["list[", "pydantic cannot serialise"]),
        (Response, ["annotated to return Response", "not answered with an HTTP response"]),
        (AsyncIterator[Article], ["AsyncIterator", "one reply", "Return a list"]),
        (AsyncIterable[Article], ["AsyncIterable", "one reply", "Return a list"]),
        (AsyncGenerator[Article, None], ["AsyncGenerator", "one reply", "Return a list"]),
        (AsyncIterator[Article] | None, ["AsyncIterator", "one reply", "Return a list"]),
        (Iterator[Article], ["Iterator", "pydantic cannot serialise"]),
    ],
    ids=steady_str,
)
def test_what_cannot_be_one_reply_is_refused(annotation: Any, parts: list[str]) -> None:
    with pytest.raises(InvalidHandlerError) as raised:
        make_router(annotation, None)
    assert [part for part in ("handle (", *parts) if part not in str(raised.value)] == []


@pytest.mark.parametrize("annotation", ["Missing", "list[Missing]", list["Missing"], Unfinished], ids=steady_str)  # type: ignore[name-defined]  # noqa: F821
def test_what_is_not_defined_is_refused(annotation: Any) -> None:
    with pytest.raises(UnresolvedError, match=r"handle \(.* not defined\. Define"):
        make_router(annotation, None)


async def streams(ws: Any, headers: Any, payload: Any) -> AsyncIterator[int]:
    yield 1


async def streams_silently(ws, headers, payload):  # type: ignore[no-untyped-def]
    yield 1


def streams_in_a_thread(ws: Any, headers: Any, payload: Any) -> Iterator[int]:
    yield 1


def generates(ws: Any, headers: Any, payload: Any) -> Generator[int, None, None]:
    yield 1


@pytest.mark.parametrize("options", [None, {"dehydrate": lambda payload: payload}], ids=["", "dehydrate"])
@pytest.mark.parametrize("handler", [streams, streams_silently, streams_in_a_thread, generates])
def test_generators_are_refused(handler: Callable[..., Any], options: RouteOptions | None) -> None:
    with pytest.raises(InvalidHandlerError, match=r"is a generator, but a request has one reply\. Return it, or send"):
        SocketRouter().route("ask", options)(handler)


@pytest.mark.parametrize(
    ("annotation", "returned", "expected"),
    [
        (Article, "no article", ok("no article!")),
        (Article, {"status": 404, "payload": "none"}, ok("none", status=404)),
        (Article, {"payload": "some"}, ok("some!")),
        (Unknown, "anything", ok("anything!")),
        (int, "5", ok("5!")),
        ("Missing", "anything", ok("anything!")),
        (list["Missing"], "anything", ok("anything!")),  # type: ignore[name-defined]  # noqa: F821
        (Unfinished, "anything", ok("anything!")),
        (Article | HandlerResult, "text", ok("text!")),
        (HandlerResult, {"payload": "a", "other": 1}, ok("a!")),
        ("HandlerResult", {"payload": "a", "other": 1}, ok("a!")),
        (HandlerResult, "text", error(500, FAILED)),
    ],
    ids=steady_str,
)
def test_beside_dehydrate_only_a_result_is_read_of_what_is_declared(
    annotation: Any, returned: Any, expected: dict[str, Any]
) -> None:
    assert ask(make_router(annotation, returned, {"dehydrate": lambda payload: payload + "!"})) == expected
