"""Sets of message models that break a careless fast path: tags that accept, or mean, more than their literals."""

from __future__ import annotations

import sys
from enum import Enum, EnumMeta, IntEnum, IntFlag
from typing import Annotated, Any, Final, Literal

from hostile_sets import SLOW, BeforeModelA, beside_b, harmless
from model_sets import A_AND_B, ONE_AND_TWO, PYDANTIC, B, ModelSet
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    RootModel,
    WrapValidator,
)
from pydantic_core import CoreSchema, PydanticUseDefault, core_schema
from typing_extensions import NotRequired, TypedDict


class BeforeTagA(BaseModel):
    type: Annotated[Literal["a"], BeforeValidator(str.lower)]
    x: int


class WrapTagA(BaseModel):
    type: Annotated[Literal["a"], WrapValidator(lambda value, handler: handler("a"))]
    x: int


class PlainTagA(BaseModel):
    type: Annotated[Literal["a"], PlainValidator(lambda value: "a")]
    x: int


class BareKind(str, Enum):
    A = "a"

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.A


class BareKindA(BaseModel):
    type: BareKind
    x: int


class MissingKindA(BaseModel):
    type: Literal[BareKind.A]
    x: int


class Equal(str, Enum):
    A = "a"

    def __eq__(self, other: object) -> bool:
        return other in {"a", "b"}

    def __hash__(self) -> int:
        return hash("b")


class EqualA(BaseModel):
    type: Literal[Equal.A]
    x: int


class Content(str, Enum):
    A = ("a", "b")

    def __new__(cls, value: str, content: str) -> Content:
        member = str.__new__(cls, content)
        member._value_ = value
        return member


class ContentA(BaseModel):
    type: Literal[Content.A]
    x: int


class CallMeta(EnumMeta):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return next(iter(cls))


class Called(str, Enum, metaclass=CallMeta):
    A = "a"


class CalledA(BaseModel):
    type: Called
    x: int


class CalledLiteralA(BaseModel):
    type: Literal[Called.A]
    x: int


HAS_VALUE_ALIASES: Final = sys.version_info >= (3, 13)


class Aliased(str, Enum):
    A = "a"

    if HAS_VALUE_ALIASES:

        def __init__(self, *_: Any) -> None:
            self._add_value_alias_("b")  # type: ignore[attr-defined]


class AliasedA(BaseModel):
    type: Literal[Aliased.A]
    x: int


class AliasedBareA(BaseModel):
    type: Aliased
    x: int


class Flag(IntFlag):
    ONE = 1
    TWO = 2


class FlagOne(BaseModel):
    type: Literal[Flag.ONE]
    x: int


class PlainKind(Enum):
    A = "a"
    C = "c"


class PlainKindA(BaseModel):
    type: Literal[PlainKind.A]
    x: int


class Number(IntEnum):
    ONE = 1


class NumberBare(BaseModel):
    # Takes "1" as well.
    type: Number
    x: int


class StringOne(BaseModel):
    type: Literal["1"]
    x: int


class IntegerOne(BaseModel):
    type: Literal[1]
    x: int


class IntegerTwo(BaseModel):
    type: Literal[2]
    x: int


# Its integers cannot be seen from outside, and stand beside strings in pydantic's union.
NESTED_INTEGERS = Annotated[IntegerOne | IntegerTwo, Field(discriminator="type")]


class TrueOne(BaseModel):
    type: Literal[True]
    x: int
    y: int = 0


class FalseZero(BaseModel):
    type: Literal[False]
    x: int


