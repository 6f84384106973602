"""What the console is driven against: a desk of a shop with two kinds of messages, and requests beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Cookie, Depends, FastAPI, Header, Query, Security, WebSocket
from fastapi import Path as PathParameter
from fastapi.security import APIKeyQuery
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from fastws import SocketRouter, WSRouter, add_asyncapi, reply_with_error


class Line(BaseModel):
    """One article of an order."""

    article: str
    count: Annotated[int, Field(ge=1, le=99, description="How many of it")] = 1


class Order(BaseModel):
    """Order something to the table."""

    type: Literal["order"]
    drink: Annotated[Literal["tea", "coffee", "water"], Field(description="What to drink")]
    count: Annotated[int, Field(ge=1, le=12, description="How many of it")] = 1
    note: Annotated[str | None, Field(max_length=80, description="Whatever the kitchen should know")] = None
    lines: list[Line] = []


class Leave(BaseModel):
    """Ask for the bill."""

    type: Literal["leave"]
    tip: Annotated[float, Field(ge=0, description="In euros")] = 0


class Misbehave(BaseModel):
    """Have the server send what no document knows."""

    type: Literal["misbehave"]


class Flood(BaseModel):
    """Have the server send very much."""

    type: Literal["flood"]
    count: int = 10


class Ordered(BaseModel):
    """The order has gone to the kitchen."""

    type: Literal["ordered"] = "ordered"
    number: int
    total: float


class Bill(BaseModel):
    """What is to be paid."""

    type: Literal["bill"] = "bill"
    total: float


class Welcome(BaseModel):
    """Sent once, when a guest sits down."""

    type: Literal["welcome"] = "welcome"
    table: str
    name: str


class Mistake(BaseModel):
    """The last message could not be understood."""

    type: Literal["error"] = "error"
    code: int | str
    detail: list[dict[str, Any]] | str


async def sit_down(
    websocket: WebSocket,
    table: Annotated[str, PathParameter(description="The table to sit at", examples=["window"])],
    name: Annotated[str, Query(min_length=1, max_length=30, description="What to be called")] = "guest",
) -> None:
    websocket.state.table, websocket.state.name, websocket.state.total = table, name, 0.0


desk = WSRouter(
    name="Desk",
    tags=["shop"],
    discriminator="type",
    dependencies=[Depends(sit_down)],
    callbacks=Welcome | Mistake,
)


@desk.on_connect
async def welcome(websocket: WebSocket) -> None:
    await websocket.accept()
    greeting = Welcome(table=websocket.state.table, name=websocket.state.name)
    await websocket.send_text(greeting.model_dump_json())


desk.on_fallback(reply_with_error)


@desk.receive(Order)
async def order(websocket: WebSocket, message: Order) -> Ordered:
    """The kitchen starts at once."""
    websocket.state.total += 2.5 * message.count
    return Ordered(number=1, total=websocket.state.total)


@desk.receive(Leave)
async def leave(websocket: WebSocket, message: Leave) -> Bill:
    """Everything since the guest sat down, and the tip."""
    return Bill(total=websocket.state.total + message.tip)


@desk.receive(Misbehave)
async def misbehave(websocket: WebSocket, message: Misbehave) -> None:
    await websocket.send_text('{"type":"surprise","html":"<img src=x onerror=alert(1)>"}')
    await websocket.send_text('{"type":"ordered","number":"one","total":1}')
    await websocket.send_bytes(b"\xff\x00binary")


@desk.receive(Flood)
async def flood(websocket: WebSocket, message: Flood) -> AsyncIterator[Ordered]:
    for number in range(message.count):
        yield Ordered(number=number, total=0)


in_bytes = WSRouter(name="Bytes", as_text=False)


@in_bytes.receive(Order)
async def order_in_bytes(message: Order) -> Ordered:
    return Ordered(number=1, total=0)


class Seen(BaseModel):
    """What the handshake had."""

    type: Literal["seen"] = "seen"
    token: str
    session: str
    protocols: list[str]


async def unlock(
    websocket: WebSocket,
    level: Literal["low", "high"],
    token: Annotated[str, Security(APIKeyQuery(name="access_token"))],
    session: Annotated[str, Cookie()],
    x_trace: Annotated[str | None, Header()] = None,
) -> None:
    websocket.state.seen = Seen(token=token, session=session, protocols=websocket.scope["subprotocols"])


vault = WSRouter(name="Vault", dependencies=[Depends(unlock)], callbacks=Seen)


@vault.on_connect
async def show(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="v1" if "v1" in websocket.state.seen.protocols else None)
    await websocket.send_text(websocket.state.seen.model_dump_json())


@vault.receive(Leave)
async def lock(message: Leave) -> None:
    """Nothing happens."""


class Wanted(BaseModel):
    article: Annotated[str, Field(min_length=1, description="What to look for")]
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class Found(BaseModel):
    articles: list[str]


stock = SocketRouter()


@stock.route("articles/find")
async def find(ws: WebSocket, headers: dict[str, str], payload: Wanted) -> Found:
    """Find articles by a part of their name."""
    await asyncio.sleep(0.02)
    return Found(articles=[f"{payload.article} {number}" for number in range(payload.limit)])


@stock.route("articles/count")
async def count(ws: WebSocket, headers: dict[str, str], payload: None) -> int:
    """How many articles there are."""
    return 42


app = FastAPI(title="Tea house", version="1.2.0", description="Orders at the table, and a look into the stock.")
app.include_router(desk, prefix="/desk/{table}")
app.include_router(in_bytes, prefix="/bytes")
app.include_router(vault, prefix="/vault/{level}")
app.add_api_websocket_route("/stock", stock)
add_asyncapi(
    app, asyncapi_js_url="/viewer/browser/standalone/index.js", asyncapi_css_url="/viewer/styles/default.min.css"
)

# The viewer of the reference, as npm has it.
VIEWER = Path(__file__).parent.parent.parent / ".cache" / "react-component-3.2.1"
app.mount("/viewer", StaticFiles(directory=VIEWER, check_dir=False))
