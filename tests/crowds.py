"""Handlers that run at the same time, and what became of them."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
from fastapi import WebSocket
from peers import Say, settle

from fastws import WSRouter


class Crowd:
    """A router whose handlers wait for permission to go on, and a note of those that run."""

    def __init__(self, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.started: list[str] = []
        self.finished: list[str] = []
        self.cancelled: list[str] = []
        self.goodbyes: list[int] = []
        self.errors: dict[str, Exception] = {}
        self._waiting: dict[str, anyio.Event] = {}
        self.router.receive(Say)(self.handle)
        self.router.on_disconnect(self.say_goodbye)

    async def handle(self, websocket: WebSocket, message: Say) -> None:
        self.started.append(message.text)
        self._waiting[message.text] = anyio.Event()
        try:
            await self._waiting[message.text].wait()
        except asyncio.CancelledError:
            self.cancelled.append(message.text)
            raise
        if message.text in self.errors:
            raise self.errors[message.text]
        self.finished.append(message.text)

    async def go_on(self, *texts: str) -> None:
        for text in texts:
            self._waiting[text].set()
        await settle()

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        self.goodbyes.append(code)
