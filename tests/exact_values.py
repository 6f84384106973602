"""Values of every kind that a handler might return, such as pydantic writes as JSON, and such as it refuses."""

from __future__ import annotations

import math
import uuid
from collections import Counter, OrderedDict, UserDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final, NamedTuple

from model_sets import PYDANTIC
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, field_serializer
from pydantic.dataclasses import dataclass as pydantic_dataclass

NAN: Final = math.nan


@dataclass
class Plain:
    at: date = date(2020, 1, 2)
    price: float = NAN


@pydantic_dataclass
class Validated:
    size: float = Field(default=math.inf, serialization_alias="Size")


class Model(BaseModel):
    full_name: str = Field(default="tea", serialization_alias="fullName")
    price: float = 2.0
    note: None = None

    @field_serializer("price")
    def write_price(self, price: float) -> str:
        return f"{price} EUR"


class Numbers(BaseModel):
    # What a model does with its own floats, it says itself.
    model_config = ConfigDict(ser_json_inf_nan="strings" if PYDANTIC >= (2, 8) else "constants")
    price: float = NAN


class Color(Enum):
    RED = "red"
    NOTHING = None
    NAN = NAN
    NESTED = {"x": [None, NAN]}  # noqa: RUF012  (no class attribute of an enum)
    PAIR = (1, 2)
    DAY = date(2020, 1, 2)
    PLAIN = Plain()
    MODEL = Model()
    HUGE = 2**70
    BYTES = b"tea"
    KEYS = {1: NAN}  # noqa: RUF012


class Size(IntEnum):
    SMALL = 1
    HUGE = 2**80


class Name(str, Enum):
    TEA = "tea"


class Price(float, Enum):
    NONE = NAN
    SOME = 1.5


class Access(Flag):
    READ = 1
    WRITE = 2


class Mode(IntFlag):
    READ = 1
    WRITE = 2


class Overridden(Enum):
    A = 1

    @property
    def value(self) -> Any:
        return [NAN]


class Pair(NamedTuple):
    left: float
    right: float


class Table(dict[Any, Any]):
    pass


class Row(list[Any]):
    pass


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Amount(float):
    pass


class Group(tuple[Any, ...]):
    __slots__ = ()


class Id(uuid.UUID):
    def __str__(self) -> str:
        return "custom"


def nest(kind: Callable[[Any], Any], depth: int, inner: object) -> Any:
    for _ in range(depth):
        inner = kind(inner)
    return inner


def in_list(inner: object) -> list[object]:
    return [inner]


def in_dict(inner: object) -> dict[str, object]:
    return {"a": inner}


def in_both(inner: object) -> object:
    return {"a": [None, inner]}


SHARED: Final = [NAN, None]