class Text(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("b")


class TextA(BaseModel):
    type: Literal[Text("a")]  # type: ignore[valid-type]
    x: int


class MixedA(BaseModel):
    type: Literal["a", 1]
    x: int


class NoneA(BaseModel):
    type: Literal["a", None]
    x: int


class BytesA(BaseModel):
    type: Literal[b"a"]
    x: int


class NullableA(BaseModel):
    type: Literal["a"] | None
    x: int


class UnionA(BaseModel):
    type: Literal["a"] | Literal["aa"] | str
    x: int


class TagRoot(RootModel[Literal["a"]]):
    pass


class RootTagA(BaseModel):
    type: TagRoot
    x: int


class FromSchema:
    """Stands for the field of a model whose core schema is written by hand."""

    def __init__(self, schema: CoreSchema) -> None:
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.schema


LITERAL_A: Final = core_schema.literal_schema(["a"])


ON_ERROR: Final = core_schema.with_default_schema(LITERAL_A, default="a", on_error="default")


OMIT: Final = core_schema.with_default_schema(LITERAL_A, on_error="omit")


CHAIN: Final = core_schema.chain_schema([core_schema.no_info_plain_validator_function(lambda value: "a"), LITERAL_A])


LAX: Final = core_schema.lax_or_strict_schema(lax_schema=core_schema.str_schema(), strict_schema=LITERAL_A)


JSON: Final = core_schema.json_or_python_schema(json_schema=core_schema.any_schema(), python_schema=LITERAL_A)


class OnErrorA(BaseModel):
    type: Annotated[Literal["a"], FromSchema(ON_ERROR)]
    x: int


class OmitA(TypedDict):
    type: NotRequired[Annotated[Literal["a"], FromSchema(OMIT)]]
    x: int


class ChainA(BaseModel):
    type: Annotated[Literal["a"], FromSchema(CHAIN)]
    x: int


class LaxA(BaseModel):
    type: Annotated[Literal["a"], FromSchema(LAX)]
    x: int


class JsonA(BaseModel):
    type: Annotated[Literal["a"], FromSchema(JSON)]
    x: int


def use_default(value: Any) -> Any:
    raise PydanticUseDefault


class UseDefaultA(BaseModel):
    type: Annotated[Literal["a"], BeforeValidator(use_default)] = "a"
    x: int


class UseDefaultAfterA(BaseModel):
    # Harmless: the literal was read before.
    type: Annotated[Literal["a"], AfterValidator(use_default)] = "a"
    x: int


class OverlapA(BaseModel):
    type: Literal["a", "b"]
    x: int
    y: int = 0


HOSTILE_TAGS: Final[tuple[ModelSet, ...]] = (
    beside_b("before-tag", BeforeTagA, by_type=None),
    beside_b("wrap-tag", WrapTagA, by_type=None),
    beside_b("plain-tag", PlainTagA, by_type=None),
    beside_b("enum-missing-bare", BareKindA, by_type=None),
    beside_b("enum-missing", MissingKindA),
    beside_b("enum-equal", EqualA, by_type=None, accepts_a=False),
    beside_b("enum-content", ContentA, by_type=None, accepts_a=False),
    beside_b("enum-metaclass-bare", CalledA, by_type=None),
    beside_b("enum-metaclass", CalledLiteralA),
    beside_b("enum-value-alias-bare", AliasedBareA, by_type=None),
    beside_b("str-subclass", TextA, by_type=None, accepts_a=False),
    beside_b("none", NoneA, by_type=False),
    beside_b("str-and-int", MixedA, by_type=False),
    beside_b("bytes", BytesA, by_type=False, accepts_a=False),
    beside_b("nullable", NullableA, by_type=None),
    beside_b("union-tag", UnionA, by_type=None),
    beside_b("root-tag", RootTagA, by_type=True if PYDANTIC >= (2, 13) else None),
    beside_b("default-on-error", OnErrorA),
    beside_b("omit-on-error", OmitA),
    beside_b("chain", ChainA, by_type=None),
    beside_b("lax-or-strict", LaxA, by_type=None),
    beside_b("json-or-python", JsonA, by_type=None),
    beside_b("use-default", UseDefaultA, by_type=None),
    harmless("use-default-after", UseDefaultAfterA),
    ModelSet(
        "enum-value-alias", (AliasedA, B), A_AND_B, fast=not HAS_VALUE_ALIASES, left_out=(AliasedA,) * HAS_VALUE_ALIASES
    ),
    # To pydantic a member of such an enum equals no JSON at all.
    ModelSet("plain-enum", (PlainKindA, B), A_AND_B[1:], others=A_AND_B[:1]),
    ModelSet("plain-enum-beside-before", (PlainKindA, BeforeModelA, B), A_AND_B[1:], fast=False, others=A_AND_B[:1]),
    ModelSet("int-flag", (FlagOne, IntegerTwo), ONE_AND_TWO, fast=False, left_out=(FlagOne,)),
    ModelSet("string-beside-int-enum", (StringOne, NumberBare), ({"type": 1, "x": 1}, {"type": "1", "x": 1}), **SLOW),
    ModelSet("string-beside-int", (StringOne, IntegerOne), ({"type": 1, "x": 1}, {"type": "1", "x": 1}), False, False),
    ModelSet(
        "string-beside-nested-int",
        (StringOne, NESTED_INTEGERS),
        ({"type": "1", "x": 1}, {"type": 1, "x": 1}, {"type": 2, "x": 1}),
        fast=False,
        left_out=(NESTED_INTEGERS,),
    ),
    ModelSet("one-beside-true", (IntegerOne, TrueOne), ({"type": 1, "x": 1}, {"type": True, "x": 1}), **SLOW),
    ModelSet("false-and-two", (FalseZero, IntegerTwo), ({"type": False, "x": 1}, {"type": 2, "x": 1}), False, False),
    ModelSet("overlap", (OverlapA, B), A_AND_B, **SLOW),
    ModelSet("overlap-last", (B, OverlapA), A_AND_B, **SLOW),
)
