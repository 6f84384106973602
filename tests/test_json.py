"""JSON of values without a schema: with orjson or without it, what pydantic writes."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
import uuid
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_sets import PYDANTIC
from pydantic import BaseModel, Field, TypeAdapter, field_serializer
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import PydanticSerializationError

from fastws import _json

ANY: TypeAdapter[Any] = TypeAdapter(Any)

no_deques = pytest.mark.skipif(PYDANTIC < (2, 14), reason="pydantic writes no deques before 2.14")
no_addresses = pytest.mark.skipif(PYDANTIC < (2, 13), reason="pydantic writes no addresses before 2.13")


class Color(Enum):
    RED = "red"
    NOTHING = float("nan")


class Name(str, Enum):
    TEA = "tea"


class Size(IntEnum):
    HUGE = 2**80


class Pair(NamedTuple):
    left: int
    right: int


class Model(BaseModel):
    full_name: str = Field(default="tea", serialization_alias="fullName")
    price: float = math.inf

    @field_serializer("price")
    def write_price(self, price: float) -> str:
        return f"{price} EUR"


@dataclass
class Plain:
    model: Model = field(default_factory=Model)
    at: date = date(2020, 1, 2)


@pydantic_dataclass
class Validated:
    size: int = Field(default=1, serialization_alias="Size")


class Text(str):
    __slots__ = ()


class Number(int):
    pass


def nest(depth: int) -> list[Any]:
    """Return a list in a list in a list, so many times."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def nest_in_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.fixture(params=["orjson", "pydantic"])
def writer(request: pytest.FixtureRequest) -> ModuleType:
    """The module, as it is imported where orjson is installed or where it is not."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "orjson":
            pytest.importorskip("orjson")
        else:
            patch.setitem(sys.modules, "orjson", None)
        spec = importlib.util.spec_from_file_location("another_json", _json.__file__)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    assert (module.orjson is None) == (request.param == "pydantic")
    return module


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "null", id="None"),
        pytest.param([True, False], "[true,false]", id="bool"),
        pytest.param({"a": [1, "b"], "c": {}}, '{"a":[1,"b"],"c":{}}', id="dict"),
        pytest.param((1, 2), "[1,2]", id="tuple"),
        pytest.param(2**63 - 1, str(2**63 - 1), id="63 bits"),
        pytest.param(2**64 - 1, str(2**64 - 1), id="64 bits"),
        pytest.param([2**64, -(2**70)], f"[{2**64},{-(2**70)}]", id="beyond 64 bits"),
        pytest.param([1.0, -0.0, 0.1], "[1.0,-0.0,0.1]", id="float"),
        pytest.param({"nan": math.nan}, '{"nan":null}', id="not a number"),
        pytest.param([math.inf, -math.inf], "[null,null]", id="infinity"),
        pytest.param('\x00\n\x7f"\\/<\u2028\U0001f600', '"\\u0000\\n\x7f\\"\\\\/<\u2028\U0001f600"', id="characters"),
        pytest.param("", '""', id="empty text"),
        pytest.param(datetime(2020, 1, 2, 3, 4, 5, 6), '"2020-01-02T03:04:05.000006"', id="datetime"),
        pytest.param(datetime(2020, 1, 2, tzinfo=timezone.utc), '"2020-01-02T00:00:00Z"', id="datetime in UTC"),
        pytest.param([date(2020, 1, 2), time(3, 4)], '["2020-01-02","03:04:00"]', id="date and time"),
        pytest.param(timedelta(days=1, seconds=2), '"P1DT2S"', id="timedelta"),
        pytest.param(Decimal("1.10"), '"1.10"', id="Decimal"),
        pytest.param(uuid.UUID(int=5), '"00000000-0000-0000-0000-000000000005"', id="UUID"),
        pytest.param([Color.RED, Color.NOTHING], '["red",null]', id="enum"),
        pytest.param([Name.TEA, Size.HUGE], f'["tea",{2**80}]', id="enum of texts and of numbers"),
        pytest.param({Name.TEA: 1, Color.RED: 2}, '{"tea":1,"red":2}', id="enum as key"),
        pytest.param({1: 1, None: 2, False: 3}, '{"1":1,"None":2,"false":3}', id="keys that are no texts"),
        pytest.param({date(2020, 1, 2): 1}, '{"2020-01-02":1}', id="date as key"),
        pytest.param(Pair(1, 2), "[1,2]", id="named tuple"),
        pytest.param([Text("a"), Number(2)], '["a",2]', id="subclasses"),
        pytest.param([OrderedDict(a=1), defaultdict(int, b=2)], '[{"a":1},{"b":2}]', id="dictionaries"),
        pytest.param(deque([3]), "[3]", id="deque", marks=no_deques),
        pytest.param([{1}, frozenset({2})], "[[1],[2]]", id="sets"),
        pytest.param([b"tea", bytearray(b"milk")], '["tea","milk"]', id="bytes"),
        pytest.param(Path("/a"), '"/a"', id="path"),
        pytest.param(ip_address("::1"), '"::1"', id="address", marks=no_addresses),
        pytest.param(Model(price=2), '{"fullName":"tea","price":"2.0 EUR"}', id="model"),
        pytest.param({"all": [Model(price=2)]}, '{"all":[{"fullName":"tea","price":"2.0 EUR"}]}', id="nested model"),
        pytest.param(
            [Plain(model=Model(price=1))],
            '[{"model":{"fullName":"tea","price":"1.0 EUR"},"at":"2020-01-02"}]',
            id="dataclass",
        ),
        pytest.param([Validated()], '[{"Size":1}]', id="dataclass of pydantic"),
        pytest.param(nest(250), "[" * 251 + "]" * 251, id="deep"),
    ],
)
def test_a_value_is_written_as_pydantic_does(writer: ModuleType, value: Any, text: str) -> None:
    assert writer.dump_json(value).decode() == text
    assert ANY.dump_json(value, by_alias=True).decode() == text


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        ["\udfff"],
        {"\ud800": 1},
        Text("\ud800"),
        b"\xff",
        object(),
        [Model],
        {"f": len},
        nest_in_itself(),
        nest(300),
    ],
    ids=[
        "surrogate",
        "in a list",
        "as key",
        "subclass",
        "bytes",
        "object",
        "class",
        "function",
        "in itself",
        "too deep",
    ],
)
def test_what_is_no_json_is_one_error(writer: ModuleType, value: Any) -> None:
    with pytest.raises(PydanticSerializationError):
        writer.dump_json(value)


def test_a_generator_is_written_once(writer: ModuleType) -> None:
    # What orjson refuses has not been used up when pydantic gets it.
    assert writer.dump_json({"numbers": (n for n in range(3))}) == b'{"numbers":[0,1,2]}'


texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_both_ways_write_the_same_value(value: Any) -> None:
    # Of floats pydantic and orjson may choose another spelling in another version.
    expected = json.loads(ANY.dump_json(value))
    assert json.loads(_json.dump_json(value)) == expected


@given(st.text())
def test_a_text_is_written_or_refused(text: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        with pytest.raises(PydanticSerializationError):
            _json.dump_json([text])
    else:
        assert json.loads(_json.dump_json([text])) == [text]
