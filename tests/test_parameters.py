"""What a handler cannot ask for: said where it is registered, with the parameter, the function, and what to write instead."""

# No annotations as strings here: older versions of FastAPI do not resolve those of classes and of objects that are called.
import functools
import re
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from case_ids import steady_str
from fastapi import (
    BackgroundTasks,
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
    UploadFile,
    WebSocket,
)
from fastapi.responses import JSONResponse
from fastapi.security import SecurityScopes
from fastapi.testclient import TestClient
from model_sets import PYDANTIC
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from typing_extensions import TypedDict

from fastws import WSRouter
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.handlers import plan_handler

REQUEST = "no HTTP request. Take the connection, as in `websocket: WebSocket` or `connection: HTTPConnection`"
RESPONSE = "not answered with an HTTP response. Return a model from the handler, or send it"
BODY = "The body of a message is its one model. Make it a field of that model, or take it from the path or the query"
FORM = "Messages carry no forms and no files. Make it a field of the message, or upload it over an HTTP route"
NO_FIELD = (
    "nothing that stands in a path, a query string, a header or a cookie. Take it from a dependency, as in `user:"
)
UNANNOTATED = "neither the connection nor the message. Annotate it, as in `limit: int`"
POSITIONAL = "positional-only, and FastAPI hands values over by name. Move it behind the `/`"


class Ping(BaseModel):
    text: str


class Pong(BaseModel):
    text: str


class Total(TypedDict):
    total: int


class Opaque:
    """What pydantic knows nothing of."""

    def __init__(self, size: int) -> None: ...


class OwnRequest(Request):
    pass


async def positional_only(websocket: WebSocket, message: Ping, limit: int, /) -> None: ...


async def unannotated(websocket: WebSocket, message: Ping, wanted) -> None: ...  # type: ignore[no-untyped-def]


def asking(annotation: Any, default: Any = ...) -> Callable[..., Any]:
    """Return a handler that asks for something beside the connection and the message."""

    async def handle(websocket: WebSocket, message: Ping, wanted: Any) -> None: ...

    async def handle_by_default(websocket: WebSocket, message: Ping, wanted: Any = default) -> None: ...

    func = handle if default is ... else handle_by_default
    func.__annotations__["wanted"] = annotation
    return func


REFUSED = [
    pytest.param(Request, REQUEST, id="Request"),
    pytest.param(OwnRequest, REQUEST, id="own Request"),
    pytest.param(Response, RESPONSE, id="Response"),
    pytest.param(JSONResponse, RESPONSE, id="JSONResponse"),
    pytest.param(Annotated[int, Body()], BODY, id="Body"),
    pytest.param(Annotated[Pong, Body()], BODY, id="Body of a model"),
    pytest.param(Annotated[str, Form()], FORM, id="Form"),
    pytest.param(Annotated[bytes, File()], FORM, id="File"),
    pytest.param(UploadFile, FORM, id="UploadFile"),
    pytest.param(Annotated[UploadFile, File()], FORM, id="UploadFile as File"),
    pytest.param(list[UploadFile], FORM, id="several files"),
    pytest.param(UploadFile | None, FORM, id="a file or none"),
    pytest.param(Pong, BODY, id="model"),
    pytest.param(Total, BODY, id="TypedDict"),
    pytest.param(Pong | Ping, BODY, id="union of models"),
    pytest.param(list[Pong], BODY, id="list of models"),
    pytest.param(dict[str, int], BODY, id="dict"),
    pytest.param(list[int], BODY, id="list"),
    pytest.param(Opaque, NO_FIELD, id="class"),
    pytest.param(Opaque | None, NO_FIELD, id="class or none"),
    pytest.param(list[Opaque], NO_FIELD, id="list of a class"),
    pytest.param(Request | None, NO_FIELD, id="Request or none"),
    pytest.param(Annotated[Opaque, Query()], NO_FIELD, id="class in the query"),
    pytest.param(
        Annotated[int, Query(3)], "`Query` default value cannot be set in `Annotated`", id="misplaced default"
    ),
]


