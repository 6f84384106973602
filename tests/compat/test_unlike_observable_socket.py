"""Where we do not answer as fastapi-observable-socket 1.1.1 has: what it says, if it says anything, and what we do."""

from __future__ import annotations

import pytest
from envelope_routes import make_app
from envelopes import ask, error, pong
from fastapi.testclient import TestClient

ILLEGAL = "Illegal Request Format"
FAILED = "Internal Server Error"

# Nothing, not even to the requests behind it.
SILENCE = ""


def echo(uuid: str, payload: str) -> str:
    return f'{{"headers":{{}},"payload":{payload},"uuid":{uuid},"status":200}}'


def check(request: str | bytes, theirs: str, ours: str) -> None:
    assert theirs != ours
    with TestClient(make_app()).websocket_connect("/ws") as session:
        assert ask(session, request) == ours


@pytest.mark.parametrize(
    ("uuid", "theirs", "ours"),
    [
        ("true", echo("1", "1"), echo("true", "1")),
        ("false", echo("0", "1"), echo("false", "1")),
        ("1.0", echo("1", "1"), echo("1.0", "1")),
        ("1e3", echo("1000", "1"), echo("1000.0", "1")),
        ("1.5", error("0", 400, ILLEGAL), error("1.5", 400, ILLEGAL)),
        ("1e19", error("0", 400, ILLEGAL), error("1e+19", 400, ILLEGAL)),
        (r'"\ud800"', SILENCE, error("0", 400, ILLEGAL)),
    ],
)
def test_an_id_comes_back_as_the_value_that_was_sent(uuid: str, theirs: str, ours: str) -> None:
    check(f'{{"uuid":{uuid},"route":"echo","headers":{{}},"payload":1}}', theirs, ours)


@pytest.mark.parametrize(
    "request_",
    [
        '{"uuid":1,"route":5,"headers":{},"payload":1}',
        '{"uuid":1,"path":null,"route":"echo","headers":{},"payload":1}',
        '{"uuid":1,"headers":{},"payload":1}',
        '{"uuid":1,"route":"echo","headers":[],"payload":1}',
        '{"uuid":1}',
    ],
    ids=["number for a route", "null path", "no route", "array of headers", "nothing else"],
)
def test_an_illegal_request_keeps_its_id_under_both_spellings(request_: str) -> None:
    check(request_, error("0", 400, ILLEGAL), error("1", 400, ILLEGAL))


@pytest.mark.parametrize(
    ("ping", "uuid"),
    [
        ('{"uuid":1,"route":"PING"}', "1"),
        ('{"track_id":"t","path":"PING"}', '"t"'),
        ('{"uuid":1,"route":"PING","headers":[],"payload":1}', "1"),
        ('{"uuid":1.5,"route":"PING","headers":{},"payload":{}}', "1.5"),
    ],
    ids=["alone", "track_id and path", "array of headers", "float"],
)
def test_a_heartbeat_keeps_its_id(ping: str, uuid: str) -> None:
    check(ping, pong("0"), pong(uuid))


@pytest.mark.parametrize(
    ("rest", "payload"),
    [('"headers":{}', "null"), ('"payload":1', "1"), ('"status":200', "null")],
    ids=["no payload", "no headers", "neither"],
)
def test_headers_and_payload_may_be_missing(rest: str, payload: str) -> None:
    check(f'{{"uuid":1,"route":"echo",{rest}}}', error("0", 400, ILLEGAL), echo("1", payload))


@pytest.mark.parametrize("payload", ["null", "0", "-0.0", "false", '""', "[]"])
def test_an_empty_payload_is_no_empty_object(payload: str) -> None:
    check(f'{{"uuid":1,"route":"echo","headers":{{}},"payload":{payload}}}', echo("1", "{}"), echo("1", payload))


@pytest.mark.parametrize(
    "frame",
    [
        *("[]", "1", "null", '"text"', "true", b'{"uuid":1,"route":"echo","headers":{},"payload":1}'),
        *(f'{{"track_id":{uuid},"path":"echo","headers":{{}},"payload":1}}' for uuid in ("null", "[1]", "{}", "NaN")),
    ],
)
def test_a_connection_outlives_what_is_no_request(frame: str | bytes) -> None:
    # After theirs, no other request has been answered.
    check(frame, error("0", 500, FAILED), error("0", 400, ILLEGAL))


@pytest.mark.parametrize(
    ("request_", "ours"),
    [
        (
            '{"uuid":"x","route":"bad data","headers":{},"payload":1}',
            error('"x"', 400, "Data check failed"),
        ),
        (r'{"uuid":"x","route":"echo","headers":{},"payload":"\ud800"}', error('"x"', 400, ILLEGAL)),
        ('{"uuid":1,"route":"half a pair","headers":{},"payload":1}', error("1", 500, FAILED)),
        ('{"uuid":1,"route":"not JSON inside","headers":{},"payload":1}', error("1", 500, FAILED)),
        ('{"uuid":1,"route":"a set inside","headers":{},"payload":1}', echo("1", "[[1]]")),
        ('{"uuid":1,"route":"bytes inside","headers":{},"payload":1}', echo("1", '["abc"]')),
    ],
    ids=["data_check", "half a pair", "half a pair returned", "no JSON", "set", "bytes"],
)
def test_a_connection_never_falls_silent(request_: str, ours: str) -> None:
    check(request_, SILENCE, ours)


@pytest.mark.parametrize(
    ("route", "theirs", "ours"),
    [
        # What is no result is a payload.
        ("nothing", error("1", 500, FAILED), echo("1", "null")),
        ("a number", error("1", 500, FAILED), echo("1", "5")),
        ("no keys", echo("1", "null"), echo("1", "{}")),
        ("other keys", echo("1", "null"), echo("1", '{"sum":3}')),
        # A status is an integer, or left out.
        ("null status", error("1", 500, FAILED), echo("1", "1")),
        ("status in digits", '{"headers":{},"payload":1,"uuid":1,"status":201}', error("1", 500, FAILED)),
        ("status as a float", '{"headers":{},"payload":1,"uuid":1,"status":201}', error("1", 500, FAILED)),
        ("true status", '{"headers":{},"payload":1,"uuid":1,"status":1}', error("1", 500, FAILED)),
        # Written as pydantic does.
        (
            "integer keys of headers",
            error("1", 500, FAILED),
            '{"headers":{"1":2},"payload":null,"uuid":1,"status":200}',
        ),
        ("a model", echo("1", '[["text","hello"]]'), echo("1", '{"text":"hello"}')),
        ("a date", error("1", 500, FAILED), echo("1", '"2020-01-02"')),
        ("null key", echo("1", '{"null":1}'), echo("1", '{"None":1}')),
    ],
)
def test_what_a_handler_returns(route: str, theirs: str, ours: str) -> None:
    check(f'{{"uuid":1,"route":"{route}","headers":{{}},"payload":1}}', theirs, ours)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("1e-05", "0.00001"), ("1e-07", "1e-7")], ids=["five places", "seven places"]
)
def test_small_numbers_are_spelled_otherwise_where_orjson_writes(theirs: str, ours: str) -> None:
    pytest.importorskip("orjson")
    check(f'{{"uuid":1,"route":"echo","headers":{{}},"payload":{ours}}}', echo("1", theirs), echo("1", ours))


def test_200_levels_are_enough() -> None:
    deep = "[" * 200 + "1" + "]" * 200
    request = f'{{"uuid":1,"route":"echo","headers":{{}},"payload":{deep}}}'
    check(request, echo("1", deep), error("1", 400, ILLEGAL))
