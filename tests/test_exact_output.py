"""JSON is written as pydantic writes it, with orjson or without it, and `NaN` survives, however deep."""

from __future__ import annotations

import json
import math
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from typing import Any, Final

import pytest
from exact_values import REFUSED, VALUES, Amount, Color, Number, Plain, Row, Size, Table, Text, nest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_sets import READS_ESCAPES
from pydantic_core import PydanticSerializationError, from_json, to_json

from fastws._exact import OPTIONS, dump_exactly, is_finite

NAN: Final = math.nan


def write(value: object) -> bytes:
    """Return what pydantic writes."""
    return to_json(value, by_alias=True, inf_nan_mode="constants")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_is_written_as_pydantic_does(value: object) -> None:
    around = [value, [value], {"a": value}, {"a": None, "b": [value, NAN]}]
    expected = [outcome(write, each) for each in around]
    assert [outcome(dump_exactly, each) for each in around] == expected
    assert expected[0] != "refused"


def outcome(dump: Callable[[Any], bytes], value: object) -> object:
    try:
        return dump(value)
    except PydanticSerializationError:
        return "refused"


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_written_is_one_error(value: object) -> None:
    for each in (value, [value], {"a": None, "b": value}):
        with pytest.raises(PydanticSerializationError):
            dump_exactly(each)
        with pytest.raises(PydanticSerializationError):
            write(each)


@pytest.mark.parametrize("value", [deque([NAN]), ip_address("::1")], ids=type)
def test_what_some_versions_of_pydantic_write(value: object) -> None:
    assert outcome(dump_exactly, [None, value]) == outcome(write, [None, value])


# Pydantic and orjson may choose another spelling of them.
@pytest.mark.parametrize("number", [1e16, 1e21, 1e22, 123456789012345680.0, 2.0**53, 1.7976931348623157e308])
def test_large_floats_keep_their_value(number: float) -> None:
    assert [float(dump_exactly(number)), json.loads(dump_exactly([-number]))] == [number, [-number]]


def test_a_generator_is_written_once() -> None:
    assert dump_exactly({"numbers": (number for number in (1, NAN))}) == b'{"numbers":[1,NaN]}'


@pytest.mark.parametrize(
    ("value", "finite"),
    [
        (None, True),
        ("nan", True),
        (2**70, True),
        (True, True),
        (1.5, True),
        (NAN, False),
        (-math.inf, False),
        ([1, {"a": [None, "x", 1.5]}], True),
        ([1, {"a": [None, NAN]}], False),
        ({"nan": 1}, True),
        ({}, True),
        ([], True),
        # They could stand for anything.
        ((), False),
        (Number(1), False),
        (Table(), False),
        (Color.RED, False),
        (uuid.UUID(int=5), False),
    ],
    ids=repr,
)
def test_what_is_finite_is_told_apart(value: object, finite: bool) -> None:
    assert is_finite(value) is finite


@dataclass
class Point:
    x: int = 1


class Place(Point, Enum):
    HOME = 5

    def __new__(cls, value: Any) -> Any:
        place = object.__new__(cls)
        place._value_ = value
        place.x = 7
        return place


@pytest.mark.xfail(
    OPTIONS != 0, strict=True, reason="orjson asks an enum for its value before it looks what else it is"
)
def test_an_enum_of_dataclasses_is_written_as_pydantic_does() -> None:
    assert dump_exactly([Place.HOME]) == write([Place.HOME])


@pytest.mark.xfail(OPTIONS != 0, strict=True, reason="orjson does not count how deep tuples are")
def test_deep_tuples_are_refused_as_by_pydantic() -> None:
    with pytest.raises(PydanticSerializationError):
        write(nest(lambda inner: (inner,), 300, 1))
    with pytest.raises(PydanticSerializationError):
        dump_exactly(nest(lambda inner: (inner,), 300, 1))


@pytest.mark.skipif(OPTIONS == 0, reason="it is orjson's")
def test_what_is_json_already_is_written_as_it_is() -> None:
    orjson = pytest.importorskip("orjson")
    assert dump_exactly({"a": orjson.Fragment(b'{ "b": NaN }')}) == b'{"a":{ "b": NaN }}'


texts = st.text(st.characters(codec="utf-8"))
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts
others = st.sampled_from([Color.NAN, Color.RED, Size.SMALL, Text("null"), Amount(NAN), uuid.UUID(int=5), Plain()])
values = st.recursive(
    scalars | others,
    lambda inner: (
        st.lists(inner) | st.dictionaries(texts, inner) | st.tuples(inner, inner) | st.builds(Row, st.lists(inner))
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_any_value(value: object) -> None:
    # Of floats pydantic and orjson may choose another spelling in another version.
    assert repr(json.loads(dump_exactly(value))) == repr(json.loads(write(value)))


plain = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@pytest.mark.skipif(not READS_ESCAPES, reason="pydantic before 2.7.3 reads escapes wrongly")
@settings(max_examples=200, deadline=None)
@given(plain)
def test_any_value_of_json_comes_back(value: object) -> None:
    assert repr(from_json(dump_exactly(value))) == repr(value)
