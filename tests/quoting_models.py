"""Message models whose errors quote what they got, each in its own way; and what a router answers to a message."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final, Literal, NoReturn
from uuid import UUID

from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    Json,
    SecretStr,
    Tag,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import TypedDict

from fastws import WSRouter
from fastws.error_frames import MOST_BYTES, make_error_frame

MARKER: Final = "hunter2"


def quote_by_value_error(value: Any) -> NoReturn:
    raise ValueError(f"not {value!r}")


def quote_by_assertion(value: Any) -> NoReturn:
    raise AssertionError(f"not {value!r}")


def quote_by_custom_error(value: Any) -> NoReturn:
    raise PydanticCustomError("no_good", "not {value}", {"value": str(value)})


def quote_by_custom_text(value: Any) -> NoReturn:
    raise PydanticCustomError("no_good", f"not {value!r}".replace("{", "").replace("}", ""))


def quote_under_a_known_name(value: Any) -> NoReturn:
    raise PydanticCustomError("missing", f"not {value!r}".replace("{", "").replace("}", ""))


def quote_under_the_name_of_value_errors(value: Any) -> NoReturn:
    raise PydanticCustomError("value_error", f"not {value!r}".replace("{", "").replace("}", ""))


def quote_as_invalid_json(value: Any) -> NoReturn:
    raise PydanticCustomError("json_invalid", "Invalid JSON: {error}", {"error": str(value)})


def quote_where_a_length_belongs(value: Any) -> NoReturn:
    raise PydanticCustomError("too_long", "more than {max_length}", {"max_length": str(value)})


def quote_what_cannot_be_hashed(value: Any) -> NoReturn:
    raise PydanticCustomError("literal_error", "none of {expected}", {"expected": [str(value)]})


def quote_by_known_error(value: Any) -> NoReturn:
    raise PydanticKnownError("value_error", {"error": ValueError(str(value))})


def quote_by_key_error(value: Any) -> NoReturn:
    raise KeyError(value)


QUOTING: Final[list[Callable[[Any], NoReturn]]] = [
    quote_by_value_error,
    quote_by_assertion,
    quote_by_custom_error,
    quote_by_custom_text,
    quote_under_a_known_name,
    quote_under_the_name_of_value_errors,
    quote_as_invalid_json,
    quote_where_a_length_belongs,
    quote_what_cannot_be_hashed,
    quote_by_known_error,
    quote_by_key_error,
]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    child: Inner | None = None


@dataclass
class Point:
    x: int
    y: int


class Pair(TypedDict):
    left: int
    right: int


def choose_by_size(value: Any) -> str | None:
    return "large" if isinstance(value, dict) and "size" in value else None


# One field of each; what is wrong with one of them is told of it alone.
FIELDS: Final[dict[str, Any]] = {
    "integer": int,
    "positive": Annotated[int, Field(gt=0, multiple_of=3)],
    "strict": Annotated[int, Field(strict=True)],
    "number": float,
    "truth": bool,
    "text": Annotated[str, Field(max_length=3, pattern="^[a-c]*$")],
    "items": Annotated[list[int], Field(max_length=2)],
    "set": set[int],
    "pair": tuple[int, str],
    "by_name": dict[str, int],
    "by_number": dict[int, int],
    "by_choice": dict[Literal["a", "b"], Inner],
    "inner": Inner,
    "point": Point,
    "typed_dict": Pair,
    "choice": Literal["a", 1, True],
    "colour": Colour,
    "union": int | Inner | list[Inner],
    "chosen": Annotated[Annotated[Inner, Tag("large")] | Annotated[Point, Tag("small")], Discriminator(choose_by_size)],
    "uuid": UUID,
    "url": AnyUrl,
    "http_url": Annotated[HttpUrl, Field(max_length=30)],
    "date": date,
    "datetime": datetime,
    "aware": AwareDatetime,
    "time": time,
    "timedelta": timedelta,
    "decimal": Annotated[Decimal, Field(max_digits=4, decimal_places=2)],
    "address": IPv4Address,
    "path": Path,
    "size": ByteSize,
    "bytes": bytes,
    "base64": Base64Bytes,
    "json_text": Json[list[int]],
    "secret": Annotated[SecretStr, Field(max_length=2)],
    "none": NoneType,
}


def make_model(tag: str, fields: dict[str, Any], config: ConfigDict | None = None) -> type[BaseModel]:
    """Return a model with a tag and optional fields."""
    members: dict[str, Any] = {"type": (Literal[tag], ...)}
    members |= {name: (annotation, None) for name, annotation in fields.items()}
    return create_model(tag.capitalize(), __config__=config, **members)


Everything = make_model("everything", FIELDS, ConfigDict(extra="forbid"))
Quotes = make_model("quotes", {func.__name__: Annotated[Any, AfterValidator(func)] for func in QUOTING})
Before = make_model("before", {func.__name__: Annotated[int, BeforeValidator(func)] for func in QUOTING})


class Whole(BaseModel):
    type: Literal["whole"]

    @model_validator(mode="before")
    @classmethod
    def quote(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("type") == "whole":
            raise ValueError(f"not {data!r}")
        return data


def make_models(count: int) -> list[type[BaseModel]]:
    """Return so many models with a tag and a field each that no other has."""
    return [make_model(f"m{i}", {f"f{i}": int}) for i in range(count)]


MANY: Final = make_models(200)

# The models of a router, and its discriminator.
SETS: Final[dict[str, tuple[list[Any], str | None]]] = {
    "everything": ([Everything], None),
    "quotes": ([Quotes], None),
    "before": ([Before], None),
    "inferred": ([Everything, Quotes, Before], None),
    "declared": ([Everything, Quotes, Before], "type"),
    "union": ([Everything, Quotes, Before, Whole], None),
    "without-tags": ([Inner, Point, Pair], None),
    "many": (MANY, None),
    "many-declared": (MANY, "type"),
}


def make_router(name: str) -> WSRouter:
    """Make a router with one of the sets."""
    models, discriminator = SETS[name]
    router = WSRouter(discriminator=discriminator)
    for model in models:

        async def handle(websocket: object, message: object) -> None: ...

        router.receive(model)(handle)
    return router


def answer(router: WSRouter, text: str | bytes) -> bytes | None:
    """Return the frame that answers a message, held to its bounds; `None` where the message is valid."""
    try:
        router.parse(text)
    except Exception as error:  # noqa: BLE001  (validators may raise anything)
        frame = make_error_frame(error, router._registry.list_names())
    else:
        return None
    content = json.loads(frame)
    assert len(frame) <= MOST_BYTES
    assert list(content) == ["type", "code", "detail"]
    assert content["code"] in {"invalid-message", "internal-error"}
    assert len(content["detail"]) <= 10
    assert all(list(error) == ["type", "loc", "msg"] for error in content["detail"])
    return frame
