"""What fastws knows of FastAPI beyond its documentation still holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from peers import Say
from starlette.exceptions import HTTPException, WebSocketException

from fastws import WSRouter
from fastws._fastapi import has_exception_handler


class HandledError(Exception):
    pass


class DerivedError(HandledError):
    pass


@pytest.mark.parametrize(
    ("error", "handled"),
    [
        (HandledError(), True),
        (DerivedError(), True),
        (WebSocketException(1000), True),
        (HTTPException(400), True),
        (ValueError(), False),
    ],
    ids=["registered", "derived", "websocket", "http", "other"],
)
def test_the_exception_handlers_of_an_application_are_found(error: Exception, handled: bool) -> None:
    app = FastAPI()
    found = []

    @app.exception_handler(HandledError)
    async def handle(websocket: WebSocket, error: HandledError) -> None: ...

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        found.append(has_exception_handler(websocket.scope, error))
        await websocket.close()

    with TestClient(app).websocket_connect("/ws"):
        pass
    assert found == [handled]


def test_outside_of_an_application_nothing_is_handled() -> None:
    assert not has_exception_handler({}, HandledError())


steps: list[str] = []


async def open_connection() -> AsyncIterator[None]:
    steps.append("connection")
    try:
        yield
    finally:
        # Older test clients cancel what is not over at once when they leave.
        steps.append("connection closed")


async def open_session() -> AsyncIterator[str]:
    # What is entered in the task here has to be left before whatever stands around it.
    with anyio.CancelScope():
        steps.append("session")
        try:
            yield "session"
        finally:
            steps.append("session closed")


async def answer(websocket: WebSocket, message: Say, session: Annotated[str, Depends(open_session)]) -> str:
    return message.text


@pytest.mark.parametrize("listed", [[], [Depends(open_connection)]], ids=["none listed", "one listed"])
@pytest.mark.parametrize("options", [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}], ids=str)
def test_generators_are_entered_and_left_with_each_message(listed: list[Any], options: dict[str, Any]) -> None:
    app, router = FastAPI(), WSRouter(dependencies=listed, **options)
    router.receive(answer)
    app.include_router(router, prefix="/ws")
    steps.clear()
    with TestClient(app).websocket_connect("/ws") as websocket:
        for text in "abc":
            websocket.send_json({"text": text})
            assert websocket.receive_json() == text
    around = ["connection"] if listed else []
    assert steps == [*around, *["session", "session closed"] * 3, *(f"{step} closed" for step in around)]


class Meeting:
    """Handlers that wait for each other."""

    def __init__(self) -> None:
        self._waiting = 0
        self._all_there = anyio.Event()

    async def meet(self, message: Say, session: Annotated[str, Depends(open_session)]) -> str:
        self._waiting += 1
        if self._waiting == 2:
            self._all_there.set()
        await self._all_there.wait()
        return message.text


@pytest.mark.parametrize("listed", [[], [Depends(open_connection)]], ids=["none listed", "one listed"])
def test_generators_of_messages_that_are_handled_at_the_same_time_are_told_apart(listed: list[Any]) -> None:
    app, router = FastAPI(), WSRouter(dependencies=listed, concurrency=2)
    router.receive(Meeting().meet)
    app.include_router(router, prefix="/ws")
    steps.clear()
    with TestClient(app).websocket_connect("/ws") as websocket:
        websocket.send_json({"text": "a"})
        websocket.send_json({"text": "b"})
        assert {websocket.receive_json(), websocket.receive_json()} == {"a", "b"}
        websocket.send_json({"text": "c"})
        assert websocket.receive_json() == "c"
    assert [step for step in steps if "session" in step] == [
        *["session"] * 2,
        *["session closed"] * 2,
        "session",
        "session closed",
    ]
