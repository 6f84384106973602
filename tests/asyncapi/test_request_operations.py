"""The routes of a SocketRouter as operations: requests, and replies that are matched by an id."""

from __future__ import annotations

import json
from typing import Annotated, Any

import jsonschema
import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel

from fastws import SocketRouter, get_asyncapi


class Order(BaseModel):
    item: str
    count: int = 1


class Placed(BaseModel):
    number: int


def document(router: SocketRouter) -> dict[str, Any]:
    app = FastAPI()
    app.add_api_websocket_route("/ws", router)
    return get_asyncapi(app)


def test_a_route_has_a_request_and_a_reply() -> None:
    router = SocketRouter()

    @router.route("orders/new")
    async def new(ws, headers, payload: Order) -> Placed:  # type: ignore[no-untyped-def]
        """Order something."""
        return Placed(number=1)

    made = document(router)
    operation = made["operations"]["ws_orders_new"]
    assert (operation["title"], operation["summary"]) == ("orders/new", "Order something.")
    assert operation["messages"] == [{"$ref": "#/channels/ws/messages/orders_new.request"}]
    assert operation["reply"]["messages"] == [
        {"$ref": "#/channels/ws/messages/orders_new.reply"},
        {"$ref": "#/channels/ws/messages/error.reply"},
    ]
    request = made["components"]["messages"]["ws.orders_new.request"]
    assert request["correlationId"] == {"location": "$message.payload#/uuid"}
    assert request["examples"][0]["payload"] == {
        "uuid": 1,
        "route": "orders/new",
        "payload": {"item": "string", "count": 1},
    }
    schema = made["components"]["schemas"]["ws.orders_new.request"]
    assert schema["properties"]["route"] == {"type": "string", "const": "orders/new"}
    assert schema["properties"]["payload"] == {"$ref": "#/components/schemas/Order"}
    assert schema["required"] == ["uuid", "route", "payload"]
    reply = made["components"]["messages"]["ws.orders_new.reply"]["examples"][0]["payload"]
    assert reply == {"uuid": 1, "status": 200, "headers": {}, "payload": {"number": 1}}


def test_a_route_without_types_takes_anything() -> None:
    router = SocketRouter()

    @router.route("echo")
    async def echo(ws, headers, payload):  # type: ignore[no-untyped-def]
        return payload

    schemas = document(router)["components"]["schemas"]
    assert schemas["ws.echo.request"]["properties"]["payload"] == {}
    assert schemas["ws.echo.request"]["required"] == ["uuid", "route"]
    assert schemas["ws.echo.reply"]["properties"]["payload"] == {}


def test_what_may_be_missing_is_not_required() -> None:
    router = SocketRouter()

    @router.route("a")
    async def a(ws, headers: dict[str, int], payload: Order | None): ...  # type: ignore[no-untyped-def]

    @router.route("b")
    async def b(ws, headers: Order, payload: int = 3): ...  # type: ignore[no-untyped-def]

    schemas = document(router)["components"]["schemas"]
    assert schemas["ws.a.request"]["required"] == ["uuid", "route"]
    assert schemas["ws.b.request"]["required"] == ["uuid", "route", "headers"]


def test_routes_that_slug_alike_have_names_of_their_own() -> None:
    router = SocketRouter()
    for route in ("a/b", "a b", "a_b", "Ü", "error", "PING!"):

        @router.route(route)
        async def handle(ws, headers, payload): ...  # type: ignore[no-untyped-def]

    made = document(router)
    titles = [operation["title"] for operation in made["operations"].values()]
    assert titles == ["a/b", "a b", "a_b", "Ü", "error", "PING!", "PING"]
    assert len(made["channels"]["ws"]["messages"]) == 6 * 2 + 3


def test_dependencies_of_a_route_are_asked_of_the_connection() -> None:
    router = SocketRouter()

    @router.route("a")
    async def a(ws, headers, payload, limit: Annotated[int, Query()]): ...  # type: ignore[no-untyped-def]

    query = document(router)["channels"]["ws"]["bindings"]["ws"]["query"]
    assert list(query["properties"]) == ["limit"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"uuid": 1, "route": "new", "payload": {"item": "tea"}}, "new.reply"),
        ({"uuid": "x", "route": "new", "payload": {}}, "error.reply"),
        ({"uuid": 1, "route": "nowhere"}, "error.reply"),
        ({"uuid": 1, "route": "PING"}, "PONG"),
        ({"route": "PING"}, "PONG"),
    ],
    ids=["ok", "invalid", "nowhere", "ping", "ping without an id"],
)
def test_what_the_router_really_answers_is_what_is_documented(request_: dict[str, Any], message: str) -> None:
    router = SocketRouter()

    @router.route("new")
    async def new(ws, headers, payload: Order) -> Placed:  # type: ignore[no-untyped-def]
        return Placed(number=1)

    app = FastAPI()
    app.add_api_websocket_route("/ws", router)
    made = get_asyncapi(app)
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_text(json.dumps(request_))
        reply = websocket.receive_json()
    matching = []
    for name in ("new.reply", "error.reply", "PONG"):
        schema = {"$ref": f"#/components/schemas/ws.{name}", "components": made["components"]}
        if jsonschema.Draft7Validator(schema).is_valid(reply):
            matching.append(name)
    assert matching == [message]
