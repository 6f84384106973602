"""The applications that are measured: fastws, its rivals and the floor, each answering every message at `/ws`."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect
from rivals import Models, Parse, make_original
from workload import TAG_FIRST

from fastws import WebSocket as OurWebSocket
from fastws import WSRouter

FuncT = TypeVar("FuncT", bound=Callable[..., Any])


def own(func: FuncT) -> FuncT:
    """Copy a function with a code object of its own.

    The interpreter keeps what it has learned of a line in the code object. Applications that share one, each with another
    class of connection, would take turns at unlearning it, which no program's own handler goes through.
    """
    assert isinstance(func, FunctionType)
    copy: Any = FunctionType(
        func.__code__.replace(), func.__globals__, func.__name__, func.__defaults__, func.__closure__
    )
    copy.__annotations__ = dict(func.__annotations__)
    return copy  # type: ignore[no-any-return]


async def dump(websocket: WebSocket, message: Any) -> None:
    """Answer a message with itself."""
    await websocket.send_text(message.model_dump_json())


async def answer(websocket: WebSocket, message: Any) -> None:  # noqa: ARG001
    """Answer a message with a constant of its size."""
    await websocket.send_text(TAG_FIRST)


async def send_model(websocket: OurWebSocket, message: Any) -> None:
    """Answer a message with itself, in the router's mode."""
    await websocket.send_model(message)


async def get_user() -> str:
    """Return what a program would look up."""
    return "me"


async def answer_user(websocket: WebSocket, message: Any, user: Annotated[str, Depends(get_user)]) -> None:  # noqa: ARG001
    """Answer a message with a constant, knowing who has sent it."""
    await websocket.send_text(TAG_FIRST)


HANDLERS = {"model_dump_json": dump, "constant": answer}
"""What the handlers of an application may do, by the name of their answer."""


def make_ours(models: Models, handler: Callable[..., Any], discriminator: str | None = None, **options: Any) -> FastAPI:
    """Make an application of fastws.

    Parameters:
        models: What it receives.
        handler: What answers them.
        discriminator: As the router's; inferred where there is none.
        options: More of the router's arguments.
    """
    router = WSRouter(prefix="/ws", discriminator=discriminator, **options)
    handler = own(handler)
    for model in models:
        router.receive(model)(handler)
    app = FastAPI()
    app.include_router(router)
    return app


def make_replying(models: Models) -> FastAPI:
    """Make an application of fastws that answers each message with itself, by declaring so."""
    router = WSRouter(prefix="/ws")

    for model in models:

        async def reply(websocket: WebSocket, message: Any) -> Any:  # noqa: ARG001
            return message

        reply.__annotations__["return"] = model
        router.receive(model)(own(reply))
    app = FastAPI()
    app.include_router(router)
    return app


async def accept(websocket: WebSocket) -> None:
    """Accept a connection, which the original leaves to the program."""
    await websocket.accept()


def make_original_app(router: Any) -> FastAPI:
    """Make an application of the original's router, through its handler: its own route fails on today's FastAPI."""
    router.on_connect(accept)
    app = FastAPI()
    app.websocket("/ws")(router.handler)
    return app


def make_theirs(models: Models, handler: Callable[..., Any], discriminator: str | None = None) -> FastAPI | None:
    """Make an application of the package that fastws replaces, `None` where it is not installed."""
    router = make_original(models, discriminator)
    if router is None:
        return None
    router.mapping.update(dict.fromkeys(models, own(handler)))
    return make_original_app(router)


def make_loop_app(parse: Parse, handler: Callable[..., Any]) -> FastAPI:
    """Make an application with the loop that a program writes by hand."""
    app = FastAPI()
    handler = own(handler)

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await handler(websocket, parse(await websocket.receive_text()))
        except WebSocketDisconnect:
            return

    app.websocket("/ws")(own(serve))
    return app


def make_floor_app() -> FastAPI:
    """Make an application that parses nothing and answers each message with a constant of its size."""
    app = FastAPI()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.receive_text()
                await websocket.send_text(TAG_FIRST)
        except WebSocketDisconnect:
            return

    return app
