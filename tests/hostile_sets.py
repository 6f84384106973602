"""Sets of message models that break a careless fast path: validators, settings and schemas of a whole model.

In each of them some member accepts a text whose tag is none of its literals, or pydantic's union reads the tag in
another way than the scanner.  The scan may not answer for such a member, nor without a discriminator beside it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from model_sets import A_AND_B, A_TO_C, ALIASED, BY_NAME, PYDANTIC, A, AliasA, AliasB, B, C, ModelSet
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict


def rename(message: Any) -> Any:
    """Take every message for one of the type `a`."""
    return {**message, "type": "a"} if isinstance(message, dict) else message


class BeforeModelA(A):
    @model_validator(mode="before")
    @classmethod
    def rewrite(cls, message: Any) -> Any:
        return rename(message)


class WrapModelA(A):
    @model_validator(mode="wrap")
    @classmethod
    def rewrite(cls, message: Any, handler: Any) -> Any:
        return handler(rename(message))


class BeforeStarA(A):
    @field_validator("*", mode="before")
    @classmethod
    def rewrite(cls, value: Any) -> Any:
        return "a" if isinstance(value, str) else value


class WrappedSchemaA(A):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(rename, handler(source))


class InheritedSchemaA(WrappedSchemaA):
    pass


class InnerSchemaA(A):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_before_validator_function(rename, handler(source)),
            python_schema=handler(source),
        )


class OwnInitA(A):
    def __init__(self, **data: Any) -> None:
        super().__init__(**rename(data))


class InheritedInitA(OwnInitA):
    pass


class OwnNewB(B):
    # Harmless: what `__new__` returns is filled with the fields that were read.
    def __new__(cls, *_: Any, **__: Any) -> Any:
        return super().__new__(OwnNewC)


class OwnNewC(OwnNewB):
    pass


@dataclass
class NoInitA:
    x: int
    type: Literal["a"] = dataclasses.field(default="a", init=False)


@pydantic_dataclass
class NoInitPydanticA:
    x: int
    type: Literal["a"] = Field("a", init=False) if PYDANTIC >= (2, 8) else dataclasses.field(default="a", init=False)


@dataclass
class InitVarA:
    type: dataclasses.InitVar[Literal["a"]]
    x: int


@pydantic_dataclass
class BeforeDataA:
    type: Literal["a"]
    x: int

    @model_validator(mode="before")
    @classmethod
    def rewrite(cls, message: Any) -> Any:
        return message


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)


class ByNameA(ByName, AliasA):
    pass


class ByNameB(AliasB, ByName):
    pass


class ByNameDictA(TypedDict):
    __pydantic_config__ = ConfigDict(populate_by_name=True)  # type: ignore[misc]
    type: Annotated[Literal["a"], Field(alias="t")]
    x: int


@pydantic_dataclass(config=ConfigDict(populate_by_name=True))
class ByNameDataB:
    x: int
    type: Literal["b"] = Field(alias="t")


class ForbidAliasA(AliasA):
    model_config = ConfigDict(extra="forbid")


class TwinA(A):
    # Two fields that read the same key.
    kind: Literal["a", "b"] = Field(alias="type")


class RaisingA(A):
    @field_validator("x")
    @classmethod
    def refuse(cls, value: int) -> int:
        if value == 1:
            raise KeyError(value)
        return value


class RaisingB(B):
    @field_validator("x")
    @classmethod
    def refuse(cls, value: int) -> int:
        raise KeyError(value)


class OtherClassA(A):
    @model_validator(mode="after")
    def replace(self) -> Any:
        return self if self.x == 1 else B(type="b", x=self.x)


def beside_b(name: str, model: Any, *, by_type: bool | None = True, accepts_a: bool = True) -> ModelSet:
    """Return the set of a model that claims `a`, and may accept more, beside one that is the plain `b`."""
    examples, others = (A_TO_C, ()) if accepts_a else (A_TO_C[1:], A_TO_C[:1])
    return ModelSet(name, (model, B, C), examples, False, by_type, left_out=(model,), others=others)


def harmless(name: str, model: Any, other: Any = B) -> ModelSet:
    return ModelSet(name, (model, other), A_AND_B)


SLOW: Final[dict[str, Any]] = {"fast": False, "by_type": None}


BY_EITHER_NAME: tuple[ModelSet, ...] = ()

if PYDANTIC >= (2, 11):

    class OnlyNameA(AliasA):
        model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)

    class BothNamesB(AliasB):
        model_config = ConfigDict(validate_by_alias=True, validate_by_name=True)

    BY_EITHER_NAME = (
        ModelSet("only-by-name", (OnlyNameA, AliasB), (*A_AND_B[:1], *ALIASED[1:]), False, False, others=BY_NAME),
        ModelSet("by-both-names", (AliasA, BothNamesB), ALIASED, False, False, others=BY_NAME),
    )


HOSTILE: Final[tuple[ModelSet, ...]] = (
    beside_b("before-model", BeforeModelA),
    beside_b("wrap-model", WrapModelA),
    beside_b("before-dataclass", BeforeDataA),
    beside_b("before-star", BeforeStarA, by_type=None),
    beside_b("wrapped-schema", WrappedSchemaA),
    beside_b("inherited-schema", InheritedSchemaA),
    beside_b("json-or-python-model", InnerSchemaA, by_type=None),
    beside_b("own-init", OwnInitA),
    beside_b("inherited-init", InheritedInitA),
    beside_b("dataclass-init-false", NoInitA),
    beside_b("pydantic-dataclass-init-false", NoInitPydanticA),
    beside_b("dataclass-init-var", InitVarA),
    harmless("own-new", A, OwnNewB),
    harmless("twin-fields", TwinA),
    harmless("after-other-class", OtherClassA),
    ModelSet("raising", (RaisingA, RaisingB), ({"type": "a", "x": 2},), others=A_AND_B, raises=True),
    ModelSet("populate-inherited", (ByNameA, ByNameB), ALIASED, False, False, others=BY_NAME),
    ModelSet("populate-typed-dict", (ByNameDictA, ByNameDataB), ALIASED, False, False, others=BY_NAME),
    ModelSet("populate-beside-alias", (ByNameA, AliasB), ALIASED, False, False, others=BY_NAME),
    ModelSet("alias-forbid", (ForbidAliasA, AliasB), ALIASED, by_type=False, key="t", others=BY_NAME),
    ModelSet("alias-beside-none", (AliasA, B), ({"t": "a", "x": 1}, {"type": "b", "x": 2}), others=BY_NAME, **SLOW),
    ModelSet("any-dict", (A, B, dict[str, Any]), (*A_AND_B, {"z": 1}), **SLOW),
    *BY_EITHER_NAME,
)
