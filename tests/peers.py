"""A server's end of one connection, played by hand: what the in-process client cannot do, be slow, lost or counted."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
from fastapi import WebSocket
from pydantic import BaseModel
from starlette.types import Message

from fastws import WSRouter


class Say(BaseModel):
    """The message of the routers that a hand-played peer talks to."""

    text: str


def count_cancellations(task: asyncio.Task[None] | None = None) -> int:
    """Return how many cancellations of a task nobody has taken back, the current one by default.

    Python 3.10 does not count them.
    """
    task = task or asyncio.current_task()
    return task.cancelling() if task is not None and sys.version_info >= (3, 11) else 0


def count_tasks() -> int:
    """Return how many tasks there are."""
    return len(asyncio.all_tasks())


async def settle() -> None:
    """Let every other task go on until it waits for something that does not come by itself."""
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


async def send_at_once(message: Message) -> None:
    """Send as a server does whose peer reads."""


class Peer:
    """A server's end of one connection, and what the connection did with it.

    Parameters:
        texts: What it says at once.
        send: Called with each message before it counts as sent; raises or waits as a server does.

    Attributes:
        websocket: The connection, as FastAPI makes it.
        sent: Every ASGI message that was sent.
        asked: How often `receive` was called.
        waiting: How many calls of `receive` are waiting for a message.
        ended: Whether the connection's endpoint has returned or raised.
        send: Called with each message before it counts as sent; raises or waits as a server does.
    """

    def __init__(self, *texts: str, send: Callable[[Message], Awaitable[None]] = send_at_once) -> None:
        self.websocket = WebSocket(
            {"type": "websocket", "path": "/", "query_string": b"", "headers": []}, self._receive, self._send
        )
        self.sent: list[Message] = []
        self.asked = 0
        self.waiting = 0
        self.ended = False
        self.send = send
        self._incoming: deque[Message | Exception] = deque([{"type": "websocket.connect"}])
        self._arrived = anyio.Event()
        self.say(*texts)

    def say(self, *texts: str) -> None:
        """Send a `Say` for each text."""
        for text in texts:
            self.put({"type": "websocket.receive", "text": json.dumps({"text": text})})

    def leave(self, code: int = 1005, reason: str = "") -> None:
        """Disconnect."""
        self.put({"type": "websocket.disconnect", "code": code, "reason": reason})

    def put(self, message: Message | Exception) -> None:
        """Let the server report something, or fail."""
        self._incoming.append(message)
        self._arrived.set()

    @property
    def texts(self) -> list[str]:
        """What was sent in text frames."""
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]

    @property
    def closes(self) -> list[tuple[int, str]]:
        """The close frames that were sent."""
        return [(message["code"], message["reason"]) for message in self.sent if message["type"] == "websocket.close"]

    @property
    def unread(self) -> int:
        """How many messages the connection has not asked for yet."""
        return len(self._incoming)

    async def _receive(self) -> Message:
        self.asked += 1
        self.waiting += 1
        try:
            while not self._incoming:
                self._arrived = anyio.Event()
                await self._arrived.wait()
        finally:
            self.waiting -= 1
        message = self._incoming.popleft()
        if isinstance(message, Exception):
            raise message
        return message

    async def _send(self, message: Message) -> None:
        await self.send(message)
        self.sent.append(message)

    async def run(self, router: WSRouter) -> None:
        """Be served until the connection has ended."""
        try:
            await router.handler(self.websocket)
        finally:
            self.ended = True

    @asynccontextmanager
    async def served(self, router: WSRouter) -> AsyncIterator[None]:
        """Be served in another task, which has to have ended by itself when the block has."""
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.run, router)
                await settle()
                yield
