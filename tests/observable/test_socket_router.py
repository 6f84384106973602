"""SocketRouter: what is registered, how, and when; several connections, applications and threads."""

from __future__ import annotations

import inspect
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asking import ILLEGAL, NO_ROUTE, PING, PONG, ask, ask_text, error, make_app, ok
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

import fastws
from fastws import SocketRouter, Status, observable
from fastws.errors import DuplicateRouteError, FastWSError, InvalidRouteError, RegistrationError
from fastws.messages import CONSISTENT
from fastws.observable import Request, Response


async def answer(ws: Any, headers: Any, payload: Any) -> Any:
    return payload


async def answer_otherwise(ws: Any, headers: Any, payload: Any) -> Any:
    return "otherwise"


def test_the_published_names_are_there() -> None:
    names = [
        "SocketRouter",
        "SocketAccess",
        "Handler",
        "Request",
        "Response",
        "MessageData",
        "Header",
        "Payload",
        "Status",
        "RouteOptions",
        "HandlerResult",
        "AccessCheck",
        "HydrateFunction",
        "DehydrateFunction",
    ]
    assert sorted(observable.__all__) == sorted(names)
    assert [name for name in names if not hasattr(observable, name)] == []
    assert (fastws.SocketRouter, fastws.Status) == (observable.SocketRouter, observable.Status)


def test_the_decorator_returns_the_handler_as_it_was() -> None:
    router = SocketRouter()
    assert router.route("ask")(answer) is answer
    assert router.route("other")(answer) is answer
    assert ask(router, "other", payload=1) == ok(1)


def test_a_router_is_an_endpoint_and_its_class_is_called_with_its_options() -> None:
    assert list(inspect.signature(SocketRouter()).parameters) == ["websocket"]
    assert list(inspect.signature(SocketRouter).parameters)[:2] == ["access_logic", "max_message_size"]


def test_routes_can_be_looked_at_but_not_changed() -> None:
    router = SocketRouter()
    options: observable.RouteOptions = {"access": lambda ws, message: True}
    router.route("ask", options)(answer)
    route = router.routes["ask"]
    assert (list(router.routes), route.path, route.handler, route.options) == (["ask"], "ask", answer, options)
    with pytest.raises(TypeError):
        router.routes["other"] = route  # type: ignore[index]
    assert repr(router) == "<SocketRouter of 1 routes>"


def test_a_route_has_one_handler() -> None:
    router = SocketRouter()
    router.route("ask")(answer)
    with pytest.raises(DuplicateRouteError) as raised:
        router.route("ask")(answer_otherwise)
    parts = ["'ask'", "answer (", "answer_otherwise (", "another name"]
    assert [part for part in parts if part not in str(raised.value)] == []
    assert (raised.value.code, isinstance(raised.value, ValueError)) == ("duplicate-route", True)
    assert ask(router, payload=1) == ok(1)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (answer, ["answer (", "is no name of a route", '`@router.route("name")`']),
        (None, ["None is no name of a route"]),
        (1, ["1 is no name of a route"]),
        (b"ask", ["b'ask' is no name of a route"]),
        ("PING", ["'PING'", "heartbeats", "Choose another name"]),
        ("a\ud800", ["'a\\ud800'", "lone surrogate"]),
    ],
)
def test_a_name_that_no_request_can_have_is_refused(path: Any, parts: list[str]) -> None:
    router = SocketRouter()
    with pytest.raises(InvalidRouteError) as raised:
        router.route(path)
    assert [part for part in parts if part not in str(raised.value)] == []
    assert (raised.value.code, isinstance(raised.value, RegistrationError | FastWSError)) == ("invalid-route", True)


@pytest.mark.parametrize(
    "path",
    ["", " ", "math/sum", "ping", "PONG", "a.b", "é\u2028\U0001f600", 'quote"', "back\\slash", "\n\0", "x" * 1000],
)
@pytest.mark.parametrize("typed", [False, True], ids=["", "typed"])
def test_any_other_text_is_a_name(path: str, *, typed: bool) -> None:
    router = SocketRouter()

    @router.route(path)
    async def handle(ws: Any, headers: Any, payload: int) -> Any:
        return payload

    if typed:
        assert ask(router, path, payload="5") == ok(5)
    else:
        router.route(path + "2")(answer)
        assert ask(router, path + "2", payload="5") == ok("5")
    # Escaped or not, it is the same name.
    text = json.dumps({"uuid": 1, "route": path, "payload": 5}, ensure_ascii=False)
    assert json.loads(ask_text(router, text))["status"] == 200


