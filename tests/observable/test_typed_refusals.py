"""What a client is told of headers and payloads that are not valid: bounded, and nothing of its own."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from asking import CHECK_FAILED, FAILED, ILLEGAL, PING, PONG, ask, ask_text, error, make_app
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from starlette.testclient import TestClient

from fastws import SocketRouter

MARKER = "s3cr3t"


class Article(BaseModel):
    number: int = Field(ge=1)
    title: str = "none"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    age: int


class Many(BaseModel):
    kind: Literal["giraffe", "hippopotamus", "kangaroo", "leopard", "lion", "monkey", "rhinoceros", "tiger", "zebra"]


class Forged(BaseModel):
    number: int

    @field_validator("number")
    @classmethod
    def pretend(cls, number: int) -> int:
        raise PydanticCustomError("union_tag_invalid", "{tag}", {"tag": MARKER, "expected_tags": [MARKER]})


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = 1


class Checked(BaseModel):
    number: int

    @field_validator("number")
    @classmethod
    def check(cls, number: int) -> int:
        errors = {1: ValueError, 2: AssertionError, 3: RuntimeError, 4: KeyError}
        if number in errors:
            raise errors[number](f"{MARKER} {number}")
        return number


def make_router(payload: Any, headers: Any = Any) -> SocketRouter:
    router = SocketRouter()

    async def handle(ws: Any, headers: Any, payload: Any) -> str:
        return "valid"

    handle.__annotations__ |= {"headers": headers, "payload": payload}
    router.route("ask")(handle)
    return router


def refuse(*detail: tuple[str, list[Any], str]) -> dict[str, Any]:
    """Return the reply to a request that is not valid, without its id."""
    listed = [dict(zip(("type", "loc", "msg"), one, strict=True)) for one in detail]
    return error(400, {**CHECK_FAILED, "detail": listed})


INT = "Input should be a valid integer, unable to parse string as an integer"


@pytest.mark.parametrize("spelling", ["route", "path"])
@pytest.mark.parametrize(
    ("annotation", "payload", "detail"),
    [
        (Article, {}, [("missing", ["payload", "number"], "Field required")]),
        (Article, 5, [("model_type", ["payload"], "Input should be an object")]),
        (
            Article,
            {"number": 0, "title": 5},
            [
                ("greater_than_equal", ["payload", "number"], "Input should be greater than or equal to 1"),
                ("string_type", ["payload", "title"], "Input should be a valid string"),
            ],
        ),
        (list[Article], [{"number": 1}, {"number": MARKER}], [("int_parsing", ["payload", 1, "number"], INT)]),
        (dict[str, int], {MARKER: MARKER}, [("int_parsing", ["payload", "?"], INT)]),
        (Strict, {MARKER: 1}, [("extra_forbidden", ["payload", "?"], "Extra inputs are not permitted")]),
        (Literal["a", "b"], MARKER, [("literal_error", ["payload"], "Input should be 'a' or 'b'")]),
        (
            Article | list[int],
            MARKER,
            [
                ("model_type", ["payload", "Article"], "Input should be an object"),
                ("list_type", ["payload", "?"], "Input should be a valid array"),
            ],
        ),
        (
            Annotated[Cat | Dog, Field(discriminator="kind")],
            {"kind": MARKER},
            [("union_tag_invalid", ["payload"], "'kind' should be one of 'cat', 'dog'")],
        ),
        (
            Annotated[Cat | Many, Field(discriminator="kind")],
            {"kind": MARKER},
            [("union_tag_invalid", ["payload"], "'kind' should be one of the expected tags")],
        ),
        (Forged, {"number": 1}, [("union_tag_invalid", ["payload", "number"], "Union tag invalid")]),
        (
            Annotated[Cat | Dog, Field(discriminator="kind")],
            {"kind": "dog", "age": MARKER},
            [("int_parsing", ["payload", "dog", "age"], INT)],
        ),
        (Annotated[int, Field(gt=3)], 3, [("greater_than", ["payload"], "Input should be greater than 3")]),
        (date, MARKER, [("date_from_datetime_parsing", ["payload"], "Date from datetime parsing")]),
        (int | None, MARKER, [("int_parsing", ["payload"], INT)]),
        (Checked, {"number": 1}, [("value_error", ["payload", "number"], "Value error")]),
        (Checked, {"number": 2}, [("assertion_error", ["payload", "number"], "Assertion error")]),
    ],
    ids=str,
)
def test_details_say_what_is_wrong_and_where(
    annotation: Any, payload: Any, detail: list[tuple[str, list[Any], str]], spelling: str
) -> None:
    text = json.dumps({"uuid": "7", spelling: "ask", "payload": payload})
    reply = json.loads(ask_text(make_router(annotation), text))
    assert reply == {**refuse(*detail), "uuid": "7"}


@pytest.mark.parametrize(
    ("request_", "detail"),
    [
        (
            {},
            [("missing", ["headers"], "Field required"), ("missing", ["payload"], "Field required")],
        ),
        (
            {"headers": None, "payload": None},
            [
                ("model_type", ["headers"], "Input should be an object"),
                ("int_type", ["payload"], "Input should be a valid integer"),
            ],
        ),
        ({"headers": {"number": 1}, "payload": MARKER}, [("int_parsing", ["payload"], INT)]),
        ({"headers": {"number": MARKER}, "payload": 1}, [("int_parsing", ["headers", "number"], INT)]),
    ],
    ids=str,
)
def test_headers_and_payload_are_validated_together(
    request_: dict[str, Any], detail: list[tuple[str, list[Any], str]]
) -> None:
    assert ask(make_router(int, Article), **request_) == refuse(*detail)


def test_a_client_hears_of_ten_errors_at_most() -> None:
    reply = ask(make_router(list[int]), payload=[MARKER] * 20)
    assert reply == refuse(*[("int_parsing", ["payload", place], INT) for place in range(10)])


def test_of_many_errors_a_client_hears_their_number() -> None:
    assert ask(make_router(list[int]), payload=[MARKER] * 1000) == refuse(("too_many_errors", [], "1000 errors"))


@pytest.mark.parametrize("number", [3, 4], ids=["RuntimeError", "KeyError"])
def test_a_validator_that_fails_is_an_error_of_the_program(number: int, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(make_router(Checked), payload={"number": number}) == error(500, FAILED)
    (record,) = caplog.records
    assert record.getMessage().startswith("a validator raised ")
    assert (__file__ in record.getMessage(), MARKER in caplog.text) == (True, False)


def test_a_valid_request_behind_one_that_is_not_is_answered() -> None:
    with TestClient(make_app(make_router(Checked))).websocket_connect("/ws") as client:
        statuses = []
        for number in (1, 3, 5, "x", 5):
            client.send_text(json.dumps({"uuid": 1, "route": "ask", "payload": {"number": number}}))
            statuses.append(json.loads(client.receive_text())["status"])
        client.send_text(PING)
        assert client.receive_text() == PONG
    assert statuses == [400, 500, 200, 400, 200]


@pytest.mark.parametrize(
    ("uuid", "echo"),
    [
        ("1", 1),
        ("0", 0),
        ("-1", -1),
        ("1180591620717411303424", 2**70),
        ('""', ""),
        ('"a\\u00e9"', "aé"),
        ("true", True),
        ("false", False),
        ("2.0", 2.0),
    ],
)
@pytest.mark.parametrize(("payload", "status"), [("5", 200), ('"x"', 400)])
def test_every_id_is_one_of_typed_requests_too(uuid: str, echo: Any, payload: str, status: int) -> None:
    reply = json.loads(ask_text(make_router(int), f'{{"uuid":{uuid},"route":"ask","payload":{payload}}}'))
    assert (reply["uuid"], type(reply["uuid"]), reply["status"]) == (echo, type(echo), status)


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ('{"uuid":1.5,"route":"ask","payload":1}', 1.5),
        ('{"uuid":1e300,"route":"ask","payload":1}', 1e300),
        ('{"uuid":null,"route":"ask","payload":1}', 0),
        ('{"route":"ask","payload":1}', 0),
        ('{"uuid":[1],"route":"ask","payload":1}', 0),
        ('{"uuid":{},"route":"ask","payload":1}', 0),
        ('{"uuid":NaN,"route":"ask","payload":1}', 0),
        ('{"uuid":1,"track_id":null,"route":"ask","payload":1}', 0),
        ('{"uuid":1,"route":"ask","path":null,"payload":1}', 1),
        ('{"uuid":1,"route":"ask","headers":[],"payload":1}', 1),
        ('{"uuid":1,"route":"ask","headers":"x","payload":"x"}', 1),
        ('{"uuid":1,"route":"ask","payload":1', 0),
        ('{"uuid":1,"route":"ask","payload":"\\ud800"}', 1),
        ('{"uuid":"a","route":"ask","payload":01}', 0),
    ],
)
def test_what_is_no_request_is_no_typed_one_either(text: str, uuid: Any) -> None:
    assert json.loads(ask_text(make_router(int), text)) == {**error(400, ILLEGAL), "uuid": uuid}


TYPES: list[Any] = [
    Article,
    Strict,
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Cat | Dog,
    dict[str, int],
    dict[int, Article],
    list[Literal["a"]],
    list[date | UUID | Decimal],
    Annotated[str, StringConstraints(pattern="^a+$", max_length=3)],
    HttpUrl,
    tuple[int, str],
    set[int],
]


def make_router_of_types() -> SocketRouter:
    """Return a router that has a route for each of the types, named by its number."""
    router = SocketRouter()
    for number, annotation in enumerate(TYPES):

        async def handle(ws: Any, headers: Any, payload: Any) -> None: ...

        handle.__annotations__["payload"] = annotation
        router.route(str(number))(handle)
    return router


scalars = st.one_of(
    st.just(MARKER), st.text(max_size=3).map(lambda text: text + MARKER), st.integers(), st.floats(), st.none()
)
keys = st.one_of(
    st.sampled_from(["number", "title", "kind", "age"]), st.text(max_size=3).map(lambda text: MARKER + text)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)


app = make_app(make_router_of_types())


@settings(max_examples=25, deadline=None)
@given(payload=values)
def test_no_detail_quotes_a_key_or_a_value(payload: Any) -> None:
    text = json.dumps(payload)
    with TestClient(app).websocket_connect("/ws") as client:
        for number in range(len(TYPES)):
            client.send_text(f'{{"uuid":1,"{"path" if number % 2 else "route"}":"{number}","payload":{text}}}')
            reply = client.receive_text()
            assert (MARKER in reply, len(reply) < 5000) == (False, True)
            assert json.loads(reply)["status"] in {200, 400}
