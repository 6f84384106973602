"""Applications that answer requests by route and id: fastws, the package that it replaces, and a loop by hand."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

import orjson
from applications import own
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from fastws import SocketRouter

REQUEST: Final = '{"uuid":123,"route":"math/sum","headers":{"x-user":"42"},"payload":{"values":[1,2,3,4],"unit":"metre","exact":true}}'

ROUTE: Final = "math/sum"

# Whether a connection of the published package ends: before Python 3.13 it waits for its own queue, for ever.
ENDS: Final = sys.version_info >= (3, 13)

# What a program has beside the route that is asked for.
OTHERS: Final = 20


def add(payload: Any) -> dict[str, Any]:
    """Return what the handlers answer."""
    return {"status": 200, "payload": {"sum": sum(payload["values"]), "unit": payload["unit"]}}


async def add_request(ws: WebSocket, headers: Any, payload: Any) -> Any:  # noqa: ARG001
    """Handle a request."""
    return add(payload)


async def add_hydrated(message: Any) -> Any:
    """Handle a request of the original's, whose handlers never get the three arguments that it documents."""
    return add(message["payload"])


async def hydrate(ws: WebSocket, message: Any) -> Any:  # noqa: ARG001
    """Hand a request on as it is."""
    return message


def make_socket_app(**options: Any) -> FastAPI:
    """Make an application of fastws.

    Parameters:
        options: Arguments of its router.
    """
    router = SocketRouter(**options)
    for name in (ROUTE, *map(str, range(OTHERS))):
        router.route(name)(own(add_request))
    app = FastAPI()
    app.add_api_websocket_route("/ws", router)
    return app


def make_published_app() -> FastAPI | None:
    """Make an application of the package that fastws replaces, `None` where it is not installed."""
    try:
        module: Any = importlib.import_module("fastapi_observable_socket")
    except ImportError:
        return None
    # It takes the end of a connection for an error.
    logging.getLogger("fastapi_observable_socket").disabled = True
    logging.getLogger("fastapi_observable_socket.observable_socket").disabled = True
    router = module.SocketRouter()
    for name in (ROUTE, *map(str, range(OTHERS))):
        router.route(name, options={"hydrate": own(hydrate)})(own(add_hydrated))
    app = FastAPI()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await router(websocket)

    return app


def make_loop_by_hand(loads: Callable[[str], Any] = json.loads, dumps: Callable[[Any], str] = json.dumps) -> FastAPI:
    """Make an application with the loop that a program writes by hand."""
    app = FastAPI()
    routes = {name: own(add_request) for name in (ROUTE, *map(str, range(OTHERS)))}

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                request = loads(await websocket.receive_text())
                handler = routes[request["route"]]
                result = await handler(websocket, request.get("headers"), request.get("payload"))
                reply = {
                    "headers": result.get("headers", {}),
                    "payload": result.get("payload"),
                    "uuid": request["uuid"],
                    "status": result.get("status", 200),
                }
                await websocket.send_text(dumps(reply))
        except WebSocketDisconnect:
            return

    app.websocket("/ws")(own(serve))
    return app


def dump_with_orjson(value: Any) -> str:
    """Return a value as JSON."""
    return orjson.dumps(value).decode()
