"""The application of `test_node_client.py`: what a browser may ask for."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from starlette.websockets import WebSocket

from fastws.observable import HandlerResult, MessageData, SocketRouter


class Later(BaseModel):
    ms: int
    number: int


router = SocketRouter(concurrency=8)


@router.route("echo")
async def echo(ws: WebSocket, headers: Any, payload: Any) -> HandlerResult:
    return {"headers": headers, "payload": payload}


@router.route("length")
async def measure(ws: WebSocket, headers: Any, payload: Any) -> int:
    return len(payload)


@router.route("later")
async def answer_later(ws: WebSocket, headers: Any, payload: Later) -> int:
    await asyncio.sleep(payload.ms / 1000)
    return payload.number


@router.route("status")
async def answer_with_status(ws: WebSocket, headers: Any, payload: int) -> HandlerResult:
    return {"status": payload, "payload": f"status {payload}"}


async def is_positive(message: MessageData) -> bool:
    return bool(message.payload > 0)


@router.route("checked", {"data_check": is_positive})
async def answer_checked(ws: WebSocket, headers: Any, payload: Any) -> Any:
    return payload


async def has_token(ws: WebSocket, message: MessageData) -> bool:
    return "token" in message.headers


@router.route("guarded", {"access": has_token})
async def answer_guarded(ws: WebSocket, headers: Any, payload: Any) -> Any:
    return payload


@router.route("typed")
async def answer_typed(ws: WebSocket, headers: Any, payload: int) -> int:
    return payload + 1


@router.route("raises")
async def fail(ws: WebSocket, headers: Any, payload: Any) -> Any:
    raise ZeroDivisionError("on purpose")


@router.route("refuses")
async def refuse(ws: WebSocket, headers: Any, payload: Any) -> Any:
    raise HTTPException(409, "taken")


@router.route("leave")
async def leave(ws: WebSocket, headers: Any, payload: int) -> None:
    await ws.close(payload)


async def nobody(ws: WebSocket) -> bool:
    return False


app = FastAPI()
app.add_api_websocket_route("/ws", router)
app.add_api_websocket_route("/ws/members", SocketRouter(nobody))
