"""Sets of models of every shape: typed dicts, dataclasses, generics, recursive and nested ones, and their settings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Final, Generic, Literal

from model_sets import A_AND_B, A_TO_C, ONE_AND_TWO, PYDANTIC, A, B, C, IntEnumOne, IntEnumTwo, ModelSet, T
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import NotRequired, Self, TypeAliasType, TypedDict


class DictA(TypedDict):
    type: Literal["a"]
    x: float


class DictB(TypedDict, total=False):
    type: Literal["b"]
    x: NotRequired[list[float]]


class DictFloat(TypedDict):
    x: float


class DictInt(TypedDict):
    x: int
    y: NotRequired[str]


@dataclass
class DataA:
    type: Literal["a"]
    x: int


@pydantic_dataclass(config=ConfigDict(extra="forbid"))
class DataB:
    x: int
    note: str = dataclasses.field(default="", kw_only=True)
    type: Literal["b"] = dataclasses.field(default="b", kw_only=True)


class GenericA(BaseModel, Generic[T]):
    type: Literal["a"]
    x: T


class GenericB(BaseModel, Generic[T]):
    type: Literal["b"]
    x: T


@dataclass(eq=False)
class GenericData(Generic[T]):
    # Without an `__eq__` of its own: nothing but the validation says which member it is.
    type: Literal["a"]
    x: T


class NodeA(BaseModel):
    type: Literal["a"]
    x: int = 0
    nodes: list[NodeA | NodeB] = []


class NodeB(BaseModel):
    type: Literal["b"]
    nodes: list[Annotated[NodeA | NodeB, Field(discriminator="type")]] = []
    node: NodeB | None = None


NodeA.model_rebuild()


class RootA(RootModel[A]):
    pass


class ForbidA(A):
    model_config = ConfigDict(extra="forbid")


class ForbidB(B):
    model_config = ConfigDict(extra="forbid")


class AllowA(A):
    model_config = ConfigDict(extra="allow")


class AllowB(B):
    model_config = ConfigDict(extra="allow")


class StrictA(A):
    model_config = ConfigDict(strict=True)


class StrictB(IntEnumTwo):
    model_config = ConfigDict(strict=True)


class StrictOne(IntEnumOne):
    model_config = ConfigDict(strict=True)


class OptionalA(BaseModel):
    type: Literal["a"]
    x: int | None = None
    y: str | None = None


class OptionalB(BaseModel):
    type: Literal["b"]
    x: int | None = None
    z: list[int] | None = None


class AfterA(BaseModel):
    type: Annotated[Literal["a"], AfterValidator(lambda tag: tag * 3)]
    x: int

    @model_validator(mode="after")
    def double(self) -> Self:
        if self.x < 0:
            raise ValueError("negative")
        self.x *= 2
        return self


class AfterB(BaseModel):
    type: Literal["b"]
    x: int

    @field_validator("*")
    @classmethod
    def check(cls, value: object) -> object:
        assert value != 7
        return value


class WideA(BaseModel):
    # More fields than the member that is meant, so a smart union likes it better wherever it can.
    type: Literal["a"] = "a"
    x: int = 0
    y: int = 0
    z: int = 0


class NarrowB(BaseModel):
    type: Literal["b"] = "b"
    x: float = 0.0


class DeferredA(A):
    model_config = ConfigDict(defer_build=True)


class DeferredB(B):
    model_config = ConfigDict(defer_build=True)


# An alias of a class and an annotated one; pydantic 2.9 cannot build a union with the former.
NamedA = TypeAliasType("NamedA", A) if PYDANTIC >= (2, 10) else Annotated[A, "named"]


NotedB = Annotated[B, "a note"]


TAGGED_UNION = Annotated[A | B, Field(discriminator="type")]


PLAIN_UNION = TypeAliasType("PLAIN_UNION", A | B)


SHAPES: Final[tuple[ModelSet, ...]] = (
    ModelSet("one-typed-dict", (DictA,), A_AND_B[:1], fast=False),
    ModelSet("typed-dicts", (DictA, DictB), ({"type": "a", "x": 1}, {"type": "b", "x": [1]}), others=({},)),
    ModelSet("typed-dicts-no-tag", (DictFloat, DictInt), ({"x": 1}, {"x": 1.5}, {"x": 1, "y": ""}), False, None),
    ModelSet("dataclasses", (DataA, DataB), A_AND_B, others=({"x": 1, "note": "n"},)),
    ModelSet("all-kinds", (A, DictB, DataB, C), A_TO_C[::2], fast=False, by_type=None),
    ModelSet("model-dict-data", (DictA, DataB, C), A_TO_C),
    ModelSet("generics", (GenericA[int], GenericB[str]), ({"type": "a", "x": 1}, {"type": "b", "x": "s"})),
    ModelSet("generics-overlap", (GenericA[int], GenericA[str], B), A_AND_B, fast=False, by_type=None),
    ModelSet("generic-dataclass", (GenericData[int], B), A_AND_B),
    ModelSet(
        "recursive",
        (NodeA, NodeB),
        ({"type": "a", "nodes": [{"type": "b"}, {"type": "a"}]}, {"type": "b", "node": {"type": "b", "nodes": []}}),
    ),
    ModelSet("root-model", (RootA, B), A_AND_B, fast=False, left_out=(RootA,)),
    ModelSet("forbid", (ForbidA, ForbidB), A_AND_B),
    ModelSet("allow", (AllowA, AllowB), ({"type": "a", "x": 1, "y": [1]}, {"type": "b", "x": 2})),
    ModelSet("strict", (StrictA, B), A_AND_B),
    ModelSet("strict-enums", (StrictOne, StrictB), ONE_AND_TWO),
    ModelSet(
        "optional-fields", (OptionalA, OptionalB), ({"type": "a"}, {"type": "b", "z": [1]}, {"type": "b", "x": 1})
    ),
    ModelSet("after-validators", (AfterA, AfterB), A_AND_B),
    ModelSet("wrong-has-more", (WideA, NarrowB), A_AND_B, others=({"x": 1}, {"x": 1.0}, {"x": 1, "y": 1, "z": 1})),
    ModelSet("wrong-has-more-last", (NarrowB, WideA), A_AND_B, others=({"x": 1}, {"x": 1.0}, {"x": 1, "y": 1, "z": 1})),
    ModelSet("deferred", (DeferredA, DeferredB), A_AND_B),
    ModelSet("type-aliases", (NamedA, NotedB), A_AND_B),
    ModelSet("nested-tagged-union", (TAGGED_UNION, C), A_TO_C, fast=False, left_out=(TAGGED_UNION,)),
    ModelSet("nested-union", (PLAIN_UNION, C), A_TO_C, fast=False, left_out=(PLAIN_UNION,)),
)
