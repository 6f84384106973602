"""Messages that are sent by hand: `websocket.send_model`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from peers import Peer, Say
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_serializer
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import PydanticSerializationError
from starlette import websockets
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

import fastws
from fastws import WSRouter
from fastws.websocket import Settings, WebSocket, adopt

pytestmark = pytest.mark.anyio

T = TypeVar("T")


class Item(BaseModel):
    """A model with everything that the options decide about."""

    model_config = ConfigDict(populate_by_name=True)
    full_name: str = Field(default="tea", alias="fullName")
    price: float | None = None


class ConfiguredItem(Item):
    model_config = ConfigDict(serialize_by_alias=True)


class Square(BaseModel):
    side: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        return self.side**2

    @field_serializer("side")
    def write_side(self, side: int) -> str:
        return f"{side} cm"


class Box(BaseModel, Generic[T]):
    content: T


class Numbers(RootModel[list[int]]):
    pass


@dataclasses.dataclass
class Plain:
    item: Item = dataclasses.field(default_factory=Item)
    note: str | None = None


@pydantic_dataclass
class Validated:
    size: int = Field(default=1, alias="Size")
    note: str | None = None


async def connect(*, as_text: bool = True) -> tuple[Peer, WebSocket]:
    """Return a peer and its connection."""
    peer = Peer()
    websocket = adopt(peer.websocket, Settings(as_text=as_text))
    await websocket.accept()
    peer.sent.clear()
    return peer, websocket


TEA = '{"fullName":"tea","price":null}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Item(), TEA, id="model"),
        pytest.param(Square(side=3), '{"side":"3 cm","area":9}', id="computed field and serializer"),
        pytest.param(Box[Item](content=Item()), f'{{"content":{TEA}}}', id="generic model"),
        pytest.param(Box(content=Item()), f'{{"content":{TEA}}}', id="generic model without its argument"),
        pytest.param(Numbers([1, 2]), "[1,2]", id="root model"),
        pytest.param(RootModel[Item](Item()), TEA, id="root model of a model"),
        pytest.param(Plain(), f'{{"item":{TEA},"note":null}}', id="dataclass"),
        pytest.param(Validated(), '{"Size":1,"note":null}', id="dataclass of pydantic"),
        pytest.param({"item": Item(), "n": 1}, f'{{"item":{TEA},"n":1}}', id="dict"),
        pytest.param([Item(), Square(side=1)], f'[{TEA},{{"side":"1 cm","area":1}}]', id="list of models"),
        pytest.param((Item(),), f"[{TEA}]", id="tuple"),
        pytest.param("tea", '"tea"', id="text"),
        pytest.param({"n": 2**70, "nan": float("nan")}, f'{{"n":{2**70},"nan":null}}', id="numbers"),
        pytest.param(None, "null", id="None"),
    ],
)
async def test_a_message_is_sent_in_the_mode_of_the_router(value: Any, text: str) -> None:
    peer, websocket = await connect()
    await websocket.send_model(value)
    assert peer.sent == [{"type": "websocket.send", "text": text}]
    peer, websocket = await connect(as_text=False)
    await websocket.send_model(value)
    assert peer.sent == [{"type": "websocket.send", "bytes": text.encode()}]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"by_alias": True}, '{"fullName":"milk","price":null}'),
        ({"by_alias": False}, '{"full_name":"milk","price":null}'),
        ({"exclude_none": True}, '{"fullName":"milk"}'),
        ({"exclude_unset": True}, '{"fullName":"milk"}'),
        ({"exclude_defaults": True}, '{"fullName":"milk"}'),
        ({"exclude_none": True, "by_alias": False}, '{"full_name":"milk"}'),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("make", "frame"),
    [
        (lambda item: item, "{}"),
        (lambda item: ConfiguredItem.model_validate(item.model_dump(exclude_unset=True)), "{}"),
        (lambda item: Box[Item](content=item), '{{"content":{}}}'),
        (lambda item: [item, item], "[{0},{0}]"),
        (lambda item: {"item": item}, '{{"item":{}}}'),
        (lambda item: (item,), "[{}]"),
    ],
    ids=["model", "configured", "generic", "list", "dict", "tuple"],
)
async def test_the_options_hold_for_models_wherever_they_stand(
    make: Callable[[Item], Any], frame: str, options: dict[str, bool], text: str
) -> None:
    peer, websocket = await connect()
    await websocket.send_model(make(Item(fullName="milk")), **options)
    assert peer.texts == [frame.format(text)]


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (Plain(), {"exclude_none": True}, '{"item":{"fullName":"tea"}}'),
        (Plain(note="x"), {"exclude_defaults": True}, '{"note":"x"}'),
        (Plain(), {"by_alias": False}, '{"item":{"full_name":"tea","price":null},"note":null}'),
        (Validated(), {"by_alias": False}, '{"size":1,"note":null}'),
        (Validated(), {"exclude_none": True}, '{"Size":1}'),
        (Item(price=None), {"exclude_unset": True}, '{"price":null}'),
    ],
    ids=["none", "defaults", "names", "names of pydantic's", "none of pydantic's", "set to the default"],
)
async def test_the_options_of_other_values(value: Any, options: dict[str, bool], text: str) -> None:
    peer, websocket = await connect()
    await websocket.send_model(value, **options)
    assert peer.texts == [text]


async def test_nothing_is_left_out_by_default() -> None:
    # The options are given by name.
    _, websocket = await connect()
    with pytest.raises(TypeError):
        await websocket.send_model(Item(), True)  # type: ignore[call-arg, misc, unused-ignore]


@pytest.mark.parametrize(
    "value", ["\ud800", {"a": ["\udfff"]}, object(), b"\xff"], ids=["text", "dict", "object", "bytes"]
)
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "binary"])
async def test_what_is_no_json_is_an_error_and_no_broken_frame(value: Any, as_text: bool) -> None:
    peer, websocket = await connect(as_text=as_text)
    with pytest.raises(PydanticSerializationError):
        await websocket.send_model(value)
    assert peer.sent == []
    await websocket.send_model("fine")
    assert len(peer.sent) == 1


@pytest.mark.parametrize("which", ["client", "server", "lost"])
async def test_after_the_end_it_raises_a_disconnect_every_time(which: str) -> None:
    async def lose(message: Message) -> None:
        if which == "lost" and message["type"] == "websocket.send":
            raise OSError

    peer, websocket = await connect()
    peer.send = lose
    if which == "client":
        peer.leave(4000, "enough")
        await websocket.receive()
    elif which == "server":
        await websocket.close(4000, "enough")
    peer.sent.clear()
    for _ in range(3):
        with pytest.raises(WebSocketDisconnect) as error:
            await websocket.send_model(Item())
        assert error.value.code == (1006 if which == "lost" else 4000)
    assert peer.sent == []


async def greet(websocket: fastws.WebSocket) -> None:
    await websocket.send_model(Item(fullName="in a dependency"))


def serve(*, as_text: bool = True, **options: Any) -> tuple[list[type], TestClient]:
    """Return an application that sends from everywhere, and the classes of the connections that it saw."""
    app, router = FastAPI(), WSRouter(as_text=as_text, **options)
    seen: list[type] = []

    @router.on_connect
    async def on_connect(websocket: fastws.WebSocket) -> None:
        await websocket.accept()
        await websocket.send_model(Item(fullName="in on_connect"))
        seen.append(type(websocket))

    @router.receive
    async def handle(websocket: fastws.WebSocket, message: Say, greeting: Annotated[None, Depends(greet)]) -> None:
        await websocket.send_model(Item(fullName=f"in the handler of {message.text}"))
        seen.append(type(websocket))

    @router.on_fallback
    async def fallback(websocket: fastws.WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        await websocket.send_model(Item(fullName="in the fallback"), exclude_none=True)

    app.include_router(router, prefix="/ws")
    return seen, TestClient(app)


@pytest.mark.parametrize("options", [{}, {"send_timeout": None}, {"concurrency": 2}], ids=str)
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "binary"])
def test_it_is_there_in_hooks_dependencies_and_handlers(as_text: bool, options: dict[str, Any]) -> None:
    seen, client = serve(as_text=as_text, **options)
    names = ["on_connect", "a dependency", "the handler of us"]
    with client.websocket_connect("/ws") as websocket:
        receive = websocket.receive_text if as_text else lambda: websocket.receive_bytes().decode()
        send = websocket.send_text if as_text else lambda text: websocket.send_bytes(text.encode())
        send('{"text":"us"}')
        for name in names:
            assert receive() == f'{{"fullName":"in {name}","price":null}}'
        send("nonsense")
        assert receive() == '{"fullName":"in the fallback"}'
    assert all(issubclass(cls, fastws.WebSocket) for cls in seen)
    assert len(seen) == 2


looks: list[bool] = []


def look(websocket: websockets.WebSocket) -> None:
    looks.append(hasattr(websocket, "send_model"))


def test_before_the_router_serves_it_a_connection_is_starlettes() -> None:
    app, router = FastAPI(), WSRouter(dependencies=[Depends(look)])

    @router.receive
    async def handle(message: Say, looked: Annotated[None, Depends(look, use_cache=False)]) -> str:
        return message.text

    app.include_router(router, prefix="/ws")
    looks.clear()
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_json({"text": "hello"})
        assert websocket.receive_json() == "hello"
    # What is decided before the handshake is answered has nobody to send to yet.
    assert looks == [False, True]


class Shouting(websockets.WebSocket):
    """A program's own connection, which changes what is sent."""

    async def send_text(self, data: str) -> None:
        await super().send_text(data.upper())


async def test_a_class_of_the_program_sends_in_its_own_way() -> None:
    peer = Peer()
    peer.websocket.__class__ = Shouting
    websocket = adopt(peer.websocket)
    await websocket.accept()
    await websocket.send_model({"text": "tea"})
    assert peer.texts == ['{"TEXT":"TEA"}']
    assert isinstance(websocket, Shouting)
    assert isinstance(websocket, fastws.WebSocket)
