"""The connection object that handlers get: Starlette's WebSocket, which also knows how it ended."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar, cast

from starlette import websockets
from starlette.websockets import WebSocketDisconnect, WebSocketState

if TYPE_CHECKING:
    from starlette.types import Message

# RFC 6455 section 5.5: a control frame carries at most 125 bytes, two of which are the code.
REASON_SIZE = 123

# RFC 6455 section 7.1.5: no close frame was received with a code; and ASGI's default for `websocket.disconnect`.
NO_STATUS = 1005

WebSocketT = TypeVar("WebSocketT", bound=websockets.WebSocket)


class WebSocket(websockets.WebSocket):
    """Starlette's WebSocket with three additions.

    It remembers how it began and ended; a send after the end raises
    :class:`~starlette.websockets.WebSocketDisconnect` every time, whichever side ended it, so that code that sends to
    many connections has one exception to expect; and a close reason is cut to what a close frame can carry.

    Attributes:
        accepted: Whether the connection has been accepted.
        ending: The close code and reason once either side has ended the connection, or an exception is about to;
            `None` before.
        peer_gone: Whether the peer has left, so that nothing can be sent any more.
    """

    accepted: bool = False
    ending: tuple[int, str] | None = None
    peer_gone: bool = False

    async def receive(self) -> Message:
        message = await super().receive()
        if message["type"] == "websocket.disconnect":
            self.peer_gone = True
            self.end(message.get("code", NO_STATUS), message.get("reason"))
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if self.peer_gone or (kind == "websocket.send" and self.application_state is WebSocketState.DISCONNECTED):
            raise WebSocketDisconnect(*(self.ending or (NO_STATUS,)))
        if kind == "websocket.close":
            message = {**message, "reason": cut_reason(message.get("reason") or "")}
        try:
            await super().send(message)
        except WebSocketDisconnect as gone:
            self.peer_gone = True
            self.end(gone.code, gone.reason)
            raise
        if kind == "websocket.close":
            self.end(message.get("code", 1000), message["reason"])
        elif kind == "websocket.accept":
            self.accepted = True

    def end(self, code: int, reason: str | None = None) -> None:
        """Note why the connection ends; the first reason is the one that counts."""
        if self.ending is None:
            self.ending = (code, reason or "")


def cut_reason(reason: str) -> str:
    """Return as much of a close reason as fits into a close frame, cut between two characters."""
    return reason.encode("utf-8", "replace")[:REASON_SIZE].decode("utf-8", "ignore")


def adopt(websocket: websockets.WebSocket) -> WebSocket:
    """Make a connection that FastAPI made one of ours.

    The object stays the same, because programs keep it in sets and dictionaries.
    """
    if not isinstance(websocket, WebSocket):
        websocket.__class__ = _mix(type(websocket))
        websocket = cast("WebSocket", websocket)
        websocket.accepted = websocket.application_state is WebSocketState.CONNECTED
    return websocket


@functools.cache
def _mix(cls: type[websockets.WebSocket]) -> type[WebSocket]:
    if cls is websockets.WebSocket:
        return WebSocket
    # A subclass of the program's own keeps what it overrides.
    return cast("type[WebSocket]", type(cls.__name__, (WebSocket, cls), {}))
