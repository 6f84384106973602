import asyncio
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Path, WebSocketDisconnect
from pydantic import BaseModel, Field

from fastws import WebSocket, WSRouter


class Say(BaseModel):
    """Say something to everybody in the room."""

    type: Literal["say"]
    text: Annotated[str, Field(max_length=2000)]


class Said(BaseModel):
    type: Literal["said"] = "said"
    text: str


class Rooms:
    """Who is in which room."""

    def __init__(self) -> None:
        self.members: dict[str, set[WebSocket]] = {}

    def enter(self, room: str, websocket: WebSocket) -> None:
        self.members.setdefault(room, set()).add(websocket)

    def leave(self, room: str, websocket: WebSocket) -> None:
        self.members[room].discard(websocket)
        if not self.members[room]:
            del self.members[room]

    async def broadcast(self, room: str, event: BaseModel) -> None:
        text = event.model_dump_json()  # once, and not for each of them
        await asyncio.gather(*(self._send(websocket, text) for websocket in list(self.members.get(room, ()))))

    async def _send(self, websocket: WebSocket, text: str) -> None:
        with suppress(WebSocketDisconnect):  # whoever has just left
            await websocket.send_text(text)


rooms = Rooms()


async def keep_room(websocket: WebSocket, room: Annotated[str, Path(max_length=40)]) -> None:
    websocket.state.room = room


router = WSRouter(discriminator="type", dependencies=[Depends(keep_room)], send_timeout=5)


@router.on_connect
async def enter(websocket: WebSocket) -> None:
    await websocket.accept()
    rooms.enter(websocket.state.room, websocket)


@router.on_disconnect
async def leave(websocket: WebSocket, code: int, reason: str) -> None:
    rooms.leave(websocket.state.room, websocket)


@router.receive(Say, callbacks=Said)
async def say(websocket: WebSocket, message: Say) -> None:
    await rooms.broadcast(websocket.state.room, Said(text=message.text))


app = FastAPI()
app.include_router(router, prefix="/rooms/{room}")
