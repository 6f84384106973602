"""A chat with rooms.

Run it with ``python examples/chat.py`` and open http://127.0.0.1:8000 in two tabs.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import uvicorn
from fastapi import Depends, FastAPI, Query, WebSocket, WebSocketDisconnect
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from fastws import WSRouter, add_asyncapi

Name = Annotated[str, Field(min_length=1, max_length=30, examples=["ann"])]


# What a client sends ...
class Say(BaseModel):
    """Say something to everybody in the room."""

    type: Literal["say"]
    text: Annotated[str, Field(min_length=1, max_length=2000, examples=["Hello!"])]


class Rename(BaseModel):
    """Go by another name from now on."""

    type: Literal["rename"]
    name: Name


# ... and what the server sends.
class Said(BaseModel):
    """Somebody in the room said something."""

    type: Literal["said"] = "said"
    name: Name
    text: Annotated[str, Field(examples=["Hello!"])]


class Renamed(BaseModel):
    """Somebody in the room goes by another name."""

    type: Literal["renamed"] = "renamed"
    before: Annotated[str, Field(examples=["guest"])]
    name: Name


class Present(BaseModel):
    """Who is in the room; sent whenever somebody comes or goes."""

    type: Literal["present"] = "present"
    names: Annotated[list[str], Field(examples=[["ann", "bob"]])]


class Problem(BaseModel):
    """Your last message could not be understood."""

    type: Literal["problem"] = "problem"
    detail: str


rooms: dict[str, set[WebSocket]] = {}


async def broadcast(room: str, event: BaseModel) -> None:
    """Send an event to everybody in a room."""
    text = event.model_dump_json()
    await asyncio.gather(*(deliver(websocket, text) for websocket in list(rooms.get(room, ()))))


async def deliver(websocket: WebSocket, text: str) -> None:
    # Somebody who has just left, or who does not read and is given up, must not spoil it for the others.
    with suppress(WebSocketDisconnect):
        await websocket.send_text(text)


def leave(websocket: WebSocket) -> None:
    members = rooms.get(websocket.state.room, set())
    members.discard(websocket)
    if not members:
        rooms.pop(websocket.state.room, None)


async def enter(
    websocket: WebSocket,
    room: Annotated[str, PathParameter(max_length=40, description="The room to join", examples=["lobby"])],
    name: Annotated[str, Query(min_length=1, max_length=30, description="What to be called")] = "guest",
) -> None:
    """Keep the connection's parameters where its handlers find them."""
    websocket.state.room = room
    websocket.state.name = name


router = WSRouter(
    name="Chat",
    tags=["chat"],
    dependencies=[Depends(enter)],
    callbacks=Present | Problem,
    max_message_size=16 * 1024,
    send_timeout=5,
)


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    await websocket.accept()
    rooms.setdefault(websocket.state.room, set()).add(websocket)
    await announce(websocket.state.room)


@router.on_disconnect
async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    leave(websocket)
    await announce(websocket.state.room)


@router.on_fallback
async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
    problem = Problem(detail="That was none of the messages that this chat knows.")
    await websocket.send_text(problem.model_dump_json())


@router.receive(Say, callbacks=Said)
async def say(websocket: WebSocket, message: Say) -> None:
    """Everybody in the room hears it, you as well."""
    await broadcast(websocket.state.room, Said(name=websocket.state.name, text=message.text))


@router.receive(Rename, callbacks=Renamed | Present)
async def rename(websocket: WebSocket, message: Rename) -> None:
    """Everybody in the room is told."""
    before, websocket.state.name = websocket.state.name, message.name
    await broadcast(websocket.state.room, Renamed(before=before, name=message.name))
    await announce(websocket.state.room)


async def announce(room: str) -> None:
    await broadcast(room, Present(names=sorted(websocket.state.name for websocket in rooms.get(room, ()))))


app = FastAPI(title="Chat")
app.include_router(router, prefix="/ws/{room}")
add_asyncapi(app)


@app.get("/", include_in_schema=False)
async def page() -> FileResponse:
    return FileResponse(Path(__file__).with_suffix(".html"))


if __name__ == "__main__":
    print("Chat:          http://127.0.0.1:8000/      (open it in two tabs)")
    print("Console:       http://127.0.0.1:8000/asyncapi  (talk to its socket, and see all messages)")
    print("OpenAPI:       http://127.0.0.1:8000/docs")
    print("Socket:        ws://127.0.0.1:8000/ws/lobby?name=you", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=8000)
