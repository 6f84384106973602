"""Apps that mount routers in all ways, with parameters and dependencies of all kinds."""

import enum
from pathlib import PurePath
from typing import Annotated, Any, Literal
from uuid import UUID

from document_message_apps import serve
from document_register import Move, Moved, Ping, Pong, documented
from fastapi import APIRouter, Cookie, Depends, FastAPI, Header, Path, Query, WebSocket
from pydantic import BaseModel, Field

from fastws import SocketRouter, WSRouter


def make_router(**options: Any) -> WSRouter:
    """Return a router that takes pings and moves."""
    router = WSRouter(**options)

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, message: Ping) -> None: ...

    @router.receive(Move)
    async def on_move(websocket: WebSocket, message: Move) -> Moved:
        return Moved()

    return router


@documented
def several_routers() -> FastAPI:
    async def find_game(game: int) -> None: ...

    app = FastAPI()
    app.include_router(make_router(name="Lobby", tags=["lobby"]), prefix="/lobby")
    app.include_router(make_router(dependencies=[Depends(find_game)]), prefix="/games/{game}")
    app.include_router(make_router(prefix="/own"))
    return app


@documented
def mounted_twice() -> FastAPI:
    app = FastAPI()
    router = make_router(tags=["game"], name="Game")
    app.include_router(router, prefix="/old", deprecated=True)
    app.include_router(router, prefix="/new", tags=["new"])
    return app


@documented
def nested_includes() -> FastAPI:
    async def of_the_app(x_app: Annotated[str, Header()]) -> None: ...

    async def of_the_parent(tenant: Annotated[str, Path(description="Whose")]) -> None: ...

    async def of_the_include(q: str | None = None) -> None: ...

    async def of_the_router(game: int, seat: Annotated[int, Query(ge=1)]) -> None: ...

    app = FastAPI(dependencies=[Depends(of_the_app)])
    parent = APIRouter(prefix="/tenants/{tenant}", tags=["tenants"], dependencies=[Depends(of_the_parent)])
    # Its prefix stands where it is included: FastAPI 0.137.0 refuses it otherwise, for the empty path of the route within.
    middle = APIRouter()
    router = make_router(tags=["game"], dependencies=[Depends(of_the_router)])
    middle.include_router(router, prefix="/games/{game}", tags=["live"], dependencies=[Depends(of_the_include)])
    parent.include_router(middle, prefix="/v1")
    app.include_router(parent, prefix="/api", tags=["api"])
    return app


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Floor(enum.IntEnum):
    GROUND = 0
    FIRST = 1


@documented
def path_parameters() -> FastAPI:
    async def find(
        *,
        colour: Colour,
        floor: Annotated[Floor, Path(description="How high")],
        number: Annotated[int, Path(ge=1, examples=[7])],
        share: float,
        id: UUID,  # noqa: A002
        kind: Literal["big", "small"],
        file: Annotated[PurePath, Path(title="The file")],
        hidden: Annotated[str, Path(include_in_schema=False)],
    ) -> None: ...

    prefix = "/{colour}/{floor}/{number:int}/{share}/{id:uuid}/{kind}/{unread}/{hidden}/{file:path}"
    return serve(make_router(dependencies=[Depends(find)]), prefix)


class Paging(BaseModel):
    limit: int = Field(100, gt=0, le=100)
    order: Literal["name", "date"] = "name"


@documented
def handshake() -> FastAPI:
    async def below(page: Annotated[int | None, Query(deprecated=True)] = None) -> None: ...

    async def shake(
        *,
        player: Annotated[str, Query(min_length=1, description="Who plays", examples=["anna"])],
        colours: Annotated[list[Colour], Query(alias="colour", max_length=3)] = [Colour.RED],  # noqa: B006
        x_token: Annotated[str, Header(description="What the lobby gave out")],
        user_agent: Annotated[str | None, Header()] = None,
        plain_name: Annotated[str, Header(convert_underscores=False)] = "",
        session: Annotated[UUID, Cookie()],
        theme: Annotated[Literal["dark", "light"], Cookie()] = "dark",
        hidden: Annotated[int, Query(include_in_schema=False)] = 0,
        deep: None = Depends(below),
    ) -> None: ...

    return serve(make_router(name="Handshake", dependencies=[Depends(shake)]))


