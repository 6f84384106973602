"""Documentation-only routes and what FastAPI is shown of a handler."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Any, NoReturn

import pytest
from fastapi import BackgroundTasks, Cookie, Depends, FastAPI, Header, Path, Query, Response, Security
from fastapi.security import OAuth2PasswordBearer
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection
from starlette.routing import Match
from starlette.websockets import WebSocket

from fastws import WSMainRoute, WSRoute, WSRouter
from fastws._inspect import name_callable
from fastws.handlers import find_reply
from fastws.openapi import document


class Item(BaseModel):
    name: str


async def annotated(websocket: WebSocket, message: Item) -> None:
    """Do something with an item."""


async def bare(websocket, message) -> None:  # type: ignore[no-untyped-def]
    """Do something with an item."""


async def bare_message(websocket: WebSocket, data, limit: int = 3) -> None: ...  # type: ignore[no-untyped-def]


async def bare_swapped(message: Item, websocket) -> None: ...  # type: ignore[no-untyped-def]


async def variadic(*args: Any, **kwargs: Any) -> None: ...


class Callee:
    async def __call__(self, websocket, message) -> None: ...  # type: ignore[no-untyped-def]


def operation_of(func: Any) -> dict[str, Any]:
    """Return what OpenAPI says of a handler of `Item`."""
    app, router = FastAPI(), WSRouter()
    router.receive(Item, path=": item")(func)
    app.include_router(router, prefix="/ws")
    operation: dict[str, Any] = app.openapi()["paths"]["/ws: item"]["post"]
    return operation


def test_a_handler_that_says_all_is_shown_as_written() -> None:
    assert document(annotated, Item) is annotated


@pytest.mark.parametrize("func", [annotated, bare, bare_swapped, Callee()], ids=name_callable)
def test_the_message_is_the_body_and_nothing_else_is_asked_for(func: Any) -> None:
    operation = operation_of(func)
    assert "parameters" not in operation
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Item"}


def test_other_parameters_are_documented_as_fastapi_does() -> None:
    operation = operation_of(bare_message)
    assert [parameter["name"] for parameter in operation["parameters"]] == ["limit"]
    assert "requestBody" in operation


def test_variadic_parameters_are_not_documented() -> None:
    operation = operation_of(variadic)
    assert "parameters" not in operation


def test_a_stand_in_looks_like_the_handler() -> None:
    stand_in = document(bare, Item)
    assert stand_in is not bare
    assert (stand_in.__name__, stand_in.__doc__, stand_in.__module__) == (bare.__name__, bare.__doc__, bare.__module__)
    assert stand_in.__globals__ is bare.__globals__
    assert list(inspect.signature(stand_in).parameters) == ["websocket", "message"]
    assert operation_of(bare)["description"] == "Do something with an item."


def test_a_function_without_signature_is_shown_as_it_is() -> None:
    update = dict[str, str]().update
    assert document(update, Item) is update


@pytest.mark.parametrize(
    ("func", "name"),
    [
        (annotated, "annotated"),
        (functools.partial(annotated), "annotated"),
        (functools.partial(functools.partial(annotated)), "annotated"),
        (Callee(), "Callee"),
        (Callee().__call__, "__call__"),
    ],
    ids=["function", "partial", "partial-of-partial", "object", "method"],
)
def test_a_handler_is_named(func: Any, name: str) -> None:
    assert name_callable(func) == name


@pytest.mark.parametrize("cls", [WSRoute, WSMainRoute])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_documentation_route_never_matches(cls: type[WSRoute], kind: str) -> None:
    route = cls("/ws", annotated, methods=["POST"])
    assert route.matches({"type": kind, "method": "POST", "path": "/ws", "headers": []}) == (Match.NONE, {})


@pytest.mark.parametrize("path", ["/ws", "/ws (annotated)", "/ws%20(annotated)"])
def test_no_request_reaches_a_documentation_route(path: str) -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Item)(annotated)
    app.include_router(router, prefix="/ws")
    assert TestClient(app).post(path, json={"name": "x"}).status_code == 404


def test_the_document_is_served() -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Item)(bare)
    app.include_router(router, prefix="/ws")
    assert TestClient(app).get("/openapi.json").json() == app.openapi()
    assert TestClient(app).get("/docs").status_code == 200


class Receipt(BaseModel):
    number: int = Field(serialization_alias="receiptNumber")


class Opaque:
    """What pydantic knows nothing of."""


def returning(annotation: Any) -> Callable[..., Awaitable[None]]:
    """Return a handler that declares a reply."""

    async def handle(websocket: WebSocket, message: Item) -> None: ...

    handle.__annotations__["return"] = annotation
    return handle


@pytest.mark.parametrize(
    ("annotation", "documented"),
    [
        (Item, Item),
        (Item | None, Item),
        (Item | Receipt | None, Item | Receipt),
        (list[Item], list[Item]),
        (Awaitable[Item], Item),
        (AsyncIterator[Item | None], Item),
        (AsyncIterator[Item] | None, Item),
        (None, None),
        (NoReturn, None),
        (Response, None),
        (Opaque, None),
        ("Missing", None),
    ],
    ids=str,
)
def test_what_a_declaration_documents(annotation: Any, documented: Any) -> None:
    assert find_reply(returning(annotation)) == documented


ITEM = {"$ref": "#/components/schemas/Item"}
RECEIPT = {"$ref": "#/components/schemas/Receipt"}
TITLE = {"title": "Response Handle Ws  Item Post"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Item, ITEM),
        (Item | None, ITEM),
        (Item | Receipt | None, {"anyOf": [ITEM, RECEIPT], **TITLE}),
        (list[Item], {"type": "array", "items": ITEM, **TITLE}),
        (dict[str, Item], {"type": "object", "additionalProperties": ITEM, **TITLE}),
        (int, {"type": "integer", **TITLE}),
        (Any, TITLE),
        (AsyncIterator[Item], ITEM),
        (AsyncIterator[Item | Receipt], {"anyOf": [ITEM, RECEIPT], **TITLE}),
        (None, {}),
        (NoReturn, {}),
    ],
    ids=str,
)
def test_what_a_handler_returns_is_its_response(annotation: Any, schema: dict[str, Any]) -> None:
    response = operation_of(returning(annotation))["responses"]["200"]
    assert response == {"description": "Successful Response", "content": {"application/json": {"schema": schema}}}


async def generate(websocket: WebSocket, message: Item) -> AsyncIterator[Receipt]:
    """Do something with an item."""
    yield Receipt(number=1)


def generate_in_thread(websocket: WebSocket, message: Item) -> Iterator[Receipt]:
    """Do something with an item."""
    yield Receipt(number=1)


class Generator:
    """Do something with an item."""

    async def __call__(self, websocket: WebSocket, message: Item) -> AsyncIterator[Receipt]:
        yield Receipt(number=1)


@functools.wraps(generate)
def wrapped(*args: Any, **kwargs: Any) -> Any:
    return generate(*args, **kwargs)


@pytest.mark.parametrize("func", [generate, generate_in_thread, Generator(), wrapped], ids=name_callable)
def test_an_item_of_a_stream_is_its_response(func: Any) -> None:
    # FastAPI documents generators of its own as other kinds of responses.
    operation = operation_of(func)
    assert operation["description"] == "Do something with an item."
    assert operation["responses"].keys() == {"200", "422"}
    assert operation["responses"]["200"]["content"] == {"application/json": {"schema": RECEIPT}}
    assert operation["requestBody"]["content"]["application/json"]["schema"] == ITEM


def test_callbacks_say_otherwise() -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Item, path=": item", callbacks=Receipt)(returning(Item))
    app.include_router(router, prefix="/ws")
    operation = app.openapi()["paths"]["/ws: item"]["post"]
    assert operation["responses"]["200"]["content"] == {"application/json": {"schema": RECEIPT}}


@pytest.mark.parametrize("options", [{}, {"response_model_by_alias": False}], ids=str)
def test_a_reply_is_documented_as_the_response_of_an_endpoint(options: dict[str, Any]) -> None:
    app, router, http = FastAPI(), WSRouter(), FastAPI()
    router.receive(Item, **options)(returning(Receipt))
    app.include_router(router, prefix="/ws")

    @http.post("/", **options)
    async def endpoint(message: Item) -> Receipt:
        return Receipt(number=1)

    assert app.openapi()["components"] == http.openapi()["components"]


class Bearer(OAuth2PasswordBearer):
    """A scheme that takes any connection, also before FastAPI's own do."""

    async def __call__(self, connection: HTTPConnection) -> str:
        return ""

    # Older versions of FastAPI do not resolve annotations of objects that are strings.
    __call__.__annotations__["connection"] = HTTPConnection