def register(func: Callable[..., Any]) -> str:
    """Register a handler that is refused, see that nothing is registered, and return what was said."""
    router = WSRouter()
    with pytest.raises(InvalidHandlerError) as error:
        router.receive(Ping)(func)
    assert not isinstance(error.value, UnresolvedError)
    assert isinstance(error.value, TypeError)
    assert (router.mapping, len(router.routes)) == ({}, 2)
    # The same model may have another handler.
    router.receive(Ping)(asking(int))
    assert len(router.mapping) == 1
    return str(error.value)


@pytest.mark.parametrize(("annotation", "reason"), REFUSED)
def test_what_a_handler_cannot_ask_for(annotation: Any, reason: str) -> None:
    said = register(asking(annotation))
    assert said.startswith(f"asking.<locals>.handle ({__file__}:")
    assert ") asks for 'wanted', which it cannot have. " in said
    assert reason in said


@pytest.mark.parametrize(
    ("func", "reason"),
    [
        (positional_only, POSITIONAL),
        (unannotated, UNANNOTATED),
        (asking(int, Body()), BODY),
        (asking(str, Form()), FORM),
        (asking(bytes, File()), FORM),
        (asking(Pong | None, None), BODY),
        (asking(Opaque, None), NO_FIELD),
        (asking(Annotated[int, Query()], Depends(lambda: 1)), "together for 'wanted'"),
        (functools.partial(asking(Request)), REQUEST),
    ],
    ids=[
        "positional",
        "unannotated",
        "Body",
        "Form",
        "File",
        "optional model",
        "optional class",
        "two marks",
        "partial",
    ],
)
def test_what_a_handler_cannot_ask_for_in_other_ways(func: Callable[..., Any], reason: str) -> None:
    said = register(func)
    assert re.search(rf"\({re.escape(__file__)}:\d+\) asks for '\w+', which it cannot have\. ", said)
    assert reason in said


def depending(annotation: Any) -> Callable[..., Any]:
    """Return a dependency that asks for something."""

    def depend(wanted: Any) -> None: ...

    depend.__annotations__["wanted"] = annotation
    return depend


@pytest.mark.parametrize(("annotation", "reason"), REFUSED)
@pytest.mark.parametrize("depth", [1, 3])
def test_what_a_dependency_cannot_ask_for(annotation: Any, reason: str, depth: int) -> None:
    dependency = depending(annotation)
    for _ in range(depth - 1):
        dependency = depending(Annotated[Any, Depends(dependency)])
    said = register(asking(Annotated[Any, Depends(dependency)]))
    assert said.startswith(f"asking.<locals>.handle ({__file__}:")
    assert f" depends on depending.<locals>.depend ({__file__}:" in said
    assert "), which asks for 'wanted', which it cannot have. " in said
    assert reason in said


class Paged:
    def __init__(self, request: Request) -> None: ...


class Pager:
    def __call__(self, request: Request) -> None: ...

    def page(self, request: Request) -> None: ...


@pytest.mark.parametrize(
    ("dependency", "name"),
    [
        (Paged, "Paged"),
        (Pager().page, "Pager.page ("),
        (functools.partial(Pager().page), "Pager.page ("),
        (Pager(), "Pager object"),
    ],
    ids=["class", "method", "partial", "object"],
)
def test_every_kind_of_dependency_is_named(dependency: Any, name: str) -> None:
    said = register(asking(Annotated[Any, Depends(dependency)]))
    assert re.search(rf"depends on \S*{re.escape(name)}.*, which asks for 'request', which it cannot have", said)
    assert REQUEST in said


def test_a_class_that_is_its_own_dependency_is_named() -> None:
    said = register(asking(Annotated[Paged, Depends()]))
    assert "depends on Paged, which asks for 'request'" in said


