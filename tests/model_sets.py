"""Sets of message models to compare fastws with pydantic on: the ordinary ones, as people write them.

More of them are in ``shape_sets``; those that try to break the fast path are in ``hostile_sets`` and ``hostile_tags``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Final, Literal, TypeVar

import pydantic
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
)

PYDANTIC: Final = tuple(int(part) for part in pydantic.VERSION.split(".")[:2])
# Older ones lose or double characters behind an escape such as `\\u00e9`, and with them no text is read exactly.
READS_ESCAPES: Final = not pydantic.VERSION.startswith(("2.7.0", "2.7.1", "2.7.2"))


Example = Mapping[str, object]


T = TypeVar("T")


@dataclass(frozen=True)
class ModelSet:
    """Models that are registered together.

    Attributes:
        name: What the set is about.
        members: The models.
        examples: Messages with a plain tag, where the set has tags.
        fast: Whether the tag is inferred, so that every example takes the fast path.
        by_type: Whether the examples take the fast path with `discriminator="type"`; `None` where pydantic refuses it.
        left_out: The members whose messages do not, for all that.
        key: The tag's key in the JSON.
        others: More messages to start mutations from.
        raises: Whether validators raise what is no validation error.
    """

    name: str
    members: tuple[Any, ...]
    examples: tuple[Example, ...]
    fast: bool = True
    by_type: bool | None = True
    left_out: tuple[Any, ...] = ()
    key: str = "type"
    others: tuple[Example, ...] = ()
    raises: bool = False


A_AND_B: Final[tuple[Example, ...]] = ({"type": "a", "x": 1}, {"type": "b", "x": 2})


ONE_AND_TWO: Final[tuple[Example, ...]] = ({"type": 1, "x": 1}, {"type": 2, "x": 2})


class A(BaseModel):
    type: Literal["a"]
    x: int


class B(BaseModel):
    type: Literal["b"]
    x: int


def make_models(count: int) -> tuple[type[BaseModel], ...]:
    """Return models with the tags `m0`, `m1`, ... and a field each that no other has."""
    fields: list[dict[str, Any]] = [
        {"type": (Literal[f"m{i}"], ...), "x": (int, 0), f"f{i}": (str, "")} for i in range(count)
    ]
    return tuple(create_model(f"M{i}", **fields[i]) for i in range(count))


class LastA(BaseModel):
    x: int
    note: str = ""
    type: Literal["a"]


class LastB(BaseModel):
    x: int
    note: str = ""
    type: Literal["b"]


class Int0(BaseModel):
    type: Literal[0]
    x: int = 0


class Int1(BaseModel):
    type: Literal[1, -1]
    x: int = 0


class IntWide(BaseModel):
    type: Literal[9223372036854775807, -9223372036854775808, 9007199254740993]  # type: ignore[valid-type]
    x: int = 0


class Kind(str, Enum):
    A = "a"
    B = "b"


class Number(IntEnum):
    ONE = 1
    TWO = 2


class Mixed(int, Enum):
    ONE = 1
    TWO = 2


class StrEnumA(BaseModel):
    type: Literal[Kind.A]
    x: int


class StrEnumB(BaseModel):
    type: Literal[Kind.B] = Kind.B
    x: int


class IntEnumOne(BaseModel):
    type: Literal[Number.ONE]
    x: int


class IntEnumTwo(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    type: Literal[Mixed.TWO]
    x: int


class AliasA(BaseModel):
    type: Literal["a"] = Field(alias="t")
    x: int


class AliasB(BaseModel):
    type: Literal["b"] = Field(alias="t")
    x: int


class AliasDefaultA(BaseModel):
    type: Literal["a"] = Field("a", alias="t")
    x: int = 0


class AliasDefaultB(BaseModel):
    type: Literal["b"] = Field("b", alias="t")
    x: int = 0


class SameAliasA(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    type: Literal["a"] = Field(alias="type")
    x: int = Field(alias="ex")


class SameAliasB(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    type: Literal["b"] = Field(alias="type")
    x: int


class GeneratedA(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)
    type: Literal["a"]
    x: int


class GeneratedB(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)
    type: Literal["b"]
    x: int


class PopulateA(AliasA):
    model_config = ConfigDict(populate_by_name=True)


class PopulateB(AliasB):
    model_config = ConfigDict(populate_by_name=True)


class ChoicesA(BaseModel):
    type: Literal["a"] = Field(validation_alias=AliasChoices("type", "t"))
    x: int


class PathA(BaseModel):
    type: Literal["a"] = Field(validation_alias=AliasPath("type"))
    x: int


class DefaultA(BaseModel):
    type: Literal["a"] = "a"
    x: int = 0


class DefaultB(BaseModel):
    type: Literal["b"] = "b"
    x: int = 0
    y: int = 0


class ManyA(BaseModel):
    type: Literal["a", "aa", "aaa"]


class ManyB(BaseModel):
    type: Literal["b", "bb"]
    x: float = 0.0


class CoerceA(A):
    model_config = ConfigDict(coerce_numbers_to_str=True, str_to_lower=True, str_strip_whitespace=True)


class CoerceOne(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, str_to_upper=True)
    type: Literal["1"]
    x: str


class AccentA(BaseModel):
    type: Literal["é", "e\u0301", "日本", "😀"] = Field(alias="größe")
    x: str = ""


class AccentB(BaseModel):
    type: Literal["e", "日", "\u200b"] = Field(alias="größe")
    x: str = ""


class EscapedA(BaseModel):
    type: Literal['a"', "a\\", "a\n", "a\u0000", "a/", "\x7f"]


class EscapedB(BaseModel):
    type: Literal["a", "\\u0061", "</a>", "\u2028"]


class EmptyA(BaseModel):
    type: Literal[""] = Field(alias="")


class EmptyB(BaseModel):
    type: Literal[" ", "b"] = Field(alias="")


class VersionedA(BaseModel):
    version: Literal[1] = 1
    kind: Literal["message"] = "message"
    type: Literal["a"]


class VersionedB(BaseModel):
    version: Literal[1] = 1
    kind: Literal["message"] = "message"
    type: Literal["b"]


class LongA(BaseModel):
    type: Literal["a" * 5000, "a"]  # type: ignore[valid-type]
    x: int = 0


class C(BaseModel):
    type: Literal["c"]
    x: int = 0


A_TO_C: Final[tuple[Example, ...]] = (*A_AND_B, {"type": "c", "x": 3})


ALIASED: Final[tuple[Example, ...]] = ({"t": "a", "x": 1}, {"t": "b", "x": 2})


BY_NAME: Final[tuple[Example, ...]] = (*A_AND_B, {"type": "b", "t": "a"}, {"t": "b", "type": "a", "x": 0})


TEN: Final = make_models(10)


FIFTY: Final = make_models(50)


ORDINARY: Final[tuple[ModelSet, ...]] = (
    ModelSet("two", (A, B), A_AND_B),
    ModelSet("ten", TEN, tuple({"type": f"m{i}", "x": i} for i in range(10))),
    ModelSet("fifty", FIFTY, tuple({"type": f"m{i}", "x": i, f"f{i}": "x"} for i in range(50))),
    ModelSet("tag-last", (LastA, LastB), ({"x": 1, "type": "a"}, {"x": 2, "note": "n", "type": "b"})),
    ModelSet("one-model", (A,), A_AND_B[:1], fast=False),
    ModelSet("integers", (Int0, Int1, IntWide), tuple({"type": i} for i in (0, 1, -1, 2**63 - 1, -(2**63), 2**53 + 1))),
    ModelSet("str-enum", (StrEnumA, StrEnumB), A_AND_B),
    ModelSet("int-enum", (IntEnumOne, IntEnumTwo), ONE_AND_TWO),
    # Pydantic's tagged union reads the field's name before its alias, the models only the alias.
    ModelSet("alias", (AliasA, AliasB), ALIASED, by_type=False, key="t", others=BY_NAME),
    ModelSet("alias-default", (AliasDefaultA, AliasDefaultB), ALIASED, by_type=False, key="t", others=BY_NAME),
    ModelSet("alias-is-name", (SameAliasA, SameAliasB), ({"type": "a", "ex": 1}, {"type": "b", "x": 2})),
    ModelSet(
        "alias-generator",
        (GeneratedA, GeneratedB),
        ({"TYPE": "a", "X": 1}, {"TYPE": "b", "X": 2}),
        by_type=False,
        key="TYPE",
        others=({"type": "b", "TYPE": "a", "X": 1},),
    ),
    ModelSet("populate-by-name", (PopulateA, PopulateB), (*ALIASED, *A_AND_B), False, False, others=BY_NAME),
    ModelSet("alias-choices", (ChoicesA, B), (*A_AND_B, *ALIASED[:1]), fast=False, by_type=None),
    ModelSet("alias-path", (PathA, B), A_AND_B, fast=False, by_type=None),
    ModelSet("defaults", (DefaultA, DefaultB), A_AND_B, others=({}, {"x": 1}, {"y": 1}, {"x": 1, "y": 2})),
    ModelSet("many-values", (ManyA, ManyB), tuple({"type": tag} for tag in ("a", "aa", "aaa", "b", "bb"))),
    ModelSet("str-config", (CoerceA, CoerceOne), ({"type": "a", "x": 1}, {"type": "1", "x": 1})),
    ModelSet("accents", (AccentA, AccentB), tuple({"größe": tag} for tag in "é😀e日"), by_type=False, key="größe"),
    ModelSet("escapes", (EscapedA, EscapedB), tuple({"type": tag} for tag in ("a/", "\x7f", "a", "</a>"))),
    ModelSet("empty-tag", (EmptyA, EmptyB), ({"": ""}, {"": " "}, {"": "b"}), by_type=False, key=""),
    ModelSet("several-literals", (VersionedA, VersionedB), A_AND_B),
    ModelSet("long-tag", (LongA, B), A_AND_B, others=({"type": "a" * 5000},)),
)
