"""What the README of fastapi-ws-router promises of messages and their documentation, section by section."""

from typing import Annotated, Any

import fastapi
import pytest
from fastapi import Depends, FastAPI, Path, WebSocket, WebSocketDisconnect
from fastapi.testclient import TestClient
from vocabulary import SHOUT, WAVE, Heard, Seen, Shout, Wave

from fastws import WSRouter

# From here on `include_router` keeps the router and looks at its routes later.
SHOWS_LATE_ROUTES = tuple(int(part) for part in fastapi.__version__.split(".")[:2]) >= (0, 137)


# Usage


@pytest.mark.parametrize("discriminator", ["action", None], ids=["discriminator", "none"])
@pytest.mark.parametrize(
    ("message", "reply"), [(SHOUT, "heard hello"), (WAVE, "saw 2 hands")], ids=["the first model", "the second"]
)
def test_quickstart(message: dict[str, Any], reply: str, discriminator: str | None) -> None:
    app = FastAPI()
    router = WSRouter(discriminator=discriminator)

    @router.receive(Shout, callbacks=Shout | Wave)
    async def on_shout(websocket, data: Shout):  # type: ignore[no-untyped-def]
        await websocket.send_text(f"heard {data.words}")

    @router.receive(Wave)
    async def on_wave(websocket, data: Wave):  # type: ignore[no-untyped-def]
        await websocket.send_text(f"saw {data.hands} hands")

    app.include_router(router, prefix="/ws")

    with TestClient(app) as client, client.websocket_connect("/ws") as session:
        session.send_json(message)
        assert session.receive_text() == reply


def test_discriminator_of_a_single_model() -> None:
    app = FastAPI()
    router = WSRouter(discriminator="action")

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


# Documenting server-side events


def schema_of_response(app: FastAPI, path: str) -> Any:
    return app.openapi()["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


def test_callbacks_are_documented_where_they_were_declared() -> None:
    app = FastAPI()
    router = WSRouter(callbacks=Heard | Seen)

    @router.receive(Shout, callbacks=Heard)
    async def on_shout(websocket: WebSocket, data: Shout) -> None: ...

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None: ...

    app.include_router(router, prefix="/ws")

    heard, seen = {"$ref": "#/components/schemas/Heard"}, {"$ref": "#/components/schemas/Seen"}
    assert schema_of_response(app, "/ws")["anyOf"] == [heard, seen]
    assert schema_of_response(app, "/ws (on_shout)") == heard
    assert schema_of_response(app, "/ws (on_wave)") == {}


def test_callbacks_are_not_enforced() -> None:
    app = FastAPI()
    router = WSRouter(callbacks=Heard)

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("no JSON at all")

    @router.receive(Shout, callbacks=Seen)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_json(["neither", "nor"])
        await websocket.send_bytes(b"\x00")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        assert session.receive_text() == "no JSON at all"
        session.send_json(SHOUT)
        assert session.receive_json() == ["neither", "nor"]
        assert session.receive_bytes() == b"\x00"


# WebSockets limitation: event handlers


def test_a_handler_gets_the_connection_and_one_instance_of_its_model() -> None:
    app = FastAPI()
    router = WSRouter()
    connections: list[WebSocket] = []
    calls: list[tuple[object, object]] = []

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        connections.append(websocket)

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        calls.append((websocket, data))
        await websocket.send_text("done")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        session.receive_text()

    (connection,) = connections
    assert calls == [(connection, Shout(action="shout", words="hello"))]
    assert isinstance(connection, WebSocket)


def test_what_a_handler_returns_is_not_sent() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout)
    async def on_shout(websocket, data):  # type: ignore[no-untyped-def]
        return Heard(by=["nobody"])

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None:
        await websocket.send_text("the only frame")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        session.send_json(WAVE)
        assert session.receive_text() == "the only frame"


# WebSockets limitation: dependency injection


