"""Every way to mount a SocketRouter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI, WebSocketException
from starlette.routing import Mount, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from fastws import SocketRouter

REQUEST = '{"uuid": 1, "route": "math/sum", "payload": [1, 2, 3]}'
REPLY = '{"headers":{},"payload":{"sum":6},"uuid":1,"status":200}'


def make_router() -> SocketRouter:
    router = SocketRouter()

    @router.route("math/sum")
    async def add(ws: WebSocket, headers: object, payload: list[int]) -> object:
        return {"sum": sum(payload)}

    return router


def as_websocket_route(app: FastAPI, router: SocketRouter) -> None:
    # FastAPI has had this itself until it was taken from Starlette's applications.
    getattr(app, "add_websocket_route", app.router.add_websocket_route)("/ws", router)


def as_api_websocket_route(app: FastAPI, router: SocketRouter) -> None:
    app.add_api_websocket_route("/ws", router)


def awaited_in_an_endpoint(app: FastAPI, router: SocketRouter) -> None:
    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await router(websocket)


def awaited_once_accepted(app: FastAPI, router: SocketRouter) -> None:
    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        await router(websocket)


def in_an_included_router(app: FastAPI, router: SocketRouter) -> None:
    api = APIRouter()
    api.add_api_websocket_route("", router)
    app.include_router(api, prefix="/ws")


def as_a_route_of_starlette(app: FastAPI, router: SocketRouter) -> None:
    app.router.routes.append(WebSocketRoute("/ws", router))


def mounted(app: FastAPI, router: SocketRouter) -> None:
    app.router.routes.append(Mount("", router))


@pytest.mark.parametrize(
    "mount",
    [
        as_websocket_route,
        as_api_websocket_route,
        awaited_in_an_endpoint,
        awaited_once_accepted,
        in_an_included_router,
        as_a_route_of_starlette,
        mounted,
    ],
)
def test_a_router_answers_wherever_it_is_mounted(mount: Callable[[FastAPI, SocketRouter], None]) -> None:
    app = FastAPI()
    mount(app, make_router())
    with TestClient(app).websocket_connect("/ws") as client:
        client.send_text(REQUEST)
        assert client.receive_text() == REPLY


def test_what_is_no_websocket_is_not_found() -> None:
    assert TestClient(make_router()).get("/").status_code == 404


def test_a_router_alone_starts_and_stops() -> None:
    with TestClient(make_router()) as client, client.websocket_connect("/") as connection:
        connection.send_text(REQUEST)
        assert connection.receive_text() == REPLY


@pytest.mark.parametrize("make", [FastAPI, APIRouter])
def test_a_router_cannot_be_included_and_says_how_it_is_mounted(make: Callable[[], FastAPI | APIRouter]) -> None:
    with pytest.raises(
        AttributeError, match=r"'SocketRouter' .* mount it with `app\.add_api_websocket_route\(\"/ws\", router\)`"
    ):
        make().include_router(make_router(), prefix="/ws")  # type: ignore[arg-type]


def test_what_a_router_does_not_have_it_does_not_seem_to_have() -> None:
    assert (hasattr(make_router(), "receive"), getattr(make_router(), "on_startup", None)) == (False, None)


def test_a_router_alone_closes_with_the_code_that_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    router = SocketRouter()

    @router.route("leave")
    async def leave(ws: WebSocket, headers: object, payload: object) -> None:
        raise WebSocketException(4000, "enough")

    with TestClient(router).websocket_connect("/") as client:
        client.send_text('{"uuid": 1, "route": "leave"}')
        assert client.receive_json()["status"] == 500
        assert client.receive() == {"type": "websocket.close", "code": 4000, "reason": "enough"}
    # It means to close the connection, and is no error.
    assert [record.getMessage() for record in caplog.records if record.name == "fastws"] == []
