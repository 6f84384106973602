import asyncio
from collections.abc import AsyncIterator
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from fastws import WebSocket, WSRouter


class Cook(BaseModel):
    """Read a recipe, step by step."""

    type: Literal["cook"]
    dish: str


class Stop(BaseModel):
    """Stop reading."""

    type: Literal["stop"]


class Step(BaseModel):
    number: int
    text: str


STEPS = ["Put on water.", "Wait until it boils.", "Pour it over the {dish}.", "Wait for three minutes.", "Enjoy."]

router = WSRouter(discriminator="type", concurrency=2, cancel_on_disconnect=True)


@router.receive
async def cook(websocket: WebSocket, message: Cook) -> AsyncIterator[Step]:
    websocket.state.stopped = asyncio.Event()
    for number, text in enumerate(STEPS, start=1):
        if websocket.state.stopped.is_set():
            return
        yield Step(number=number, text=text.format(dish=message.dish))
        await asyncio.sleep(0.5)


@router.receive(Stop)
async def stop(websocket: WebSocket) -> None:
    if hasattr(websocket.state, "stopped"):
        websocket.state.stopped.set()


app = FastAPI()
app.include_router(router, prefix="/ws")
