"""What the README of fastapi-ws-router promises of hooks, the dispatcher and the binary mode, section by section."""

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.testclient import TestClient
from pydantic import ValidationError
from vocabulary import PATIENCE, SHOUT, WAVE, Shout, Wave

from fastws import WSRouter

# Connection handlers: on_connect


def test_on_connect_accepts() -> None:
    app = FastAPI()
    router = WSRouter()
    app.include_router(router, prefix="/ws")

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="chat", headers=[(b"x-greeting", b"hello")])

    with TestClient(app).websocket_connect("/ws", subprotocols=["chat"]) as session:
        assert session.accepted_subprotocol == "chat"
        assert session.extra_headers == [(b"x-greeting", b"hello")]


def test_on_connect_closes() -> None:
    app = FastAPI()
    router = WSRouter()
    app.include_router(router, prefix="/ws")

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        await websocket.close(4003, "Not today")

    with pytest.raises(WebSocketDisconnect) as refused, TestClient(app).websocket_connect("/ws"):
        pass

    assert (refused.value.code, refused.value.reason) == (4003, "Not today")


def test_a_connection_is_accepted_without_on_connect() -> None:
    app = FastAPI()
    app.include_router(WSRouter(), prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("anything")


# Connection handlers: on_disconnect


def test_on_disconnect_with_the_exception() -> None:
    app = FastAPI()
    router = WSRouter()
    goodbyes: SimpleQueue[tuple[int, str]] = SimpleQueue()
    clients: dict[WebSocket, str] = {}

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        clients[websocket] = "somebody"
        await websocket.accept()

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, message: WebSocketDisconnect) -> None:
        clients.pop(websocket)
        goodbyes.put((message.code, message.reason))

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        assert list(clients.values()) == ["somebody"]
        session.close(4000, "Time for tea")
        assert goodbyes.get(timeout=PATIENCE) == (4000, "Time for tea")

    assert not clients


def test_on_disconnect_with_code_and_reason() -> None:
    app = FastAPI()
    router = WSRouter()
    goodbyes: SimpleQueue[tuple[int, str]] = SimpleQueue()

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.put((code, reason))

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.close(4000, "Time for tea")
        assert goodbyes.get(timeout=PATIENCE) == (4000, "Time for tea")


# Connection handlers: on_fallback


@pytest.mark.parametrize("decorate", [WSRouter.on_fallback, WSRouter.fallback], ids=["on_fallback", "fallback"])
@pytest.mark.parametrize(
    "message",
    ['{"action": "shout"}', '{"action": "run"}', "[]", "no JSON", ""],
    ids=["invalid", "unknown", "no object", "no JSON", "empty"],
)
def test_fallback_gets_what_no_model_accepts(
    message: str, decorate: Callable[[WSRouter, Callable[..., Any]], object]
) -> None:
    app = FastAPI()
    router = WSRouter()
    calls: list[tuple[object, object]] = []

    async def on_fallback(websocket: WebSocket, message: str | bytes | None, err: Exception | None) -> None:
        calls.append((message, type(err)))
        await websocket.send_text("pardon?")

    decorate(router, on_fallback)

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None: ...

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text(message)
        assert session.receive_text() == "pardon?"
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"

    assert calls == [(message, ValidationError)]


@pytest.mark.parametrize(
    ("as_text", "frame"),
    [
        (True, {"type": "websocket.receive", "bytes": b"{}"}),
        (True, {"type": "websocket.receive", "bytes": b"{}", "text": None}),
        (False, {"type": "websocket.receive", "text": "{}"}),
        (False, {"type": "websocket.receive", "text": "{}", "bytes": None}),
    ],
    ids=["binary for text", "binary for text, both keys", "text for binary", "text for binary, both keys"],
)
def test_fallback_gets_no_message_on_a_violation_of_the_protocol(as_text: bool, frame: dict[str, Any]) -> None:
    app = FastAPI()
    router = WSRouter(as_text=as_text)
    calls: list[tuple[object, object]] = []

    @router.on_fallback
    async def on_fallback(websocket: WebSocket, message: str | bytes | None, err: Exception | None) -> None:
        calls.append((message, isinstance(err, RuntimeError)))
        await websocket.send_text("pardon?")

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send(frame)
        assert session.receive_text() == "pardon?"
        session.send_json(SHOUT, mode="text" if as_text else "binary")
        assert session.receive_text() == "heard hello"

    assert calls == [(None, True)]


