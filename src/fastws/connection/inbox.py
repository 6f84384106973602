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
from fastws._receive import find_excess
from fastws.close_codes import ABNORMAL, NO_STATUS, POLICY_VIOLATION, SERVICE_RESTART
from fastws.connection.closing import close_over_size, close_quietly
from fastws.tasks import count_cancellations, get_task, take_back_cancellation

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
        limit: The largest message in bytes of UTF-8, -1 for any.
    """

    __slots__ = (
        "_arrived",
        "_cancellations",
        "_closed",
        "_end",
        "_limit",
        "_messages",
        "_reader",
        "_room",
        "_size",
        "_task",
        "_watchers",
        "_websocket",
        "direct",
        "error",
        "interrupted",
        "most",
        "on_loss",
        "reading",
        "running",
        "stopped",
        "waiting",
    )

    def __init__(self, websocket: WebSocket, size: int, limit: int) -> None:
        self._websocket = websocket
        self._size = size
        self._limit = limit
        self._messages: deque[Message] | None = None
        self._arrived: anyio.Event | None = None
        self._room: anyio.Event | None = None
        self._end: Message | None = None
        # Whether the reader is to end, whatever becomes of its cancellation.
        self._closed = False
        self._reader: asyncio.Task[None] | None = None
        self._task = get_task()
        self._cancellations = count_cancellations(self._task)
        self._watchers: list[Callable[[], None]] | None = None
        # What the server raised in the place of a message.
        self.error: Exception | None = None
        # Called when the peer has gone, or the connection is given up.
        self.on_loss: Callable[[], None] | None = None
        # Whether messages are taken straight from the server, or come through the mailbox.
        self.direct = True
        self.reading = False
        # How many handlers run, and how many may: one, each in its turn, unless somebody counts them.
        self.running = 1
        self.most = 1
        # Whether the connection's task waits for the server's next one.
        self.waiting = False
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
            while True:
                message = await receive()
                if message["type"] == DISCONNECT:
                    self._finish(message)
                    return
                if self.stopped:
                    # Nobody handles it, but what runs still has to hear of the disconnect behind it.
                    continue
                messages.append(message)
                self._wake()
                # A message over the limit ends the connection; what comes behind it need not be kept.
                last = find_excess(message, self._limit) > 0
                while (last or len(messages) >= self._size) and not self.stopped:
                    await self._wait_for_room()
                if self._closed:
                    # Where the wait was over in the same turn, its scope may have taken the cancellation for its own.
                    return
        except Exception as error:  # noqa: BLE001  (the server's own; raised where the messages are taken)
            self.error = error
            self._wake()
            self._tell_loss()

    async def _wait_for_room(self) -> None:
        """Wait until a message is taken, but not for ever for streams, which need not end before they hear of the end."""
        room = self._room = anyio.Event()
        seconds = self._websocket.settings.send_timeout
        with anyio.move_on_after(seconds) as scope:
            await room.wait()
        # In the turn in which the time is over, handlers may have ended, and the next message is about to be taken.
        is_stuck = not room.is_set() and self.running >= self.most
        if scope.cancelled_caught and is_stuck and len(self._watchers or ()) >= self.running:
            logger.warning("the mailbox was full for %g s and only streams run; the connection is given up", seconds)
            await close_quietly(self._websocket, POLICY_VIOLATION, "mailbox full")

    def _finish(self, message: Message) -> None:
        self._websocket.note_disconnect(message)
        if message.get("code") in _LOST and self._messages:
            self._messages.clear()
        self._end = self._make_end()
        self._wake()
        self._tell_loss()

    def watch(self, callback: Callable[[], None]) -> None:
        """Have a function called when either side has ended the connection; at once where that is so."""
        self._watchers = [*(self._watchers or ()), callback]
        if self._websocket.peer_gone or self._end is not None or self.error is not None:
            # The peer may have gone before what it sent last is handled.
            callback()

    def unwatch(self, callback: Callable[[], None]) -> None:
        """Take that back."""
        self._watchers = [one for one in self._watchers or () if one != callback] or None

    def _tell(self) -> None:
        for callback in self._watchers or ():
            callback()

    def _tell_loss(self) -> None:
        # Streams first, so that a scope around them does not cancel them again.
        self._tell()
        if self.on_loss is not None:
            self.on_loss()

    def _make_end(self) -> Message:
        code, reason = self._websocket.ending or (NO_STATUS, "")
        return {"type": DISCONNECT, "code": code, "reason": reason}

    def _wake(self) -> None:
        if self._arrived is not None:
            self._arrived.set()
            self._arrived = None

    async def receive(self) -> Message:
        """Return the next message to a handler that reads for itself, where the connection survives it."""
        message = await self.get()
        size = find_excess(message, self._limit)
        if size:
            await close_over_size(self._websocket, size, self._limit)
            return self._make_end()
        return message

    async def get(self) -> Message:
        """Return the next message in the order they came; at the end, the disconnect, again and again."""
        if not self.reading:
            self.start()
            if not self.reading:
                return await self._get_directly()
        while not self._messages:
            if self.error is not None:
                raise self.error
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
        if message["type"] != DISCONNECT:
            return message
        self._finish(message)
        self.stop()
        return self._make_end()

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
            self._end = self._make_end()
        self._wake()
        if self._room is not None:
            self._room.set()
        if self.waiting and self._task is not None:
            self.interrupted = True
            self._task.cancel()
        self._tell()

    def take_back(self) -> bool:
        """Take back the cancellation that cut a wait short; whether there was one, and no other."""
        return self.interrupted and self._task is not None and take_back_cancellation(self._task, self._cancellations)

    def interrupt(self) -> None:
        """Stop because the connection is lost, and handlers with it where that is asked for."""
        self.stop()
        self._tell_loss()

    def abandon(self) -> None:
        """End the reader without waiting for it."""
        self._closed = True
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def close(self) -> None:
        """End the reader, and wait until it has ended."""
        self._closed = True
        if self._reader is not None and not self._reader.done():
            self._reader.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._reader])
