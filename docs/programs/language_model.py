import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import anyio
from fastapi import FastAPI
from pydantic import BaseModel, Field

from fastws import WebSocket, WSRouter, reply_with_error


class Ask(BaseModel):
    """Ask a question; several may be open at a time."""

    type: Literal["ask"]
    id: int
    prompt: Annotated[str, Field(min_length=1, max_length=10_000)]


class Stop(BaseModel):
    """Stop the answer to a question."""

    type: Literal["stop"]
    id: int


class Token(BaseModel):
    type: Literal["token"] = "token"
    id: int
    text: str


class Done(BaseModel):
    """No more tokens come for this question."""

    type: Literal["done"] = "done"
    id: int
    stopped: bool


async def generate(prompt: str) -> AsyncIterator[str]:
    """Stand in for a model; here goes the stream of your client for it."""
    for word in f"You asked: {prompt}".split():
        await asyncio.sleep(0.1)
        yield f"{word} "
    await asyncio.sleep(3600)  # models think before they speak


# Seven answers and a message that stops one of them.
router = WSRouter(discriminator="type", concurrency=8, cancel_on_disconnect=True, max_message_size=64 * 1024)
router.on_fallback(reply_with_error)
router.on_error(reply_with_error)


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    websocket.state.answers = {}
    await websocket.accept()


@router.receive(Ask, callbacks=Token | Done)
async def ask(websocket: WebSocket, message: Ask) -> None:
    with anyio.CancelScope() as scope:
        websocket.state.answers[message.id] = scope
        try:
            async for text in generate(message.prompt):
                await websocket.send_model(Token(id=message.id, text=text))
        finally:
            del websocket.state.answers[message.id]
    await websocket.send_model(Done(id=message.id, stopped=scope.cancelled_caught))


@router.receive(Stop)
async def stop(websocket: WebSocket, message: Stop) -> None:
    if scope := websocket.state.answers.get(message.id):
        scope.cancel()


app = FastAPI()
app.include_router(router, prefix="/ws")
