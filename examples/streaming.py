"""An answer that streams word by word, and can be stopped: several handlers of a connection at a time.

Run it with ``python examples/streaming.py`` and send ``{"type":"ask","prompt":"..."}`` to ws://127.0.0.1:8000/ws.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import uvicorn
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field

from fastws import WSRouter


# What a client sends ...
class Ask(BaseModel):
    """Ask for an answer; one at a time."""

    type: Literal["ask"]
    prompt: Annotated[str, Field(min_length=1, max_length=10_000)]


class Stop(BaseModel):
    """Stop the answer that is being given."""

    type: Literal["stop"]


# ... and what the server sends.
class Word(BaseModel):
    type: Literal["word"] = "word"
    text: str


class Done(BaseModel):
    """The answer is complete, or was stopped."""

    type: Literal["done"] = "done"
    stopped: bool


class Busy(BaseModel):
    """Another answer is being given."""

    type: Literal["busy"] = "busy"


async def generate(prompt: str) -> AsyncIterator[str]:
    """Answer like a language model, which takes its time for every word."""
    for word in f"You asked: {prompt}".split() * 20:
        await asyncio.sleep(0.05)
        yield word


# Two would do for an answer and its stop; the others let a client be told that it is too early for another.  Nobody
# pays for an answer that nobody reads.
router = WSRouter(discriminator="type", concurrency=4, cancel_on_disconnect=True)


@router.receive
async def ask(websocket: WebSocket, message: Ask) -> AsyncIterator[Word | Done | Busy]:
    if getattr(websocket.state, "stop", None) is not None:
        yield Busy()
        return
    stopped = websocket.state.stop = asyncio.Event()
    try:
        async for text in generate(message.prompt):
            if stopped.is_set():
                break
            yield Word(text=text)
    finally:
        websocket.state.stop = None
    yield Done(stopped=stopped.is_set())


@router.receive(Stop)
async def stop(websocket: WebSocket) -> None:
    stopped = getattr(websocket.state, "stop", None)
    if stopped is not None:
        stopped.set()


app = FastAPI(title="Streaming")
app.include_router(router, prefix="/ws")


if __name__ == "__main__":
    print("Socket:        ws://127.0.0.1:8000/ws")
    print("Documentation: http://127.0.0.1:8000/docs", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=8000)
