"""Apps that show how routers, their parameters and their options are documented."""

# ruff: noqa: N803  (the router class goes by its own name, so that each app reads like a program)

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from fastapi import APIRouter, Cookie, Depends, FastAPI, Header, Path, Query, Security, WebSocket
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer, SecurityScopes
from pydantic import Field

if TYPE_CHECKING:
    from fastws import WSRouter as RouterClass

    Build = Callable[[type[RouterClass]], FastAPI]


from openapi_compared import Move, Moved, Ping, Pong, Rejected, compared


@compared
def quickstart(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(discriminator="type")

    @router.receive(Ping, callbacks=Union[Pong, Moved])  # noqa: UP007  (the README of the original writes it so)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @router.receive(Move)
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def no_messages(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    app.include_router(WSRouter(), prefix="/ws")
    return app


@compared
def callback_of_the_router(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=Pong)

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def callbacks_everywhere(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=Pong | Moved)

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @router.receive(Move, Moved | Rejected | None)
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def callbacks_that_are_no_models(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=list[Pong])

    @router.receive(Ping, callbacks=dict[str, int])
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @router.receive(Move, callbacks=Annotated[Moved | Rejected, Field(discriminator="type")])
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def tags_and_name(WSRouter: type[RouterClass]) -> FastAPI:
    class Tag(enum.Enum):
        GAME = "game"

    app = FastAPI()
    router = WSRouter(tags=["live", Tag.GAME], name="The game's socket")

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def long_prefix(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/api/v1/games/socket")
    return app


@compared
def parameters(WSRouter: type[RouterClass]) -> FastAPI:
    async def in_path(game: int = Path(description="Which game", ge=1)) -> None: ...

    async def elsewhere(
        *,
        player: str,
        x_token: Annotated[str, Header(description="What the lobby gave out")],
        team: Literal["red", "blue"] = "red",
        colours: Annotated[list[str], Query(alias="colour", max_length=3)] = ["white"],  # noqa: B006
        session: Annotated[uuid.UUID | None, Cookie(deprecated=True)] = None,
        hidden: Annotated[int, Query(include_in_schema=False)] = 0,
        below: None = Depends(in_path),
    ) -> None: ...

    app = FastAPI()
    router = WSRouter(dependencies=[Depends(elsewhere)])

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @router.receive(Move, path=": a move")
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    app.include_router(router, prefix="/games/{game}/socket")
    return app


@compared
def security(WSRouter: type[RouterClass]) -> FastAPI:
    oauth = OAuth2PasswordBearer("token", scopes={"play": "Take part", "watch": "Look on"}, auto_error=False)

    async def user(scopes: SecurityScopes, token: str | None = Depends(oauth)) -> None: ...

    app = FastAPI()
    router = WSRouter(
        dependencies=[
            Depends(HTTPBearer(description="From the lobby")),
            Security(user, scopes=["play"]),
            Depends(APIKeyHeader(name="x-key")),
        ]
    )

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def custom_paths(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=Rejected)

    @router.receive(Ping, path=": Are you there?")
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @router.receive(Move, None, "/moves/{unknown}")
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    @router.receive(Pong)
    async def on_pong(websocket: WebSocket, data: Pong) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def empty_path(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(callbacks=Pong)

    @router.receive(Ping, path="")
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def custom_dispatcher(WSRouter: type[RouterClass]) -> FastAPI:
    async def dispatch(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str) -> None: ...

    async def left(websocket: WebSocket, message: str) -> None: ...

    async def right(message: list[int], websocket: WebSocket) -> None: ...

    async def nowhere(websocket: WebSocket) -> None: ...

    app = FastAPI()
    router = WSRouter(dispatcher=dispatch)
    router.receive(Ping)(left)
    router.receive(Move)(right)
    router.receive(Pong)(nowhere)
    app.include_router(router, prefix="/ws")
    return app


@compared
def binary(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(as_text=False)

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws")
    return app


@compared
def docstrings(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Ping, callbacks=Pong)
    async def is_anybody_there(websocket: WebSocket, data: Ping) -> None:
        """Ask whether the server is awake.

        * It answers with a **pong**.
        * It does so at once.
        """

    @router.receive(Move)
    async def move(websocket: WebSocket, data: Move) -> None:
        """Move a piece.
        \f
        What follows a form feed is not for the reader of the documentation.
        """

    app.include_router(router, prefix="/ws")
    return app


@compared
def two_routers(WSRouter: type[RouterClass]) -> FastAPI:
    async def game(game: int) -> None: ...

    app = FastAPI()
    lobby = WSRouter(tags=["lobby"], callbacks=Pong)
    board = WSRouter(tags=["board"], dependencies=[Depends(game)])

    @lobby.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    @board.receive(Ping)
    async def on_ping_of_the_board(websocket: WebSocket, data: Ping) -> None: ...

    @board.receive(Move, callbacks=Moved)
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    @app.post("/ping")
    async def ping(data: Ping) -> Pong:
        return Pong(delay=0)

    app.include_router(lobby, prefix="/lobby")
    app.include_router(board, prefix="/games/{game}")
    return app


@compared
def included_twice(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter(tags=["game"])

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/old", deprecated=True)
    app.include_router(router, prefix="/new", tags=["new"])
    return app


@compared
def nested_includes(WSRouter: type[RouterClass]) -> FastAPI:
    async def of_the_app(x_app: Annotated[str, Header()]) -> None: ...

    async def of_the_parent(tenant: str) -> None: ...

    async def of_the_include(q: str | None = None) -> None: ...

    async def of_the_router(game: int, key: str = Depends(APIKeyHeader(name="x-key"))) -> None: ...

    app = FastAPI(dependencies=[Depends(of_the_app)], responses={500: {"description": "Our fault"}})
    parent = APIRouter(
        prefix="/tenants/{tenant}",
        tags=["tenants"],
        dependencies=[Depends(of_the_parent)],
        responses={404: {"description": "No such tenant"}},
    )
    router = WSRouter(tags=["game"], dependencies=[Depends(of_the_router)], callbacks=Pong)

    @router.receive(Move, callbacks=Moved)
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    parent.include_router(
        router,
        prefix="/games/{game}",
        tags=["live"],
        dependencies=[Depends(of_the_include)],
        deprecated=True,
        responses={403: {"model": Rejected, "description": "Not yours"}},
    )
    app.include_router(parent, prefix="/api", tags=["api"])
    return app


@compared
def left_out_by_the_include(WSRouter: type[RouterClass]) -> FastAPI:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, data: Ping) -> None: ...

    app.include_router(router, prefix="/ws", include_in_schema=False)
    return app


@compared
def options_of_the_app(WSRouter: type[RouterClass]) -> FastAPI:
    def name_operation(route: APIRoute) -> str:
        return f"{'-'.join(str(tag) for tag in route.tags)}.{route.name}"

    app = FastAPI(
        title="A game",
        generate_unique_id_function=name_operation,
        default_response_class=PlainTextResponse,
        separate_input_output_schemas=False,
    )
    router = WSRouter(tags=["game"], callbacks=Move)

    @router.receive(Move, callbacks=Move)
    async def on_move(websocket: WebSocket, data: Move) -> None: ...

    app.include_router(router, prefix="/ws")
    return app
