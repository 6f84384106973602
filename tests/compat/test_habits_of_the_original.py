"""What programs written for fastapi-ws-router rely on, although its README says nothing of it."""

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Literal

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from habits import on_shout, on_wave
from pydantic import BaseModel
from vocabulary import PATIENCE, SHOUT, WAVE, Shout, Wave

from fastws import WSMainRoute, WSRoute, WSRouter

# Names


@pytest.mark.parametrize("route", [WSRoute, WSMainRoute], ids=lambda route: route.__name__)
def test_routes_are_those_of_fastapi(route: type) -> None:
    assert issubclass(route, APIRoute)


def test_routes_of_the_router() -> None:
    router = WSRouter(name="The socket")
    router.receive(Shout)(on_shout)

    documented = [(type(route), route.path, route.name) for route in router.routes if isinstance(route, APIRoute)]

    assert documented == [(WSMainRoute, "", "The socket"), (WSRoute, " (on_shout)", "on_shout")]


@pytest.mark.parametrize(
    "decorate",
    [
        lambda router: router.receive(Shout),
        lambda router: router.on_connect,
        lambda router: router.on_disconnect,
        lambda router: router.on_fallback,
        lambda router: router.fallback,
    ],
    ids=["receive", "on_connect", "on_disconnect", "on_fallback", "fallback"],
)
def test_a_decorator_returns_the_function_as_it_was(decorate: Callable[[WSRouter], Callable[..., Any]]) -> None:
    async def function(*args: Any) -> None: ...

    assert decorate(WSRouter())(function) is function


def test_mapping_of_the_router() -> None:
    router = WSRouter()
    assert router.mapping == {}

    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)

    assert router.mapping == {Shout: on_shout, Wave: on_wave}


def test_mapping_of_the_router_can_be_written_to() -> None:
    app = FastAPI()
    router = WSRouter()
    router.receive(Shout)(on_shout)
    app.include_router(router, prefix="/ws")

    async def whisper(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"whispered {data.words}")

    router.mapping[Shout] = whisper
    router.mapping[Wave] = on_wave

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "whispered hello"
        session.send_json(WAVE)
        assert session.receive_text() == "saw 2 hands"


# Registration


@pytest.mark.parametrize("included_first", [True, False], ids=["after the include", "before the include"])
def test_handlers_and_hooks_are_registered(included_first: bool) -> None:
    app = FastAPI()
    router = WSRouter()
    goodbyes: SimpleQueue[int] = SimpleQueue()
    if included_first:
        app.include_router(router, prefix="/ws")

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("welcome")

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.put(code)

    @router.fallback
    async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        await websocket.send_text("pardon?")

    router.receive(Shout)(on_shout)
    if not included_first:
        app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        assert session.receive_text() == "welcome"
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"
        session.send_text("?")
        assert session.receive_text() == "pardon?"
        session.close(4000)
        assert goodbyes.get(timeout=PATIENCE) == 4000


@pytest.mark.parametrize(
    ("prefix_of_the_router", "prefix_of_the_include"),
    [("", "/api/ws"), ("/api/ws", ""), ("/ws", "/api")],
    ids=["of the include", "of the router", "of both"],
)
def test_prefix(prefix_of_the_router: str, prefix_of_the_include: str) -> None:
    app = FastAPI()
    router = WSRouter(prefix=prefix_of_the_router)
    router.receive(Shout)(on_shout)
    app.include_router(router, prefix=prefix_of_the_include)

    with TestClient(app).websocket_connect("/api/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


async def message_first(message: Shout, websocket: WebSocket) -> None:
    await websocket.send_text(f"heard {message.words}")


async def message_first_without_its_model(message, websocket: WebSocket):  # type: ignore[no-untyped-def]
    await websocket.send_text(f"heard {message.words}")


async def nothing_annotated(websocket, data):  # type: ignore[no-untyped-def]
    await websocket.send_text(f"heard {data.words}")


async def annotated_with_a_base(websocket: WebSocket, data: BaseModel) -> None:
    await websocket.send_text(f"heard {data.model_dump()['words']}")


@pytest.mark.parametrize(
    "handler",
    [message_first, message_first_without_its_model, nothing_annotated, annotated_with_a_base],
    ids=lambda handler: handler.__name__,
)
def test_spellings_of_a_handler(handler: Callable[..., Any]) -> None:
    app = FastAPI()
    router = WSRouter()
    router.receive(Shout)(handler)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


def test_one_handler_of_two_models() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout, path=": shout")
    @router.receive(Wave, path=": wave")
    async def on_any(websocket: WebSocket, data: Shout | Wave) -> None:
        await websocket.send_text(type(data).__name__)

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "Shout"
        session.send_json(WAVE)
        assert session.receive_text() == "Wave"


# Messages


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "binary"])
@pytest.mark.parametrize("discriminator", ["action", None], ids=["discriminator", "none"])
@pytest.mark.parametrize("models", [1, 2], ids=["one model", "two models"])
def test_messages_are_handled_in_order(models: int, discriminator: str | None, as_text: bool) -> None:
    app = FastAPI()
    router = WSRouter(discriminator=discriminator, as_text=as_text)
    router.receive(Shout)(on_shout)
    if models > 1:
        router.receive(Wave)(on_wave)
    app.include_router(router, prefix="/ws")
    mode: Literal["text", "binary"] = "text" if as_text else "binary"

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json({"action": "shout", "words": "one"}, mode=mode)
        session.send_json({"action": "shout", "words": "two"}, mode=mode)
        session.send_json({"words": "three", "action": "shout"}, mode=mode)
        replies = [session.receive_text() for _ in range(3)]

    assert replies == ["heard one", "heard two", "heard three"]


def test_hooks_and_handlers_may_read_frames_themselves() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"token: {await websocket.receive_text()}")

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None:
        await websocket.send_text("why?")
        await websocket.send_text(f"because: {await websocket.receive_text()}")

    router.receive(Shout)(on_shout)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("secret")
        assert session.receive_text() == "token: secret"
        session.send_json(WAVE)
        session.send_text("so")
        session.send_json(SHOUT)
        assert [session.receive_text() for _ in range(3)] == ["why?", "because: so", "heard hello"]


def test_connections_do_not_meet() -> None:
    app = FastAPI()
    router = WSRouter()
    router.receive(Shout)(on_shout)
    app.include_router(router, prefix="/ws")
    client = TestClient(app)

    with client.websocket_connect("/ws") as first, client.websocket_connect("/ws") as second:
        first.send_json({"action": "shout", "words": "one"})
        second.send_json({"action": "shout", "words": "two"})
        assert second.receive_text() == "heard two"
        assert first.receive_text() == "heard one"


def test_fallback_gets_every_message_when_there_are_no_models() -> None:
    app = FastAPI()
    router = WSRouter()
    calls: list[tuple[object, object]] = []

    @router.fallback
    async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        calls.append((message, error))
        await websocket.send_text("pardon?")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("anything")
        session.receive_text()
        session.send_text("")
        session.receive_text()

    assert calls == [("anything", None), ("", None)]
