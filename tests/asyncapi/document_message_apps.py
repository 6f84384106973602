"""Apps whose handlers, replies and callbacks are documented, each with something of its own."""

import enum
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, Literal, Optional

from document_register import Move, Moved, Ping, Pong, Rejected, documented
from fastapi import Depends, FastAPI, Query, WebSocket
from pydantic import BaseModel, ConfigDict, Field, create_model
from typing_extensions import deprecated

from fastws import WSRouter


def serve(router: WSRouter, prefix: str = "/ws", **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.include_router(router, prefix=prefix)
    return app


@documented
def plain() -> FastAPI:
    router = WSRouter()

    @router.receive(Ping)
    async def on_ping(websocket: WebSocket, message: Ping) -> None:
        """Answered with a **pong**.

        At once.
        """

    @router.receive
    async def on_move(message: Move) -> Moved:
        return Moved()

    return serve(router, title="Plain", version="1.2.3", description="Nothing special.", summary="Plain things")


@documented
def discriminated() -> FastAPI:
    router = WSRouter(discriminator="type", name="Game")

    @router.receive(Ping | Move)
    async def on_either(message: Ping | Move) -> Pong:
        return Pong(delay=0)

    @router.receive
    async def on_rejected(message: Rejected) -> None: ...

    return serve(router)


@documented
def replies() -> FastAPI:
    router = WSRouter(name="Replies")

    def receive(number: int, reply: Any) -> None:
        """Register a handler that returns what is annotated so."""
        fields: dict[str, Any] = {"type": (Literal[f"ask{number}"], ...)}
        model = create_model(f"Ask{number}", **fields)

        async def answer(websocket: WebSocket, message: Any) -> None: ...

        answer.__annotations__["return"] = reply
        answer.__name__ = f"answer_{number}"
        router.receive(model)(answer)

    annotations: list[Any] = [
        Pong,
        Moved | Rejected,
        Optional[Pong],  # noqa: UP045
        list[Moved],
        int,
        Any,
        str,
        dict[str, float],
        Annotated[Moved | Rejected, Field(discriminator="type")],
        None,
        Literal["yes", "no"],
        tuple[int, str],
        int | Pong | None,
    ]
    for number, annotation in enumerate(annotations):
        receive(number, annotation)
    return serve(router)


class Count(BaseModel):
    type: Literal["count"]


class CountSlowly(Count):
    type: Literal["count-slowly"]  # type: ignore[assignment]


class CountOrNot(Count):
    type: Literal["count-or-not"]  # type: ignore[assignment]


@documented
def replies_by_name() -> FastAPI:
    """What one handler sends by alias, another does not, and a model without aliases is the same in both."""
    router = WSRouter(name="Names")

    class Person(BaseModel):
        full_name: str = Field(alias="fullName")

    class Team(BaseModel):
        type: Literal["team"] = "team"
        team_lead: Person = Field(serialization_alias="teamLead", examples=[{"fullName": "Ann"}])

    @router.receive(Ping)
    async def on_ping(message: Ping) -> Team | Moved: ...  # type: ignore[empty-body]

    @router.receive(Move, response_model_by_alias=False)
    async def on_move(message: Move) -> Team | Moved: ...  # type: ignore[empty-body]

    return serve(router)


@documented
def streams() -> FastAPI:
    router = WSRouter(name="Streams")

    @router.receive
    async def count(message: Count) -> AsyncIterator[Moved | Rejected]:
        yield Moved()

    @router.receive
    def count_slowly(message: CountSlowly) -> Iterator[int]:
        yield 1

    @router.receive
    async def count_or_not(message: CountOrNot) -> AsyncIterator[Pong] | None:
        return None

    return serve(router)


@documented
def sends() -> FastAPI:
    router = WSRouter(name="Sends", callbacks=Pong | Moved)

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, message: Ping) -> None: ...

    @router.receive(Move, callbacks=Moved | Rejected | None)
    async def on_move(websocket: WebSocket, message: Move) -> Pong:
        return Pong(delay=0)

    @router.receive(Count, callbacks=list[Pong])
    async def on_count(websocket: WebSocket, message: Count) -> None: ...

    return serve(router)


@documented
def binary() -> FastAPI:
    router = WSRouter(as_text=False)

    @router.receive(Ping, callbacks=Pong)
    async def on_ping(websocket: WebSocket, message: Ping) -> None: ...

    return serve(router)


