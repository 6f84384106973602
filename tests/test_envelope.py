"""What is read of a request: its id, under two names, its headers and its payload; and what will answer it."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any, Final

import pytest
from case_ids import steady_repr
from pydantic_core import from_json

from fastws._envelope import Envelope, EnvelopeReader, TypedReader
from fastws.observable.requests import recover_id

Row = tuple[Any, Any, Any, Any]


def recover(text: str) -> str:
    return f"recovered from {text}"


def make_reader(**others: Any) -> EnvelopeReader:
    """Return a reader whose plans are texts that say what they are."""
    plans: Any = {"a": "plan of a", "é": "plan of é", "": "plan of nothing", "PING": "pong"}
    chosen: dict[str, Any] = {"plans": plans, "refine": {}, "ping": "PING", "refuse": "refuse", "miss": "miss"}
    return EnvelopeReader(**chosen | {"recover": recover} | others)


def read(text: Any, **others: Any) -> Row:
    envelope = make_reader(**others)(text)
    return envelope.uuid, envelope.headers, envelope.payload, envelope.plan


def show(row: Row) -> str:
    """Spell a row so that `1`, `1.0` and `True` differ."""
    return repr(row)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        pytest.param('{"uuid":1,"route":"a"}', (1, {}, None, "plan of a"), id="the least"),
        pytest.param(
            '{"uuid":1,"route":"a","headers":{"h":[1]},"payload":{"p":null}}',
            (1, {"h": [1]}, {"p": None}, "plan of a"),
            id="everything",
        ),
        pytest.param('{"payload":2,"headers":null,"route":"a","uuid":1}', (1, {}, 2, "plan of a"), id="the other way"),
        pytest.param('{"uuid":1,"route":"a","payload":null}', (1, {}, None, "plan of a"), id="no payload"),
        pytest.param('{"track_id":1,"path":"a"}', (1, {}, None, "plan of a"), id="the other spelling"),
        pytest.param('{"track_id":1,"route":"a"}', (1, {}, None, "plan of a"), id="one of each"),
        pytest.param(
            '{"uuid":1,"track_id":2,"path":"a","route":"é"}', (2, {}, None, "plan of a"), id="both, the second first"
        ),
        pytest.param('{"track_id":2,"uuid":1,"route":"é","path":"a"}', (2, {}, None, "plan of a"), id="both"),
        pytest.param('{"track_id":2,"uuid":[],"route":1,"path":"a"}', (2, {}, None, "plan of a"), id="both, one wrong"),
        pytest.param(
            '{"track_id":null,"uuid":1,"route":"a"}', (0, None, None, "refuse"), id="both, the one that counts is null"
        ),
        pytest.param('{"uuid":1,"route":"a","path":null}', (1, None, None, "refuse"), id="both routes, one is null"),
        pytest.param(
            '{"uuid":1,"route":"a","uuid":2,"route":"é"}', (2, {}, None, "plan of é"), id="keys that stand twice"
        ),
        pytest.param(
            '{"uuid":1,"route":"a","payload":1,"payload":2,"headers":{"h":1},"headers":{"i":1}}',
            (1, {"i": 1}, 2, "plan of a"),
            id="headers and payloads that stand twice",
        ),
        pytest.param('{"uu\\u0069d":1,"rout\\u0065":"\\u0061"}', (1, {}, None, "plan of a"), id="escapes"),
        pytest.param('{"uuid":1,"route":"\\u00e9"}', (1, {}, None, "plan of é"), id="an escaped route"),
        pytest.param('{"uuid":1,"route":""}', (1, {}, None, "plan of nothing"), id="an empty route"),
        pytest.param('{"uuid":1,"route":"b"}', (1, {}, None, "miss"), id="no such route"),
        pytest.param('{"uuid":1,"route":"A"}', (1, {}, None, "miss"), id="a route in capitals"),
        pytest.param('{"uuid":1,"route":"a","x":{"uuid":2}}', (1, {}, None, "plan of a"), id="unknown keys"),
        pytest.param('{"uuid":1,"Uuid":2,"route":"a"}', (1, {}, None, "plan of a"), id="keys in capitals"),
        pytest.param(' \n{ "uuid" : 1 ,\t"route" : "a" }\r\n', (1, {}, None, "plan of a"), id="white space"),
        pytest.param('{"uuid":1,"route":"a","payload":NaN}', (1, {}, math.nan, "plan of a"), id="NaN"),
        pytest.param(f'{{"uuid":1,"route":"a","payload":{2**70}}}', (1, {}, 2**70, "plan of a"), id="a large number"),
        pytest.param('{"uuid":1,"route":null}', (1, None, None, "refuse"), id="no route"),
        pytest.param('{"uuid":1}', (1, None, None, "refuse"), id="a missing route"),
        pytest.param('{"uuid":1,"route":["a"]}', (1, None, None, "refuse"), id="a route that is an array"),
        pytest.param('{"uuid":1,"route":"a","headers":[]}', (1, None, None, "refuse"), id="headers that are an array"),
        pytest.param('{"uuid":1,"route":"a","headers":0}', (1, None, None, "refuse"), id="headers that are a number"),
        pytest.param('{"uuid":1,"route":"a","headers":false}', (1, None, None, "refuse"), id="headers that are false"),
        pytest.param('{"uuid":1,"route":"b","headers":""}', (1, None, None, "refuse"), id="headers that are empty"),
        pytest.param("{}", (0, None, None, "refuse"), id="an empty object"),
        *[
            pytest.param(text, (0, None, None, "refuse"), id=text)
            for text in ("[]", "1", "null", '"a"', "true", '["uuid"]')
        ],
        *[
            pytest.param(text, (f"recovered from {text}", None, None, "refuse"), id=repr(text))
            for text in ("", "{", '{"uuid":1,}', '{"uuid":1,"route":"a","payload":"\\ud800"}', '"\ud800"', "\ufeff{}")
        ],
    ],
)
def test_a_request_is_read_or_refused(text: str, row: Row) -> None:
    assert show(read(text)) == show(row)


IDS = {
    '""': "",
    '"a"': "a",
    '"\\u0000é😀"': "\x00é😀",
    "0": 0,
    "-0": 0,
    "-1": -1,
    "10": 10,
    "-99": -99,
    str(2**31): 2**31,
    str(-(2**31) - 1): -(2**31) - 1,
    str(2**63 - 1): 2**63 - 1,
    str(-(2**63)): -(2**63),
    str(2**63): 2**63,
    str(-(2**63) - 1): -(2**63) - 1,
    "9" * 4300: int("9" * 4300),
    "true": True,
    "false": False,
    "1.0": 1.0,
    "-0.0": -0.0,
    "1e3": 1000.0,
    "9007199254740993.0": 9007199254740992.0,
    "9223372036854774784.0": 9223372036854774784.0,
    "-9223372036854774784.0": -9223372036854774784.0,
}


@pytest.mark.parametrize(("token", "value"), IDS.items(), ids=[token[:20] for token in IDS])
def test_an_id_is_read_as_it_was_sent(token: str, value: object) -> None:
    assert show(read(f'{{"uuid":{token},"route":"a"}}')) == show((value, {}, None, "plan of a"))
    assert show(read(f'{{"track_id":{token},"route":1}}')) == show((value, None, None, "refuse"))


# What is a scalar can be matched by the client, which sent it; what is none cannot.
OTHERS = {
    "0.5": 0.5,
    "1e-400": 0.0,
    "9223372036854775808.0": 9223372036854775808.0,
    "-9223372036854775808.0": -9223372036854775808.0,
    "1e300": 1e300,
    "NaN": 0,
    "Infinity": 0,
    "-Infinity": 0,
    "1e400": 0,
    "null": 0,
    "[]": 0,
    "[1]": 0,
    "{}": 0,
    '{"uuid":1}': 0,
}


@pytest.mark.parametrize(("token", "value"), OTHERS.items(), ids=OTHERS)
def test_what_is_no_id(token: str, value: object) -> None:
    plan = "plan of a" if token == "1e-400" else "refuse"
    headers: Any = {} if token == "1e-400" else None
    assert show(read(f'{{"uuid":{token},"route":"a"}}')) == show((value, headers, None, plan))
    assert show(read(f'{{"uuid":{token},"headers":1,"route":"PING"}}')) == show((value, None, None, "pong"))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('{"uuid":1,"route":"PING"}', (1, {}, None, "pong")),
        ('{"route":"PING"}', (0, None, None, "pong")),
        ('{"path":"PING","route":"a","uuid":7,"headers":[]}', (7, None, None, "pong")),
        ('{"uuid":null,"route":"PING"}', (0, None, None, "pong")),
        ('{"path":"a","route":"PING"}', (0, None, None, "refuse")),
        ('{"uuid":1,"route":"ping"}', (1, {}, None, "miss")),
    ],
)
def test_a_heartbeat_is_one_whatever_else_it_has(text: str, row: Row) -> None:
    assert show(read(text)) == show(row)


def test_requests_of_a_route_with_types_are_refined() -> None:
    calls: list[tuple[str, Envelope]] = []
    refine = {"a": lambda text, envelope: calls.append((text, envelope))}
    texts = ['{"uuid":1,"route":"a"}', '{"uuid":1,"route":"é"}', '{"route":"a"}', "{", '{"uuid":1,"route":"b"}']
    envelopes = [make_reader(refine=refine)(text) for text in texts]
    assert calls == [(texts[0], envelopes[0])]


def test_what_refining_or_recovering_raises_goes_through() -> None:
    def stumble(*arguments: object) -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        make_reader(refine={"a": stumble})('{"uuid":1,"route":"a"}')
    with pytest.raises(LookupError):
        make_reader(recover=stumble)("{")


@pytest.mark.parametrize("name", ["plans", "refine"])
@pytest.mark.parametrize("value", [None, [], "a"], ids=steady_repr)
def test_what_is_no_dictionary_of_plans_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        make_reader(**{name: value})


def test_an_envelope_keeps_its_id() -> None:
    plan: Any = "plan"
    envelope = Envelope(1, {}, None, plan)
    envelope.headers, envelope.payload, envelope.answered = {"a": 1}, 2, True
    with pytest.raises(AttributeError):
        envelope.uuid = 2  # type: ignore[misc]
    assert (envelope.uuid, envelope.headers, envelope.payload, envelope.answered) == (1, {"a": 1}, 2, True)
    assert envelope.plan is plan


@pytest.mark.parametrize("plain", [True, False], ids=["plain headers", "typed headers"])
@pytest.mark.parametrize("headers", [None, {"a": 1}, "typed"], ids=steady_repr)
def test_a_typed_request_has_what_its_validator_made(plain: bool, headers: object) -> None:
    plan: Any = "plan"
    request = SimpleNamespace(track_id=1, headers=headers, payload="payload")
    envelope = TypedReader(lambda text: request, plan, make_headers=dict if plain else None, otherwise=make_reader())(
        "text"
    )
    expected = {} if headers is None and plain else headers
    assert (envelope.uuid, envelope.headers, envelope.payload, envelope.plan) == (1, expected, "payload", plan)


@pytest.mark.parametrize("track_id", [None, [], {}, 0.5, math.nan, 2.0**63, object()], ids=steady_repr)
def test_a_typed_request_without_an_id_is_refused(track_id: object) -> None:
    plan: Any = "plan"
    request = SimpleNamespace(track_id=track_id, headers=None, payload=None)
    with pytest.raises(ValueError, match="no id"):
        TypedReader(lambda text: request, plan, make_headers=dict, otherwise=make_reader())("text")


def test_what_a_validator_raises_goes_through() -> None:
    def stumble(text: object) -> Any:
        raise LookupError

    plan: Any = "plan"
    with pytest.raises(LookupError):
        TypedReader(stumble, plan, make_headers=dict, otherwise=make_reader())("text")
    with pytest.raises(AttributeError):
        TypedReader(lambda text: None, plan, make_headers=dict, otherwise=make_reader())("text")


HALF: Final = '"payload":"\\ud800"'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *[(f'{{"uuid":{token},"route":"a",{HALF}}}', value) for token, value in list(IDS.items()) if len(token) < 100],
        (f'{{"uuid":{"9" * 4300},{HALF}}}', int("9" * 4300)),
        (f'{{"uuid":{"9" * 4301},{HALF}}}', 0),
        (f'{{"uuid":1,"payload":{"9" * 4301}}}', 1),
        (f'{{"uuid":0.5,{HALF}}}', 0.5),
        (f'{{"uuid":NaN,{HALF}}}', 0),
        (f'{{"uuid":1e400,{HALF}}}', 0),
        (f'{{"uuid":null,{HALF}}}', 0),
        (f'{{"uuid":[1],{HALF}}}', 0),
        (f'{{"uuid":"\\ud800",{HALF}}}', 0),
        (f'{{"uuid":1,"track_id":2,{HALF}}}', 2),
        (f'{{"uuid":1,"track_id":null,{HALF}}}', 0),
        (f'{{"uuid":1,"uuid":2,{HALF}}}', 2),
        (f"{{{HALF}}}", 0),
        (f'["uuid","track_id",{{{HALF}}}]', 0),
        ('"track_id \\ud800"', 0),
        ('{"uuid":1,"payload":"\ud800"}', 1),
        ('{"uuid":1,"payload":' + "[" * 300 + "]" * 300 + "}", 1),
        ('{"uuid":1,"payload":' + "[" * 200_000 + "]" * 200_000 + "}", 0),
        ('{"uuid":1,"payload":' + "9" * 5000 + "}", 1),
        ('{"uuid":1', 0),
        ("", 0),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_id_of_what_pydantic_does_not_read(text: str, found: object) -> None:
    assert repr(recover_id(text)) == repr(found)
    with pytest.raises((ValueError, TypeError)):
        from_json(text)


def test_junk_of_digits_does_not_block_the_server() -> None:
    # As many in a row as pydantic reads, and that as often as a message of 1 MiB can have it.
    text = ("1" * 4300 + ",") * 243
    start = time.monotonic()
    assert recover_id(text) == 0
    assert time.monotonic() - start < 1
