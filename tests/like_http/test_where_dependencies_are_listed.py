"""Only what the router itself lists is handed to handlers, and only to those of its own connections."""

from typing import Annotated, Any

import pytest
from both_ways import clear_notes, describe, note
from dialogue import talk
from fastapi import APIRouter, Depends, FastAPI, WebSocket, params
from listed import get_loan, get_name, get_nothing, get_pool, get_user
from pings import Ping
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from fastws import WSRouter

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _forget_notes() -> None:
    clear_notes()


async def handle_name(message: Ping, name: Annotated[str, Depends(get_name)]) -> str:
    note("handle")
    return name


RESOLVED = ["get_session", "get_user", "User", "get_name"]


async def test_those_of_the_application_are_not_handed_on() -> None:
    router = WSRouter()
    router.receive(Ping)(handle_name)
    app = FastAPI(dependencies=[Depends(get_name)])
    app.include_router(router, prefix="/ws")
    assert await talk(app, 2) == ["anna"] * 2
    assert [*RESOLVED, "accept", *[*RESOLVED, "handle"] * 2] == clear_notes()


async def test_those_of_the_routers_around_it_are_not_handed_on() -> None:
    # With a prefix of its own: FastAPI 0.137.0 does not see that of a router that was included in another.
    router = WSRouter(prefix="/ws")
    router.receive(Ping)(handle_name)
    around = APIRouter(dependencies=[Depends(get_name)])
    around.include_router(router, dependencies=[Depends(get_nothing)])
    app = FastAPI()
    app.include_router(around)
    assert await talk(app, 2) == ["anna"] * 2
    assert [*RESOLVED, "get_nothing", "accept", *[*RESOLVED, "handle"] * 2] == clear_notes()


async def test_one_that_the_application_has_too_is_resolved_once_for_both() -> None:
    router = WSRouter(dependencies=[Depends(get_name)])
    router.receive(Ping)(handle_name)
    app = FastAPI(dependencies=[Depends(get_user)])
    app.include_router(router, prefix="/ws", dependencies=[Depends(get_name)])
    assert await talk(app, 2) == ["anna"] * 2
    assert [*RESOLVED, "accept", "handle", "handle"] == clear_notes()


async def test_each_router_has_its_own() -> None:
    app = FastAPI()
    for path, listed in {"/names": [Depends(get_name)], "/users": [Depends(get_user)], "/none": None}.items():
        router = WSRouter(dependencies=listed)
        router.receive(Ping)(handle_name)
        app.include_router(router, prefix=path)
    assert await talk(app, 2, path="/names") == ["anna"] * 2
    assert [*RESOLVED, "accept", "handle", "handle"] == clear_notes()
    assert await talk(app, 2, path="/users") == ["anna"] * 2
    assert [*RESOLVED[:3], "accept", "get_name", "handle", "get_name", "handle"] == clear_notes()
    assert await talk(app, 2, path="/none") == ["anna"] * 2
    assert ["accept", *RESOLVED, "handle", *RESOLVED, "handle"] == clear_notes()


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_a_connection_that_an_endpoint_hands_over_has_none(concurrency: int) -> None:
    router = WSRouter(dependencies=[Depends(get_name)], concurrency=concurrency)
    router.receive(Ping)(handle_name)
    app = FastAPI()
    app.websocket("/ws")(router.handler)
    assert await talk(app) == ["anna"]
    assert ["accept", *RESOLVED, "handle"] == clear_notes()


async def test_a_connection_of_starlette_has_none() -> None:
    async def handle(message: Ping, loan: Annotated[str, Depends(get_loan)]) -> str:
        return loan

    router = WSRouter(dependencies=[Depends(get_pool)])
    router.receive(Ping)(handle)

    async def endpoint(websocket: WebSocket) -> None:
        await router.handler(websocket)

    app = Starlette(routes=[WebSocketRoute("/ws", endpoint)])
    assert await talk(app, 2) == ["loan of pool"] * 2
    assert ["accept", *["open pool", "open loan", "close loan", "close pool"] * 2] == clear_notes()


async def get_place(room: str, floor: int = 0) -> str:
    note("get_place")
    return f"{room} on {floor}"


Place = Annotated[str, Depends(get_place)]


@pytest.mark.parametrize("listed", [[], [Depends(get_place)]], ids=["each-time", "listed"])
@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/rooms/blue", "", ["blue", 0, "blue on 0"]),
        ("/rooms/blue", "room=red&floor=2", ["blue", 2, "blue on 2"]),
        ("/floors/3", "room=red&floor=2", ["red", 3, "red on 3"]),
        ("/floors/3/green", "room=red", ["green", 3, "green on 3"]),
        ("/anywhere", "room=red&floor=2", ["red", 2, "red on 2"]),
    ],
)
async def test_a_router_at_several_paths_has_the_parameters_of_each(
    listed: list[params.Depends], path: str, query: str, expected: list[Any]
) -> None:
    async def handle(message: Ping, room: str, place: Place, floor: int = 0) -> list[str | int]:
        return [room, floor, place]

    router = WSRouter(dependencies=listed)
    router.receive(Ping)(handle)
    app = FastAPI()
    for prefix in ["/rooms/{room}", "/floors/{floor}", "/floors/{floor}/{room}", "/anywhere"]:
        app.include_router(router, prefix=prefix)
    assert [expected] * 2 == await talk(app, 2, path, query)
    assert clear_notes().count("get_place") == (1 if listed else 2)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/floors/top", "path.floor: int_parsing"), ("/rooms/blue?floor=top", "query.floor: int_parsing")],
)
async def test_an_error_says_where_a_parameter_is_of_this_path(path: str, expected: str) -> None:
    errors = []

    async def handle(message: Ping, floor: int) -> int:
        return floor

    async def on_error(websocket: WebSocket, message: Ping, error: Exception) -> None:
        errors.append(describe(error))
        await websocket.send_text("0")

    router = WSRouter()
    router.receive(Ping)(handle)
    router.on_error(on_error)
    app = FastAPI()
    app.include_router(router, prefix="/floors/{floor}")
    app.include_router(router, prefix="/rooms/{room}")
    path, _, query = path.partition("?")
    assert await talk(app, 1, path, query) == [0]
    assert errors == [[expected]]