@pytest.mark.parametrize("path", ["Ask", "ask ", "", "PING ", "pong", "\ud83d\ude00"])
def test_requests_of_other_routes_are_not_found(path: str) -> None:
    router = SocketRouter()
    router.route("ask")(answer)
    assert ask(router, path) == error(404, NO_ROUTE)


def test_a_router_without_routes_answers_too() -> None:
    assert ask(SocketRouter()) == error(404, NO_ROUTE)


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ('{"uuid":1,"route":"PING"}', "1"),
        ('{"track_id":"a","uuid":1,"path":"PING","route":"ask"}', '"a"'),
        ('{"route":"PING"}', "0"),
        ('{"uuid":null,"route":"PING"}', "0"),
        ('{"uuid":[],"route":"PING"}', "0"),
        ('{"uuid":1.5,"route":"PING"}', "1.5"),
        ('{"uuid":1180591620717411303424,"route":"PING"}', "1180591620717411303424"),
        ('{"uuid":true,"path":"PING","headers":[],"payload":{"a":1}}', "true"),
    ],
)
def test_heartbeats_are_answered_whatever_else_is_wrong(text: str, uuid: str) -> None:
    expected = f'{{"headers":null,"payload":null,"uuid":{uuid},"route":"PONG"}}'
    assert ask_text(SocketRouter(), text) == expected


@pytest.mark.parametrize("frame", [b"", b"\xff", PING.encode(), b"x" * 100], ids=["empty", "byte", "json", "long"])
def test_a_binary_frame_is_no_request(frame: bytes) -> None:
    with TestClient(make_app(SocketRouter())).websocket_connect("/ws") as client:
        client.send_bytes(frame)
        assert client.receive_json() == {**error(400, ILLEGAL), "uuid": 0}
        client.send_text(PING)
        assert client.receive_text() == PONG


def test_a_route_may_be_registered_while_connections_are_served() -> None:
    router = SocketRouter()

    @router.route("learn")
    async def learn(ws: Any, headers: Any, payload: str) -> None:
        router.route(payload)(answer)

    with TestClient(make_app(router)).websocket_connect("/ws") as client:
        replies = []
        for route, payload in (("new", 1), ("learn", "new"), ("new", 2), ("learn", "new"), ("new", 3)):
            client.send_json({"uuid": 1, "route": route, "payload": payload})
            replies.append(client.receive_json()["status"])
    assert replies == [404, 200, 200, 500, 200]


@pytest.mark.skipif(not CONSISTENT, reason="pydantic is older than 2.11, and nothing is read in one pass")
def test_a_route_may_be_registered_while_the_table_is_built() -> None:
    router = SocketRouter()

    async def take_number(ws: Any, headers: Any, payload: int) -> Any:
        return payload

    def register(plan: Any, otherwise: Any) -> Any:
        for path, handler in (("late", answer), ("late and typed", take_number)):
            if path not in router.routes:
                router.route(path)(handler)
        return make_reader(plan, otherwise)

    router.route("typed")(take_number)
    requests: Any = router.routes["typed"].requests
    make_reader, requests.make_reader = requests.make_reader, register
    with TestClient(make_app(router)).websocket_connect("/ws") as client:
        replies = []
        for route in ("typed", "late", "late and typed"):
            client.send_json({"uuid": 1, "route": route, "payload": "5"})
            replies.append(client.receive_json()["payload"])
    assert replies == [5, "5", 5]


def test_a_route_with_types_that_is_registered_later_is_read_in_one_pass_too() -> None:
    router = SocketRouter()
    router.route("ask")(answer)
    assert ask(router, payload=1) == ok(1)

    @router.route("typed")
    async def take_number(ws: Any, headers: Any, payload: int) -> Any:
        return payload

    assert ask(router, "typed", payload="5") == ok(5)
    table = router._service.receiver.table
    assert table is not None
    assert (table.peek('{"uuid":1,"route":"typed"}') is not None) == CONSISTENT


def test_threads_may_register_at_a_time() -> None:
    router = SocketRouter()
    barrier = threading.Barrier(8)
    refused = []

    def register(thread: int) -> None:
        barrier.wait()
        for number in range(50):
            router.route(f"{thread}/{number}")(answer)
            try:
                router.route(f"shared/{number}")(answer)
            except DuplicateRouteError:
                refused.append(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(8)))
    assert (len(router.routes), len(refused)) == (8 * 50 + 50, 7 * 50)
    assert ask(router, "7/49", payload=1) == ok(1)


