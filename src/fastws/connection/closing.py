"""How a connection ends when a handler or a hook raised."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import anyio
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketDisconnect, WebSocketState

from fastws._fastapi import has_exception_handler
from fastws.close_codes import INTERNAL_ERROR, MESSAGE_TOO_BIG, POLICY_VIOLATION, is_close_code
from fastws.details import summarize
from fastws.errors import InvalidCloseCodeError

if TYPE_CHECKING:
    from fastws.websocket import WebSocket

logger = logging.getLogger("fastws")

# A peer that does not read can hold up the close frame; seconds.
CLOSE_TIMEOUT: Final = 5.0


async def end_with_error(websocket: WebSocket, error: Exception) -> bool:
    """End a connection because of an exception.

    Returns:
        Whether `error` is to go on, to the application's exception handlers or to the server's log.

    Raises:
        InvalidCloseCodeError: `error` is a `WebSocketException` with a code that cannot be sent.
    """
    if websocket.ended:
        # A send that finds the connection ended is a disconnect, and no error.  What only means a code to close with comes
        # too late then; the application's handlers would try to answer it, or to close again.
        closed = websocket.peer_gone or websocket.application_state is WebSocketState.DISCONNECTED
        late = WebSocketDisconnect | HTTPException | WebSocketException if closed else WebSocketDisconnect
        return not isinstance(error, late)
    if isinstance(error, WebSocketException) and not is_close_code(error.code):
        await close_quietly(websocket, INTERNAL_ERROR)
        raise InvalidCloseCodeError(error.code) from error
    if isinstance(error, HTTPException):
        # The usual exception of FastAPI's dependencies.  After the handshake the application's handler would answer
        # with an HTTP response, which breaks the server's state machine.
        code = POLICY_VIOLATION if error.status_code in {401, 403} else INTERNAL_ERROR
        await close_quietly(websocket, code, str(error.detail))
        return False
    handled = has_exception_handler(websocket.scope, error)
    if isinstance(error, RequestValidationError | WebSocketRequestValidationError) and not handled:
        # FastAPI's own handler would put everything that is wrong into the reason, in which it has no room.
        await close_quietly(websocket, POLICY_VIOLATION, summarize(error.errors()))
        return False
    if handled:
        # It gets the connection open, to answer and close as it sees fit.
        code, reason = (error.code, error.reason) if isinstance(error, WebSocketException) else (INTERNAL_ERROR, "")
        websocket.end(code, reason)
    elif isinstance(error, WebSocketException):
        # There is no application around the router that would.
        await close_quietly(websocket, error.code, error.reason)
        return False
    else:
        await close_quietly(websocket, INTERNAL_ERROR)
    return True


async def close_over_size(websocket: WebSocket, size: int, limit: int) -> None:
    """Close a connection because of a message of `size` bytes, before it is parsed."""
    if websocket.ending is not None:
        return
    logger.warning("a message of %d bytes is over max_message_size=%d; the connection is closed", size, limit)
    await close_quietly(websocket, MESSAGE_TOO_BIG, f"message over {limit} bytes")


async def close_quietly(websocket: WebSocket, code: int, reason: str = "") -> None:
    """Close a connection, whatever state it is in, without raising and without waiting for ever."""
    with anyio.move_on_after(CLOSE_TIMEOUT):
        try:
            await websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError, AssertionError) as error:
            # The last is uvicorn's with the older implementation of `websockets`, where a send waits for the peer.
            logger.debug("the close frame could not be sent: %s", type(error).__name__)
    # Also where it could not be sent, or not in time.
    websocket.stop(code, reason)
