"""How a reply is written, to the byte, and what of what a handler returns is a status, headers or a payload."""

from __future__ import annotations

import json
import math
import sys
import uuid
from collections import OrderedDict
from enum import IntEnum
from http import HTTPStatus
from typing import Any

import pytest
from case_ids import steady_repr
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError
from test_envelope import IDS, show

from fastws._envelope import ReplyWriter, write_response


class RefusedError(Exception):
    """Raised for what a handler should not have returned."""


def make_writer(**others: Any) -> ReplyWriter:
    chosen: dict[str, Any] = {"may_be_result": True, "is_result": False, "encode": None, "refuse": RefusedError}
    return ReplyWriter(**chosen | others)


class Table(dict[str, Any]):
    pass


class Code(IntEnum):
    TEAPOT = 418


PLAIN = [None, 1, "a", [], (), {}, {"a": 1}, {"status": 1, "a": 2}, {"Status": 1}, [("status", 1)], object()]


@pytest.mark.parametrize("returned", PLAIN, ids=steady_repr)
def test_what_is_no_result_is_the_payload(returned: object) -> None:
    assert make_writer().split(returned) == (200, {}, returned, True)


@pytest.mark.parametrize(
    ("returned", "parts"),
    [
        ({"status": 201}, (201, {}, None)),
        ({"payload": 1}, (200, {}, 1)),
        ({"headers": {"a": 1}}, (200, {"a": 1}, None)),
        ({"headers": None}, (200, None, None)),
        ({"status": None, "payload": None}, (200, {}, None)),
        ({"status": 404, "headers": {}, "payload": [1]}, (404, {}, [1])),
        ({"status": 0}, (0, {}, None)),
        ({"status": -1}, (-1, {}, None)),
        ({"status": HTTPStatus.CREATED}, (201, {}, None)),
        (Table(status=Code.TEAPOT, headers=Table(a=1)), (418, {"a": 1}, None)),
        (OrderedDict(payload=1), (200, {}, 1)),
    ],
    ids=steady_repr,
)
@pytest.mark.parametrize("options", [{}, {"is_result": True}], ids=["may be a result", "is a result"])
def test_a_result_is_taken_apart(returned: object, parts: tuple[Any, ...], options: dict[str, Any]) -> None:
    assert make_writer(**options).split(returned) == (*parts, False)


@pytest.mark.parametrize("returned", [{"status": 201}, {"payload": 1}, {}, None], ids=steady_repr)
def test_what_declares_its_payload_returns_no_result(returned: object) -> None:
    assert make_writer(may_be_result=False).split(returned) == (200, {}, returned, True)


def test_a_declared_result_may_have_anything_else_in_it() -> None:
    writer = make_writer(is_result=True)
    assert writer.split({"status": 201, "a": 1}) == (201, {}, None, False)
    assert writer.split({}) == (200, {}, None, False)
    assert writer.split(None) == (200, {}, None, False)


@pytest.mark.parametrize("returned", [1, "a", [], (200, {}, None)], ids=steady_repr)
def test_a_declared_result_is_one(returned: object) -> None:
    with pytest.raises(RefusedError, match="HandlerResult"):
        make_writer(is_result=True).split(returned)


@pytest.mark.parametrize(
    ("returned", "what"),
    [
        ({"status": "200"}, "number for a status"),
        ({"status": 200.0}, "number for a status"),
        ({"status": True}, "number for a status"),
        ({"headers": []}, "dictionary of headers"),
        ({"headers": "a"}, "dictionary of headers"),
        ({"status": 200, "headers": 0}, "dictionary of headers"),
    ],
    ids=steady_repr,
)
def test_results_of_other_kinds_are_refused(returned: object, what: str) -> None:
    for options in ({}, {"is_result": True}):
        with pytest.raises(RefusedError, match=what):
            make_writer(**options).answer(1, returned)


@pytest.mark.parametrize(
    ("returned", "reply"),
    [
        (None, '{"headers":{},"payload":null,"uuid":7,"status":200}'),
        ({"status": 404, "headers": None, "payload": "é"}, '{"headers":null,"payload":"é","uuid":7,"status":404}'),
        ({"headers": {"a": math.nan}}, '{"headers":{"a":NaN},"payload":null,"uuid":7,"status":200}'),
        ({"headers": Table(a=2**70)}, '{"headers":{"a":1180591620717411303424},"payload":null,"uuid":7,"status":200}'),
        ({"headers": Table()}, '{"headers":{},"payload":null,"uuid":7,"status":200}'),
        ([math.inf, None], '{"headers":{},"payload":[Infinity,null],"uuid":7,"status":200}'),
        ({"status": Code.TEAPOT}, '{"headers":{},"payload":null,"uuid":7,"status":418}'),
        ({"status": -1}, '{"headers":{},"payload":null,"uuid":7,"status":-1}'),
        (uuid.UUID(int=5), '{"headers":{},"payload":"00000000-0000-0000-0000-000000000005","uuid":7,"status":200}'),
    ],
    ids=steady_repr,
)
def test_what_is_returned_is_written_as_a_reply(returned: object, reply: str) -> None:
    assert make_writer().answer(7, returned) == reply


