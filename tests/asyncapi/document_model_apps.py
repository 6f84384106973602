"""Apps whose messages are models of all kinds, each with something of its own."""

from __future__ import annotations

import dataclasses
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar
from uuid import UUID

import document_namesake_models as namesake
import pydantic.dataclasses
from document_message_apps import serve
from document_register import Moved, Ping, Pong, documented
from fastapi import FastAPI
from pydantic import (
    AliasChoices,
    AliasPath,
    AnyUrl,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    RootModel,
    SecretStr,
    Tag,
    computed_field,
    field_serializer,
    model_serializer,
)
from typing_extensions import NotRequired, TypedDict

from fastws import WSRouter

T = TypeVar("T")


def receive(*models: Any, reply: Any = None, **options: Any) -> FastAPI:
    """Return an app that takes some models and answers each with what is annotated."""
    router = WSRouter(**options)
    for model in models:

        async def handle(websocket: Any, message: Any) -> None: ...

        handle.__annotations__ = {"message": model, "return": reply}
        handle.__name__ = f"on_{len(router.mapping)}"
        router.receive(model)(handle)
    return serve(router)


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    names: list[str] = dataclasses.field(default_factory=list)


@pydantic.dataclasses.dataclass
class Line:
    """From one point to another."""

    type: Literal["line"]
    points: tuple[Point, Point]


class Draw(TypedDict):
    """Draw something."""

    action: Literal["draw"]
    at: Point
    colour: NotRequired[str]


class Numbers(RootModel[list[int]]):
    """Only numbers."""


@documented
def kinds_of_models() -> FastAPI:
    return receive(Point, Line, Draw, Numbers, reply=Line)


class Aliased(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.title(), populate_by_name=True)

    type: Literal["aliased"]
    first: int
    second: int = Field(alias="2nd")
    third: int = Field(validation_alias="in", serialization_alias="out")
    fourth: int = Field(validation_alias=AliasChoices("fourth", AliasPath("numbers", 3)))


@documented
def aliases() -> FastAPI:
    return receive(Aliased, reply=Aliased)


class Item(BaseModel):
    name: str


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    total: int = Field(ge=0)


@documented
def generics() -> FastAPI:
    return receive(Page[Item], Page[Page[int]], reply=Page[Item | None])


class Tree(BaseModel):
    name: str
    branches: list[Tree] = []
    roots: dict[str, Tree] = {}


class Forest(BaseModel):
    type: Literal["forest"]
    oldest: Tree
    next: Optional[Forest] = None  # noqa: UP045
    trees: Annotated[list[Tree], Field(min_length=2)]


class Endless(BaseModel):
    """Nobody can give an example of it."""

    type: Literal["endless"]
    inner: Endless


@documented
def nested_and_recursive() -> FastAPI:
    return receive(Forest, Tree, Endless, reply=Tree)


class Note(BaseModel):
    """A note on paper."""

    type: Literal["note"]
    text: str


@documented
def same_names() -> FastAPI:
    return receive(Note, namesake.Note, Page[Note], reply=Page[namesake.Note], discriminator=None)


class Account(BaseModel):
    """Not the same when it comes as when it goes."""

    name: str = "nobody"
    balance: Decimal = Decimal(0)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rich(self) -> bool:
        return self.balance > 1000


class Save(BaseModel):
    type: Literal["save"]
    account: Account


@documented
def both_directions() -> FastAPI:
    return receive(Save, Account, reply=Account | Save)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Shade(str, enum.Enum):
    DARK = "dark"
    LIGHT = "light"


class Mixed(enum.Enum):
    A = 1
    B = "b"


class Paint(BaseModel):
    code: Literal[1]
    shade: Shade = Shade.DARK
    level: Level
    mixed: Mixed = Mixed.B
    levels: dict[Shade, Level] = {Shade.DARK: Level.LOW}


class Repaint(BaseModel):
    code: Literal[2, 3]
    shade: Literal[Shade.LIGHT]
    answer: Literal["yes", None]


@documented
def enums_and_numbers() -> FastAPI:
    return receive(Paint, Repaint, reply=Level, discriminator="code")


