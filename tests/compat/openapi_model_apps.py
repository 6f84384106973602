"""Apps that show how the models of messages are documented."""

# ruff: noqa: N803  (the router class goes by its own name, so that each app reads like a program)

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

import pydantic.dataclasses
from fastapi import Body, Cookie, Depends, FastAPI, Header, Path, Request, WebSocket
from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from fastws import WSRouter as RouterClass

    Build = Callable[[type[RouterClass]], FastAPI]


from openapi_compared import Move, Moved, Ping, Pong, compared

# The annotations of this file are strings, so what the handlers are annotated with has to stand here.


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@pydantic.dataclasses.dataclass
class Line:
    """From one point to another."""

    type: Literal["line"]
    points: tuple[Point, Point]


class Numbers(RootModel[list[int]]):
    """Only numbers."""


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = Field(ge=0)


@compared
def kinds_of_models(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Point, callbacks=Line)
    async def on_point(websocket: WebSocket, data: Point) -> None: ...

    @router.receive(Line, callbacks=Numbers)
    async def on_line(websocket: WebSocket, data: Line) -> None: ...

    @router.receive(Numbers)
    async def on_numbers(websocket: WebSocket, data: Numbers) -> None: ...

    @router.receive(Page[Point], callbacks=Page[Line])
    async def on_page(websocket: WebSocket, data: Page[Point]) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


class Shade(str, enum.Enum):
    DARK = "dark"
    LIGHT = "light"


class Tree(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "root", "branches": []}]})

    name: str
    shade: Shade = Shade.DARK
    branches: list[Tree] = []


class Forest(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.title(), title="Many trees", extra="forbid")

    type: Literal["forest"]
    trees: dict[str, Tree]
    oldest: Tree | None = None
    planted: datetime = Field(description="When", examples=["2020-02-02T00:00:00Z"])
    first: Annotated[int | str, Field(deprecated=True)] = 1


@compared
def nested_models(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=Tree)

    @router.receive(Tree, callbacks=Forest)
    async def on_tree(websocket: WebSocket, data: Tree) -> None: ...

    @router.receive(Forest, callbacks=Tree | Forest)
    async def on_forest(websocket: WebSocket, data: Forest) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def swapped_arguments(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(discriminator="type")

    @router.receive(Ping)
    async def on_ping(message: Ping, websocket: WebSocket) -> None: ...

    @router.receive(Move, callbacks=Moved)
    async def on_move(message: Move, websocket: WebSocket) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


class Base(BaseModel):
    type: str


class Derived(Base):
    type: Literal["derived"]
    more: int


@compared
def annotations_of_their_own(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Derived)
    async def on_derived(websocket: WebSocket, data: Base) -> None: ...

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Annotated[Ping, Body(examples=[{"type": "ping"}])]) -> None: ...

    @router.receive(Move)
    async def on_move(websocket: WebSocket, data: Move = Body(description="Where to")) -> None: ...

    @router.receive(Pong)
    async def on_pong(websocket: WebSocket, data: dict[str, Any]) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


class Member(BaseModel):
    nick: str
    status: Literal["here", "away"] = "here"


class Enter(Member):
    """Somebody enters the room."""

    action: Literal["enter"]


class Say(BaseModel):
    """Somebody says something to all in the room."""

    action: Literal["say"]
    text: str = Field(max_length=500)


class Welcome(BaseModel):
    action: Literal["welcome"]
    room: str
    members: list[Member]


class Said(BaseModel):
    action: Literal["said"]
    by: Member
    text: str


class Unread(BaseModel):
    action: Literal["unread"]
    texts: list[str]


@compared
def chat(WSRouter: type[RouterClass]) -> FastAPI:
    def find_room(request: Request, room: str = Path(description="The room to enter")) -> None: ...

    def find_language(connection: HTTPConnection, accept_language: Annotated[str, Header()] = "en") -> None: ...

    def find_user(websocket: WebSocket, session: Annotated[str | None, Cookie()] = None) -> None: ...

    app = FastAPI(title="Chat", version="2")
    router = WSRouter(
        tags=["chat"],
        name="The door of a room",
        dependencies=[Depends(find_room), Depends(find_language), Depends(find_user)],
        callbacks=Welcome,
    )

    @router.on_connect
    async def connect(websocket: WebSocket) -> None: ...

    @router.on_disconnect
    async def disconnect(websocket: WebSocket, code: int, reason: str) -> None: ...

    @router.receive(Enter, callbacks=Welcome | Unread)
    async def enter(message: Enter, websocket: WebSocket) -> None: ...

    @router.receive(Say, callbacks=Said)
    async def say(message: Say, websocket: WebSocket) -> None:
        """Say something."""

    app.include_router(router, prefix="/rooms/{room:str}")
    return app
