"""From the handshake to the goodbye: accept, receive, dispatch, and the hooks, each at its time."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from starlette import websockets
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketState

from fastws.connection.closing import INTERNAL_ERROR, end_with_error
from fastws.errors import NotAcceptedError, WrongFrameError
from fastws.websocket import WebSocket, adopt

logger = logging.getLogger("fastws")

# RFC 6455 section 7.1.5: the connection was lost, and no close frame was received.
ABNORMAL = 1006


@dataclass(frozen=True)
class Hooks:
    """What a router does at the turns of a connection's life.

    Attributes:
        on_connect: Called as `(websocket)`; accepts the connection or closes it.
        on_disconnect: Called as `(websocket, code, reason)`, once for each connection that was accepted and that
            `on_connect` did not refuse.
        fallback: Called as `(websocket, message, error)` for what no handler can take.
        dispatch: Called as `(websocket, message)` for each message.
    """

    on_connect: Callable[[WebSocket], Awaitable[None]]
    on_disconnect: Callable[[WebSocket, int, str], Awaitable[None]]
    fallback: Callable[[WebSocket, str | bytes | None, Exception | None], Awaitable[None]]
    dispatch: Callable[[WebSocket, str | bytes], Awaitable[None]]


async def serve(connection: websockets.WebSocket, hooks: Hooks, *, as_text: bool, hook_timeout: float) -> None:
    """Serve one connection until it has ended.

    Parameters:
        connection: As FastAPI made it, before the handshake is answered.
        hooks: What to do with it.
        as_text: Whether messages are text frames; binary frames otherwise.
        hook_timeout: How long `on_disconnect` may take, in seconds.

    Raises:
        Exception: What a handler or a hook raised, after the connection was ended because of it.
    """
    websocket = adopt(connection)
    refused = False
    connected = False
    try:
        connected = await _connect(websocket, hooks)
        refused = not connected
        if connected:
            await _handle_messages(websocket, hooks, as_text=as_text)
    except Exception as error:
        refused = not connected and isinstance(error, HTTPException | WebSocketException)
        # Before the handshake was answered, the application turns the exception into a denial.
        if websocket.application_state is WebSocketState.CONNECTING or await end_with_error(websocket, error):
            raise
    finally:
        # Also where `on_connect` accepted and then failed, or was cancelled: what it had set up has to be cleared away.
        if websocket.accepted and not refused:
            await _say_goodbye(websocket, hooks, hook_timeout)


async def _connect(websocket: WebSocket, hooks: Hooks) -> bool:
    """Answer the handshake; whether there is a connection to serve, or at least to say goodbye to."""
    await hooks.on_connect(websocket)
    if websocket.application_state is WebSocketState.CONNECTING:
        await hooks.fallback(websocket, None, NotAcceptedError())
        await _refuse(websocket)
        return False
    # A peer that left while `on_connect` was busy with it was accepted all the same.
    return websocket.application_state is WebSocketState.CONNECTED or websocket.peer_gone


async def _refuse(websocket: WebSocket) -> None:
    """Close what the fallback left open."""
    if websocket.application_state is not WebSocketState.DISCONNECTED and not websocket.peer_gone:
        await websocket.close(INTERNAL_ERROR)


async def _handle_messages(websocket: WebSocket, hooks: Hooks, *, as_text: bool) -> None:
    expected, received = ("text", "bytes") if as_text else ("bytes", "text")
    names = {"text": "text", "bytes": "binary"}
    while websocket.ending is None:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        # Some servers send both keys, one of them None; an empty text is a message.
        frame = message.get(expected)
        if frame is None:
            error = WrongFrameError(expected=names[expected], received=names[received])
            await hooks.fallback(websocket, None, error)
        else:
            await hooks.dispatch(websocket, frame)


async def _say_goodbye(websocket: WebSocket, hooks: Hooks, seconds: float) -> None:
    # Shielded, because a server that shuts down cancels what it runs; bounded, because it then waits for this.
    with anyio.move_on_after(seconds, shield=True) as scope:
        await hooks.on_disconnect(websocket, *(websocket.ending or (ABNORMAL, "")))
    if scope.cancelled_caught:
        logger.warning("on_disconnect did not finish within %g s and was cancelled", seconds)
