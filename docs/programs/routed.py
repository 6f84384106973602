from contextlib import suppress
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Query, WebSocketDisconnect, WebSocketException
from pydantic import BaseModel

from fastws import WebSocket, WSRouter, reply_with_error

TOKENS = {"t1": "anna", "t2": "ben"}
connections: dict[WebSocket, str] = {}


class Say(BaseModel):
    type: Literal["say"]
    text: str


class Count(BaseModel):
    type: Literal["count"]


class Said(BaseModel):
    type: Literal["said"] = "said"
    by: str
    text: str


class Members(BaseModel):
    count: int


async def get_user(token: Annotated[str, Query()] = "") -> str:
    if token not in TOKENS:
        raise WebSocketException(1008)
    return TOKENS[token]


async def keep_room(websocket: WebSocket, room: str) -> None:
    websocket.state.room = room


router = WSRouter(discriminator="type", dependencies=[Depends(get_user), Depends(keep_room)])
router.on_fallback(reply_with_error)


@router.on_connect
async def enter(websocket: WebSocket) -> None:
    await websocket.accept()
    connections[websocket] = websocket.state.room


@router.on_disconnect
async def leave(websocket: WebSocket, code: int, reason: str) -> None:
    connections.pop(websocket, None)


@router.receive(callbacks=Said)
async def say(websocket: WebSocket, message: Say, user: Annotated[str, Depends(get_user)]) -> None:
    for other, room in list(connections.items()):
        if room == websocket.state.room:
            with suppress(WebSocketDisconnect):  # whoever has just left
                await other.send_model(Said(by=user, text=message.text))


@router.receive(Count)
async def count(websocket: WebSocket) -> Members:
    return Members(count=list(connections.values()).count(websocket.state.room))


app = FastAPI()
app.include_router(router, prefix="/ws/{room}")
