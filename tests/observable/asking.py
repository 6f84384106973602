"""Requests and the replies to them, through the test client or a peer that is played by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI
from peers import Peer
from starlette.testclient import TestClient

from fastws import SocketRouter, WSRouter

PING = '{"uuid":"last","route":"PING"}'
PONG = '{"headers":null,"payload":null,"uuid":"last","route":"PONG"}'

ILLEGAL = {"Message": "Illegal Request Format"}
CHECK_FAILED = {"Message": "Data check failed"}
DENIED = {"Message": "Access denied"}
NO_ROUTE = {"Message": "Path not found"}
FAILED = {"Message": "Internal Server Error"}


def make_app(router: SocketRouter) -> FastAPI:
    """Return an application with a router at /ws."""
    app = FastAPI()
    app.add_api_websocket_route("/ws", router)
    return app


def ask_text(router: SocketRouter | FastAPI, text: str, *, url: str = "/ws", **options: Any) -> str:
    """Return the one reply to a request, behind which the connection is still there.

    Parameters:
        router: What to ask; or an application that has it.
        text: The request.
        url: Where the application has it.
        options: Those of the test client for a connection.
    """
    app = router if isinstance(router, FastAPI) else make_app(router)
    with TestClient(app).websocket_connect(url, **options) as client:
        client.send_text(text)
        reply = client.receive_text()
        client.send_text(PING)
        # Anything else would be a second reply.
        assert client.receive_text() == PONG
        return reply


def ask(
    router: SocketRouter | FastAPI,
    route: str = "ask",
    /,
    *,
    connection: Any = None,
    **request: Any,
) -> dict[str, Any]:
    """Return the reply to a request with the id 1, likewise.

    Parameters:
        router, route: What to ask.
        connection: Where and how to connect, as for :func:`ask_text`.
        request: The headers and the payload.
    """
    reply = json.loads(ask_text(router, json.dumps({"uuid": 1, "route": route, **request}), **connection or {}))
    assert (set(reply), reply.pop("uuid")) == ({"headers", "payload", "uuid", "status"}, 1)
    return cast("dict[str, Any]", reply)


def ok(payload: Any, headers: dict[str, Any] | None = None, status: int = 200) -> dict[str, Any]:
    """Return a reply without its id."""
    return {"headers": headers or {}, "payload": payload, "status": status}


def error(status: int, payload: Any) -> dict[str, Any]:
    """Return the reply to a request that failed, likewise."""
    return {"headers": None, "payload": payload, "status": status}


class Asker(Peer):
    """A peer that asks."""

    def ask(self, route: str, uuid: Any = 1, **request: Any) -> None:
        """Send a request."""
        self.put({"type": "websocket.receive", "text": json.dumps({"uuid": uuid, "route": route, **request})})

    @property
    def replies(self) -> list[tuple[Any, Any]]:
        """The id and the status of each reply."""
        read = [json.loads(text) for text in self.texts]
        return [(reply["uuid"], reply.get("status", reply.get("route"))) for reply in read]

    @asynccontextmanager
    async def asking(self, router: SocketRouter) -> AsyncIterator[None]:
        """Be served in another task, which has to have ended by itself when the block has."""
        async with self.served(cast("WSRouter", SimpleNamespace(handler=router))):
            yield
