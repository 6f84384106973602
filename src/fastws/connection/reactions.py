"""What is done with a frame that goes to no handler, and with a handler that raised."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette import websockets
from starlette.websockets import WebSocketDisconnect

from fastws._receive import Receiver, find_excess
from fastws.connection.closing import close_over_size
from fastws.connection.inbox import DISCONNECT
from fastws.errors import FastWSError, WrongFrameError
from fastws.websocket import WebSocket

if TYPE_CHECKING:
    from starlette.types import Message

    from fastws._core import DispatchTable

logger = logging.getLogger("fastws")

Fallback = Callable[[websockets.WebSocket, "str | bytes | None", "Exception | None"], Awaitable[None]]
OnError = Callable[[WebSocket, Any, Exception], Awaitable[None]]


def make_receiver(
    *,
    as_text: bool,
    limit: int,
    prepare: Callable[[], DispatchTable[Any] | None],
    dispatch: Callable[[WebSocket, str | bytes], Awaitable[None]] | None,
    fallback: Fallback,
    on_error: OnError | None,
) -> Receiver[WebSocket]:
    """Make what takes the messages of a router's connections to their handlers.

    Parameters:
        as_text: Whether messages are text frames; binary frames otherwise.
        limit: The largest message in bytes of UTF-8, -1 for any.
        prepare: Returns the dispatch table, `None` where there are no models.
        dispatch: Called as `(websocket, frame)` in the place of the table and its handlers; `None` to use these.
        fallback: Called as `(websocket, frame, error)` for what no handler can take.
        on_error: Called as `(websocket, message, error)` when a handler raised; `None` to let it end the connection.
    """
    wrong_frame = ("text", "binary") if as_text else ("binary", "text")

    def receive_other(websocket: WebSocket, message: Message) -> Awaitable[None] | None:
        if message["type"] == DISCONNECT:
            websocket.note_disconnect(message)
            if websocket.inbox is not None:
                websocket.inbox.stop()
            return None
        size = find_excess(message, limit)
        if size:
            # Whatever it is: the reader has read on no further.
            return close_over_size(websocket, size, limit)
        expected, received = wrong_frame
        return fallback(websocket, None, WrongFrameError(expected=expected, received=received))

    return Receiver(
        text=as_text,
        limit=limit,
        prepare=prepare,
        dispatch=dispatch,
        receive_other=receive_other,
        refuse=functools.partial(refuse, fallback),
        refuse_size=lambda websocket, size: close_over_size(websocket, size, limit),
        fail=None if on_error is None else _make_fail(on_error),
    )


def _make_fail(on_error: OnError) -> OnError:
    """Return what is done with an exception of a handler."""

    async def fail(websocket: WebSocket, message: Any, error: Exception) -> None:
        # A send that found the connection ended is a disconnect, and no error of the handler's.
        if websocket.ended and isinstance(error, WebSocketDisconnect):
            raise error
        try:
            raise error
        except Exception:  # noqa: BLE001  (the exception that is being handled, for a bare `raise` and for logging)
            await on_error(websocket, message, error)

    return fail


async def refuse(
    fallback: Fallback, websocket: websockets.WebSocket, frame: str | bytes, error: Exception | None
) -> None:
    """Hand what no handler can take to the fallback hook.

    Parameters:
        fallback: The hook.
        websocket: The connection.
        frame: The raw message.
        error: Why no handler can take it; `None` where there are no models.
    """
    if error is not None and not isinstance(error, ValidationError | FastWSError):
        logger.error("a validator raised %s", locate(error))
    await fallback(websocket, frame, error)


def locate(error: BaseException) -> str:
    """Return the class of an exception and where it was raised, without its text, which may quote a message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return (type(error).__qualname__ + place)[:500]
