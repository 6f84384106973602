"""What programs rely on that override parts of fastapi-ws-router, or embed it in something of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from queue import SimpleQueue
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Header, HTTPException, Query, WebSocket, WebSocketDisconnect, WebSocketException
from fastapi.testclient import TestClient
from habits import Mapping, on_shout, on_wave, play
from vocabulary import PATIENCE, SHOUT, WAVE, Shout, Wave

from fastws import WSRouter

# The handshake


def test_fallback_gets_a_connection_that_nobody_accepted() -> None:
    app = FastAPI()
    router = WSRouter()
    calls: list[tuple[object, object, object]] = []

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None: ...

    @router.fallback
    async def fallback(websocket: WebSocket, message: str | bytes | None, error: RuntimeError) -> None:
        calls.append((message, isinstance(error, RuntimeError), str(error)))
        await websocket.close(4001)

    app.include_router(router, prefix="/ws")

    with pytest.raises(WebSocketDisconnect) as refused, TestClient(app).websocket_connect("/ws"):
        pass

    assert calls == [(None, True, 'WebSocket is not connected. Need to call "accept" first.')]
    assert refused.value.code == 4001


def test_a_connection_that_nobody_accepted_does_not_hang() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None: ...

    app.include_router(router, prefix="/ws")

    assert [message["type"] for message in play(app)] == ["websocket.close"]


def test_a_connection_that_on_connect_closes_simply_ends() -> None:
    app = FastAPI()
    router = WSRouter()
    hooks: list[str] = []

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.close(4003)

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        hooks.append("on_disconnect")

    @router.fallback
    async def fallback(websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        hooks.append("fallback")

    app.include_router(router, prefix="/ws")

    sent = play(app)

    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 4003)]
    assert hooks == []


# Subclasses


def test_subclass_with_its_own_hooks() -> None:
    goodbyes: SimpleQueue[tuple[int, str | None]] = SimpleQueue()

    class Door(WSRouter):
        async def _on_connect(self, websocket: WebSocket) -> None:
            await super()._on_connect(websocket)
            await websocket.send_text("welcome")

        async def _on_disconnect(self, websocket: WebSocket, code: int, message: str | None) -> None:
            goodbyes.put((code, message))

        async def _fallback(self, websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
            await websocket.send_text(f"pardon? {message!r}")

    app = FastAPI()
    router = Door()
    router.receive(Shout)(on_shout)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        assert session.receive_text() == "welcome"
        session.send_text("?")
        assert session.receive_text() == "pardon? '?'"
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"
        session.close(4000, "Time for tea")
        assert goodbyes.get(timeout=PATIENCE) == (4000, "Time for tea")


def test_subclass_with_its_own_dispatcher() -> None:
    class Everything(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: Mapping, message: str | bytes) -> None:
            for handler in mapping.values():
                await handler(websocket, message)

    async def first(websocket: WebSocket, message: str) -> None:
        await websocket.send_text(f"first: {message}")

    async def second(websocket: WebSocket, message: str) -> None:
        await websocket.send_text(f"second: {message}")

    app = FastAPI()
    router = Everything()
    router.receive(Shout)(first)
    router.receive(Wave)(second)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("no JSON")
        assert session.receive_text() == "first: no JSON"
        assert session.receive_text() == "second: no JSON"


def test_subclass_around_the_dispatcher() -> None:
    class Framed(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: Mapping, message: str | bytes) -> None:
            await websocket.send_text("before")
            await super()._dispatcher(websocket, mapping, message)
            await websocket.send_text("after")

    app = FastAPI()
    router = Framed()
    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(WAVE)
        assert [session.receive_text() for _ in range(3)] == ["before", "saw 2 hands", "after"]


@pytest.mark.parametrize("discriminator", ["action", None], ids=["discriminator", "none"])
def test_subclass_that_leaves_models_out_of_the_mapping(discriminator: str | None) -> None:
    errors: list[object] = []

    class Muted(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: Mapping, message: str | bytes) -> None:
            others = {model: handler for model, handler in mapping.items() if model is not Shout}
            await super()._dispatcher(websocket, others, message)

        async def _fallback(self, websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
            errors.append(error)
            await websocket.send_text("shouting is not allowed")

    app = FastAPI()
    router = Muted(discriminator=discriminator)
    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "shouting is not allowed"
        session.send_json(WAVE)
        assert session.receive_text() == "saw 2 hands"

    (error,) = errors
    assert isinstance(error, LookupError)


def test_subclass_that_replaces_a_handler_in_the_mapping() -> None:
    async def whisper(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"whispered {data.words}")

    class Quiet(WSRouter):
        async def _dispatcher(self, websocket: WebSocket, mapping: Mapping, message: str | bytes) -> None:
            await super()._dispatcher(websocket, {**mapping, Shout: whisper}, message)

    app = FastAPI()
    router = Quiet()
    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "whispered hello"
        session.send_json(WAVE)
        assert session.receive_text() == "saw 2 hands"


def test_dispatcher_that_leaves_the_rest_to_the_router() -> None:
    async def dispatcher(websocket: WebSocket, mapping: Mapping, message: str) -> None:
        if message == "ping":
            await websocket.send_text("pong")
        else:
            await router._dispatcher(websocket, mapping, message)

    app = FastAPI()
    router = WSRouter(dispatcher=dispatcher)
    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("ping")
        assert session.receive_text() == "pong"
        session.send_json(WAVE)
        assert session.receive_text() == "saw 2 hands"


def test_subclass_around_the_whole_connection() -> None:
    class Numbered(WSRouter):
        connections = 0

        async def handler(self, websocket: WebSocket) -> None:
            self.connections += 1
            websocket.state.number = self.connections
            await super().handler(websocket)

    app = FastAPI()
    router = Numbered()

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"{websocket.state.number} shouts {data.words}")

    app.include_router(router, prefix="/ws")
    client = TestClient(app)

    with client.websocket_connect("/ws"), client.websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "2 shouts hello"


# Dependencies


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (WebSocketException(4001, "No token"), 4001, "No token"),
        (WebSocketDisconnect(4001, "No token"), 4001, "No token"),
    ],
    ids=["WebSocketException", "WebSocketDisconnect"],
)
def test_dependency_that_raises(error: Exception, code: int, reason: str) -> None:
    app = FastAPI()
    connected: list[WebSocket] = []

    async def authenticate(x_token: Annotated[str | None, Header()] = None) -> None:
        if x_token is None:
            raise error

    router = WSRouter(dependencies=[Depends(authenticate)])
    router.receive(Shout)(on_shout)

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        connected.append(websocket)
        await websocket.accept()

    app.include_router(router, prefix="/ws")
    client = TestClient(app)

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert (refused.value.code, refused.value.reason) == (code, reason)
    assert connected == []

    with client.websocket_connect("/ws", headers={"X-Token": "secret"}) as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


def test_dependency_that_raises_an_http_exception_is_answered_as_in_any_endpoint() -> None:
    # With HTTP 401, though not on every version: Starlette 0.38, which FastAPI 0.115.0 uses, sends nothing at all.
    async def authenticate() -> None:
        raise HTTPException(401, "Who are you?", headers={"WWW-Authenticate": "Bearer"})

    plain = FastAPI()
    app = FastAPI()

    @plain.websocket("/ws", dependencies=[Depends(authenticate)])
    async def endpoint(websocket: WebSocket) -> None: ...

    app.include_router(WSRouter(dependencies=[Depends(authenticate)]), prefix="/ws")

    assert play(app) == play(plain)


def test_parameter_that_is_not_valid_closes_the_connection() -> None:
    app = FastAPI()

    async def look(volume: Annotated[int, Query(ge=1)]) -> None: ...

    app.include_router(WSRouter(dependencies=[Depends(look)]), prefix="/ws")

    with pytest.raises(WebSocketDisconnect) as refused, TestClient(app).websocket_connect("/ws?volume=0"):
        pass

    assert refused.value.code == 1008


def test_dependency_overrides() -> None:
    app = FastAPI()

    async def authenticate(websocket: WebSocket) -> None:
        raise WebSocketException(1008)

    async def trust(websocket: WebSocket) -> None:
        websocket.state.user = "tester"

    router = WSRouter(dependencies=[Depends(authenticate)])

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"{websocket.state.user} shouts {data.words}")

    app.include_router(router, prefix="/ws")
    app.dependency_overrides[authenticate] = trust

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "tester shouts hello"


# The rest of an application


def test_handler_of_the_router_in_an_endpoint() -> None:
    app = FastAPI()
    router = WSRouter()
    goodbyes: SimpleQueue[str] = SimpleQueue()

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words} in {websocket.state.room}")

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.put(f"on_disconnect {code}")

    @app.websocket("/rooms/{room}")
    async def endpoint(websocket: WebSocket, room: str) -> None:
        websocket.state.room = room
        await router.handler(websocket)
        goodbyes.put("endpoint")

    with TestClient(app).websocket_connect("/rooms/kitchen") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello in kitchen"
        session.close(4000)
        assert goodbyes.get(timeout=PATIENCE) == "on_disconnect 4000"
        assert goodbyes.get(timeout=PATIENCE) == "endpoint"


def test_lifespan_of_the_router() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        events.append("startup")
        yield {"greeting": "hello"}
        events.append("shutdown")

    app = FastAPI()
    router = WSRouter(lifespan=lifespan)

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.state.greeting)

    app.include_router(router, prefix="/ws")

    with TestClient(app) as client, client.websocket_connect("/ws") as session:
        assert session.receive_text() == "hello"
        assert events == ["startup"]
    assert events == ["startup", "shutdown"]


def test_name_of_the_router_finds_its_path() -> None:
    app = FastAPI()
    app.include_router(WSRouter(name="room"), prefix="/rooms/{room}")

    assert app.url_path_for("room", room="kitchen") == "/rooms/kitchen"
