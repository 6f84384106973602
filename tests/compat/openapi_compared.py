"""The register of the apps whose OpenAPI documents are compared, and messages that many of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from fastapi import FastAPI
from pydantic import BaseModel

if TYPE_CHECKING:
    from fastws import WSRouter as RouterClass

    Build = Callable[[type[RouterClass]], FastAPI]


APPS: dict[str, Build] = {}


def compared(build: Build) -> Build:
    APPS[build.__name__] = build
    return build


class Ping(BaseModel):
    type: Literal["ping"]


class Move(BaseModel):
    type: Literal["move"]
    x: int
    y: int = 0


class Pong(BaseModel):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"
    delay: float


class Moved(BaseModel):
    type: Literal["moved"] = "moved"
    by: str | None = None


class Rejected(BaseModel):
    type: Literal["rejected"] = "rejected"
    reasons: list[str]