@documented
def custom_dispatcher() -> FastAPI:
    async def dispatch(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str) -> None: ...

    async def left(websocket: WebSocket, message: str) -> None: ...

    async def nowhere(websocket: WebSocket) -> None: ...

    router = WSRouter(dispatcher=dispatch)
    router.receive(Ping)(left)
    router.receive(Move)(nowhere)
    return serve(router)


class Topic(enum.Enum):
    GAME = "game"


@deprecated("Say ping.")
class OldPing(BaseModel):
    """Ask whether the server is awake, in the old way."""

    type: Literal["old-ping"]
    volume: Annotated[int, Field(deprecated=True)] = 1


class RetiredPing(BaseModel):
    model_config = ConfigDict(json_schema_extra={"deprecated": True}, title="A ping of the past")

    type: Literal["retired-ping"]


@documented
def described() -> FastAPI:
    router = WSRouter(name="The game's socket", tags=["live", Topic.GAME], deprecated=True)

    @router.receive(OldPing)
    async def on_old_ping(websocket: WebSocket, message: OldPing) -> None:
        """Say it again.

        * It answers with a **pong**.
        * Ünïcödé, "quotes" and <tags>.
        \f
        What follows a form feed is not for the reader of the documentation.
        """

    @router.receive(RetiredPing)
    async def on_retired_ping(websocket: WebSocket, message: RetiredPing) -> None: ...

    return serve(router, title="Described")


@documented
def two_handlers_of_one_name() -> FastAPI:
    router = WSRouter(name="Game")

    def make() -> Any:
        async def handle(websocket: WebSocket, message: Any) -> Pong:
            return Pong(delay=0)

        return handle

    router.receive(Ping)(make())
    router.receive(Move)(make())
    router.receive(Rejected)(lambda websocket, message: None)

    class Callable:
        async def __call__(self, websocket: WebSocket, message: Moved) -> None: ...

    router.receive(Moved)(Callable())
    return serve(router)


_SIZE: dict[str, Any] = {"art": (Literal["größe"], ...), "höhe": (float, ...)}
Size = create_model("Größe", __doc__="A name beyond ASCII.", **_SIZE)


class Strange(BaseModel):
    """A title that is no name, and fields that are called like keywords."""

    model_config = ConfigDict(title="What is / this #1?")

    kind: Literal["strange"] = Field(alias="a/b~c d")
    ref: str = Field("", alias="$ref")
    discriminator: dict[str, int] = {}
    properties: list[int] = []
    default: int = 0


@documented
def strange_names() -> FastAPI:
    router = WSRouter(name="Größe / Ø #1 {x}")

    async def greet(websocket: WebSocket, message: Any) -> Strange | None:
        return None

    greet.__name__ = "größe"
    router.receive(Size)(greet)

    @router.receive(callbacks=Size)
    async def strange(message: Strange) -> None: ...

    return serve(router)


async def get_limit(limit: Annotated[int, Query(ge=1)] = 10) -> int:
    return limit


@documented
def reply_options() -> FastAPI:
    router = WSRouter()

    class Aliased(BaseModel):
        long_name: int = Field(alias="longName")

    @router.receive(Ping, response_model_by_alias=False)
    async def on_ping(websocket: WebSocket, message: Ping, limit: int = Depends(get_limit)) -> Aliased:
        return Aliased(longName=1)

    @router.receive(Move, response_model_exclude={"reasons"}, response_model_exclude_none=True)
    async def on_move(websocket: WebSocket, message: Move) -> Rejected:
        return Rejected(reasons=[])

    return serve(router)


@documented
def two_hundred_messages() -> FastAPI:
    router = WSRouter(discriminator="type")

    async def handle(websocket: WebSocket, message: Any) -> Pong:
        return Pong(delay=0)

    for number in range(200):
        fields: dict[str, Any] = {"type": (Literal[f"message{number}"], ...), "value": (int, number)}
        router.receive(create_model(f"Message{number}", **fields))(handle)
    return serve(router)


@documented
def nothing_received() -> FastAPI:
    """A router that only sends."""
    return serve(WSRouter(callbacks=Pong))


@documented
def empty_router() -> FastAPI:
    return serve(WSRouter())


@documented
def no_router() -> FastAPI:
    app = FastAPI(title="Nothing")

    @app.get("/items")
    async def items() -> list[Pong]:
        return []

    @app.websocket("/plain")
    async def socket(websocket: WebSocket) -> None: ...

    return app
