"""The connection object that handlers get: Starlette's WebSocket, which also knows how it ended."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar, cast

from starlette import websockets
from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from starlette.types import Message

# RFC 6455 section 7.1.5: no close frame was received with a code; and ASGI's default for `websocket.disconnect`.
NO_STATUS = 1005

WebSocketT = TypeVar("WebSocketT", bound=websockets.WebSocket)


class WebSocket(websockets.WebSocket):
    """Starlette's WebSocket with two additions.

    It remembers why it ended, and a send that finds the peer gone raises
    :class:`~starlette.websockets.WebSocketDisconnect` every time, not only the first.

    Attributes:
        ending: The close code and reason once either side has ended the connection, or an exception is about to;
            `None` before.
        peer_gone: Whether the peer has left, so that nothing can be sent any more.
    """

    ending: tuple[int, str] | None = None
    peer_gone: bool = False

    async def receive(self) -> Message:
        message = await super().receive()
        if message["type"] == "websocket.disconnect":
            self.peer_gone = True
            self.end(message.get("code", NO_STATUS), message.get("reason"))
        return message

    async def send(self, message: Message) -> None:
        if self.peer_gone:
            raise WebSocketDisconnect(*(self.ending or (NO_STATUS,)))
        try:
            await super().send(message)
        except WebSocketDisconnect as gone:
            self.peer_gone = True
            self.end(gone.code, gone.reason)
            raise
        if message["type"] == "websocket.close":
            self.end(message.get("code", 1000), message.get("reason"))

    def end(self, code: int, reason: str | None = None) -> None:
        """Note why the connection ends; the first reason is the one that counts."""
        if self.ending is None:
            self.ending = (code, reason or "")


def adopt(websocket: websockets.WebSocket) -> WebSocket:
    """Make a connection that FastAPI made one of ours.

    The object stays the same, because programs keep it in sets and dictionaries.
    """
    if not isinstance(websocket, WebSocket):
        websocket.__class__ = _mix(type(websocket))
    return cast("WebSocket", websocket)


@functools.cache
def _mix(cls: type[websockets.WebSocket]) -> type[WebSocket]:
    if cls is websockets.WebSocket:
        return WebSocket
    # A subclass of the program's own keeps what it overrides.
    return cast("type[WebSocket]", type(cls.__name__, (WebSocket, cls), {}))