def test_a_dependency_hands_the_path_on_in_the_scope() -> None:
    app = FastAPI()

    async def note_the_thing(websocket: WebSocket, thing: Annotated[str, Path()]) -> None:
        websocket.scope["thing"] = thing

    router = WSRouter(dependencies=[Depends(note_the_thing)])
    app.include_router(router, prefix="/ws/{thing}")

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"connected to {websocket.scope['thing']}")

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"{data.words} from {websocket.scope['thing']}")

    with TestClient(app).websocket_connect("/ws/teapot") as session:
        assert session.receive_text() == "connected to teapot"
        session.send_json(SHOUT)
        assert session.receive_text() == "hello from teapot"


def test_a_dependency_is_resolved_once_for_each_connection() -> None:
    app = FastAPI()
    resolved: list[WebSocket] = []

    async def count(websocket: WebSocket) -> None:
        resolved.append(websocket)

    router = WSRouter(dependencies=[Depends(count)])

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"{len(resolved)}")

    app.include_router(router, prefix="/ws")
    client = TestClient(app)

    with client.websocket_connect("/ws") as first, client.websocket_connect("/ws") as second:
        for session in (first, second, first):
            session.send_json(SHOUT)
            assert session.receive_text() == "2"


# WebSockets limitation: subroutes


def test_several_routers_on_several_paths() -> None:
    app = FastAPI()
    loud = WSRouter()
    quiet = WSRouter()

    @loud.receive(Shout)
    async def on_loud_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(data.words.upper())

    @quiet.receive(Shout)
    async def on_quiet_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(data.words.lower())

    app.include_router(loud, prefix="/loud")
    app.include_router(quiet, prefix="/places/{place}/quiet")
    client = TestClient(app)

    with (
        client.websocket_connect("/loud") as at_loud,
        client.websocket_connect("/places/library/quiet") as at_quiet,
    ):
        at_loud.send_json({"action": "shout", "words": "Hello"})
        at_quiet.send_json({"action": "shout", "words": "Hello"})
        assert at_loud.receive_text() == "HELLO"
        assert at_quiet.receive_text() == "hello"


# OpenAPI limitations


def test_path_of_a_handler() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout, path=": WS Chat message")
    async def on_shout(websocket: WebSocket, data: Shout) -> None: ...

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None: ...

    app.include_router(router, prefix="/ws")

    assert list(app.openapi()["paths"]) == ["/ws", "/ws: WS Chat message", "/ws (on_wave)"]


def test_path_of_a_handler_that_comes_after_the_include() -> None:
    app = FastAPI()
    router = WSRouter()
    app.include_router(router, prefix="/ws")

    @router.receive(Shout, path=": WS Chat message")
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    assert ("/ws: WS Chat message" in app.openapi()["paths"]) is SHOWS_LATE_ROUTES
    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


def test_empty_path_documents_a_handler_in_the_place_of_the_connection() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout, path="")
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    app.include_router(router, prefix="/ws")

    paths = app.openapi()["paths"]
    assert list(paths) == ["/ws"]
    assert paths["/ws"]["post"]["summary"] == "On Shout"
    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
@pytest.mark.parametrize("path", ["/ws", "/ws (on_shout)", "/ws: wave", "/ws/like/any/other"])
def test_a_documented_path_cannot_be_requested(path: str, method: str) -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None: ...

    @router.receive(Wave, path=": wave")
    async def on_wave(websocket: WebSocket, data: Wave) -> None: ...

    @router.receive(Heard, path="/like/any/other")
    async def on_heard(websocket: WebSocket, data: Heard) -> None: ...

    app.include_router(router, prefix="/ws")

    assert path in app.openapi()["paths"]
    assert TestClient(app).request(method, path, json=SHOUT).status_code == 404


def test_no_socket_behind_the_documented_path_of_a_handler() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None: ...

    app.include_router(router, prefix="/ws")

    with pytest.raises(WebSocketDisconnect), TestClient(app).websocket_connect("/ws (on_shout)"):
        pass
