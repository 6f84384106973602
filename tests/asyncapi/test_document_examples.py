"""Examples of messages are valid, or there are none."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path
from threading import Thread
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import pytest
from pydantic import (
    UUID5,
    AfterValidator,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    Json,
    TypeAdapter,
    computed_field,
    create_model,
    field_serializer,
    model_validator,
)
from typing_extensions import Self, TypedDict, deprecated

from fastws.asyncapi.examples import list_examples
from fastws.asyncapi.schemas import Mode, Schemas


class Color(Enum):
    RED = "red"
    BLUE = 3


class Node(BaseModel):
    value: int
    next: Node | None = None
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    name: str


class Dog(BaseModel):
    kind: Literal["dog"]
    age: Annotated[int, Field(ge=1, le=30)]


class Described(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ann"}, {"name": "bob"}]})

    name: str


class Fields(BaseModel):
    name: Annotated[str, Field(examples=["ann"])]
    age: int = 3


class Shown(BaseModel):
    side: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        return self.side**2

    @field_serializer("side")
    def write(self, side: int) -> str:
        return f"{side} m"


class Ordered(BaseModel):
    low: int = 5
    high: int

    @model_validator(mode="after")
    def check(self) -> Self:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Movie(TypedDict):
    title: str
    year: int


def make(type_: Any, mode: Mode = "validation") -> list[Any]:
    schemas = Schemas()
    payload = schemas.add(type_, mode)
    schemas.build()
    return list_examples(payload, schemas)


TYPES = [
    int,
    bool,
    float,
    str,
    Color,
    datetime,
    date,
    time,
    timedelta,
    Decimal,
    UUID,
    UUID5,
    IPv4Address,
    IPv6Network,
    Path,
    Base64Bytes,
    ByteSize,
    Node,
    Cat | Dog,
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Fields,
    Movie,
    list[Cat],
    set[int],
    dict[str, Cat],
    tuple[int, str, Cat],
    tuple[int, ...],
    Any,
    object,
    Union[None, int],  # noqa: UP007
    Annotated[int, Field(gt=100, multiple_of=7)],
    Annotated[int, Field(lt=-5)],
    Annotated[float, Field(gt=0, lt=1)],
    Annotated[float, Field(ge=2.5, le=2.5)],
    Annotated[str, Field(min_length=10)],
    Annotated[str, Field(max_length=2)],
    Annotated[str, Field(pattern=r"^[a-z]{3}-\d+$")],
    Annotated[list[int], Field(min_length=3)],
    Annotated[list[int], Field(max_length=0)],
    Annotated[set[str], Field(min_length=2)],
    Annotated[dict[str, int], Field(min_length=2)],
    Literal[3, "x"],
]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_an_example_is_made_that_is_valid(type_: Any, mode: Mode) -> None:
    (example,) = make(type_, mode)
    TypeAdapter(type_).validate_json(json.dumps(example))


def test_json_in_a_text_is_json() -> None:
    assert make(Json[list[int]]) == ["[1]"]
    assert make(Json[list[int]], "serialization") == [[1]]


def test_the_examples_of_a_model_are_its_own() -> None:
    assert make(Described) == [{"name": "ann"}, {"name": "bob"}]


def test_examples_may_be_written_in_python() -> None:
    extra: Any = {"examples": [{"on": date(2026, 1, 31), "id": UUID(int=7), "at": [time(12)]}]}

    class Event(BaseModel):
        model_config = ConfigDict(json_schema_extra=extra)

        on: date
        id: UUID
        at: list[time]

    written = [{"on": "2026-01-31", "id": str(UUID(int=7)), "at": ["12:00:00"]}]
    assert make(Event) == make(Event, "serialization") == written
    schemas = Schemas()
    schemas.add(Event, "validation")
    schemas.build()
    assert json.loads(json.dumps(schemas.components))["Event"]["examples"] == written


def test_the_examples_of_fields_are_used() -> None:
    assert make(Fields) == [{"name": "ann", "age": 3}]


def test_examples_that_are_not_valid_are_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"age": "old"}, {"age": 3}]})
        age: int

    with caplog.at_level(logging.WARNING, "fastws"):
        assert make(Wrong) == [{"age": 3}]
    assert "1 examples of" in caplog.text


def test_where_none_of_its_own_is_valid_one_is_made() -> None:
    class Wrong(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"age": "old"}]})
        age: int

    assert make(Wrong) == [{"age": 1}]


def test_the_code_of_a_model_runs_for_its_examples() -> None:
    class Ticket(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"seat": 3}]})
        seat: int
        code: str = Field(default_factory=lambda: "from the factory")

        @computed_field  # type: ignore[prop-decorator]
        @property
        def host(self) -> str:
            return "from the machine"

    assert make(Ticket, "serialization") == [{"seat": 3, "code": "from the factory", "host": "from the machine"}]


def test_what_goes_out_is_shown_as_it_goes_out() -> None:
    assert make(Shown, "serialization") == [{"side": "1 m", "area": 1}]


def test_the_examples_of_a_model_are_shown_as_they_go_out() -> None:
    class Shout(Described):
        @field_serializer("name")
        def write(self, name: str) -> str:
            return name.upper()

    assert make(Shout, "serialization") == [{"name": "ANN"}, {"name": "BOB"}]


def test_where_the_whole_is_refused_the_least_is_tried() -> None:
    class Either(BaseModel):
        a: int
        b: int = 0

        @model_validator(mode="after")
        def check(self) -> Self:
            if "b" in self.model_fields_set:
                raise ValueError("not both")
            return self

    assert make(Either) == [{"a": 1}]


@pytest.mark.parametrize(
    "type_",
    [
        Annotated[str, AfterValidator(lambda text: text.index("?"))],
        Annotated[int, AfterValidator(lambda number: 1 // 0)],
        Annotated[str, Field(pattern="^[a-z]$", min_length=2)],
        None,
        Annotated[int, Field(gt=1, lt=2)],
    ],
    ids=["validator", "raises", "contradiction", "null", "nothing"],
)
def test_where_none_can_be_made_there_is_none(type_: Any) -> None:
    assert make(type_) == []


def test_recursion_ends() -> None:
    assert make(Node) == [{"value": 1, "children": []}]


def test_models_that_all_refer_to_each_other_have_a_short_one() -> None:
    names = [f"Part{number}" for number in range(12)]
    models: dict[str, Any] = {}
    for name in names:
        fields: dict[str, Any] = {one.lower(): (Optional[one], None) for one in names if one != name}  # noqa: UP045
        models[name] = create_model(name, text=(str, ...), **fields)
    for model in models.values():
        model.model_rebuild(_types_namespace=models)
    (example,) = make(models["Part0"])
    assert example.keys() == {"text", *map(str.lower, names[1:])}
    assert len(json.dumps(example)) < 20_000


def test_what_has_no_schema_has_none() -> None:
    class Working(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        thread: Thread

    assert make(Working, "serialization") == make(Working) == []


def test_a_schema_with_odd_additions_has_none() -> None:
    assert make(Annotated[int, Field(json_schema_extra={"minimum": "one"})]) == []
    assert make(Annotated[int, Field(ge=10**400)]) == []


def test_more_than_anybody_would_read_has_none() -> None:
    assert make(Annotated[list[int], Field(min_length=100_000)]) == []


def test_a_type_that_needs_itself_has_none() -> None:
    class Endless(BaseModel):
        inner: list[Endless] = Field(min_length=1)

    assert make(Endless) == []


def test_validators_of_the_program_decide() -> None:
    assert make(Ordered) == []  # 5 and 1, as the fields alone would have it


class Optionals(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 7}]})

    id: int
    note: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def age(self) -> int | None:
        return None


def test_an_example_that_goes_out_has_no_null_and_yet_what_has_to_be_there() -> None:
    assert make(Optionals) == [{"id": 7}]
    assert make(Optionals, "serialization") == [{"id": 7, "age": 1}]


def test_what_is_made_of_what_comes_in_goes_out_without_null() -> None:
    class Sparse(BaseModel):
        amount: Decimal
        numbers: dict[UUID, int]
        note: str | None = None

    # No key is made up that is a UUID, so the least comes in.
    (example,) = make(Sparse, "serialization")
    assert example == {"amount": "1", "numbers": {}}


def test_what_is_deprecated_has_an_example() -> None:
    @deprecated("Say something else.")
    class Old(BaseModel):
        text: str

    assert make(Old) == [{"text": "string"}]
