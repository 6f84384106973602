"""Models of every kind, and handlers that are annotated with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import WebSocket
from pydantic import BaseModel, Field, RootModel
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")


class Base(BaseModel):
    pass


class Ping(Base):
    type: Literal["ping"]


class Pong(BaseModel):
    type: Literal["pong"]


@dataclass
class Point:
    x: int


@dataclass
class Pair(Generic[T]):
    left: T


class Total(TypedDict):
    total: int


class Box(BaseModel, Generic[T]):
    content: T


class Numbers(RootModel[list[int]]):
    pass


def get_ping() -> Ping:
    return Ping(type="ping")


Either = TypeAliasType("Either", Ping | Pong)


Tagged = TypeAliasType("Tagged", Annotated[Ping | Pong, Field(discriminator="type")])


def taking(**annotations: Any) -> Callable[..., Any]:
    """Return a handler with parameters of these names and annotations; `...` stands for none.

    Annotations that are strings find `WebSocket`, `Ping` and `Pong`.
    """
    known = {"WebSocket": WebSocket, "Ping": Ping, "Pong": Pong}
    handle: Callable[..., Any] = eval(f"lambda {', '.join(annotations)}: None", known)
    handle.__annotations__ = {name: one for name, one in annotations.items() if one is not ...}
    return handle
