"""The register of the apps whose AsyncAPI documents are checked, and messages that many of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

Build = Callable[[], FastAPI]

# An app that has routers which cannot be found by themselves names them in `app.state.routers`, by their addresses.
APPS: dict[str, Build] = {}


def documented(build: Build) -> Build:
    """Register what builds an app, by its name."""
    assert build.__name__ not in APPS
    APPS[build.__name__] = build
    return build


class Ping(BaseModel):
    """Ask whether the server is awake."""

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