@documented
def query_models() -> FastAPI:
    async def shake(paging: Annotated[Paging, Query()]) -> None: ...

    return serve(make_router(dependencies=[Depends(shake)]))


@documented
def dependencies_everywhere() -> FastAPI:
    async def of_the_app(app: str) -> None: ...

    async def of_the_include(include: int) -> None: ...

    async def listed(listed: float) -> None: ...

    async def of_the_handler(handler: bool) -> None: ...

    router = make_router(dependencies=[Depends(listed)])

    @router.receive(Pong)
    async def on_pong(
        websocket: WebSocket,
        message: Pong,
        dependency: Annotated[None, Depends(of_the_handler)],
        own: Annotated[int, Query()] = 1,
    ) -> None: ...

    app = FastAPI(dependencies=[Depends(of_the_app)])
    app.include_router(router, prefix="/ws", dependencies=[Depends(of_the_include)])
    return app


@documented
def sub_applications() -> FastAPI:
    inner = serve(make_router(name="Inner"), "/ws/{room}", title="Inner")
    innermost = serve(make_router(name="Innermost"), "/deep")
    inner.mount("/more", innermost)
    app = serve(make_router(name="Outer"), title="Outer")
    app.mount("/sub/{tenant}", inner)
    return app


@documented
def root_path() -> FastAPI:
    app = serve(make_router(name="Behind"))
    app.root_path = "/proxy"  # what the parameter sets, which the newest FastAPI advises against
    return app


@documented
def awaited_in_an_endpoint() -> FastAPI:
    app = FastAPI()
    router, requests = make_router(name="Awaited"), SocketRouter()

    @requests.route("where")
    async def where(ws: WebSocket, headers: dict[str, Any], payload: None) -> str:
        return ""

    @app.websocket("/c/{room}")
    async def serve_messages(websocket: WebSocket, room: str, token: Annotated[str, Query()]) -> None:
        await router.handler(websocket)

    @app.websocket("/d/{room}")
    async def serve_requests(websocket: WebSocket, room: Colour) -> None:
        await requests(websocket)

    app.state.routers = {"/c/{room}": router, "/d/{room}": requests}
    return app


@documented
def left_out() -> FastAPI:
    app = FastAPI()
    app.include_router(make_router(name="Secret", include_in_schema=False), prefix="/secret")
    app.include_router(make_router(name="Hidden"), prefix="/hidden", include_in_schema=False)
    app.include_router(make_router(name="Public"), prefix="/public")
    return app


@documented
def allowed_origins() -> FastAPI:
    return serve(make_router(allowed_origins=["https://app.example"]))


@documented
def names_that_look_alike() -> FastAPI:
    app = FastAPI()
    for prefix in ("/a/b", "/a_b", "/A-b", "/a/{b}", "/ä b", "/日本", "/a.b~c"):
        app.include_router(make_router(), prefix=prefix)
    for name in ("Game", "game", "Game", "ws/Game", "Game_on_ping", "日本", " "):
        app.include_router(make_router(name=name), prefix=f"/{len(app.routes)}")
    return app


@documented
def operations_that_look_alike() -> FastAPI:
    """One is called `Game_on_ping_sends` by its channel and its handler, and one by its channel alone."""
    app = FastAPI()
    app.include_router(make_router(name="Game"), prefix="/1")
    app.include_router(make_router(name="Game_on_ping", callbacks=Pong), prefix="/2")
    return app


@documented
def nearly_nothing_in_the_prefix() -> FastAPI:
    app = FastAPI()
    app.include_router(make_router(), prefix="/{room}")
    parent = APIRouter()
    parent.include_router(make_router(prefix="/{room}/{room2}"))
    app.include_router(parent)
    return app


@documented
def subclass_of_a_router() -> FastAPI:
    class GameRouter(WSRouter):
        """A router with hooks of its own."""

        async def on_connect(self, websocket: WebSocket) -> None:  # type: ignore[override]
            await websocket.accept()

    router = GameRouter(name="Mine")

    @router.receive
    async def on_ping(message: Ping) -> Pong:
        return Pong(delay=0)

    return serve(router)
