"""Everything that fastws knows of FastAPI and Starlette that neither documents, each with the reason and the versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Receive, Send
from starlette.websockets import WebSocket

# Starlette's ExceptionMiddleware leaves the application's handlers here, as `(by_class, by_status)`, for the routes to
# look up.  Starlette 0.35 to 1.10.
_EXCEPTION_HANDLERS: Final = "starlette.exception_handlers"


def has_exception_handler(scope: Mapping[str, Any], error: Exception) -> bool:
    """Whether the application handles exceptions of this class itself."""
    by_class, _ = scope.get(_EXCEPTION_HANDLERS, ({}, {}))
    return any(cls in by_class for cls in type(error).__mro__)


# The server's own functions are an attribute of the connection, under these names in every version of Starlette; the
# public methods check the state and the type of every message anew, which costs a third of receiving and sending it.


def get_receive(websocket: WebSocket) -> Receive:
    """Return the ASGI `receive` of a connection."""
    return websocket._receive  # noqa: SLF001


def get_send(websocket: WebSocket) -> Send:
    """Return the ASGI `send` of a connection."""
    return websocket._send  # noqa: SLF001
