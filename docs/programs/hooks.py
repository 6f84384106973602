from contextlib import suppress
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Query, WebSocketDisconnect
from pydantic import BaseModel

from fastws import WebSocket, WSRouter


class Add(BaseModel):
    """Put something on the shopping list; everybody is told."""

    type: Literal["add"]
    item: str


class Added(BaseModel):
    type: Literal["added"] = "added"
    item: str
    by: str


class Present(BaseModel):
    type: Literal["present"] = "present"
    names: list[str]


shoppers: dict[WebSocket, str] = {}


async def tell_everybody(event: BaseModel) -> None:
    for websocket in list(shoppers):
        with suppress(WebSocketDisconnect):
            await websocket.send_model(event)


async def keep_name(websocket: WebSocket, name: Annotated[str, Query(max_length=30)] = "somebody") -> None:
    websocket.state.name = name


router = WSRouter(discriminator="type", dependencies=[Depends(keep_name)])


@router.on_connect
async def enter(websocket: WebSocket) -> None:
    await websocket.accept()
    shoppers[websocket] = websocket.state.name
    await tell_everybody(Present(names=sorted(shoppers.values())))


@router.on_disconnect
async def leave(websocket: WebSocket, code: int, reason: str) -> None:
    shoppers.pop(websocket, None)
    await tell_everybody(Present(names=sorted(shoppers.values())))


@router.receive(Add, callbacks=Added)
async def add(websocket: WebSocket, message: Add) -> None:
    await tell_everybody(Added(item=message.item, by=websocket.state.name))


app = FastAPI()
app.include_router(router, prefix="/ws")
