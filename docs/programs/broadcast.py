import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from fastapi import FastAPI, WebSocketDisconnect
from pydantic import BaseModel
from redis.asyncio import Redis

from fastws import WebSocket, WSRouter

REDIS = os.environ.get("REDIS", "redis://127.0.0.1:6379")
CHANNEL = "said"


class Say(BaseModel):
    """Say something to everybody, whichever worker they are connected to."""

    type: Literal["say"]
    text: str


class Said(BaseModel):
    type: Literal["said"] = "said"
    text: str
    worker: int


connections: set[WebSocket] = set()  # those of this worker


async def deliver(redis: Redis) -> None:
    """Send what any worker has published to the connections of this one."""
    async with redis.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        async for message in subscription.listen():
            if message["type"] == "message":
                await asyncio.gather(*(send(websocket, message["data"]) for websocket in list(connections)))


async def send(websocket: WebSocket, text: str) -> None:
    with suppress(WebSocketDisconnect):
        await websocket.send_text(text)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with Redis.from_url(REDIS, decode_responses=True) as redis:
        await redis.ping()  # rather no worker than one that hears nothing
        app.state.redis = redis
        task = asyncio.create_task(deliver(redis))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


router = WSRouter(discriminator="type", send_timeout=5)


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    await websocket.accept()
    connections.add(websocket)


@router.on_disconnect
async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    connections.discard(websocket)


@router.receive(Say, callbacks=Said)
async def say(websocket: WebSocket, message: Say) -> None:
    event = Said(text=message.text, worker=os.getpid())
    await websocket.app.state.redis.publish(CHANNEL, event.model_dump_json())


app = FastAPI(lifespan=lifespan)
app.include_router(router, prefix="/ws")
