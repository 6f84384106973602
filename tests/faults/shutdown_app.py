"""The application of `test_shutdown.py`: its goodbyes leave a line each in the file that FASTWS_GOODBYES names."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Literal

from controls import router
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel

from fastws import WSRouter

GOODBYES = Path(os.environ["FASTWS_GOODBYES"])


class Work(BaseModel):
    """Say that it begins, then take so long."""

    type: Literal["work"]
    seconds: float


async def say_goodbye(websocket: WebSocket, code: int, reason: str) -> None:
    # At the start of the hook and at once: the process may end before the hook does.
    leave_line(code)
    await asyncio.sleep(0.01)


def leave_line(code: int) -> None:
    with GOODBYES.open("a") as file:
        file.write(f"{code}\n")


async def work(websocket: WebSocket, message: Work) -> None:
    await websocket.send_text("begun")
    await asyncio.sleep(message.seconds)


in_turn = WSRouter()
together = WSRouter(concurrency=2)
for endpoint in (in_turn, together):
    endpoint.on_disconnect(say_goodbye)
    endpoint.receive(Work)(work)

app = FastAPI()
app.include_router(router)
app.include_router(in_turn, prefix="/in-turn")
app.include_router(together, prefix="/together")
