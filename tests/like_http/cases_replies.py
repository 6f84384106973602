"""What is returned, and what is sent of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from both_ways import Table
from pings import Ping
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    SerializeAsAny,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
)
from typing_extensions import TypedDict

table = Table()


class Item(BaseModel):
    name: str
    price: float | None = None
    tags: list[str] = []


class SecretItem(Item):
    password: str = "secret"


class User(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    user_name: str = Field(alias="userName")


TEA: dict[str, Any] = {"name": "tea", "price": None, "tags": []}


@table.add(replies=[TEA])
async def a_model(message: Ping) -> Item:
    return Item(name="tea")


@table.add(replies=[TEA])
async def a_dict_for_a_model(message: Ping) -> Item:
    return {"name": "tea", "color": "green"}  # type: ignore[return-value]


@table.add(replies=[TEA])
async def a_subclass_is_filtered(message: Ping) -> Item:
    return SecretItem(name="tea")


@table.add(replies=[{"items": [TEA], "best": TEA}])
async def subclasses_inside_are_filtered(message: Ping) -> "Shelf":
    return Shelf(items=[SecretItem(name="tea")], best=SecretItem(name="tea"))


class Shelf(BaseModel):
    items: list[Item]
    best: Item


class AnyShelf(BaseModel):
    best: SerializeAsAny[Item]


@table.add(replies=[{"best": {**TEA, "password": "secret"}}])
async def subclasses_that_are_asked_for(message: Ping) -> AnyShelf:
    return AnyShelf(best=SecretItem(name="tea"))


class Row:
    name = "tea"
    price = 2.5
    tags = ("a", "b")
    password = "secret"


@table.add(replies=[{"name": "tea", "price": 2.5, "tags": ["a", "b"]}])
async def the_attributes_of_an_object(message: Ping) -> Item:
    return Row()  # type: ignore[return-value]


@table.add(replies=[{"userName": "anna"}])
async def a_union(message: Ping) -> Item | User:
    return User(userName="anna")


@table.add(replies=[TEA])
async def a_dict_for_a_union(message: Ping) -> User | Item:
    return {"name": "tea"}  # type: ignore[return-value]


@table.add(replies=[[TEA, TEA]])
async def a_list(message: Ping) -> list[Item]:
    return [SecretItem(name="tea"), {"name": "tea"}]  # type: ignore[list-item]


@table.add(replies=[{"one": TEA}])
async def a_dict(message: Ping) -> dict[str, Item]:
    return {"one": SecretItem(name="tea")}


@table.add(replies=[[1, "two"]])
async def a_tuple(message: Ping) -> tuple[int, str]:
    return 1, "two"


@table.add(replies=[[TEA]])
async def a_sequence(message: Ping) -> Sequence[Item]:
    return [Item(name="tea")]


@table.add(replies=[TEA])
async def an_optional_model(message: Ping) -> Item | None:
    return Item(name="tea")


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


@table.add(replies=[{"x": 1, "y": 0, "tags": []}])
async def a_dataclass(message: Ping) -> Point:
    return Point(1)


@table.add(replies=[{"x": 1, "y": 0, "tags": []}])
async def a_dict_for_a_dataclass(message: Ping) -> Point:
    return {"x": "1"}  # type: ignore[return-value]


class Place(TypedDict):
    name: str
    item: Item


@table.add(replies=[{"name": "shop", "item": TEA}])
async def a_typed_dict(message: Ping) -> Place:
    return {"name": "shop", "item": SecretItem(name="tea"), "color": "green"}  # type: ignore[typeddict-unknown-key]


ItemT = TypeVar("ItemT")


class Listing(BaseModel, Generic[ItemT]):
    items: list[ItemT]


@table.add(replies=[{"items": [TEA]}])
async def a_generic_model(message: Ping) -> Listing[Item]:
    return Listing[Item](items=[SecretItem(name="tea")])


class Names(RootModel[list[str]]):
    pass


@table.add(replies=[["a", "b"]])
async def a_root_model(message: Ping) -> Names:
    return Names(["a", "b"])


class Shape(Enum):
    ROUND = "round"


class Everything(BaseModel):
    when: datetime
    how_long: timedelta
    price: Decimal
    key: UUID
    shape: Shape
    data: bytes
    number: int
    text: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.number * 2

    @field_serializer("text")
    def _write_text(self, text: str) -> str:
        return text.upper()


EVERYTHING = {
    "when": datetime(2026, 11, 20, 12, tzinfo=timezone.utc),
    "how_long": timedelta(seconds=90),
    "price": Decimal("2.50"),
    "key": UUID(int=7),
    "shape": Shape.ROUND,
    "data": b"abc",
    "number": 2**70,
    "text": "grün \N{SNOWMAN} \N{GRINNING FACE}",
}
WRITTEN = {
    "when": "2026-11-20T12:00:00Z",
    "how_long": "PT1M30S",
    "price": "2.50",
    "key": "00000000-0000-0000-0000-000000000007",
    "shape": "round",
    "data": "abc",
    "number": 2**70,
    "text": "GRÜN \N{SNOWMAN} \N{GRINNING FACE}",
    "double": 2**71,
}


@table.add(replies=[WRITTEN])
async def types_that_json_does_not_know(message: Ping) -> Everything:
    return Everything.model_validate(EVERYTHING)


@table.add(replies=[{**WRITTEN, "text": EVERYTHING["text"], "double": None}])
async def types_that_no_annotation_names(message: Ping) -> Any:
    return {**EVERYTHING, "double": None}


@table.add(replies=[[WRITTEN, {"userName": "anna"}, {"x": 1, "y": 0, "tags": []}, {"a": "round"}, [1, 2]]])
async def models_that_no_annotation_names(message: Ping) -> Any:
    return [Everything.model_validate(EVERYTHING), User(userName="anna"), Point(1), {"a": Shape.ROUND}, (1, 2)]


@table.add(replies=[[WRITTEN]])
async def models_in_a_list_without_type(message: Ping) -> list:  # type: ignore[type-arg]
    return [Everything.model_validate(EVERYTHING)]


class Weighed(BaseModel):
    weight: float

    @model_serializer
    def _write(self) -> str:
        return f"{self.weight} g"


@table.add(replies=["2.5 g"])
async def a_serializer_of_its_own(message: Ping) -> Weighed:
    return Weighed(weight=2.5)


@table.add(replies=["text"])
async def a_text(message: Ping) -> str:
    return "text"


@table.add(replies=[[0, "", False, 2.5]])
async def scalars(message: Ping) -> list[str | int | float | bool]:
    return [0, "", False, 2.5]


@table.add(replies=[False])
async def something_that_is_false(message: Ping) -> bool:
    return False


@table.add(replies=[5])
async def an_annotated_type(message: Ping) -> Annotated[int, Field(ge=5)]:
    return "5"  # type: ignore[return-value]


@table.add(errors=["invalid reply"])
async def one_that_breaks_a_constraint(message: Ping) -> Annotated[int, Field(ge=5)]:
    return 4


@table.add(errors=["invalid reply"])
async def one_of_the_wrong_type(message: Ping) -> Item:
    return "tea"  # type: ignore[return-value]


@table.add(errors=["invalid reply"])
async def one_without_a_field(message: Ping) -> Item:
    return {"price": 5}  # type: ignore[return-value]


@table.add(errors=["invalid reply"])
async def one_of_the_wrong_literal(message: Ping) -> Literal["a", "b"]:
    return "c"  # type: ignore[return-value]


@table.add(errors=["invalid reply"])
async def one_item_of_the_wrong_type(message: Ping) -> list[Item]:
    return [Item(name="tea"), 7]  # type: ignore[list-item]


@table.add(errors=["invalid reply"])
async def none_of_a_union(message: Ping) -> Item | User:
    return Row.tags  # type: ignore[return-value]


class Checked(BaseModel):
    number: int

    @field_validator("number")
    @classmethod
    def _check(cls, number: int) -> int:
        if number < 0:
            raise LookupError("negative")
        return number


@table.add(errors=["LookupError"])
async def one_whose_validator_raises(message: Ping) -> Checked:
    return {"number": -1}  # type: ignore[return-value]


@table.add(replies=[{"number": -1}])
async def an_instance_is_not_validated_again(message: Ping) -> Checked:
    return Checked.model_construct(number=-1)


@table.add(replies=[{"name": "tea"}], options={"response_model_exclude_none": True, "response_model_exclude": {"tags"}})
async def without_none(message: Ping) -> Item:
    return Item(name="tea", price=None, tags=["a"])


@table.add(replies=[{"name": "tea", "price": None}], options={"response_model_exclude_unset": True})
async def without_what_was_not_set(message: Ping) -> Item:
    return Item(name="tea", price=None)


@table.add(replies=[{"name": "tea"}], options={"response_model_exclude_unset": True})
async def without_what_a_dict_does_not_set(message: Ping) -> Item:
    return {"name": "tea"}  # type: ignore[return-value]


@table.add(replies=[{"name": "tea", "price": 2.0}], options={"response_model_exclude_defaults": True})
async def without_defaults(message: Ping) -> Item:
    return Item(name="tea", price=2, tags=[])


@table.add(replies=[{"name": "tea"}], options={"response_model_include": {"name"}})
async def only_some_fields(message: Ping) -> Item:
    return Item(name="tea")


@table.add(replies=[{"items": [{"name": "tea"}]}], options={"response_model_include": {"items": {"__all__": {"name"}}}})
async def only_some_fields_inside(message: Ping) -> Shelf:
    return Shelf(items=[Item(name="tea")], best=Item(name="milk"))


@table.add(replies=[{"userName": "anna"}])
async def by_alias(message: Ping) -> User:
    return User(userName="anna")


@table.add(replies=[{"user_name": "anna"}], options={"response_model_by_alias": False})
async def by_name(message: Ping) -> User:
    return User(userName="anna")


class TwoNames(BaseModel):
    value: int = Field(validation_alias=AliasChoices("in", "into"), serialization_alias="out")


@table.add(replies=[{"out": 5}])
async def by_the_alias_for_writing(message: Ping) -> TwoNames:
    return TwoNames(into=5)  # type: ignore[call-arg]


@table.add(replies=[[{"name": "tea"}, {"userName": "anna"}]], options={"response_model_exclude_unset": True})
async def options_reach_into_lists(message: Ping) -> list[Item | User]:
    return [Item(name="tea"), User(userName="anna")]


@table.add(replies=[{"name": "tea"}], options={"response_model_exclude_none": True})
async def options_without_a_type(message: Ping) -> Any:
    return {"name": "tea"}


@table.add(replies=[{"value": None}], http_since=(0, 130))
async def not_a_number(message: Ping) -> dict[str, float]:
    return {"value": float("nan")}
