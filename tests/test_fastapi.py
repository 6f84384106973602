"""What fastws knows of FastAPI beyond its documentation still holds."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException, WebSocketException

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
