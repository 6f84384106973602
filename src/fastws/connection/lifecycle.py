"""From the handshake to the goodbye: accept, receive, dispatch, and the hooks, each at its time."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio
from starlette import websockets
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketState

from fastws._fastapi import get_receive
from fastws._receive import Receiver
from fastws.close_codes import ABNORMAL, INTERNAL_ERROR
from fastws.connection.closing import end_with_error
from fastws.connection.inbox import DISCONNECT
from fastws.connection.limits import Limits
from fastws.connection.reactions import Fallback, OnError, make_receiver
from fastws.connection.serving import handle_messages
from fastws.errors import NotAcceptedError
from fastws.websocket import Settings, WebSocket, adopt

if TYPE_CHECKING:
    from fastws._core import DispatchTable

logger = logging.getLogger("fastws")

# A server that refuses a send knows why, and says so at once where it is asked; seconds.
REPORT_TIMEOUT: Final = 0.5


@dataclass(frozen=True)
class Service:
    """How the connections of a router are served.

    Attributes:
        on_connect: Called as `(websocket)`; accepts the connection or closes it.
        on_disconnect: Called as `(websocket, code, reason)`, once for each connection that was accepted and that
            `on_connect` did not refuse.
        fallback: Called as `(websocket, message, error)` for what no handler can take.
        receiver: Takes each message to its handler.
        limits: What each connection may cost.
        settings: What all connections have in common.
    """

    on_connect: Callable[[WebSocket], Awaitable[None]]
    on_disconnect: Callable[[WebSocket, int, str], Awaitable[None]]
    fallback: Fallback
    receiver: Receiver[WebSocket]
    limits: Limits
    settings: Settings

    @functools.cached_property
    def say_goodbye(self) -> Callable[[WebSocket], Awaitable[None]]:
        """Call `on_disconnect`, unless it has been; one object for all connections, which need not keep one each."""
        return functools.partial(_say_goodbye, self)


def make_service(
    *,
    on_connect: Callable[[WebSocket], Awaitable[None]],
    on_disconnect: Callable[[WebSocket, int, str], Awaitable[None]],
    fallback: Fallback,
    on_error: OnError | None,
    prepare: Callable[[], DispatchTable[Any] | None],
    dispatch: Callable[[WebSocket, str | bytes], Awaitable[None]] | None,
    limits: Limits,
    as_text: bool = True,
    list_names: Callable[[], Container[str]] = frozenset,
) -> Service:
    """Return how the connections of a router are served.

    Parameters:
        on_connect, on_disconnect, fallback: As of :class:`Service`.
        on_error: Called as `(websocket, message, error)` when a handler raised; `None` to let it end the connection.
        prepare: Returns the dispatch table, `None` where there are no models.
        dispatch: Called as `(websocket, frame)` in the place of the table and its handlers; `None` to use these.
        limits: What each connection may cost.
        as_text: Whether messages are text frames; binary frames otherwise.
        list_names: Returns the names of the fields of the messages, which may be told to a client.
    """
    return Service(
        on_connect=on_connect,
        on_disconnect=on_disconnect,
        fallback=fallback,
        receiver=make_receiver(
            as_text=as_text,
            limit=limits.max_size,
            prepare=prepare,
            dispatch=dispatch,
            fallback=fallback,
            on_error=on_error,
        ),
        limits=limits,
        settings=Settings(
            as_text=as_text,
            send_timeout=limits.send_timeout,
            in_tasks=limits.in_tasks,
            list_names=list_names,
        ),
    )


async def serve(connection: websockets.WebSocket, service: Service) -> None:
    """Serve one connection until it has ended.

    Parameters:
        connection: As FastAPI made it, before the handshake is answered.
        service: What to do with it.

    Raises:
        Exception: What a handler or a hook raised, after the connection was ended because of it.
    """
    websocket = adopt(connection, service.settings)
    refused = False
    connected = False
    try:
        connected = await _connect(websocket, service)
        refused = not connected
        if connected:
            await handle_messages(websocket, service.receiver, service.limits, service.say_goodbye)
    except Exception as error:
        refused = not connected and isinstance(error, HTTPException | WebSocketException)
        # Before the handshake was answered, the application turns the exception into a denial.
        if websocket.application_state is WebSocketState.CONNECTING or await end_with_error(websocket, error):
            raise
    finally:
        # Also where `on_connect` accepted and then failed, or was cancelled: what it had set up has to be cleared away.
        if websocket.accepted and not refused:
            await service.say_goodbye(websocket)


async def _connect(websocket: WebSocket, service: Service) -> bool:
    """Answer the handshake; whether there is a connection to serve, or at least to say goodbye to."""
    await service.on_connect(websocket)
    if websocket.application_state is WebSocketState.CONNECTING:
        await service.fallback(websocket, None, NotAcceptedError())
        await _refuse(websocket)
        return False
    # A peer that left while `on_connect` was busy with it was accepted all the same.
    return websocket.application_state is WebSocketState.CONNECTED or websocket.peer_gone


async def _refuse(websocket: WebSocket) -> None:
    """Close what the fallback left open."""
    if websocket.application_state is not WebSocketState.DISCONNECTED and not websocket.peer_gone:
        # Without this line there is only the server's, that somebody was refused, and not by what.
        logger.warning("on_connect neither accepted nor closed a connection, which is refused; call accept() in it")
        await websocket.close(INTERNAL_ERROR)


async def _find_ending(websocket: WebSocket) -> None:
    """Find out from the server how a connection ended whose peer was found gone by a send."""
    receive = get_receive(websocket)
    with anyio.move_on_after(REPORT_TIMEOUT, shield=True), contextlib.suppress(Exception):
        while websocket.ending is None:
            # Behind what has not been read.
            message = await receive()
            if message["type"] == DISCONNECT:
                websocket.note_disconnect(message)


async def _say_goodbye(service: Service, websocket: WebSocket) -> None:
    if websocket.parted:
        return
    websocket.parted = True
    try:
        if websocket.peer_gone and websocket.ending is None:
            await _find_ending(websocket)
    finally:
        await _call_on_disconnect(websocket, service)


async def _call_on_disconnect(websocket: WebSocket, service: Service) -> None:
    code, reason = websocket.ending or (ABNORMAL, "")
    seconds = service.limits.hook_timeout
    # Shielded, because a server that shuts down cancels what it runs; bounded, because it then waits for this.
    with anyio.move_on_after(seconds, shield=True) as scope:
        await service.on_disconnect(websocket, code, reason)
    if scope.cancelled_caught:
        logger.warning("on_disconnect did not finish within %g s and was cancelled", seconds)
