"""The messages of one connection: in the order they came and one at a time, or several handlers at a time."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import anyio

from fastws._fastapi import get_receive
from fastws.connection.closing import end_with_error
from fastws.connection.inbox import DISCONNECT, Inbox
from fastws.connection.reactions import locate

if TYPE_CHECKING:
    from starlette.types import Message

    from fastws._receive import Receiver
    from fastws.connection.limits import Limits
    from fastws.websocket import WebSocket

logger = logging.getLogger("fastws")


async def handle_messages(websocket: WebSocket, receiver: Receiver[WebSocket], limits: Limits) -> None:
    """Handle the messages of a connection until it has ended.

    Parameters:
        websocket: The connection, accepted.
        receiver: What takes a message to its handler.
        limits: What the connection may cost.

    Raises:
        Exception: What a handler or a hook raised.
    """
    if websocket.ending is not None or websocket.peer_gone:
        # It ended while `on_connect` was busy with it.
        return
    inbox = Inbox(websocket, limits.mailbox)
    websocket.inbox = inbox
    try:
        if limits.concurrency > 1 or limits.cancel_on_disconnect:
            await _handle_together(websocket, receiver, inbox, limits.concurrency, limits.cancel_on_disconnect)
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
    finally:
        await inbox.close()


async def _receive_directly(
    websocket: WebSocket, receiver: Receiver[WebSocket], inbox: Inbox
) -> Awaitable[None] | None:
    """Take messages straight from the server; return what remains of the handler that waits, `None` at the end."""
    receive, take = get_receive(websocket), receiver.take
    try:
        while inbox.direct:
            rest = take(websocket, await receive())
            if rest is not None:
                return rest
    except asyncio.CancelledError:
        # A send from elsewhere timed out while this task waited for a message.
        if not inbox.interrupted or _count_cancellations() > 0:
            raise
    return None


def _count_cancellations() -> int:
    """Take back one cancellation of this task; return how many are left, 0 on Python 3.10, which does not count them."""
    task = asyncio.current_task()
    return task.uncancel() if task is not None and sys.version_info >= (3, 11) else 0


async def _handle_together(
    websocket: WebSocket, receiver: Receiver[WebSocket], inbox: Inbox, concurrency: int, cancel: bool
) -> None:
    """Handle up to `concurrency` messages at a time, each in a task of its own."""
    slots = anyio.Semaphore(concurrency)
    failures: list[Exception] = []

    async def handle(message: Message) -> None:
        try:
            rest = receiver.take(websocket, message)
            if rest is not None:
                await rest
        except Exception as error:  # noqa: BLE001  (raised again below, when the others have finished)
            if await end_with_error(websocket, error):
                failures.append(error)
            inbox.interrupt()
        finally:
            slots.release()

    async with anyio.create_task_group() as readers:
        readers.start_soon(inbox.read)
        async with anyio.create_task_group() as handlers:
            if cancel:
                inbox.on_loss = handlers.cancel_scope.cancel
            try:
                while not inbox.stopped:
                    await slots.acquire()
                    message = await inbox.get()
                    if message["type"] == DISCONNECT:
                        break
                    handlers.start_soon(handle, message)
            except Exception as error:  # noqa: BLE001  (the server's own; a task group would wrap it in a group)
                failures.append(error)
        readers.cancel_scope.cancel()
    for failure in failures[1:]:
        logger.error("another handler of the same connection raised %s", locate(failure))
    if failures:
        raise failures[0]
