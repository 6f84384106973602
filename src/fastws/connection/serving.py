"""The messages of one connection: in the order they came and one at a time, or several handlers at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from fastws._fastapi import get_receive
from fastws.connection.closing import end_with_error
from fastws.connection.inbox import DISCONNECT, Inbox
from fastws.connection.reactions import locate
from fastws.errors import InvalidCloseCodeError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from starlette.types import Message

    from fastws._receive import Receiver
    from fastws.connection.limits import Limits
    from fastws.websocket import WebSocket

logger = logging.getLogger("fastws")

Goodbye = Callable[["WebSocket"], Awaitable[None]]


async def handle_messages(
    websocket: WebSocket, receiver: Receiver[WebSocket], limits: Limits, say_goodbye: Goodbye
) -> None:
    """Handle the messages of a connection until it has ended.

    Parameters:
        websocket: The connection, accepted.
        receiver: What takes a message to its handler.
        limits: What the connection may cost.
        say_goodbye: Begins the goodbye, for where that cannot wait until this has ended.

    Raises:
        Exception: What a handler or a hook raised.
    """
    if websocket.ended:
        # It ended while `on_connect` was busy with it.
        return
    inbox = Inbox(websocket, limits.mailbox, limits.max_size)
    websocket.inbox = inbox
    try:
        if limits.in_tasks:
            handler_tasks = HandlerTasks(websocket, receiver, inbox, limits)
            await handler_tasks.run(say_goodbye)
        else:
            await _handle_in_turn(websocket, receiver, inbox)
    finally:
        # The connection knows its inbox and the inbox its connection: nothing but the collector would part them.
        websocket.inbox = None


async def _handle_in_turn(websocket: WebSocket, receiver: Receiver[WebSocket], inbox: Inbox) -> None:
    try:
        while inbox.direct:
            rest = await _receive_directly(websocket, receiver, inbox)
            if rest is not None:
                # The handler began in this task and has to go on in it: what it has entered, cancel scopes and context
                # variables, belongs to this task.  So it is the reader that becomes another.
                inbox.start()
                await rest
        while not inbox.stopped:
            message = await inbox.get()
            if message["type"] == DISCONNECT:
                return
            rest = receiver.take(websocket, message)
            if rest is not None:
                await rest
    except asyncio.CancelledError:
        # A server that shuts down leaves the event loop a turn or two for the goodbye to begin: wait for nothing.
        inbox.abandon()
        raise
    finally:
        await inbox.close()


async def _receive_directly(
    websocket: WebSocket, receiver: Receiver[WebSocket], inbox: Inbox
) -> Awaitable[None] | None:
    """Take messages straight from the server; return what remains of the handler that waits, `None` at the end."""
    receive, take = get_receive(websocket), receiver.take
    try:
        while inbox.direct:
            inbox.waiting = True
            message = await receive()
            inbox.waiting = False
            rest = take(websocket, message)
            # Or it would be kept until the next one comes.
            del message
            if rest is not None:
                return rest
    except asyncio.CancelledError:
        # Another task closed the connection, or a send of its timed out, while this one waited for a message.
        if not inbox.take_back():
            raise
    finally:
        inbox.waiting = False
    return None


class HandlerTasks:
    """Handlers that run in tasks of their own, up to so many at a time.

    Parameters:
        websocket: The connection.
        receiver: What takes a message to its handler.
        inbox: Where the messages come from.
        limits: How many handlers run at a time, and whether they are cancelled when the peer has gone.
    """

    def __init__(self, websocket: WebSocket, receiver: Receiver[WebSocket], inbox: Inbox, limits: Limits) -> None:
        self._websocket = websocket
        self._receiver = receiver
        self._inbox = inbox
        self._limits = limits
        inbox.running, inbox.most = 0, limits.concurrency
        self._finished: anyio.Event | None = None
        self._failures: list[Exception] = []
        self._scope: anyio.CancelScope | None = None

    async def run(self, say_goodbye: Goodbye) -> None:
        """Handle messages until the connection has ended and all handlers have finished."""
        # Said before the reader runs, which under trio need not be before the messages are asked for.
        self._inbox.reading = True
        async with anyio.create_task_group() as readers:
            readers.start_soon(self._inbox.read)
            async with anyio.create_task_group() as handlers:
                self._scope = handlers.cancel_scope
                if self._limits.cancel_on_disconnect:
                    self._inbox.on_loss = handlers.cancel_scope.cancel
                try:
                    await self._start_handlers(handlers)
                except anyio.get_cancelled_exc_class():
                    if not handlers.cancel_scope.cancel_called:
                        # A server that shuts down leaves the event loop a turn or two for the goodbye to begin.
                        self._inbox.interrupt()
                        handlers.cancel_scope.cancel()
                        await self._say(say_goodbye)
                    raise
            readers.cancel_scope.cancel()
        for failure in self._failures[1:]:
            logger.error("another handler of the same connection raised %s", locate(failure))
        if self._failures:
            raise self._failures[0]
        if self._inbox.error is not None:
            # It has cancelled everything, whoever waited for the next message too.
            raise self._inbox.error

    async def _start_handlers(self, handlers: TaskGroup) -> None:
        try:
            while not self._inbox.stopped:
                await self._wait_until_fewer_run(self._limits.concurrency)
                message = await self._inbox.get()
                if message["type"] == DISCONNECT:
                    break
                self._inbox.running += 1
                handlers.start_soon(self._handle, message)
        except Exception as error:  # noqa: BLE001  (the server's own; a task group would wrap it in a group)
            self._failures.append(error)
        # The group would wait for them too, but also where this task is cancelled.
        await self._wait_until_fewer_run(1)

    async def _wait_until_fewer_run(self, number: int) -> None:
        # What has been started begins before the next is, under any event loop.
        await anyio.lowlevel.checkpoint()
        while self._inbox.running >= number:
            self._finished = anyio.Event()
            await self._finished.wait()

    async def _handle(self, message: Message) -> None:
        try:
            rest = self._receiver.take(self._websocket, message)
            if rest is not None:
                await rest
        except Exception as error:  # noqa: BLE001  (raised again when the others have finished)
            await self._fail(error)
        except anyio.get_cancelled_exc_class():
            # A handler that the program itself cancels ends alone; the group would take the others with it.
            if self._scope is None or self._scope.cancel_called:
                raise
        finally:
            self._inbox.running -= 1
            if self._finished is not None:
                self._finished.set()

    async def _fail(self, error: Exception) -> None:
        try:
            if await end_with_error(self._websocket, error):
                self._failures.append(error)
        except InvalidCloseCodeError as invalid:
            self._failures.append(invalid)
        self._inbox.interrupt()

    async def _say(self, say_goodbye: Goodbye) -> None:
        try:
            await say_goodbye(self._websocket)
        except Exception as error:  # noqa: BLE001  (the cancellation goes on, and the groups would swallow it)
            logger.error("on_disconnect raised %s", locate(error))  # noqa: TRY400
