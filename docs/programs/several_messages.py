from typing import Annotated, Literal

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field

from fastws import WSRouter


class Add(BaseModel):
    """Put something on the shopping list."""

    type: Literal["add"]
    item: str
    count: Annotated[int, Field(ge=1)] = 1


class Remove(BaseModel):
    """Take something off it."""

    type: Literal["remove"]
    item: str


items: dict[str, int] = {}
router = WSRouter(discriminator="type")


@router.receive(Add)
async def add(websocket: WebSocket, message: Add) -> None:
    items[message.item] = items.get(message.item, 0) + message.count
    await websocket.send_text(f"{items[message.item]} x {message.item}")


@router.receive(Remove)
async def remove(websocket: WebSocket, message: Remove) -> None:
    items.pop(message.item, None)
    await websocket.send_text(f"no {message.item}")


app = FastAPI()
app.include_router(router, prefix="/ws")