class Constrained(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["constrained"]
    age: Annotated[int, Field(ge=18, lt=130)]
    even: Annotated[int, Field(multiple_of=2, gt=0)]
    share: Annotated[float, Field(gt=0, lt=1)]
    name: Annotated[str, Field(min_length=3, max_length=5)]
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$")]
    loose: Annotated[str, Field(pattern=r"^(?i)[a-z]+$")] = "a"
    letters: Annotated[str, Field(pattern=r"^\p{L}+$")] = "a"
    pair: Annotated[list[int], Field(min_length=2, max_length=2)]
    some: Annotated[set[int], Field(min_length=3)]
    price: Annotated[Decimal, Field(max_digits=5, decimal_places=2, ge=Decimal("0.01"))]
    words: Annotated[dict[str, int], Field(min_length=1)]


@documented
def constraints() -> FastAPI:
    return receive(Constrained, reply=Constrained)


class Fields(BaseModel):
    type: Literal["fields"]
    maybe: Optional[int] = None  # noqa: UP045
    must_be_there: Optional[str]  # noqa: UP045
    amount: Decimal
    at: datetime
    day: date
    hour: time
    length: timedelta
    id: UUID
    data: bytes
    address: AnyUrl
    secret: SecretStr
    pair: tuple[int, str]
    many: tuple[int, ...]
    nothing: tuple[()] = ()
    unique: set[str]
    frozen: frozenset[Shade]
    table: dict[int, list[float]]
    anything: Any
    whatever: object = None
    either: int | str | None
    number: float = 1.5
    endless: float = float("inf")
    encoded: Json[list[int]]
    item: Item = Item(name="x")


@documented
def kinds_of_fields() -> FastAPI:
    return receive(Fields, reply=Fields)


class Cat(BaseModel):
    pet: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    pet: Literal["dog", "hound"]
    barks: bool


def tell_apart(value: Any) -> str:
    return "text" if isinstance(value, str) else "number"


class Adopt(BaseModel):
    type: Literal["adopt"]
    pet: Annotated[Cat | Dog, Field(discriminator="pet", description="Whom")]
    others: list[Annotated[Cat | Dog, Field(discriminator="pet")]] = []
    mark: Annotated[
        Annotated[str, Tag("text")] | Annotated[int, Tag("number")],
        Discriminator(tell_apart),
    ]


@documented
def nested_unions() -> FastAPI:
    return receive(Adopt, reply=Annotated[Cat | Dog, Field(discriminator="pet")])


class Measured(BaseModel):
    type: Literal["measured"]
    seconds: int

    @field_serializer("seconds", return_type=str)
    def write(self, seconds: int) -> str:
        return f"{seconds} s"

    @computed_field(description="How long it took")  # type: ignore[prop-decorator]
    @property
    def time(self) -> timedelta:
        return timedelta(seconds=self.seconds)


class Folded(BaseModel):
    x: int
    y: int

    @model_serializer
    def fold(self) -> list[int]:
        return [self.x, self.y]


@documented
def serializers() -> FastAPI:
    return receive(Measured, Folded, reply=Measured | Folded)


class WithExamples(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"type": "with-examples", "text": "one"}, {"type": "with-examples", "text": "two"}]
        }
    )

    type: Literal["with-examples"]
    text: str


class WithFieldExamples(BaseModel):
    type: Literal["with-field-examples"]
    text: str = Field(examples=["tea", "milk"], description="What to drink")
    cups: Annotated[int, Field(ge=2, examples=[4])] = 2
    when: datetime = Field(examples=["2020-02-02T00:00:00Z"])


class WithInvalidExamples(BaseModel):
    """One example of the model is valid, the others are not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"type": "no"}, 7, {"type": "some", "count": 3}]})

    type: Literal["some"]
    count: int = Field(examples=["three"])


class WithOldExample(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"type": "old", "text": None}})

    type: Literal["old"]
    text: str | None


class WithNullExample(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"type": "null", "text": None}]})

    type: Literal["null"]
    text: str | None


@documented
def examples_of_models() -> FastAPI:
    models = (WithExamples, WithFieldExamples, WithInvalidExamples, WithOldExample, WithNullExample)
    return receive(*models, reply=WithExamples)


@documented
def models_used_twice() -> FastAPI:
    """A model that is received, sent, replied with and part of another."""
    router = WSRouter(callbacks=Pong | Moved)

    @router.receive(Pong, callbacks=Pong)
    async def on_pong(websocket: Any, message: Pong) -> Pong:
        return message

    @router.receive(Ping)
    async def on_ping(websocket: Any, message: Ping) -> list[Pong]:
        return []

    return serve(router)
