"""Requests and replies on the wire, letter for letter as of fastapi-observable-socket 1.1.1, which has passed these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from envelope_routes import make_app
from envelopes import ask, error, pong
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession


@pytest.fixture
def session() -> Iterator[WebSocketTestSession]:
    with TestClient(make_app()).websocket_connect("/ws") as session:
        yield session


@pytest.mark.parametrize(
    ("uuid", "echoed"),
    [
        ("0", "0"),
        ("-1", "-1"),
        ("-0", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551616", "18446744073709551616"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"a"', '"a"'),
        ('""', '""'),
        ('"1"', '"1"'),
        ('"é✓"', '"é✓"'),
        (r'"\u00e9\n\"\\\/"', r'"é\n\"\\/"'),
        (r'"\ud83d\ude80"', '"🚀"'),
    ],
)
def test_an_id_comes_back(session: WebSocketTestSession, uuid: str, echoed: str) -> None:
    reply = ask(session, f'{{"uuid":{uuid},"route":"echo","headers":{{}},"payload":1}}')
    assert reply == f'{{"headers":{{}},"payload":1,"uuid":{echoed},"status":200}}'


@pytest.mark.parametrize("uuid", ["null", "[1]", "{}", "NaN", "-Infinity", "1e400"])
def test_what_is_no_id_is_answered_with_0(session: WebSocketTestSession, uuid: str) -> None:
    reply = ask(session, f'{{"uuid":{uuid},"route":"echo","headers":{{}},"payload":1}}')
    assert reply == error("0", 400, "Illegal Request Format")


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (
            '{"track_id":1,"path":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"track_id":1,"route":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"uuid":1,"path":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"uuid":1,"track_id":2,"route":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":2,"status":200}',
        ),
        (
            '{"track_id":2,"uuid":1,"route":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":2,"status":200}',
        ),
        (
            '{"uuid":1,"route":"failing","path":"echo","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"uuid":1,"path":"echo","route":"failing","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"uuid":1,"uuid":2,"route":"failing","route":"echo","headers":{},"payload":1,"payload":2}',
            '{"headers":{},"payload":2,"uuid":2,"status":200}',
        ),
        (
            '{"payload":{"a":1},"headers":{"b":2},"route":"echo","uuid":1}',
            '{"headers":{"b":2},"payload":{"a":1},"uuid":1,"status":200}',
        ),
        (
            ' \n{ "uuid" : 1 , "route" : "echo" , "headers" : { } , "payload" : [ 1 , 2 ] } \t',
            '{"headers":{},"payload":[1,2],"uuid":1,"status":200}',
        ),
        (
            '{"headers":{"token":"t"},"uuid":"9b7c","route":"echo","payload":{"a":1},"status":200}',
            '{"headers":{"token":"t"},"payload":{"a":1},"uuid":"9b7c","status":200}',
        ),
        (
            r'{"uuid":1,"\u0072oute":"\u0065cho","headers":{},"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
        (
            '{"uuid":1,"route":"echo","headers":null,"payload":1}',
            '{"headers":{},"payload":1,"uuid":1,"status":200}',
        ),
    ],
    ids=[
        *("track_id and path", "track_id and route", "uuid and path", "track_id behind uuid", "track_id before uuid"),
        *("path behind route", "path before route", "duplicates", "order", "white space", "as browsers send it"),
        *("escapes", "null headers"),
    ],
)
def test_how_a_request_may_be_written(session: WebSocketTestSession, request_: str, reply: str) -> None:
    assert ask(session, request_) == reply


@pytest.mark.parametrize(
    ("value", "echoed"),
    [
        ("-5", "-5"),
        ("1.0", "1.0"),
        ("1.50", "1.5"),
        ("1e5", "100000.0"),
        ("1e16", "1e+16"),
        ("0.1", "0.1"),
        ("123456789.123", "123456789.123"),
        ("18446744073709551615", "18446744073709551615"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("[NaN,Infinity,-Infinity,1e400]", "[NaN,Infinity,-Infinity,Infinity]"),
        ("true", "true"),
        ('"é"', '"é"'),
        (r'"\u00e9\n\t\"\\\/\u0000"', r'"é\n\t\"\\/\u0000"'),
        (r'"\ud83d\ude80"', '"🚀"'),
        ("[ [ ] , { } ]", "[[],{}]"),
        ('{"b":1,"a":2}', '{"b":1,"a":2}'),
        ('{"a":1,"a":2}', '{"a":2}'),
        ('[1,"a",null,true,1.5]', '[1,"a",null,true,1.5]'),
    ],
)
def test_headers_and_payload_survive(session: WebSocketTestSession, value: str, echoed: str) -> None:
    reply = ask(session, f'{{"uuid":1,"route":"echo","headers":{{"h":{value}}},"payload":{value}}}')
    assert reply == f'{{"headers":{{"h":{echoed}}},"payload":{echoed},"uuid":1,"status":200}}'


@pytest.mark.parametrize(
    ("ping", "uuid"),
    [
        ('{"headers":{},"uuid":"6f3f4b9e","route":"PING","payload":{},"status":200}', '"6f3f4b9e"'),
        ('{"uuid":1,"route":"PING","headers":{},"payload":{}}', "1"),
        ('{"uuid":1,"route":"PING","headers":null,"payload":null}', "1"),
        ('{"track_id":"t","path":"PING","headers":{},"payload":{}}', '"t"'),
        ('{"route":"PING"}', "0"),
        ('{"path":"PING"}', "0"),
        ('{"uuid":null,"route":"PING","headers":{},"payload":{}}', "0"),
        ('{"uuid":[1],"route":"PING","headers":{},"payload":{}}', "0"),
    ],
    ids=["as browsers send it", "number", "nulls", "track_id and path", "route", "path", "null id", "array for an id"],
)
def test_ping(session: WebSocketTestSession, ping: str, uuid: str) -> None:
    assert ask(session, ping) == pong(uuid)


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ("", "0"),
        ('{"uuid":1,"route":"echo"', "0"),
        ("nonsense", "0"),
        ('{"uuid":1,"route":"echo","headers":{},"payload":1} x', "0"),
        ("{'uuid':1}", "0"),
        ('\ufeff{"uuid":1,"route":"echo","headers":{},"payload":1}', "0"),
        ("{}", "0"),
        ('{"route":"echo","headers":{},"payload":1}', "0"),
        ('{"track_id":1,"headers":{},"payload":1}', "1"),
        ('{"track_id":1,"path":5,"headers":{},"payload":1}', "1"),
        ('{"track_id":"x","route":"echo","headers":[],"payload":1}', '"x"'),
        ('{"track_id":"x","route":"echo","headers":"h","payload":1}', '"x"'),
    ],
    ids=[
        *("nothing", "cut", "words", "more behind", "single quotes", "byte order mark", "empty", "no id"),
        *("no route", "number for a route", "array of headers", "text for headers"),
    ],
)
def test_what_is_no_request(session: WebSocketTestSession, text: str, uuid: str) -> None:
    assert ask(session, text) == error(uuid, 400, "Illegal Request Format")


@pytest.mark.parametrize("route", ["nowhere", "", "PONG", "ping", "echo ", "Echo"])
def test_what_is_no_route(session: WebSocketTestSession, route: str) -> None:
    reply = ask(session, f'{{"uuid":1,"route":"{route}","headers":{{}},"payload":1}}')
    assert reply == error("1", 404, "Path not found")


@pytest.mark.parametrize(
    ("route", "reply"),
    [
        ("allowed", '{"headers":{},"payload":"for anna","uuid":"x","status":200}'),
        ("built", '{"headers":{},"payload":[{"user":"anna"},[1]],"uuid":"x","status":200}'),
        ("shaped", '{"headers":{},"payload":{"shaped":"for anna"},"uuid":"x","status":200}'),
        ("forbidden", error('"x"', 403, "Access denied")),
        ("failing", error('"x"', 500, "Internal Server Error")),
        ("failing check", error('"x"', 500, "Internal Server Error")),
        ("failing access", error('"x"', 500, "Internal Server Error")),
        ("failing hydrate", error('"x"', 500, "Internal Server Error")),
        ("failing dehydrate", error('"x"', 500, "Internal Server Error")),
    ],
)
def test_hooks(session: WebSocketTestSession, route: str, reply: str) -> None:
    assert ask(session, f'{{"uuid":"x","route":"{route}","headers":{{"user":"anna"}},"payload":[1]}}') == reply


@pytest.mark.parametrize("status", [200, 201, 204, 299, 300, 402, 404, 500, 199, -1, 1000])
def test_a_status_is_sent_as_it_is(session: WebSocketTestSession, status: int) -> None:
    reply = ask(session, f'{{"uuid":1,"route":"status","headers":{{}},"payload":{status}}}')
    assert reply == f'{{"headers":{{}},"payload":"p","uuid":1,"status":{status}}}'


@pytest.mark.parametrize(
    ("status", "payload"),
    [
        *((status, '{"shaped":"p"}') for status in (200, 201, 204, 299)),
        *((status, '"p"') for status in (199, 300, 402, 404, 500, -1, 1000)),
    ],
)
def test_dehydrate_is_called_for_success_alone(session: WebSocketTestSession, status: int, payload: str) -> None:
    reply = ask(session, f'{{"uuid":1,"route":"shaped status","headers":{{}},"payload":{status}}}')
    assert reply == f'{{"headers":{{}},"payload":{payload},"uuid":1,"status":{status}}}'


@pytest.mark.parametrize(
    ("route", "reply"),
    [
        ("status alone", '{"headers":{},"payload":null,"uuid":1,"status":204}'),
        ("headers alone", '{"headers":{"a":"b"},"payload":null,"uuid":1,"status":200}'),
        ("null headers", '{"headers":null,"payload":1,"uuid":1,"status":200}'),
        ("nested headers", '{"headers":{"a":[1,{"b":null}],"c":1.5},"payload":null,"uuid":1,"status":200}'),
        ("beyond ascii", '{"headers":{"ключ":"значение"},"payload":"héllo ✓ 🚀 \u2028","uuid":1,"status":200}'),
        ("escapes", '{"headers":{},"payload":"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f","uuid":1,"status":200}'),
        (
            "big integers",
            '{"headers":{},"payload":[9223372036854775808,18446744073709551616,1180591620717411303424,'
            '-1180591620717411303424],"uuid":1,"status":200}',
        ),
        ("not a number", '{"headers":{},"payload":[NaN,Infinity,-Infinity],"uuid":1,"status":200}'),
        (
            "floats",
            '{"headers":{},"payload":[1.0,-0.0,0.1,1000000000000000.0,1e+16,1e+22,1.5e+300,5e-324,'
            '0.30000000000000004],"uuid":1,"status":200}',
        ),
        ("nulls", '{"headers":{},"payload":{"a":null,"b":[null,{}],"c":[]},"uuid":1,"status":200}'),
        ("text of null", '{"headers":{},"payload":"null","uuid":1,"status":200}'),
        ("true", '{"headers":{},"payload":true,"uuid":1,"status":200}'),
        ("zero", '{"headers":{},"payload":0,"uuid":1,"status":200}'),
        ("tuples", '{"headers":{},"payload":["a",[1,2]],"uuid":1,"status":200}'),
        ("integer keys", '{"headers":{},"payload":{"1":{"2.5":{"true":"c"}}},"uuid":1,"status":200}'),
        ("bytes", '{"headers":{},"payload":"abc","uuid":1,"status":200}'),
        ("enumeration", '{"headers":{},"payload":[202],"uuid":1,"status":201}'),
        ("not JSON", error("1", 500, "Internal Server Error")),
        ("headers of a list", error("1", 500, "Internal Server Error")),
        ("a status of words", error("1", 500, "Internal Server Error")),
    ],
)
def test_what_a_handler_returns(session: WebSocketTestSession, route: str, reply: str) -> None:
    assert ask(session, f'{{"uuid":1,"route":"{route}","headers":{{}},"payload":1}}') == reply
