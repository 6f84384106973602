"""What requests and replies leave behind in memory: nothing, whatever becomes of them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import pytest
from exact_values import REFUSED, VALUES
from leaks import copy, grow
from pydantic import BaseModel
from test_answer import (
    REPLY,
    Connection,
    cancel,
    echo,
    fail,
    make_writer,
    return_no_status,
    return_what_cannot_be_written,
    step_at_once,
    step_by_hand,
    stumble,
    wait_and_cancel,
    wait_and_echo,
    wait_and_return_what_cannot_be_written,
    wait_and_stumble,
    wait_twice,
)

from fastws import SocketRouter
from fastws._envelope import Envelope, EnvelopeReader, ReplyWriter, TypedReader, write_response
from fastws._exact import dump_exactly, load_json

# Eight bytes a call may be left: the smallest object has sixteen, and Python keeps a hundred of some kinds for later use.
CALLS: Final = 1_000


def check(function: Callable[[Any], object], make: Callable[[], object], *watched: object) -> None:
    """Compare the references to things, and all memory, before and after many calls."""

    def call(argument: Any) -> None:
        try:
            function(argument)
        except Exception as error:
            raise LookupError from error

    # Not `None`: from Python 3.12 on, references to it are not counted.
    references, size = grow(call, make, list(watched), CALLS)
    assert (references, max(size, 0) < 8 * CALLS) == ([0] * len(watched), True), size


class Thing:
    """Something whose references are counted."""


TEXTS: Final = {
    "orjson": '{"a":[1,"b",{"c":null}]}',
    "pydantic": "[12345678901234567890123]",
    "NaN": '{"a":NaN}',
    "deep": "[" * 199 + "]" * 199,
    "too deep": "[" * 300 + "]" * 300,
    "no JSON": '{"a":1',
    "no JSON, large": "[12345678901234567890123",
    "lone half": '"\\ud800"',
    "raw half": '"\ud800"',
    "Latin-1": '"é"',
    "UCS-2": '"日"',
    "UCS-4": '"😀"',
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_reading_a_text_leaves_nothing_behind(text: str) -> None:
    # A string keeps its UTF-8, so each is another.
    check(load_json, lambda: copy(text), load_json)
    check(load_json, lambda: text, text)


KINDS: Final = ["int", "NaN beside null", "null alone", "enum of NaN", "model", "subclass of dict", "integers as keys"]
ERRORS: Final = ["surrogate", "object", "list in itself", "256 lists", "serializer that raises"]


@pytest.mark.parametrize("value", [*map(VALUES.get, KINDS), *map(REFUSED.get, ERRORS)], ids=[*KINDS, *ERRORS])
def test_writing_a_value_leaves_nothing_behind(value: object) -> None:
    check(dump_exactly, lambda: value, value)


def test_what_orjson_refuses_leaves_nothing_behind() -> None:
    thing = Thing()
    check(dump_exactly, lambda: {"a": thing}, thing)


class Item(BaseModel):
    name: str


async def take_item(ws: object, headers: Any, payload: Item) -> None: ...


async def take_headers(ws: object, headers: dict[str, int], payload: Any) -> None: ...


async def take_anything(ws: object, headers: Any, payload: Any) -> None: ...


ROUTER: Final = SocketRouter()
for path, handler in {"item": take_item, "headers": take_headers, "untyped": take_anything}.items():
    ROUTER.route(path)(handler)
TABLE: Final = ROUTER._build_table()

REQUESTS: Final = {
    "untyped": '{"uuid":1,"route":"untyped","headers":{"a":1},"payload":[1]}',
    "untyped, a large id": '{"uuid":123456789012345678901234567890,"route":"untyped"}',
    "untyped, the other spelling": '{"track_id":"id","path":"untyped"}',
    "typed": '{"uuid":1,"route":"item","payload":{"name":"tea"}}',
    "typed, the other spelling": '{"track_id":"id","path":"item","payload":{"name":"tea"}}',
    "typed, read twice": '{"uuid":1,"rout\\u0065":"item","payload":{"name":"tea"}}',
    "typed, invalid": '{"uuid":1,"route":"item","payload":{"name":1}}',
    "typed, no id": '{"uuid":null,"route":"item","payload":{"name":"tea"}}',
    "typed headers": '{"uuid":1,"route":"headers","headers":{"a":1}}',
    "typed headers, none": '{"uuid":1,"route":"headers","headers":[]}',
    "unknown": '{"uuid":1,"route":"unknown"}',
    "heartbeat": '{"uuid":null,"route":"PING"}',
    "no id": '{"route":"untyped"}',
    "id that is a fraction": '{"uuid":1.5,"route":"untyped"}',
    "no object": "[]",
    "no JSON": '{"uuid":"id","route":"untyped"',
    "no JSON, but an id": '{"uuid":"id","route":"untyped","payload":"\\ud800"}',
    "raw half": '{"uuid":"\ud800"}',
}


@pytest.mark.parametrize("text", REQUESTS.values(), ids=REQUESTS.keys())
def test_reading_a_request_leaves_nothing_behind(text: str) -> None:
    plans = [route.plan for route in ROUTER.routes.values()]
    check(TABLE.route, lambda: copy(text), TABLE, TABLE.union, *plans)
    check(TABLE.route, lambda: text, text)


@pytest.mark.parametrize("text", ["{", '{"uuid":1,"route":"a"}', '{"uuid":1,"route":"b"}'], ids=repr)
@pytest.mark.parametrize("raises", [True, False], ids=["raises", "goes on"])
def test_what_a_reader_calls(text: str, raises: bool) -> None:
    def call(*arguments: object) -> Any:
        if raises:
            raise LookupError
        return thing

    thing: Any = Thing()
    plans = {"a": thing, "PING": thing}
    refine: dict[str, Any] = {"a": call}
    reader = EnvelopeReader(plans=plans, refine=refine, ping="PING", refuse=thing, miss=thing, recover=call)
    check(reader, lambda: text, text, reader, thing, plans, refine, call)


@pytest.mark.parametrize("track_id", [1, None, "id"], ids=repr)
@pytest.mark.parametrize("headers", [None, {}], ids=repr)
def test_reading_a_typed_request_leaves_nothing_behind(track_id: object, headers: object) -> None:
    request, plan = SimpleNamespace(track_id=track_id, headers=headers, payload=Thing()), Thing()
    as_plan: Any = plan
    otherwise = EnvelopeReader(plans={}, refine={}, ping="PING", refuse=as_plan, miss=as_plan, recover=str)
    reader = TypedReader(lambda text: request, as_plan, make_headers=dict, otherwise=otherwise)
    check(reader, lambda: "text", reader, request, plan, request.payload)


def test_an_envelope_leaves_nothing_behind() -> None:
    plan: Any = Thing()
    check(lambda payload: Envelope(1, payload, payload, plan), Thing, plan)


RETURNED: Final[dict[str, Callable[[Thing], Any]]] = {
    "payload": lambda thing: [1, "a", None],
    "result": lambda thing: {"status": 404, "headers": {"a": 1}, "payload": "b"},
    "long": lambda thing: "x" * 5000,
    "NaN": lambda thing: [None, math.nan],
    "what cannot be written": lambda thing: [thing],
    "what cannot be written in headers": lambda thing: {"headers": {"a": thing}},
    "what is no status": lambda thing: {"status": thing},
    "what is no long": lambda thing: {"status": 2**100, "payload": "a"},
    "what is no dictionary of headers": lambda thing: {"headers": thing},
}


@pytest.mark.parametrize("make", RETURNED.values(), ids=RETURNED.keys())
def test_a_reply_leaves_nothing_behind(make: Callable[[Thing], Any]) -> None:
    writer, thing, uuid = make_writer(), Thing(), "an id that is long enough to be one of its own"
    check(lambda returned: writer.answer(uuid, returned), lambda: make(thing), writer, thing, uuid)


@pytest.mark.parametrize(
    "encoded", [b"1", b"x" * 5000, b"\xff", b"\xff" * 5000, None, "text"], ids=lambda value: repr(value)[:9]
)
def test_a_declared_reply_leaves_nothing_behind(encoded: Any) -> None:
    def encode(payload: object) -> Any:
        return encoded

    options: dict[str, Any] = {"may_be_result": False, "is_result": False, "refuse": LookupError}
    writer, payload = ReplyWriter(encode=encode, **options), Thing()
    check(lambda payload: writer.answer(1, payload), lambda: payload, writer, payload, encode, encoded or writer)


@pytest.mark.parametrize("uuid", [1, "id", 2**100, "\ud800", Thing()], ids=lambda value: str(value)[:9])
@pytest.mark.parametrize("headers", [None, {}, {"a": 1}, {"a": Thing()}], ids=["none", "empty", "some", "wrong"])
def test_a_response_leaves_nothing_behind(uuid: Any, headers: Any) -> None:
    payload = ["x" * 3000]
    check(
        lambda payload: write_response(uuid, 400, headers, payload), lambda: payload, payload, headers or payload, uuid
    )


def finish(rest: Any) -> None:
    for _ in rest or ():
        pass


def close(rest: Any) -> None:
    next(rest)
    rest.close()


def cancel_it(rest: Any) -> None:
    next(rest)
    rest.throw(asyncio.CancelledError())


CASES: Final[dict[str, tuple[Any, Callable[[Any], None], dict[str, Any]]]] = {
    "answered": (echo, finish, {}),
    "answered after a wait": (wait_and_echo, finish, {}),
    "answered after two": (wait_twice, finish, {}),
    "answered when there is room": (echo, finish, {"room": "room"}),
    "answered after a wait when there is room": (wait_and_echo, finish, {"room": "room"}),
    "raised": (stumble, finish, {}),
    "raised after a wait": (wait_and_stumble, finish, {}),
    "cancelled by itself": (cancel, finish, {}),
    "cancelled by itself after a wait": (wait_and_cancel, finish, {}),
    "no status": (return_no_status, finish, {}),
    "cannot be written": (return_what_cannot_be_written, finish, {}),
    "cannot be written after a wait": (wait_and_return_what_cannot_be_written, finish, {}),
    "not sent": (echo, finish, {"error": ValueError()}),
    "not sent after a wait": (wait_and_echo, finish, {"error": ValueError()}),
    "closed": (wait_and_echo, close, {}),
    "closed reply": (echo, close, {"room": "room"}),
    "cancelled": (wait_and_echo, cancel_it, {}),
    "cancelled reply": (echo, cancel_it, {"room": "room"}),
}


@pytest.mark.parametrize("step", [step_at_once, step_by_hand], ids=["at-once", "by-hand"])
@pytest.mark.parametrize(("call", "end", "options"), CASES.values(), ids=CASES.keys())
def test_answering_leaves_nothing_behind(
    step: Callable[..., Any], call: Any, end: Callable[[Any], None], options: dict[str, Any]
) -> None:
    connection = Connection(**options)
    envelope = connection.envelope

    def run(connection: Connection) -> None:
        try:
            end(step(call, connection))
        except BaseException as error:
            raise LookupError from error
        finally:
            connection.sent.clear()
            connection.answered.clear()
            if connection.error is not None:
                connection.error.__traceback__ = connection.error.__context__ = None

    check(run, lambda: connection, connection, envelope, envelope.headers, envelope.payload, call, fail, REPLY)
