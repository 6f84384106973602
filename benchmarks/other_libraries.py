"""Applications of other libraries, each written as its documentation shows, answering every message with itself.

Where a documented setting makes a library cheaper without further code, it is set: that costs it no feature that is
measured here.  Nothing of this needs fastws: these libraries have an environment of their own.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Annotated, Any, Final, Literal, Union

from pydantic import BaseModel, Field, TypeAdapter, create_model
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from workload import get_models

# In seconds: a connection that is measured answers no pings.
NEVER: Final = 86400


class Fields(BaseModel):
    """What every message carries besides its tag."""

    x: int
    y: str
    z: float


async def echo(websocket: WebSocket) -> None:
    """Answer every text with itself: what a connection costs with nothing done in it."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


def make_echo() -> Any:
    """Make an application of Starlette alone that parses nothing."""
    return Starlette(routes=[WebSocketRoute("/ws", echo)])


def make_chanx(count: int) -> Any | None:
    """Make an application of chanx, whose messages carry their fields in a payload; `None` before Python 3.11."""
    if find_spec("chanx") is None:
        return None
    decorators: Any = importlib.import_module("chanx.core.decorators")
    messages: Any = importlib.import_module("chanx.messages.base")
    websocket: Any = importlib.import_module("chanx.fast_channels.websocket")
    names: dict[str, Any] = {
        "__module__": __name__,
        "channel_layer_alias": "default",
        "log_websocket_message": False,
        # It would let go of the event loop after each message.
        "send_message_immediately": False,
    }
    for i in range(count):
        tag: Any = Literal[f"kind{i}"]
        model = create_model(f"Kind{i}", __base__=messages.BaseMessage, action=(tag, f"kind{i}"), payload=(Fields, ...))

        async def handle(self: Any, message: Any) -> Any:  # noqa: ARG001
            return message

        handle.__name__ = f"handle_kind{i}"
        names[handle.__name__] = decorators.ws_handler(handle, input_type=model, output_type=model)
    consumer: Any = type("KindsConsumer", (websocket.AsyncJsonWebsocketConsumer,), names)
    return Starlette(routes=[WebSocketRoute("/ws", decorators.channel(name="kinds")(consumer).as_asgi())])


def make_litestar(count: int) -> Any:
    """Make an application of Litestar: its listeners do not tell messages apart, so pydantic's union does."""
    litestar: Any = importlib.import_module("litestar")
    union: Any = Union[tuple(get_models(count))]  # noqa: UP007  (there is no other way to make one of a list)
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[union, Field(discriminator="type")])

    async def handle(data: str) -> str:
        message: BaseModel = adapter.validate_json(data)
        return message.model_dump_json()

    # It reads the annotations themselves.
    handle.__annotations__ = {"data": str, "return": str}
    return litestar.Litestar([litestar.websocket_listener("/ws")(handle)])


def make_socketio(count: int) -> Any:
    """Make an application of python-socketio: the event is the tag, and what it carries is validated by hand."""
    socketio: Any = importlib.import_module("socketio")
    # Messages of a client in their order, and no polling first.
    server = socketio.AsyncServer(
        async_mode="asgi", async_handlers=False, transports=["websocket"], ping_interval=NEVER
    )
    for i in range(count):
        # A model for each, as everywhere else.
        model = create_model(f"Kind{i}", __base__=Fields)

        async def handle(sid: str, data: Any, event: str = f"kind{i}", model: type[BaseModel] = model) -> None:
            await server.emit(event, model.model_validate(data).model_dump(), to=sid)

        server.on(f"kind{i}", handle)
    return socketio.ASGIApp(server)
