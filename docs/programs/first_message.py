from typing import Literal

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel

from fastws import WSRouter


class Add(BaseModel):
    """Put something on the shopping list."""

    type: Literal["add"]
    item: str


router = WSRouter()


@router.receive(Add)
async def add(websocket: WebSocket, message: Add) -> None:
    await websocket.send_text(f"{message.item} is on the list.")


app = FastAPI()
app.include_router(router, prefix="/ws")