VALUES: Final[dict[str, object]] = {
    "None": None,
    "bool": [True, False],
    "int": [0, -1, 2**53 + 1],
    "64 bits": [2**63 - 1, -(2**63), 2**64 - 1],
    "beyond 64 bits": [2**64, -(2**63) - 1, 10**40],
    "4,300 digits": 10**4300 - 1,
    "float": [1.0, -0.0, 0.1, 0.1 + 0.2, 1e15, 1e-5, 1e-7, 5e-324, 123456.0],
    "text": "tea",
    "characters": '\x00\n\x1f\x7f"\\/<\u2028\ufeff\U0001f600',
    "text with null": ["null", {"null": "null"}],
    "NaN": NAN,
    "infinities": [math.inf, -math.inf],
    "NaN beside null": [None, NAN, None],
    "NaN beside the text null": ["null", NAN],
    "null alone": {"a": [None, {"b": None}], "c": 1.5},
    "NaN as a value": {"a": None, "b": {"c": [1, {"d": NAN}]}},
    "NaN deep in lists": nest(in_list, 200, NAN),
    "NaN deep in dictionaries": nest(in_dict, 200, NAN),
    "NaN deep in both, beside nulls": nest(in_both, 100, NAN),
    "null deep in both": nest(in_both, 100, None),
    "NaN last of many nulls": [*([None] * 1000), NAN],
    "NaN in a tuple": (None, (1, (NAN,))),
    "tuple": (1, "a", None),
    "empty ones": [{}, [], (), "", set()],
    "the same twice": [SHARED, SHARED, {"a": SHARED}],
    "enum": [Color.RED, Color.NOTHING],
    "enum of NaN": Color.NAN,
    "enum of NaN beside null": {"a": None, "b": [Color.NAN]},
    "enum of NaN in a dictionary": [Color.NESTED],
    "enum of others": [Color.PAIR, Color.DAY, Color.PLAIN, Color.MODEL, Color.HUGE, Color.BYTES, Color.KEYS],
    "enum of integers": [Size.SMALL, Size.HUGE],
    "enum of texts": [Name.TEA, {Name.TEA: None}],
    "enum of floats": [Price.SOME, Price.NONE],
    "flags": [Access.READ | Access.WRITE, Access(0), Mode.READ | Mode.WRITE],
    "enum with a value of its own": Overridden.A,
    "dataclass": [Plain(), None],
    "dataclass of pydantic": {"a": Validated()},
    "model": Model(price=NAN),
    "model with its own infinities": [None, Numbers(), NAN],
    "root model": RootModel[list[float]]([NAN]),
    **({"secret": SecretStr("tea")} if PYDANTIC >= (2, 10) else {}),  # which older versions refuse without its type
    "subclass of dict": Table(a=NAN, b=None),
    "subclass of list": Row([NAN, None]),
    "subclass of str": [Text("tea"), {Text("a"): None}],
    "subclass of int": [Number(3), Number(2**70)],
    "subclass of float": [Amount(1.5), Amount("nan"), None],
    "subclass of tuple": Group((1, NAN)),
    "named tuple": Pair(1, NAN),
    "subclass of UUID": Id(int=5),
    "UUID": [uuid.UUID(int=5), None],
    "UUID beside NaN": [uuid.UUID(int=5), NAN],
    "integers as keys": {1: NAN, 2: None},
    "other keys": {None: 1, False: 2, 1.5: 3, date(2020, 1, 2): 4, uuid.UUID(int=5): 5, Color.RED: 6},
    "sets": [{1}, frozenset({NAN})],
    "bytes": [b"tea", bytearray(b"milk")],
    "datetime": [datetime(2020, 1, 2, 3, 4, 5, 6), datetime(2020, 1, 2, tzinfo=timezone.utc)],
    "date and time": [date(2020, 1, 2), time(3, 4), time(3, 4, 5, 6)],
    "timedelta": timedelta(days=1, seconds=2),
    "Decimal": [Decimal("1.10"), Decimal("NaN")],
    "collections": [OrderedDict(a=NAN), defaultdict(int, b=2), Counter("a")],
    "path": Path("/a"),
    "250 lists": nest(in_list, 250, None),
    "250 dictionaries": nest(in_dict, 250, 1),
    "253 lists": nest(in_list, 253, 1),
    "254 lists": nest(in_list, 254, 1),
    "250 lists with NaN": nest(in_list, 250, NAN),
}


def in_itself(kind: Callable[[], Any]) -> Any:
    value = kind()
    if isinstance(value, list):
        value.append(value)
    else:
        value["a"] = value
    return value


def in_itself_twice() -> object:
    value: dict[str, object] = {"a": None}
    value["b"] = [value]
    return value


class Stumbles(BaseModel):
    price: float = 1

    @field_serializer("price")
    def write_price(self, price: float) -> str:
        raise LookupError


REFUSED: Final[dict[str, object]] = {
    "surrogate": "\ud800",
    "surrogate in a list": [None, "\udfff"],
    "surrogate as a key": {"\ud800": 1},
    "surrogate in a subclass": Text("\ud800"),
    "bytes": b"\xff",
    "object": object(),
    "class": [Model],
    "enum itself": [Color],
    "function": {"f": len},
    "view": MappingProxyType({"a": 1}),
    "dictionary of the program's": UserDict(a=1),
    "namespace": SimpleNamespace(a=1),
    "class of the builtins": object,
    "list in itself": in_itself(list),
    "dictionary in itself": in_itself(dict),
    "subclass in itself": in_itself(Row),
    "both in each other": in_itself_twice(),
    "256 lists": nest(in_list, 256, 1),
    "256 dictionaries": nest(in_dict, 256, 1),
    "256 lists with null": nest(in_list, 256, None),
    "10,000 lists": nest(in_list, 10_000, NAN),
    "serializer that raises": [Stumbles()],
}