bearer = Bearer(tokenUrl="token", scopes={"read": "Read", "write": "Write"})


async def get_user(
    token: Annotated[str, Security(bearer, scopes=["read"])], user_agent: Annotated[str, Header()]
) -> str:
    return token


async def get_tenant(tenant: Annotated[str, Header(alias="X-Tenant")]) -> str:
    return tenant


async def ask_for_much(  # noqa: PLR0917
    websocket: WebSocket,
    message: Item,
    room: str,
    floor: Annotated[int, Path(ge=0)],
    user: Annotated[str, Security(get_user, scopes=["write"])],
    tenant: Annotated[str, Depends(get_tenant)],
    tasks: BackgroundTasks,
    tags: Annotated[list[str], Query(description="Some tags.")],
    session: Annotated[str | None, Cookie()] = None,
    limit: int = 3,
) -> Receipt:
    return Receipt(number=1)


def parameter(name: str, place: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    required = "default" not in schema and "anyOf" not in schema
    title = name.replace("-", " ").title().replace(" ", "-")
    return {"name": name, "in": place, "required": required, "schema": {"title": title, **schema}, **more}


def test_what_a_handler_asks_for_is_documented() -> None:
    app, router = FastAPI(), WSRouter(dependencies=[Depends(get_tenant)])
    router.receive(Item, path=": item")(ask_for_much)
    app.include_router(router, prefix="/{room}/{floor}/ws")
    document = app.openapi()
    tenant = parameter("X-Tenant", "header", {"type": "string"})
    main = document["paths"]["/{room}/{floor}/ws"]["post"]
    operation = document["paths"]["/{room}/{floor}/ws: item"]["post"]
    assert main["parameters"] == [tenant]
    assert sorted(operation["parameters"], key=lambda one: str(one["name"])) == [
        tenant,
        parameter("floor", "path", {"type": "integer", "minimum": 0}),
        parameter("limit", "query", {"type": "integer", "default": 3}),
        parameter("room", "path", {"type": "string"}),
        parameter("session", "cookie", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        parameter(
            "tags",
            "query",
            {"type": "array", "items": {"type": "string"}, "description": "Some tags."},
            description="Some tags.",
        ),
        parameter("user-agent", "header", {"type": "string"}),
    ]
    assert operation["requestBody"] == {"required": True, "content": {"application/json": {"schema": ITEM}}}
    assert operation["responses"]["200"]["content"] == {"application/json": {"schema": RECEIPT}}
    (security,) = operation["security"]
    assert {name: sorted(scopes) for name, scopes in security.items()} == {"Bearer": ["read", "write"]}
    assert list(document["components"]["securitySchemes"]) == ["Bearer"]


async def bound(previous: Item, websocket: WebSocket, message: Item, limit: int = 3) -> Receipt:
    """Do something with two items."""
    return Receipt(number=1)


@pytest.mark.parametrize(
    ("func", "names"),
    [
        (functools.partial(bound, Item(name="x")), ["limit"]),
        (functools.partial(bound, previous=Item(name="x")), ["limit"]),
        (functools.partial(bound, previous=Item(name="x"), limit=1), []),
    ],
    ids=["by place", "by name", "all"],
)
def test_what_a_partial_has_bound_is_not_documented(func: Any, names: list[str]) -> None:
    operation = operation_of(func)
    assert [parameter["name"] for parameter in operation.get("parameters", [])] == names
    assert operation["requestBody"]["content"]["application/json"]["schema"] == ITEM
    assert operation["responses"]["200"]["content"] == {"application/json": {"schema": RECEIPT}}
    assert operation["description"] == "Do something with two items."


async def dispatch(websocket: WebSocket, mapping: dict[Any, Any], message: str) -> None: ...


@pytest.mark.parametrize("annotation", [Opaque, Response, AsyncIterator[Opaque], "Missing"], ids=str)
def test_what_only_a_program_of_its_own_calls_may_return_anything(annotation: Any) -> None:
    app, router = FastAPI(), WSRouter(dispatcher=dispatch)
    handle = router.receive(Item)(returning(annotation))
    app.include_router(router, prefix="/ws")
    assert app.openapi()["paths"]["/ws (handle)"]["post"]["responses"]["200"]["content"] == {
        "application/json": {"schema": {}}
    }
    assert router.mapping == {Item: handle}
