"""Routes that fastapi-observable-socket can serve, too: handlers of one argument, hooks that read messages as mappings."""

from __future__ import annotations

import math
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.websockets import WebSocket

from fastws.observable import SocketRouter


class Text(BaseModel):
    text: str


# What handlers return, by the name of their route.
RETURNED: dict[str, Any] = {
    "status alone": {"status": 204},
    "headers alone": {"headers": {"a": "b"}},
    "null headers": {"headers": None, "payload": 1},
    "nested headers": {"headers": {"a": [1, {"b": None}], "c": 1.5}},
    "beyond ascii": {"headers": {"ключ": "значение"}, "payload": "héllo ✓ 🚀 \u2028"},
    "escapes": {"payload": '"\\/\b\f\n\r\t\x00\x1f\x7f'},
    "big integers": {"payload": [2**63, 2**64, 2**70, -(2**70)]},
    "not a number": {"payload": [math.nan, math.inf, -math.inf]},
    "floats": {"payload": [1.0, -0.0, 0.1, 1e15, 1e16, 1e22, 1.5e300, 5e-324, 0.30000000000000004]},
    "nulls": {"payload": {"a": None, "b": [None, {}], "c": []}},
    "text of null": {"payload": "null"},
    "true": {"payload": True},
    "zero": {"payload": 0},
    "tuples": {"payload": ("a", (1, 2))},
    "integer keys": {"payload": {1: {2.5: {True: "c"}}}},
    "bytes": {"payload": b"abc"},
    "enumeration": {"status": HTTPStatus.CREATED, "payload": [HTTPStatus.ACCEPTED]},
    "not JSON": {"payload": object()},
    "headers of a list": {"headers": ["a"]},
    "a status of words": {"status": "fine"},
    "nothing": None,
    "no keys": {},
    "a number": 5,
    "other keys": {"sum": 3},
    "one more key": {"status": 201, "payload": 1, "note": 2},
    "null status": {"status": None, "payload": 1},
    "status in digits": {"status": "201", "payload": 1},
    "status as a float": {"status": 201.0, "payload": 1},
    "true status": {"status": True, "payload": 1},
    "null key": {"payload": {None: 1}},
    "a model": {"payload": Text(text="hello")},
    "a date": {"payload": date(2020, 1, 2)},
    "a set inside": {"payload": [{1}]},
    "bytes inside": {"payload": [b"abc"]},
    "not JSON inside": {"payload": [object()]},
    "half a pair": {"payload": "\ud800"},
    "integer keys of headers": {"headers": {1: 2}},
}


def make_app() -> FastAPI:
    """Return an application with the routes at /ws."""
    app = FastAPI()
    router = SocketRouter()
    add_routes(router)

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await router(websocket)

    return app


def add_routes(router: SocketRouter) -> None:
    """Register all routes."""

    async def keep(message: Any, local: dict[str, Any]) -> bool:
        local["headers"], local["payload"] = message["headers"], message["payload"]
        return True

    async def refuse_data(message: Any, local: dict[str, Any]) -> bool:
        return False

    async def allow(ws: Any, message: Any, local: dict[str, Any]) -> bool:
        local["payload"] = f"for {message['headers']['user']}"
        return True

    async def refuse_access(ws: Any, message: Any, local: dict[str, Any]) -> bool:
        return False

    async def build(ws: Any, message: Any) -> Any:
        return {"payload": [message["headers"], message["payload"]]}

    async def shape(payload: Any) -> Any:
        return {"shaped": payload}

    async def fail(*arguments: Any) -> Any:
        raise ValueError("on purpose")

    async def echo(local: dict[str, Any]) -> Any:
        return {"status": 200, "headers": local["headers"], "payload": local["payload"]}

    async def answer(local: dict[str, Any]) -> Any:
        return {"payload": local["payload"]}

    async def say_status(local: dict[str, Any]) -> Any:
        return {"status": local["payload"], "payload": "p"}

    async def done(local: dict[str, Any]) -> Any:
        return {"payload": "done"}

    async def take(local: dict[str, Any]) -> Any:
        return local  # what hydrate has built

    async def fail_alone(local: dict[str, Any]) -> Any:
        raise ValueError("on purpose")

    router.route("echo", {"data_check": keep})(echo)
    router.route("status", {"data_check": keep})(say_status)
    router.route("shaped status", {"data_check": keep, "dehydrate": shape})(say_status)
    router.route("allowed", {"access": allow})(answer)
    router.route("built", {"hydrate": build})(take)
    router.route("shaped", {"access": allow, "dehydrate": shape})(answer)
    router.route("bad data", {"data_check": refuse_data})(fail_alone)
    router.route("forbidden", {"access": refuse_access})(fail_alone)
    router.route("failing", {})(fail_alone)
    router.route("failing check", {"data_check": fail})(done)
    router.route("failing access", {"access": fail})(done)
    router.route("failing hydrate", {"hydrate": fail})(done)
    router.route("failing dehydrate", {"dehydrate": fail})(done)
    for name, value in RETURNED.items():
        router.route(name, {})(make_handler(value))


def make_handler(value: Any) -> Any:
    async def handle(local: dict[str, Any]) -> Any:
        return value

    return handle