@pytest.mark.parametrize(("token", "value"), IDS.items(), ids=[token[:20] for token in IDS])
def test_an_id_comes_back(token: str, value: Any) -> None:
    reply = make_writer().answer(value, None)
    assert show(json.loads(reply)["uuid"]) == show(value)
    assert reply == write_response(value, 200, {}, None)


# Replies are put together on the stack up to 2,048 bytes, of which 96 stand for what is around their values.
@pytest.mark.parametrize("size", [0, 1, 1900, *range(1935, 1965), 2047, 2048, 2049, 4096, 1_000_000])
@pytest.mark.parametrize("place", ["uuid", "headers", "payload"])
@pytest.mark.parametrize("character", ["x", "é", "😀"])
def test_replies_of_every_length(size: int, place: str, character: str) -> None:
    text = character * (size // len(character.encode()))
    uuid, headers, payload = text if place == "uuid" else 1, {"h": text if place == "headers" else ""}, [text]
    parts = {"headers": headers, "payload": payload if place == "payload" else None, "uuid": uuid, "status": 200}
    reply = write_response(uuid, 200, headers, parts["payload"])
    assert reply == json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


LARGEST = 2 ** (8 * 8 - 1) - 1 if sys.maxsize > 2**32 and sys.platform != "win32" else 2**31 - 1


@pytest.mark.parametrize("status", [LARGEST, -LARGEST - 1, 0, 10**9], ids=str)
def test_any_status_that_is_a_long(status: int) -> None:
    assert write_response("é" * 1000, status, {}, None).endswith(f'","status":{status}}}')


@pytest.mark.parametrize("status", [LARGEST + 1, -LARGEST - 2, 10**100], ids=str)
def test_a_status_that_is_none_is_an_error(status: int) -> None:
    with pytest.raises(OverflowError):
        write_response(1, status, {}, None)
    with pytest.raises(OverflowError):
        make_writer().answer(1, {"status": status})


@pytest.mark.parametrize("payload", ["\ud800", object(), b"\xff"], ids=steady_repr)
@pytest.mark.parametrize("place", ["payload", "headers", "uuid"])
def test_what_cannot_be_written_is_one_error(payload: Any, place: str) -> None:
    parts: dict[str, Any] = {"uuid": 1, "headers": {}, "payload": None}
    parts[place] = {"a": payload} if place == "headers" else payload
    with pytest.raises(PydanticSerializationError):
        write_response(parts["uuid"], 200, parts["headers"], parts["payload"])


def test_a_declared_payload_is_written_by_its_encoder() -> None:
    writer = make_writer(encode=lambda payload: b"<%d>" % payload)
    assert writer.answer(1, 5) == '{"headers":{},"payload":<5>,"uuid":1,"status":200}'
    assert writer.answer(1, {"payload": 5}) == '{"headers":{},"payload":5,"uuid":1,"status":200}'
    assert writer.write(1, 201, None, 5, True) == '{"headers":null,"payload":<5>,"uuid":1,"status":201}'
    assert writer.write(1, 201, None, 5, False) == '{"headers":null,"payload":5,"uuid":1,"status":201}'


@pytest.mark.parametrize("encoded", [None, "text", bytearray(b"1"), 1], ids=steady_repr)
def test_an_encoder_returns_bytes(encoded: Any) -> None:
    with pytest.raises(TypeError):
        make_writer(encode=lambda payload: encoded).answer(1, 5)


def test_what_an_encoder_writes_is_utf_8() -> None:
    with pytest.raises(UnicodeDecodeError):
        make_writer(encode=lambda payload: b"\xff").answer(1, 5)


class Model(BaseModel):
    price: float = math.inf


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


@given(
    st.text(st.characters(codec="utf-8")) | st.integers() | st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.none() | st.dictionaries(st.text(st.characters(codec="utf-8")), values),
    values,
)
def test_any_reply_is_what_was_given(uuid: Any, status: int, headers: Any, payload: object) -> None:
    found = json.loads(write_response(uuid, status, headers, payload))
    expected = {"headers": headers, "payload": payload, "uuid": uuid, "status": status}
    assert show(found) == show(expected)  # type: ignore[arg-type]
