import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timezone
from typing import Literal

from fastapi import BackgroundTasks, FastAPI, WebSocketDisconnect
from pydantic import BaseModel

from fastws import WebSocket, WSRouter

PERIOD = 1.0


class Order(BaseModel):
    type: Literal["order"]
    item: str


class Accepted(BaseModel):
    type: Literal["accepted"] = "accepted"
    item: str


class Clock(BaseModel):
    type: Literal["clock"] = "clock"
    now: datetime


mails: list[str] = []
connections: set[WebSocket] = set()


def send_mail(item: str) -> None:
    mails.append(f"You ordered {item}.")


async def tell_the_time() -> None:
    while True:
        await asyncio.sleep(PERIOD)
        event = Clock(now=datetime.now(timezone.utc))
        for websocket in list(connections):
            with suppress(WebSocketDisconnect):
                await websocket.send_model(event)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(tell_the_time())
    yield
    task.cancel()


router = WSRouter(discriminator="type", callbacks=Clock, send_timeout=5)


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    await websocket.accept()
    connections.add(websocket)


@router.on_disconnect
async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    connections.discard(websocket)


@router.receive
async def order(message: Order, tasks: BackgroundTasks) -> Accepted:
    tasks.add_task(send_mail, message.item)  # runs when the reply has been sent
    return Accepted(item=message.item)


app = FastAPI(lifespan=lifespan)
app.include_router(router, prefix="/ws")
