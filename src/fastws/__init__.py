"""WebSocket messages for FastAPI: a pydantic model is the message, an async function its handler."""

from fastws.openapi import WSMainRoute, WSRoute
from fastws.router import WSRouter

__all__ = ["WSMainRoute", "WSRoute", "WSRouter"]
