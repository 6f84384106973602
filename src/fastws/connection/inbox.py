"""Where a connection takes its messages from: straight from the server, until a handler waits; then from a mailbox.

The mailbox is filled by a reader, a task that does nothing else, so that a slow handler costs the connection neither
its pongs nor the news that the peer has gone.  It is bounded: when it is full, nothing is read, the server stops
reading too, and the peer's sends wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import anyio

from fastws._fastapi import get_receive
from fastws.websocket import ABNORMAL, NO_STATUS, SERVICE_RESTART, get_task

if TYPE_CHECKING:
    from starlette.types import Message

    from fastws.websocket import WebSocket

logger = logging.getLogger("fastws")

DISCONNECT: Final = "websocket.disconnect"

# After these nobody waits for answers: messages that have not been handled are dropped.
_LOST: Final = frozenset({ABNORMAL, SERVICE_RESTART})


class Inbox:
    """The messages of one connection that is being served.

    Parameters:
        websocket: The connection.
        size: How many messages are read ahead.
    """

    __slots__ = (
        "_arrived",
        "_end",
        "_error",
        "_messages",
        "_reader",
        "_room",
        "_size",
        "_task",
        "_websocket",
        "direct",
        "interrupted",
        "on_loss",
        "reading",
        "stopped",
    )

    def __init__(self, websocket: WebSocket, size: int) -> None:
        self._websocket = websocket
        self._size = size
        self._messages: deque[Message] | None = None
        self._arrived: anyio.Event | None = None
        self._room: anyio.Event | None = None
        self._end: Message | None = None
        self._error: Exception | None = None
        self._reader: asyncio.Task[None] | None = None
        self._task = get_task()
        self.on_loss: Callable[[], None] | None = None
        # Whether messages are taken straight from the server, or come through the mailbox.
        self.direct = True
        self.reading = False
        # Whether no more are to be handled; whether a wait for one was cut short.
        self.stopped = False
        self.interrupted = False

    def start(self) -> None:
        """Read ahead from now on, in a task of its own.

        Under another event loop than asyncio's nothing is read ahead: handlers are waited for before the next message
        is read.
        """
        if self.reading or self.stopped:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._reader = loop.create_task(self.read(), name="fastws reader")
        self.reading = True
        self.direct = False

    async def read(self) -> None:
        """Fill the mailbox until the connection has ended."""
        self.reading = True
        self.direct = False
        receive = get_receive(self._websocket)
        messages = self._messages = deque()
        try:
            while not self.stopped:
                message = await receive()
                if message["type"] == DISCONNECT:
                    self._finish(message)
                    return
                if self.stopped:
                    return
                messages.append(message)
                self._wake()
                while len(messages) >= self._size and not self.stopped:
                    self._room = anyio.Event()
                    await self._room.wait()
        except Exception as error:  # noqa: BLE001  (the server's own; raised where the messages are taken)
            self._error = error
            self._wake()

    def _finish(self, message: Message) -> None:
        self._websocket.note_disconnect(message)
        if message.get("code") in _LOST and self._messages:
            self._messages.clear()
        self._end = message
        self._wake()
        if self.on_loss is not None:
            self.on_loss()

    def _wake(self) -> None:
        if self._arrived is not None:
            self._arrived.set()
            self._arrived = None

    async def get(self) -> Message:
        """Return the next message in the order they came; at the end, the disconnect, again and again."""
        if not self.reading:
            self.start()
            if not self.reading:
                return await self._get_directly()
        while not self._messages:
            if self._error is not None:
                raise self._error
            if self._end is not None:
                return self._end
            if self._arrived is None:
                self._arrived = anyio.Event()
            await self._arrived.wait()
        message = self._messages.popleft()
        if self._room is not None:
            self._room.set()
            self._room = None
        return message

    async def _get_directly(self) -> Message:
        if self._end is not None:
            return self._end
        message = await get_receive(self._websocket)()
        if message["type"] == DISCONNECT:
            self._finish(message)
            self.stop()
        return message

    def stop(self) -> None:
        """Handle no further message: this side has ended the connection.

        Where the connection's task waits for a message, that wait is cut short: the message may never come, and if one
        comes, it is too late.
        """
        if self.stopped:
            return
        self.stopped = True
        self.direct = False
        if self._messages:
            self._messages.clear()
        if self._end is None:
            code, reason = self._websocket.ending or (NO_STATUS, "")
            self._end = {"type": DISCONNECT, "code": code, "reason": reason}
        self._wake()
        if self._room is not None:
            self._room.set()
        # Without a reader, and with another task to call this, there is just one place where that task can be.
        if not self.reading and self._task is not None and self._task is not asyncio.current_task():
            self.interrupted = True
            self._task.cancel()

    def interrupt(self) -> None:
        """Stop because the connection is lost, and handlers with it where that is asked for."""
        self.stop()
        if self.on_loss is not None:
            self.on_loss()

    def abandon(self) -> None:
        """End the reader without waiting for it."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def close(self) -> None:
        """End the reader, and wait until it has ended."""
        if self._reader is not None and not self._reader.done():
            self._reader.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._reader])
