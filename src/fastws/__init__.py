"""WebSocket messages for FastAPI: a pydantic model is the message, an async function its handler."""

from fastws.asyncapi import add_asyncapi, get_asyncapi
from fastws.error_frames import reply_with_error
from fastws.observable import SocketRouter, Status
from fastws.openapi import WSMainRoute, WSRoute
from fastws.origin import OriginMiddleware
from fastws.router import WSRouter
from fastws.websocket import WebSocket

__all__ = [
    "OriginMiddleware",
    "SocketRouter",
    "Status",
    "WSMainRoute",
    "WSRoute",
    "WSRouter",
    "WebSocket",
    "add_asyncapi",
    "get_asyncapi",
    "reply_with_error",
]
