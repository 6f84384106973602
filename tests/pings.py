"""Messages and handlers that the tests of the router share."""

from __future__ import annotations

from typing import Literal

from fastapi import WebSocket
from pydantic import BaseModel


class Ping(BaseModel):
    type: Literal["ping"]


class Pong(BaseModel):
    type: Literal["pong"]


class OtherPing(BaseModel):
    type: Literal["ping", "other"]


PING, PONG = '{"type":"ping"}', '{"type":"pong"}'


async def first_handler(websocket: WebSocket, message: Ping) -> None: ...


async def second_handler(websocket: WebSocket, message: Pong) -> None: ...
