"""WSRouter: routing, and what it can be asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from pings import PING, PONG, Ping, Pong, first_handler, second_handler
from pydantic import BaseModel, RootModel, ValidationError, field_validator, model_validator
from typing_extensions import TypedDict

from fastws import WSRouter, messages
from fastws.errors import (
    InvalidModelError,
    NoMessagesError,
    UnclaimedMessageError,
)


def test_decorators_return_what_they_decorate() -> None:
    router = WSRouter()

    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None: ...

    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None: ...

    async def hello(websocket: WebSocket) -> None: ...

    assert router.receive(Ping)(first_handler) is first_handler
    assert router.on_connect(hello) is hello
    assert router.on_disconnect(goodbye) is goodbye
    assert router.on_fallback(fallback) is fallback
    assert router.fallback(fallback) is fallback


def test_parse_returns_the_model_or_raises_what_pydantic_raises() -> None:
    router = WSRouter(discriminator="type")
    router.receive(Ping)(first_handler)
    router.receive(Pong)(second_handler)
    assert router.parse(PING) == Ping(type="ping")
    assert router.parse(PONG.encode()) == Pong(type="pong")
    assert router.parse(bytearray(PONG.encode())) == Pong(type="pong")
    with pytest.raises(ValidationError, match="union_tag_invalid"):
        router.parse('{"type":"pang"}')
    with pytest.raises(ValidationError, match="json_invalid"):
        router.parse("{")


def test_parse_without_models() -> None:
    with pytest.raises(NoMessagesError, match="receive"):
        WSRouter().parse(PING)


def test_how_messages_are_told_apart_is_shown_and_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "CONSISTENT", True)
    router = WSRouter()
    router.receive(Ping)(first_handler)
    assert repr(router) == "<WSRouter of 1 message model>"
    router.parse(PING)
    assert repr(router) == "<WSRouter of 1 message model, told apart as the only one>"
    router.receive(Pong)(second_handler)
    with caplog.at_level(logging.DEBUG, logger="fastws"):
        router.parse(PING)
        router.parse(PONG)
    assert repr(router) == "<WSRouter of 2 message models, told apart by the tag 'type' in the raw JSON>"
    assert caplog.messages == ["2 message models, told apart by the tag 'type' in the raw JSON"]


def test_the_fast_path_can_be_turned_off() -> None:
    router = WSRouter(fast_path=False)
    router.receive(Ping)(first_handler)
    router.receive(Pong)(second_handler)
    assert router.parse(PONG) == Pong(type="pong")
    assert "because fast_path is off" in repr(router)


def test_one_handler_may_serve_several_models(router: WSRouter, client: TestClient) -> None:
    @router.receive(Ping | Pong)
    async def either(message: Ping | Pong, websocket: WebSocket) -> None:
        await websocket.send_text(type(message).__name__)

    assert router.mapping == {Ping: either, Pong: either}
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        websocket.send_text(PONG)
        assert [websocket.receive_text(), websocket.receive_text()] == ["Ping", "Pong"]


class Point(TypedDict):
    type: Literal["point"]
    x: int


class Place(TypedDict):
    type: Literal["place"]
    name: str


@dataclass
class Area:
    type: Literal["area"]
    size: int


class Numbers(RootModel[list[int]]):
    pass


def test_messages_of_every_kind_find_their_handlers(router: WSRouter, client: TestClient) -> None:
    @router.receive(Point)
    async def point(websocket: WebSocket, message: Point) -> None:
        await websocket.send_text(f"point {message['x']}")

    @router.receive(Place)
    async def place(websocket: WebSocket, message: Place) -> None:
        await websocket.send_text(f"place {message['name']}")

    @router.receive(Area)
    async def area(websocket: WebSocket, message: Area) -> None:
        await websocket.send_text(f"area {message.size}")

    @router.receive(Numbers)
    async def numbers(websocket: WebSocket, message: Numbers) -> None:
        await websocket.send_text(f"numbers {message.root}")

    with client.websocket_connect("/ws") as websocket:
        for text, answer in (
            ('{"type":"point","x":1}', "point 1"),
            ('{"type":"place","name":"here"}', "place here"),
            ('{"type":"area","size":2}', "area 2"),
            ("[1,2]", "numbers [1, 2]"),
        ):
            websocket.send_text(text)
            assert websocket.receive_text() == answer


def test_a_message_that_nobody_claims_goes_to_the_fallback(router: WSRouter, client: TestClient) -> None:
    class Chameleon(BaseModel):
        type: Literal["chameleon"]

        @model_validator(mode="after")
        def become(self) -> Any:
            return 42

    @router.receive(Chameleon)
    async def chameleon(websocket: WebSocket, message: Chameleon) -> None:
        pytest.fail("it is no chameleon any more")

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text("pong")

    seen = []

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        seen.append((message, error))

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text('{"type":"chameleon"}')
        websocket.send_text(PING)
        assert websocket.receive_text() == "pong"
    ((message, error),) = seen
    assert message == '{"type":"chameleon"}'
    assert isinstance(error, UnclaimedMessageError)
    assert "int" in str(error)


def test_what_a_validator_raises_goes_to_the_fallback_and_is_logged_once(
    router: WSRouter, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    class Fragile(BaseModel):
        type: Literal["fragile"]
        text: str

        @field_validator("text")
        @classmethod
        def stumble(cls, text: str) -> str:
            raise KeyError("on purpose")

    @router.receive(Fragile)
    async def fragile(websocket: WebSocket, message: Fragile) -> None:
        pytest.fail("it never validates")

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text("pong")

    seen = []

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        seen.append((message, error))

    text = '{"type":"fragile","text":"secret"}'
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(text)
        websocket.send_text(PING)
        assert websocket.receive_text() == "pong"
    ((message, error),) = seen
    assert message == text
    assert isinstance(error, KeyError)
    (line,) = caplog.messages
    assert line.startswith("a validator raised KeyError at ")
    assert "secret" not in caplog.text


def test_a_validation_error_of_a_handler_is_not_one_of_the_message(router: WSRouter, client: TestClient) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        Pong.model_validate({})

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        pytest.fail("the message was valid")

    with pytest.raises(ValidationError), client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive()["code"] == 1011


def test_documents_are_told_when_the_dispatcher_or_the_mode_changes() -> None:
    router = WSRouter()

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> Pong:
        return Pong(type="pong")

    async def dispatcher(websocket: WebSocket, mapping: dict[Any, Any], message: str) -> None: ...

    assert (router.describe().handlers[0].reply, router.describe().as_text) == (Pong, True)
    router.dispatcher = dispatcher
    router.as_text = False
    # What the program's own dispatcher sends, nobody knows.
    assert (router.describe().handlers[0].reply, router.describe().as_text) == (None, False)
    assert router.describe() is router.describe()


def test_a_handler_registered_later_is_served(router: WSRouter, client: TestClient) -> None:
    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text("ping")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text(PING)
        assert websocket.receive_text() == "ping"

        @router.receive(Pong)
        async def pong(websocket: WebSocket, message: Pong) -> None:
            await websocket.send_text("pong")

        websocket.send_text(PONG)
        assert websocket.receive_text() == "pong"


def test_what_is_wrong_with_the_models_is_said_at_startup(app: FastAPI, router: WSRouter) -> None:
    class Later(BaseModel):
        type: Literal["later"]
        undefined: NotThere  # type: ignore[name-defined]  # noqa: F821

    @router.receive(Later)
    async def later(websocket: WebSocket, message: Any) -> None: ...

    with pytest.raises(InvalidModelError, match=r"Later refers to a type that is not defined.*model_rebuild"):
        TestClient(app).__enter__()


def test_the_routers_own_lifespan_runs_once(app: FastAPI) -> None:
    steps = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        steps.append("start")
        yield {"key": "value"}
        steps.append("stop")

    router = WSRouter(lifespan=lifespan)
    router.receive(Ping)(first_handler)
    app.include_router(router, prefix="/ws")
    with TestClient(app) as client:
        assert client.app_state == {"key": "value"}
        assert "told apart" in repr(router)
    assert steps == ["start", "stop"]


def test_dependencies_are_resolved_once_for_a_connection(app: FastAPI, client: TestClient) -> None:
    resolved = []

    async def who(websocket: WebSocket, token: str = "nobody") -> None:
        resolved.append(token)
        websocket.state.token = token

    router = WSRouter(dependencies=[Depends(who)])
    app.include_router(router, prefix="/ws")

    @router.receive(Ping)
    async def ping(websocket: WebSocket, message: Ping) -> None:
        await websocket.send_text(websocket.state.token)

    with client.websocket_connect("/ws?token=me") as websocket:
        for _ in range(3):
            websocket.send_text(PING)
            assert websocket.receive_text() == "me"
    assert resolved == ["me"]


def test_http_routes_of_the_router_work(app: FastAPI, router: WSRouter) -> None:
    @router.get("/rooms")
    async def rooms() -> list[str]:
        return ["lobby"]

    app = FastAPI()
    app.include_router(router, prefix="/ws")
    assert TestClient(app).get("/ws/rooms").json() == ["lobby"]


def test_the_address_of_the_socket_can_be_looked_up(app: FastAPI) -> None:
    router = WSRouter(name="chat")
    app.include_router(router, prefix="/ws/{room}")
    assert app.url_path_for("chat", room="lobby") == "/ws/lobby"