@pytest.mark.parametrize(
    "func",
    [
        asking(int),
        asking(int | None, None),
        asking(Annotated[list[int], Query()]),
        asking(Annotated[str, Header()]),
        asking(Annotated[str, Cookie()]),
        asking(Annotated[int, Path()]),
        asking(WebSocket),
        asking(HTTPConnection),
        asking(BackgroundTasks),
        asking(SecurityScopes),
        asking(Annotated[Pong, Depends(lambda: Pong(text=""))]),
        asking(Annotated[Opaque, Depends()]),
        asking(Annotated[Pong, Query()]),
    ],
    ids=lambda func: steady_str(func.__annotations__["wanted"]),
)
def test_what_a_handler_may_ask_for(func: Callable[..., Any]) -> None:
    router = WSRouter()
    router.receive(Ping)(func)
    assert router.parse('{"text":""}') == Ping(text="")


@pytest.mark.skipif(PYDANTIC < (2, 10), reason="pydantic says so at the decorator")
@pytest.mark.parametrize("annotation", ["Missing", "Missing | None", "Annotated[Missing, Query()]"])
def test_an_annotation_that_is_never_defined_is_said_at_startup(annotation: str) -> None:
    app, router = FastAPI(), WSRouter()
    router.receive(Ping)(asking(annotation))
    app.include_router(router, prefix="/ws")
    expected = rf"handle \(.*annotates 'wanted' as '{re.escape(annotation)}', which is not defined. Define or import it"
    with pytest.raises(UnresolvedError, match=expected), TestClient(app):
        pass
    with pytest.raises(UnresolvedError, match=expected):
        router.parse("{}")


class Handlers:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    async def handle(self, request: Request, message: Ping, second: Pong, *, limit: int) -> None:
        self.calls += [request, message, second, limit]


@pytest.mark.anyio
async def test_what_a_partial_has_bound_is_left_alone() -> None:
    handlers, second = Handlers(), Pong(text="second")
    func = functools.partial(handlers.handle, request=Request({"type": "http"}), second=second, limit=3)
    await plan_handler(func, Ping)(None, Ping(text="first"))
    assert isinstance(handlers.calls[0], Request)
    assert handlers.calls[1:] == [Ping(text="first"), second, 3]


async def call_in_its_own_way(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str) -> None:
    await mapping[Ping](websocket, None, "a response", "a second")


class OwnWay(WSRouter):
    async def _dispatcher(self, websocket: WebSocket, mapping: dict[Any, Any], message: str | bytes) -> None:
        if message == "own":
            await call_in_its_own_way(websocket, mapping, str(message))
        else:
            await super()._dispatcher(websocket, mapping, message)


async def anything(websocket: WebSocket, message: Ping, response: Response, second: Pong) -> Response:  # type: ignore[return]
    await websocket.send_json([message, response, second])


@pytest.mark.parametrize("make", [lambda: WSRouter(dispatcher=call_in_its_own_way), OwnWay], ids=["argument", "method"])
def test_a_handler_that_only_the_program_calls_may_ask_for_anything(make: Callable[[], WSRouter]) -> None:
    app, router = FastAPI(), make()
    router.receive(Ping)(anything)
    app.include_router(router, prefix="/ws")
    with TestClient(app) as client:
        assert client.get("/openapi.json").status_code == 200
        with client.websocket_connect("/ws") as websocket:
            websocket.send_text("own")
            assert websocket.receive_json() == [None, "a response", "a second"]


def test_the_default_way_to_such_a_handler_is_closed() -> None:
    app, router = FastAPI(), OwnWay()
    router.receive(Ping)(anything)
    app.include_router(router, prefix="/ws")
    errors = []

    @router.on_error
    async def on_error(websocket: WebSocket, message: str, error: Exception) -> None:
        errors.append(str(error))
        await websocket.send_text("sorry")

    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_text('{"text":"default"}')
        assert websocket.receive_text() == "sorry"
    assert len(errors) == 1
    assert "HTTP response" in errors[0]
