"""The application of `test_on_servers.py`: a router that prints what happens to its connections."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import FastAPI, HTTPException, WebSocket, WebSocketException
from pydantic import BaseModel

from fastws import WSRouter


class Do(BaseModel):
    do: Literal["echo", "raise", "refuse", "close", "slow", "websocket-exception", "flood"]


router = WSRouter()


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    print("connected", flush=True)
    await websocket.accept()


@router.on_disconnect
async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    print(f"disconnected {code} {reason!r}", flush=True)


@router.on_fallback
async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
    await websocket.send_text(f"{type(error).__name__} {message!r}")


@router.receive(Do)
async def do(websocket: WebSocket, message: Do) -> None:
    match message.do:
        case "echo":
            await websocket.send_text("echo")
        case "raise":
            raise ZeroDivisionError("on purpose")
        case "refuse":
            raise HTTPException(403, "not for you, " + "é" * 100)
        case "websocket-exception":
            raise WebSocketException(4000, "as asked")
        case "close":
            await websocket.close(4001, "enough")
        case "slow":
            await asyncio.sleep(0.3)
            print("slept", flush=True)
            await websocket.send_text("slow")
        case "flood":
            while True:
                await websocket.send_text("x" * 65536)
                await asyncio.sleep(0)


app = FastAPI()
app.include_router(router, prefix="/ws")