def test_two_applications_may_share_a_router() -> None:
    router = SocketRouter()
    router.route("ask")(answer)
    first, second = make_app(router), FastAPI()
    second.add_api_websocket_route("/a", router)
    second.add_api_websocket_route("/b", router)
    with (
        TestClient(first).websocket_connect("/ws") as one,
        TestClient(second).websocket_connect("/a") as two,
        TestClient(second).websocket_connect("/b") as three,
    ):
        clients = (one, two, three)
        for uuid, client in enumerate(clients):
            client.send_json({"uuid": uuid, "route": "ask"})
        assert [client.receive_json()["uuid"] for client in clients] == [0, 1, 2]


def test_two_routers_have_routes_of_their_own() -> None:
    app = FastAPI()
    for name in ("a", "b"):
        router = SocketRouter()
        router.route("ask")({"a": answer, "b": answer_otherwise}[name])
        app.add_api_websocket_route(f"/{name}", router)
    asked = [ask(app, payload=1, connection={"url": url}) for url in ("/a", "/b")]
    assert asked == [ok(1), ok("otherwise")]


def test_connections_do_not_mix_their_replies() -> None:
    router = SocketRouter()

    @router.route("who")
    async def tell(ws: WebSocket, headers: Any, payload: Any) -> Any:
        return [ws.query_params["name"], payload]

    app = make_app(router)
    clients = [TestClient(app).websocket_connect(f"/ws?name={name}") for name in range(20)]
    for client in clients:
        client.__enter__()
    try:
        for number in range(3):
            for client in clients:
                client.send_json({"uuid": number, "route": "who", "payload": number})
        for name, client in enumerate(clients):
            assert [client.receive_json()["payload"] for _ in range(3)] == [[str(name), number] for number in range(3)]
    finally:
        for client in clients:
            client.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"max_message_size": 0}, "max_message_size is a number of bytes above 0, or None for any size, not 0"),
        ({"max_message_size": "1"}, "max_message_size is"),
        ({"mailbox": 0}, "mailbox is a number of messages above 0, not 0"),
        ({"mailbox": None}, "mailbox is"),
        ({"concurrency": 0}, "concurrency is a number of handlers above 0, not 0"),
        ({"concurrency": True}, "concurrency is"),
        ({"concurrency": 1.5}, "concurrency is"),
        ({"send_timeout": 0}, "send_timeout is a number of seconds above 0, or None for any time, not 0"),
        ({"send_timeout": float("nan")}, "send_timeout is"),
        ({"allowed_origins": ["example.com"]}, "example.com"),
    ],
    ids=str,
)
def test_what_is_no_limit_is_refused(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        SocketRouter(**options)


@pytest.mark.parametrize(("size", "code"), [(200, None), (201, 1009)])
def test_a_request_over_the_limit_ends_the_connection(size: int, code: int | None) -> None:
    router = SocketRouter(max_message_size=200)
    router.route("ask")(answer)
    text = '{"uuid":1,"route":"ask","payload":"%s"}'
    text %= "é" * ((size - len(text) + 2) // 2) + "x" * ((size - len(text) + 2) % 2)
    assert len(text.encode()) == size
    with TestClient(make_app(router)).websocket_connect("/ws") as client:
        client.send_text(text)
        if code is None:
            assert client.receive_json()["status"] == 200
        else:
            with pytest.raises(WebSocketDisconnect) as closed:
                client.receive_text()
            assert (closed.value.code, closed.value.reason) == (code, "message over 200 bytes")


def test_statuses_are_those_of_the_published_package() -> None:
    known = {"OK": 200, "BAD_REQUEST": 400, "PENDING": 402, "FORBIDDEN": 403, "NOT_FOUND": 404}
    assert {name: getattr(Status, name) for name in known} == known
    assert Status.INTERNAL_SERVER_ERROR == 500


def test_requests_and_responses_are_read_under_both_spellings() -> None:
    one = Request.model_validate({"uuid": 1, "route": "ask", "headers": {"a": 1}})
    two = Request.model_validate({"track_id": 1, "path": "ask", "headers": {"a": 1}, "payload": None})
    assert one == two
    assert one.model_dump(by_alias=True) == {"headers": {"a": 1}, "payload": None, "uuid": 1, "route": "ask"}
    response = Response.model_validate({"uuid": "a", "status": 200, "payload": [1]})
    assert response.model_dump(by_alias=True) == {"headers": None, "payload": [1], "uuid": "a", "status": 200}
    assert response.get_data() == {"headers": {}, "payload": [1]}
    assert (one["headers"], one.get("payload", 1), "headers" in one) == ({"a": 1}, None, True)
