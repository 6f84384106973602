"""Requests over a WebSocket, by the names of `fastapi-observable-socket`."""

from fastws.observable.messages import Header, MessageData, Payload, Request, Response
from fastws.observable.options import (
    AccessCheck,
    DehydrateFunction,
    Handler,
    HandlerResult,
    HydrateFunction,
    RouteOptions,
    SocketAccess,
)
from fastws.observable.router import SocketRouter
from fastws.observable.status import Status

__all__ = [
    "AccessCheck",
    "DehydrateFunction",
    "Handler",
    "HandlerResult",
    "Header",
    "HydrateFunction",
    "MessageData",
    "Payload",
    "Request",
    "Response",
    "RouteOptions",
    "SocketAccess",
    "SocketRouter",
    "Status",
]
