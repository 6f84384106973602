"""Apps that answer requests, each with something of its own."""

from typing import Annotated, Any, Literal

from document_register import documented
from document_security_apps import KeyInQuery
from fastapi import APIRouter, Depends, FastAPI, Query, WebSocket
from fastapi.security import APIKeyQuery
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from fastws import SocketRouter, Status
from fastws.observable import HandlerResult, MessageData


class Order(BaseModel):
    """What to buy."""

    item: Annotated[str, Field(examples=["tea"])]
    count: Annotated[int, Field(ge=1)] = 1


class Receipt(BaseModel):
    total: int
    buyer: str | None = None


class Trace(TypedDict):
    trace: str


def mount(router: SocketRouter, path: str = "/ws", **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.add_api_websocket_route(path, router)
    return app


@documented
def untyped_requests() -> FastAPI:
    router = SocketRouter()

    @router.route("math/sum")
    async def add(ws: WebSocket, headers: dict, payload: list[int]) -> dict:  # type: ignore[type-arg]
        """Add numbers up."""
        return {"sum": sum(payload)}

    @router.route("echo")
    async def echo(ws, headers, payload):  # type: ignore[no-untyped-def]
        return payload

    return mount(router, title="Requests")


@documented
def typed_requests() -> FastAPI:
    router = SocketRouter()

    @router.route("orders/new")
    async def buy(ws: WebSocket, headers: dict[str, Any], payload: Order) -> Receipt:
        """Buy something.

        It is delivered.
        """
        return Receipt(total=1)

    @router.route("orders/trace")
    async def trace(ws: WebSocket, headers: Trace, payload: Order | None) -> Receipt | HandlerResult:
        return {"status": Status.NOT_FOUND}

    @router.route("orders/result")
    async def result(ws: WebSocket, headers: Trace | None = None, payload: int = 7) -> HandlerResult:
        return {"payload": payload}

    @router.route("orders/list")
    async def list_orders(ws: WebSocket, headers: dict[str, int], payload: Any) -> list[Order]:
        return []

    @router.route("orders/none")
    async def none(ws: WebSocket, headers: dict[str, Any], payload: None) -> None: ...

    @router.route("orders/echo")
    async def echo(ws: WebSocket, headers: dict[str, Any], payload: Receipt) -> Receipt:
        return payload

    return mount(router)


@documented
def hooks_of_requests() -> FastAPI:
    async def check(message: MessageData) -> bool:
        return True

    async def load(message: MessageData, local: dict[str, Any]) -> bool:
        local["value"] = 1
        return True

    def split(ws: WebSocket, message: MessageData) -> list[str]:
        return []

    async def describe(payload: Receipt) -> str:
        return ""

    router = SocketRouter()

    @router.route("local", options={"data_check": check})
    async def of_local(local: dict[str, Any]) -> HandlerResult:
        return {"status": 200, "payload": None}

    @router.route("value", options={"data_check": load})
    async def of_value(value: int) -> int:
        return value

    @router.route("hydrated", options={"hydrate": split, "dehydrate": describe})
    async def of_hydrated(words: list[str]) -> Receipt:
        return Receipt(total=len(words))

    return mount(router)


@documented
def odd_routes() -> FastAPI:
    router = SocketRouter()

    async def answer(ws: WebSocket, headers: dict[str, Any], payload: Any) -> Literal["done"]:
        return "done"

    for name in (
        "a/b",
        "a_b",
        "A/B",
        "",
        " ",
        "größe",
        "日本",
        "ping",
        "error",
        "a~b",
        'say "hi" {x}',
        "#/channels",
        "a b.c",
    ):
        router.route(name)(answer)
    return mount(router)


@documented
def requests_with_dependencies() -> FastAPI:
    async def get_user(token: Annotated[str, Query(description="Who asks")] = "") -> str:
        return token

    router = SocketRouter()

    @router.route("orders/new")
    async def buy(
        ws: WebSocket,
        headers: dict[str, Any],
        payload: Order,
        *,
        user: Annotated[str, Depends(get_user)],
        key: Annotated[str, Depends(KeyInQuery(name="key"))],
        limit: Annotated[int, Query()] = 3,
    ) -> Receipt:
        return Receipt(total=1)

    app = FastAPI(dependencies=[Depends(APIKeyQuery(name="app", scheme_name="app"))])
    app.add_api_websocket_route("/ws/{shop}", router)
    return app


@documented
def mounts_of_requests() -> FastAPI:
    async def check_token(token: Annotated[str, Query()]) -> None: ...

    router = SocketRouter()

    @router.route("where")
    async def where(ws: WebSocket, headers: dict[str, Any], payload: None) -> str:
        return ws.url.path

    app = FastAPI()
    app.add_api_websocket_route("/a", router, name="first")
    app.router.add_websocket_route("/b/{room}", router)
    app.mount("/c", router)
    api = APIRouter(prefix="/v1/{tenant}", dependencies=[Depends(check_token)])
    api.add_api_websocket_route("/d", router)
    app.include_router(api)
    inner = FastAPI()
    inner.add_api_websocket_route("/e", router)
    app.mount("/sub", inner)
    return app


@documented
def no_routes() -> FastAPI:
    return mount(SocketRouter())


@documented
def bound_handlers() -> FastAPI:
    class Shop:
        async def sell(self, ws: WebSocket, headers: dict[str, Any], payload: Order) -> Receipt:
            """Sell something."""
            return Receipt(total=1)

    router = SocketRouter()
    router.route("sell")(Shop().sell)
    router.route("sell-again")(lambda ws, headers, payload: payload)
    return mount(router)
