"""What the README of fastapi-observable-socket promises, section by section."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocket

import fastws
from fastws import observable
from fastws.observable import HandlerResult, MessageData, Request, Response, RouteOptions, SocketRouter, Status


def mount(router: SocketRouter) -> TestClient:
    """Mount a router as the README does, and return a client of the application."""
    app = FastAPI()
    # FastAPI has had this itself until it was taken from Starlette's applications.
    getattr(app, "add_websocket_route", app.router.add_websocket_route)("/ws", router)
    return TestClient(app)


def ask(router: SocketRouter, **request: Any) -> Any:
    """Send one request to a router, and return its reply."""
    with mount(router).websocket_connect("/ws") as session:
        session.send_json({"uuid": 1, "headers": None, "payload": None, **request})
        return session.receive_json()


# Features


@pytest.mark.parametrize("route", ["route", "path"])
@pytest.mark.parametrize("uuid", ["uuid", "track_id"])
def test_both_spellings_of_id_and_route(uuid: str, route: str) -> None:
    router = SocketRouter()

    @router.route("hello")
    async def hello(ws, headers, payload):  # type: ignore[no-untyped-def]
        return {"payload": "hello"}

    with mount(router).websocket_connect("/ws") as session:
        session.send_json({uuid: 7, route: "hello", "headers": {}, "payload": {}})
        assert session.receive_json() == {"headers": {}, "payload": "hello", "uuid": 7, "status": 200}


def test_heartbeat() -> None:
    with mount(SocketRouter()).websocket_connect("/ws") as session:
        session.send_json({"uuid": "beat", "route": "PING", "headers": {}, "payload": {}})
        assert session.receive_json() == {"headers": None, "payload": None, "uuid": "beat", "route": "PONG"}


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"route": "nowhere"}, 404, "Path not found"),
        ({"route": "raises"}, 500, "Internal Server Error"),
        ({"route": "checked"}, 400, "Data check failed"),
        ({"route": "guarded"}, 403, "Access denied"),
        ({"route": 5}, 400, "Illegal Request Format"),
    ],
    ids=["unknown", "raises", "check", "access", "no-request"],
)
def test_errors_have_a_status_and_a_message(request_: dict[str, Any], status: int, message: str) -> None:
    router = SocketRouter()

    async def refuse(*arguments: Any) -> bool:
        return False

    async def never(ws: WebSocket, headers: object, payload: object) -> HandlerResult:
        raise ZeroDivisionError

    router.route("raises")(never)
    router.route("checked", {"data_check": refuse})(never)
    router.route("guarded", {"access": refuse})(never)

    assert ask(router, **request_) == {"headers": None, "payload": {"Message": message}, "uuid": 1, "status": status}


def test_typed_envelopes() -> None:
    request = Request.model_validate({"uuid": 1, "route": "hello", "headers": {"a": 1}, "payload": [2]})
    response = Response.model_validate({"uuid": "x", "status": 201, "headers": None, "payload": {"b": 3}})

    assert (request.track_id, request.path, request.headers, request.payload) == (1, "hello", {"a": 1}, [2])
    assert request.model_dump(by_alias=True) == {"headers": {"a": 1}, "payload": [2], "uuid": 1, "route": "hello"}
    assert response.model_dump_json(by_alias=True) == '{"headers":null,"payload":{"b":3},"uuid":"x","status":201}'


# Message schema


def test_message_schema() -> None:
    router = SocketRouter()
    heard: list[object] = []

    @router.route("numbers/total")
    async def total(ws, headers, payload):  # type: ignore[no-untyped-def]
        heard.append(headers)
        return {"status": Status.OK, "headers": {"scale": "metres"}, "payload": {"total": sum(payload)}}

    with mount(router).websocket_connect("/ws") as session:
        session.send_json({"uuid": 77, "route": "numbers/total", "headers": {"x-who": "8"}, "payload": [5, 6, 7]})
        reply = session.receive_json()

    assert reply == {"uuid": 77, "status": 200, "headers": {"scale": "metres"}, "payload": {"total": 18}}
    assert heard == [{"x-who": "8"}]


# Quickstart


@pytest.mark.parametrize(
    ("payload", "total"),
    [({"payload": [1, 2, 3, 4]}, 10), ({"payload": []}, 0), ({"payload": None}, 0), ({}, 0)],
    ids=["numbers", "none of them", "null", "left out"],
)
def test_quickstart(payload: dict[str, Any], total: int) -> None:
    router = SocketRouter()

    @router.route("math/sum")
    async def add(ws, headers, payload):  # type: ignore[no-untyped-def]
        return {"status": Status.OK, "payload": {"sum": sum(payload or [])}}

    with mount(router).websocket_connect("/ws") as session:
        session.send_json({"uuid": 123, "route": "math/sum", **payload})
        assert session.receive_json() == {"headers": {}, "payload": {"sum": total}, "uuid": 123, "status": 200}


# Route options


def test_hooks_run_in_order_around_the_handler() -> None:
    router = SocketRouter()
    order: list[str] = []

    async def data_check(message: MessageData, local: dict[str, Any]) -> bool:
        order.append(f"data_check {message.payload}")
        return True

    async def access(ws: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
        order.append(f"access {message.headers}")
        return True

    async def hydrate(ws: WebSocket, message: MessageData) -> str:
        order.append("hydrate")
        return "hydrated"

    async def dehydrate(payload: str) -> str:
        order.append("dehydrate")
        return payload.upper()

    @router.route(
        "all", options={"data_check": data_check, "access": access, "hydrate": hydrate, "dehydrate": dehydrate}
    )
    async def handle(value: str) -> HandlerResult:
        order.append(f"handler {value}")
        return {"status": Status.OK, "payload": value}

    assert ask(router, route="all", headers={"h": 1}, payload=2)["payload"] == "HYDRATED"
    assert order == ["data_check 2", "access {'h': 1}", "hydrate", "handler hydrated", "dehydrate"]


def test_data_check_with_the_message_alone() -> None:
    router = SocketRouter()

    async def is_even(message: MessageData) -> bool:
        return bool(message.payload % 2 == 0)

    @router.route("even", options={"data_check": is_even})
    async def even(ws: WebSocket, headers: object, payload: int) -> HandlerResult:
        return {"payload": payload}

    assert (ask(router, route="even", payload=2)["status"], ask(router, route="even", payload=3)["status"]) == (
        200,
        400,
    )


def test_data_check_caches_what_it_has_read() -> None:
    router = SocketRouter()

    async def read_number(message: MessageData, local: dict[str, Any]) -> bool:
        local["value"] = int(message.payload)
        return True

    @router.route("number", options={"data_check": read_number})
    async def double(number: int) -> HandlerResult:
        return {"payload": number * 2}

    assert ask(router, route="number", payload="21")["payload"] == 42


def test_access_with_the_connection_and_the_message_alone() -> None:
    router = SocketRouter()

    async def knows_the_word(ws: WebSocket, message: MessageData) -> bool:
        return bool(message.headers["word"] == ws.query_params["word"])

    @router.route("cave", options={"access": knows_the_word})
    async def enter(ws: WebSocket, headers: object, payload: object) -> HandlerResult:
        return {"payload": "treasure"}

    with mount(router).websocket_connect("/ws?word=sesame") as session:
        session.send_json({"uuid": 1, "route": "cave", "headers": {"word": "barley"}})
        session.send_json({"uuid": 2, "route": "cave", "headers": {"word": "sesame"}})
        assert session.receive_json()["payload"] == {"Message": "Access denied"}
        assert session.receive_json()["payload"] == "treasure"


def test_hydrate_overrides_what_is_cached() -> None:
    router = SocketRouter()

    async def cache(ws: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
        local["value"] = "cached"
        return True

    async def build(ws: WebSocket, message: MessageData) -> str:
        return f"built of {message.payload}"

    @router.route("both", options={"access": cache, "hydrate": build})
    async def show(value: str) -> HandlerResult:
        return {"payload": value}

    assert ask(router, route="both", payload="clay")["payload"] == "built of clay"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_dehydrate_shapes_what_succeeded(status: int) -> None:
    assert answer_with(status) == {"headers": {}, "payload": {"name": "anna"}, "uuid": 1, "status": status}


@pytest.mark.parametrize("status", [199, 300, 402, 404, 500])
def test_dehydrate_leaves_alone_what_did_not(status: int) -> None:
    raw = {"name": "anna", "password": "secret"}
    assert answer_with(status) == {"headers": {}, "payload": raw, "uuid": 1, "status": status}


def answer_with(status: int) -> Any:
    """Return the reply of a route with `dehydrate` whose handler answers with a status."""
    router = SocketRouter()

    async def redact(payload: dict[str, Any]) -> dict[str, Any]:
        return {"name": payload["name"]}

    @router.route("user", options={"dehydrate": redact})
    async def show(ws: WebSocket, headers: object, payload: int) -> HandlerResult:
        return {"status": payload, "payload": {"name": "anna", "password": "secret"}}

    return ask(router, route="user", payload=status)


# Handler argument behaviour


async def fill(ws: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
    local["value"] = "cached"
    return True


async def build(ws: WebSocket, message: MessageData) -> str:
    return "hydrated"


async def take_request(ws: WebSocket, headers: Any, payload: Any) -> HandlerResult:
    return {"payload": [isinstance(ws, WebSocket), headers, payload]}


async def take_one(value: Any) -> HandlerResult:
    return {"payload": value}


@pytest.mark.parametrize(
    ("options", "handler", "received"),
    [
        (None, take_request, [True, {"h": 1}, "p"]),
        ({}, take_request, [True, {"h": 1}, "p"]),
        ({"access": fill}, take_one, "cached"),
        ({"hydrate": build}, take_one, "hydrated"),
        ({"access": fill, "hydrate": build}, take_one, "hydrated"),
    ],
    ids=["no options", "no hooks", "cached", "hydrate", "hydrate over cached"],
)
def test_what_a_handler_receives(options: RouteOptions | None, handler: Callable[..., Any], received: object) -> None:
    router = SocketRouter()
    router.route("it", options)(handler)
    assert ask(router, route="it", headers={"h": 1}, payload="p")["payload"] == received


# Status codes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("OK", 200),
        ("BAD_REQUEST", 400),
        ("FORBIDDEN", 403),
        ("NOT_FOUND", 404),
        ("INTERNAL_SERVER_ERROR", 500),
        ("PENDING", 402),
    ],
)
def test_status(name: str, code: int) -> None:
    router = SocketRouter()

    @router.route("status")
    async def answer(ws: WebSocket, headers: object, payload: object) -> HandlerResult:
        return {"status": getattr(Status, name)}

    assert (getattr(Status, name), ask(router, route="status")["status"]) == (code, code)


# Names

PUBLISHED = [
    *("AccessCheck", "DehydrateFunction", "Handler", "HandlerResult", "Header", "HydrateFunction", "MessageData"),
    *("Payload", "Request", "Response", "RouteOptions", "SocketAccess", "SocketRouter", "Status"),
]


def test_published_names() -> None:
    assert sorted(observable.__all__) == PUBLISHED
    assert [name for name in PUBLISHED if not hasattr(observable, name)] == []


def test_names_that_need_no_module() -> None:
    assert (fastws.SocketRouter, fastws.Status) == (observable.SocketRouter, observable.Status)


def test_published_fields() -> None:
    assert list(HandlerResult.__annotations__) == ["status", "headers", "payload"]
    assert list(RouteOptions.__annotations__) == ["data_check", "access", "hydrate", "dehydrate"]
    assert {bool, int, float, str} < set(get_args(observable.Payload))


def test_a_message_is_read_by_attributes() -> None:
    message = MessageData(headers={"a": 1}, payload=[2])
    assert (message.headers, message.payload) == ({"a": 1}, [2])
    assert message.get_data() == {"headers": {"a": 1}, "payload": [2]}
    assert json.loads(message.model_dump_json()) == {"headers": {"a": 1}, "payload": [2]}
