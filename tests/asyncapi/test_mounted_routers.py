"""Routers are found at all their addresses, however they are mounted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, WebSocket
from starlette.applications import Starlette
from starlette.routing import Host, Mount, WebSocketRoute

from fastws import SocketRouter, WSRouter, get_asyncapi
from fastws.asyncapi.mounts import find_mounted, list_documented


async def get_token(token: Annotated[str, Query()]) -> str:
    return token


def include(router: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    return app


def include_nested(router: Any) -> FastAPI:
    app, api = FastAPI(), APIRouter(prefix="/api")
    api.include_router(router, prefix="/ws")
    app.include_router(api, prefix="/v1")
    return app


def include_in_sub_application(router: Any) -> FastAPI:
    app, sub = FastAPI(), FastAPI()
    sub.include_router(router, prefix="/ws")
    app.mount("/tenants/{tenant:int}", sub)
    return app


def include_twice(router: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    return app


def include_in_host(router: Any) -> Starlette:
    return Starlette(routes=[Host("chat.example.com", app=include(router))])


def add_route(router: Any) -> FastAPI:
    app = FastAPI()
    app.add_api_websocket_route("/ws", router)
    return app


def add_route_of_starlette(router: Any) -> FastAPI:
    app = FastAPI()
    app.router.add_websocket_route("/ws", router)
    return app


def add_to_an_included_router(router: Any) -> FastAPI:
    app, api = FastAPI(), APIRouter(prefix="/api")
    api.add_api_websocket_route("/ws/{room}", router)
    app.include_router(api)
    return app


def add_route_to_starlette(router: Any) -> Starlette:
    return Starlette(routes=[Mount("/in", routes=[WebSocketRoute("/files/{path:path}", router)])])


def mount(router: Any) -> FastAPI:
    app = FastAPI()
    app.mount("/ws", router)
    return app


@pytest.mark.parametrize(
    ("build", "addresses"),
    [
        (include, ["/ws"]),
        (include_nested, ["/v1/api/ws"]),
        (include_in_sub_application, ["/tenants/{tenant}/ws"]),
        (include_twice, ["/a", "/b"]),
        (include_in_host, ["/ws"]),
    ],
)
def test_a_router_of_messages_is_found(build: Callable[[WSRouter], Any], addresses: list[str]) -> None:
    router = WSRouter()
    found = find_mounted(build(router))
    assert [mounted.address for mounted in found] == addresses
    assert {mounted.description for mounted in found} == {router.describe()}


@pytest.mark.parametrize(
    ("build", "addresses"),
    [
        (add_route, ["/ws"]),
        (add_route_of_starlette, ["/ws"]),
        (add_to_an_included_router, ["/api/ws/{room}"]),
        (add_route_to_starlette, ["/in/files/{path}"]),
        (mount, ["/ws/"]),
    ],
)
def test_a_router_of_requests_is_found(build: Callable[[SocketRouter], Any], addresses: list[str]) -> None:
    router = SocketRouter()
    found = find_mounted(build(router))
    assert [mounted.address for mounted in found] == addresses
    assert [mounted.description for mounted in found] == [router.describe()]


def test_a_handler_of_a_router_that_was_added_as_a_route_is_found() -> None:
    router = WSRouter()
    app = FastAPI()
    app.add_api_websocket_route("/by-hand", router.handler)
    assert [mounted.address for mounted in find_mounted(app)] == ["/by-hand"]


def test_an_application_may_call_a_parameter_as_the_one_does_that_it_is_mounted_in() -> None:
    async def find(id: int) -> None: ...  # noqa: A002

    app, sub = FastAPI(), FastAPI()
    sub.include_router(WSRouter(dependencies=[Depends(find)]), prefix="/rooms/{id}")
    app.mount("/tenants/{id}", sub)
    (channel,) = get_asyncapi(app)["channels"].values()
    assert (channel["address"], channel["parameters"]) == ("/tenants/{id}/rooms/{id}", {"id": {}})
    assert "query" not in channel["bindings"]["ws"]


def test_other_sockets_are_not_ours() -> None:
    app = FastAPI()

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None: ...

    app.mount("/static", Starlette())
    assert find_mounted(app) == []


def test_a_router_that_is_awaited_in_an_endpoint_is_named_by_hand() -> None:
    app, router = FastAPI(), SocketRouter()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await router(websocket)

    assert [mounted.address for mounted in find_mounted(app, {"/ws": router})] == ["/ws"]


def test_a_router_that_is_named_takes_the_place_of_the_one_that_was_found() -> None:
    found, named = SocketRouter(), SocketRouter()
    app = add_route(found)
    assert [mounted.description for mounted in find_mounted(app, {"/ws": named})] == [named.describe()]


def test_the_path_of_a_router_that_is_named_is_that_of_its_endpoint() -> None:
    found, named = SocketRouter(), SocketRouter()
    app = FastAPI()
    app.add_api_websocket_route("/files/{path:path}", found)
    (mounted,) = find_mounted(app, {"/files/{path:path}": named})
    assert (mounted.address, mounted.description) == ("/files/{path}", named.describe())


def test_dependencies_tags_and_names_are_those_of_the_place() -> None:
    app = FastAPI(dependencies=[Depends(get_token)])
    router = WSRouter(name="Chat", tags=["chat"])
    app.include_router(router, prefix="/old", tags=["old"], deprecated=True, dependencies=[Depends(get_token)])
    app.include_router(router, prefix="/new")
    old, new = find_mounted(app)
    assert (old.name, old.tags, old.deprecated, len(old.dependencies)) == ("Chat", ("old", "chat"), True, 2)
    assert (new.name, new.tags, new.deprecated, len(new.dependencies)) == ("Chat", ("chat",), False, 1)


def test_a_name_that_nobody_has_given_is_none() -> None:
    app = include(WSRouter())
    app.add_api_websocket_route("/a", SocketRouter())
    app.add_api_websocket_route("/b", SocketRouter(), name="Requests")
    assert [mounted.name for mounted in find_mounted(app)] == [None, None, "Requests"]


@pytest.mark.parametrize("where", ["router", "include"])
def test_what_is_not_in_the_schema_is_left_out(where: str) -> None:
    app = FastAPI()
    app.include_router(
        WSRouter(include_in_schema=where != "router"), prefix="/ws", include_in_schema=where != "include"
    )
    assert find_mounted(app) == []


def test_the_paths_in_openapi_are_listed() -> None:
    app, router = FastAPI(), WSRouter()

    @router.receive(dict[str, int])
    async def count(websocket: WebSocket, message: dict[str, int]) -> None: ...

    app.include_router(router, prefix="/ws")
    assert list_documented(app) == ["/ws", "/ws (count)"]
    assert set(list_documented(app)) == set(app.openapi()["paths"])


def test_paths_that_are_not_in_openapi_are_not_listed() -> None:
    app = FastAPI()
    app.include_router(WSRouter(include_in_schema=False), prefix="/ws")
    assert list_documented(app) == []
