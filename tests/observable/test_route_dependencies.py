"""What handlers of routes ask of FastAPI: dependencies, parameters of the connection, background tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from asking import DENIED, FAILED, ILLEGAL, ask, error, ok
from fastapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
    WebSocketException,
)
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws import SocketRouter
from fastws.errors import InvalidHandlerError

notes: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    notes.clear()


class Item(BaseModel):
    number: int


def get_plain() -> str:
    notes.append("plain")
    return "plain"


async def get_async(plain: Annotated[str, Depends(get_plain)]) -> str:
    return f"async {plain}"


def get_user(x_user: Annotated[str, Header()]) -> str:
    return x_user


def get_token(websocket: WebSocket, connection: HTTPConnection) -> str:
    assert websocket.scope is connection.scope
    return websocket.headers["x-user"]


def get_scopes(scopes: SecurityScopes) -> str:
    return scopes.scope_str


class Paging:
    def __init__(self, limit: int = 10) -> None:
        self.limit = limit


def add_websocket_route(app: FastAPI, router: SocketRouter) -> None:
    getattr(app, "add_websocket_route", app.router.add_websocket_route)("/rooms/{room}/ws", router)


def add_api_websocket_route(app: FastAPI, router: SocketRouter) -> None:
    app.add_api_websocket_route("/rooms/{room}/ws", router)


def include_router(app: FastAPI, router: SocketRouter) -> None:
    api = APIRouter()
    api.add_api_websocket_route("/ws", router)
    app.include_router(api, prefix="/rooms/{room}")


def await_in_endpoint(app: FastAPI, router: SocketRouter) -> None:
    @app.websocket("/rooms/{room}/ws")
    async def serve(websocket: WebSocket) -> None:
        await router(websocket)


MOUNTS = [add_websocket_route, add_api_websocket_route, include_router, await_in_endpoint]

Mounted = Callable[[FastAPI, SocketRouter], None]


def make_app(handler: Callable[..., Any], mount: Mounted = add_api_websocket_route, **options: Any) -> FastAPI:
    router = SocketRouter(**options)
    router.route("ask")(handler)
    app = FastAPI()
    mount(app, router)
    return app


URL = "/rooms/7/ws?limit=3"
CONNECTION: dict[str, Any] = {"url": URL, "headers": {"x-user": "ann", "cookie": "theme=dark"}}


async def depend_on_plain(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(get_plain)]) -> Any:
    return value


async def depend_by_default(ws: Any, headers: Any, payload: Any, value: str = Depends(get_async)) -> Any:
    return value


def depend_in_thread(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(get_async)]) -> Any:
    return value


async def depend_twice(
    ws: Any, headers: Any, payload: Any, a: Annotated[str, Depends(get_plain)], b: Annotated[str, Depends(get_async)]
) -> Any:
    return [a, b, notes.count("plain")]


async def depend_without_cache(
    ws: Any,
    headers: Any,
    payload: Any,
    a: Annotated[str, Depends(get_plain)],
    b: Annotated[str, Depends(get_plain, use_cache=False)],
) -> Any:
    return notes.count("plain")


async def depend_on_class(ws: Any, headers: Any, payload: Any, paging: Annotated[Paging, Depends()]) -> Any:
    return paging.limit


async def depend_on_header(ws: Any, headers: Any, payload: Any, user: Annotated[str, Depends(get_user)]) -> Any:
    return user


async def depend_on_connection(ws: Any, headers: Any, payload: Any, user: Annotated[str, Depends(get_token)]) -> Any:
    return user


async def take_parameters(  # noqa: PLR0917
    ws: Any,
    headers: Any,
    payload: Any,
    room: Annotated[int, Path()],
    limit: Annotated[int, Query()],
    x_user: Annotated[str, Header()],
    theme: Annotated[str, Cookie()],
) -> Any:
    return [room, limit, x_user, theme]


async def take_unmarked(ws: Any, headers: Any, payload: Any, *, room: int = 0, limit: int = 0, other: int = 5) -> Any:
    return [room, limit, other]


async def take_scopes(
    ws: Any, headers: Any, payload: Any, scopes: Annotated[str, Security(get_scopes, scopes=["read", "write"])]
) -> Any:
    return scopes


async def type_the_payload(ws: Any, headers: Any, payload: Item, user: Annotated[str, Depends(get_user)]) -> Any:
    return [payload.number, user]


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (depend_on_plain, "plain"),
        (depend_by_default, "async plain"),
        (depend_in_thread, "async plain"),
        (depend_twice, ["plain", "async plain", 1]),
        (depend_without_cache, 2),
        (depend_on_class, 3),
        (depend_on_header, "ann"),
        (depend_on_connection, "ann"),
        (take_parameters, [7, 3, "ann", "dark"]),
        (take_unmarked, [7, 3, 5]),
        (take_scopes, "read write"),
        (type_the_payload, [1, "ann"]),
    ],
)
def test_a_handler_gets_what_it_asks_for(mount: Mounted, handler: Callable[..., Any], expected: Any) -> None:
    with TestClient(make_app(handler, mount)).websocket_connect(**CONNECTION) as client:
        for _ in range(2):
            notes.clear()
            client.send_json({"uuid": 1, "route": "ask", "payload": {"number": 1}})
            assert client.receive_json() == {**ok(expected), "uuid": 1}


@pytest.mark.parametrize("mount", MOUNTS)
def test_overrides_of_the_application_are_used(mount: Mounted) -> None:
    app = make_app(depend_by_default, mount)
    app.dependency_overrides[get_plain] = lambda: "overridden"
    with TestClient(app).websocket_connect(**CONNECTION) as client:
        client.send_json({"uuid": 1, "route": "ask"})
        assert client.receive_json() == {**ok("async overridden"), "uuid": 1}


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize(
    ("handler", "url", "headers", "loc"),
    [
        (take_parameters, "/rooms/s3cr3t/ws?limit=3", {"x-user": "a", "cookie": "theme=x"}, ["path", "room"]),
        (take_parameters, "/rooms/7/ws?limit=s3cr3t", {"x-user": "a", "cookie": "theme=x"}, ["query", "limit"]),
        (take_parameters, "/rooms/7/ws?limit=3", {"cookie": "theme=x"}, ["header", "x-user"]),
        (take_parameters, "/rooms/7/ws?limit=3", {"x-user": "a"}, ["cookie", "theme"]),
        (take_unmarked, "/rooms/7/ws?limit=s3cr3t", {}, ["query", "limit"]),
        (depend_on_header, "/rooms/7/ws", {}, ["header", "x-user"]),
        (depend_on_class, "/rooms/7/ws?limit=s3cr3t", {}, ["query", "limit"]),
    ],
)
def test_parameters_that_are_not_valid_are_told_without_their_values(
    mount: Mounted, handler: Callable[..., Any], url: str, headers: dict[str, str], loc: list[str]
) -> None:
    reply = ask(make_app(handler, mount), connection={"url": url, "headers": headers})
    assert (reply["status"], reply["payload"]["Message"]) == (400, ILLEGAL["Message"])
    assert ([one["loc"] for one in reply["payload"]["detail"]], "s3cr3t" in str(reply)) == ([loc], False)


def refuse() -> str:
    raise WebSocketException(1008, "no")


async def handle_refusal(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(refuse)]) -> Any:
    return value


async def refuse_itself(ws: Any, headers: Any, payload: Any) -> Any:
    raise WebSocketException(4001, "no more")


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize(
    ("handler", "reply", "code", "reason"),
    [(handle_refusal, error(403, DENIED), 1008, "no"), (refuse_itself, error(500, FAILED), 4001, "no more")],
)
def test_an_exception_that_means_to_close_closes_behind_its_reply(
    mount: Mounted, handler: Callable[..., Any], reply: dict[str, Any], code: int, reason: str
) -> None:
    with TestClient(make_app(handler, mount)).websocket_connect(URL) as client:
        client.send_json({"uuid": 1, "route": "ask"})
        assert client.receive_json() == {**reply, "uuid": 1}
        with pytest.raises(WebSocketDisconnect) as closed:
            client.receive_text()
    assert (closed.value.code, closed.value.reason) == (code, reason)


async def take_request(ws: Any, headers: Any, payload: Any, request: Request = None) -> None: ...  # type: ignore[assignment]


async def take_response(ws: Any, headers: Any, payload: Any, response: Annotated[Response, Depends()]) -> None: ...


async def take_body(ws: Any, headers: Any, payload: Any, item: Annotated[Item, Body()]) -> None: ...


async def take_form(ws: Any, headers: Any, payload: Any, name: Annotated[str, Form()]) -> None: ...


async def take_file(ws: Any, headers: Any, payload: Any, file: Annotated[UploadFile, File()]) -> None: ...


async def take_item(ws: Any, headers: Any, payload: Any, item: Item = Item(number=1)) -> None: ...


def needs_body(item: Item) -> None: ...


async def take_nested_body(ws: Any, headers: Any, payload: Any, item: Annotated[Any, Depends(needs_body)]) -> None: ...


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (take_request, "request"),
        (take_body, "item"),
        (take_form, "name"),
        (take_file, "file"),
        (take_item, "item"),
        (take_nested_body, "item"),
    ],
)
def test_what_a_request_cannot_fill_is_refused(handler: Callable[..., Any], name: str) -> None:
    with pytest.raises(
        InvalidHandlerError, match=rf"{handler.__name__} .* asks for '{name}', which it cannot have\. \w"
    ):
        SocketRouter().route("ask")(handler)
