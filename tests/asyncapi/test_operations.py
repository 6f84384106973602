"""The operations of routers, and their messages."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

import jsonschema
import pytest
from fastapi import FastAPI, Query, WebSocket
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeAliasType, TypedDict

from fastws import SocketRouter, WSRouter, get_asyncapi, reply_with_error

T = TypeVar("T")


class Ask(BaseModel):
    """Ask something.

    It may take a while
    until there is an answer.
    """

    type: Literal["ask"]
    text: str


class Stop(BaseModel):
    type: Literal["stop"]


class Answer(BaseModel):
    text: str


class Old(BaseModel):
    model_config = ConfigDict(json_schema_extra={"deprecated": True})


class Page(BaseModel, Generic[T]):
    items: list[T]


@dataclass
class Point:
    x: int


class Movie(TypedDict):
    title: str


def document(router: WSRouter | SocketRouter, **options: Any) -> dict[str, Any]:
    app = FastAPI()
    if isinstance(router, WSRouter):
        app.include_router(router, prefix="/ws", **options)
    else:
        app.add_api_websocket_route("/ws", router)
    return get_asyncapi(app)


def name(references: list[dict[str, str]]) -> list[str]:
    return [reference["$ref"].removeprefix("#/channels/ws/messages/") for reference in references]


def test_a_handler_receives_its_message_and_replies() -> None:
    router = WSRouter()

    @router.receive
    async def ask(message: Ask) -> Answer | None:
        """Find an answer.

        Somehow.
        """
        return None

    made = document(router)
    (operation,) = made["operations"].values()
    assert list(made["operations"]) == ["ws_ask"]
    assert operation == {
        "action": "receive",
        "channel": {"$ref": "#/channels/ws"},
        "title": "ask",
        "summary": "Find an answer.",
        "description": "Find an answer.\n\nSomehow.",
        "messages": [{"$ref": "#/channels/ws/messages/Ask"}],
        "reply": {"channel": {"$ref": "#/channels/ws"}, "messages": [{"$ref": "#/channels/ws/messages/Answer"}]},
    }
    assert made["components"]["messages"]["Ask"] == {
        "name": "Ask",
        "title": "Ask",
        "summary": "Ask something.",
        "description": "Ask something.\n\nIt may take a while\nuntil there is an answer.",
        "contentType": "application/json",
        "payload": {"$ref": "#/components/schemas/Ask"},
        "examples": [{"name": "example", "payload": {"type": "ask", "text": "string"}}],
    }


Either = TypeAliasType("Either", Annotated[Ask | Stop, Field(discriminator="type")])


@pytest.mark.parametrize("model", [Ask | Stop, Annotated[Ask | Stop, Field(discriminator="type")], Either])
def test_the_members_of_a_union_are_messages(model: Any) -> None:
    async def either(websocket: WebSocket, message: Ask | Stop) -> None: ...

    router = WSRouter()
    router.receive(model)(either)
    assert name(document(router)["operations"]["ws_either"]["messages"]) == ["Ask", "Stop"]


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        (Answer, ["Answer"]),
        (Answer | Point, ["Answer", "Point"]),
        (Page[Answer], ["Page_Answer_"]),
        (Movie, ["Movie"]),
        (list[Answer], ["handle.reply"]),
        (int | list[int] | None, ["handle.reply", "handle.reply2"]),
        (Any, ["handle.reply"]),
    ],
)
def test_replies_are_named_after_their_types(reply: Any, names: list[str]) -> None:
    router = WSRouter()

    async def handle(message: Ask) -> Any: ...

    handle.__annotations__["return"] = reply
    router.receive(handle)
    made = document(router)
    assert name(made["operations"]["ws_handle"]["reply"]["messages"]) == names
    keys = [one["$ref"].rpartition("/")[2] for one in made["channels"]["ws"]["messages"].values()]
    assert keys == ["Ask", *(one if one in made["components"]["schemas"] else f"ws.{one}" for one in names)]


def test_a_generic_model_has_its_own_name() -> None:
    router = WSRouter()

    @router.receive
    async def handle(message: Ask) -> Page[Answer]: ...  # type: ignore[empty-body]

    assert document(router)["components"]["messages"]["Page_Answer_"]["name"] == "Page[Answer]"


def test_items_are_streamed() -> None:
    router = WSRouter()

    @router.receive
    async def ask(message: Ask) -> AsyncIterator[Answer]:
        yield Answer(text="")

    assert document(router)["operations"]["ws_ask"]["reply"]["x-stream"] is True


def test_callbacks_are_sent() -> None:
    router = WSRouter(callbacks=Stop)

    @router.receive(Ask, callbacks=Annotated[Stop | Answer, "either"])
    async def ask(websocket: WebSocket, message: Ask) -> None: ...

    operations = document(router)["operations"]
    assert list(operations) == ["ws_ask", "ws_ask_sends", "ws_sends"]
    assert [operation["action"] for operation in operations.values()] == ["receive", "send", "send"]
    assert name(operations["ws_ask_sends"]["messages"]) == ["Stop", "Answer"]
    assert name(operations["ws_sends"]["messages"]) == ["Stop"]


@pytest.mark.parametrize("hook", ["on_fallback", "on_error"])
def test_errors_are_sent_where_they_are_answered(hook: str) -> None:
    app, router = FastAPI(), WSRouter()
    app.include_router(router, prefix="/ws")

    @router.receive
    async def ask(message: Ask) -> None: ...

    assert list(get_asyncapi(app)["operations"]) == ["ws_ask"]
    getattr(router, hook)(reply_with_error)
    made = get_asyncapi(app)
    assert name(made["operations"]["ws_errors"]["messages"]) == ["error.frame"]
    if hook == "on_fallback":
        with TestClient(app).websocket_connect("/ws") as websocket:
            websocket.send_text("{}")
            frame = websocket.receive_json()
        schema = {"$ref": "#/components/schemas/ws.error.frame", "components": made["components"]}
        jsonschema.Draft7Validator(schema).validate(frame)


def test_a_model_that_is_called_error_is_not_lost_beside_them() -> None:
    class error(BaseModel):  # noqa: N801
        text: str

    router = WSRouter(callbacks=error)
    router.on_fallback(reply_with_error)
    assert list(document(router)["channels"]["ws"]["messages"]) == ["error", "error.frame"]


def test_tags_and_deprecation_are_those_of_the_place() -> None:
    router = WSRouter(tags=["chat"])

    @router.receive
    async def ask(message: Ask) -> None: ...

    made = document(router, tags=["chat", "old"], deprecated=True)
    for part in (made["channels"]["ws"], made["operations"]["ws_ask"]):
        assert part["tags"] == [{"name": "chat"}, {"name": "old"}]
        assert part["x-deprecated"] is True


def test_a_deprecated_model_is_a_deprecated_message() -> None:
    router = WSRouter()

    @router.receive
    async def handle(message: Old) -> None: ...

    assert document(router)["components"]["messages"]["Old"]["deprecated"] is True


def test_what_handlers_ask_for_is_asked_of_the_connection() -> None:
    router = WSRouter()

    @router.receive
    async def ask(message: Ask, limit: Annotated[int, Query()]) -> None: ...

    query = document(router)["channels"]["ws"]["bindings"]["ws"]["query"]
    assert query == {"type": "object", "properties": {"limit": {"type": "integer", "title": "Limit"}}}


def test_the_program_s_own_dispatcher_neither_replies_nor_resolves() -> None:
    async def dispatch(websocket: WebSocket, mapping: dict[Any, Any], message: str) -> None: ...

    router = WSRouter(dispatcher=dispatch)

    @router.receive(Ask)
    async def ask(websocket: WebSocket, message: str, limit: int = 3) -> Answer: ...  # type: ignore[empty-body]

    made = document(router)
    assert "reply" not in made["operations"]["ws_ask"]
    assert "query" not in made["channels"]["ws"]["bindings"]["ws"]


def test_two_handlers_of_one_name_are_two_operations() -> None:
    router = WSRouter()

    def register(model: type[BaseModel]) -> None:
        @router.receive(model)
        async def handle(websocket: WebSocket, message: BaseModel) -> None: ...

    register(Ask)
    register(Stop)
    assert list(document(router)["operations"]) == ["ws_handle", "ws_handle_2"]


def test_the_text_of_a_partial_is_that_of_its_function() -> None:
    async def ask(cache: object, websocket: WebSocket, message: Ask) -> None:
        """Ask.\f Not for clients."""

    router = WSRouter()
    router.receive(Ask)(functools.partial(ask, object()))
    assert document(router)["operations"]["ws_ask"]["summary"] == "Ask."


def test_binary_frames_are_said() -> None:
    assert document(WSRouter(as_text=False))["channels"]["ws"]["x-frames"] == "binary"


def test_a_router_without_handlers_is_a_channel() -> None:
    made = document(WSRouter())
    assert made["channels"]["ws"]["messages"] == {}
    assert made["operations"] == {}
