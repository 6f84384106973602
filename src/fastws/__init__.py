"""WebSocket messages for FastAPI: a pydantic model is the message, an async function its handler."""

from fastws.openapi import WSMainRoute, WSRoute
from fastws.origin import OriginMiddleware
from fastws.router import WSRouter

__all__ = ["OriginMiddleware", "WSMainRoute", "WSRoute", "WSRouter"]