def test_what_no_model_accepts_is_ignored_without_a_fallback() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_text(f"heard {data.words}")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("no JSON")
        session.send_json(SHOUT)
        assert session.receive_text() == "heard hello"


# Dispatcher


@pytest.mark.parametrize(
    ("message", "reply"), [("LEFT-turn", "left: turn"), ("RIGHT-turn", "right: turn")], ids=["left", "right"]
)
def test_dispatcher(message: str, reply: str) -> None:
    app = FastAPI()
    mappings: list[object] = []

    async def turn_left(websocket: WebSocket, message: str) -> None:
        await websocket.send_text(f"left: {message}")

    async def turn_right(websocket: WebSocket, message: str) -> None:
        await websocket.send_text(f"right: {message}")

    async def dispatcher(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str) -> None:
        mappings.append(mapping)
        side, _, rest = message.partition("-")
        await (turn_left if side == "LEFT" else turn_right)(websocket, rest)

    router = WSRouter(dispatcher=dispatcher)
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text(message)
        assert session.receive_text() == reply

    assert mappings == [{}]


def test_dispatcher_gets_the_handlers_as_they_were_written() -> None:
    app = FastAPI()
    mappings: list[object] = []

    async def dispatcher(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str) -> None:
        mappings.append(mapping)
        # A dispatcher calls its handlers in its own way: not with a validated message, and with more than one.
        await mapping[Shout](websocket, message, 1)
        await mapping[Wave](message)

    async def on_shout(websocket: WebSocket, message: str, volume: int) -> None:
        await websocket.send_text(f"{message} at {volume}")

    def on_wave(message: str) -> Any:
        return on_shout(connections[0], message, 2)

    router = WSRouter(dispatcher=dispatcher)
    router.receive(Shout)(on_shout)
    router.receive(Wave)(on_wave)
    connections: list[WebSocket] = []

    @router.on_connect
    async def on_connect(websocket: WebSocket) -> None:
        connections.append(websocket)
        await websocket.accept()

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("hello")
        assert session.receive_text() == "hello at 1"
        assert session.receive_text() == "hello at 2"

    assert mappings == [{Shout: on_shout, Wave: on_wave}]


@pytest.mark.parametrize("message", ["no JSON", b"\xff"], ids=["str", "bytes"])
def test_dispatcher_gets_the_raw_message(message: str | bytes) -> None:
    app = FastAPI()
    messages: list[object] = []

    async def dispatcher(websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str | bytes) -> None:
        messages.append(message)
        await websocket.send_text("done")

    router = WSRouter(dispatcher=dispatcher, as_text=isinstance(message, str))
    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send({"type": "websocket.receive", "text" if isinstance(message, str) else "bytes": message})
        session.receive_text()

    assert messages == [message]


# Binary mode


@pytest.mark.parametrize("discriminator", ["action", None], ids=["discriminator", "none"])
def test_binary_mode(discriminator: str | None) -> None:
    app = FastAPI()
    router = WSRouter(as_text=False, discriminator=discriminator)

    @router.receive(Shout)
    async def on_shout(websocket: WebSocket, data: Shout) -> None:
        await websocket.send_bytes(f"heard {data.words}".encode())

    @router.receive(Wave)
    async def on_wave(websocket: WebSocket, data: Wave) -> None:
        await websocket.send_bytes(f"saw {data.hands} hands".encode())

    @router.on_fallback
    async def on_fallback(websocket: WebSocket, message: str | bytes | None, err: Exception | None) -> None:
        await websocket.send_text(f"{message!r} is a {type(err).__name__}")

    app.include_router(router, prefix="/ws")

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_json(SHOUT, mode="binary")
        assert session.receive_bytes() == b"heard hello"
        session.send_json(WAVE, mode="binary")
        assert session.receive_bytes() == b"saw 2 hands"
        session.send_bytes(b"\xff")
        assert session.receive_text() == r"b'\xff' is a ValidationError"
