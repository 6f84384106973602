"""What most tests need: an application, a router in it, and a client."""

from __future__ import annotations

import inspect
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from fastws import WSRouter


async def receive(session: Any) -> Any:
    """Return the next message of a test client, as the test client does."""
    while True:
        # Before the look at the queue, and not behind it: nobody would hear of what comes between them.
        session._queue_event = anyio.Event()
        if not session._receive_queue.empty():
            return session._receive_queue.get()
        await session._queue_event.wait()


# Older test clients lose a message now and then on a busy machine, and the test waits for ever.
if "_queue_event" in inspect.getsource(WebSocketTestSession):
    WebSocketTestSession._asgi_receive = receive  # type: ignore[attr-defined]


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of tests that are coroutines; some modules ask for others."""
    return "asyncio"


@pytest.fixture
def app() -> FastAPI:
    return FastAPI()


@pytest.fixture
def router(app: FastAPI) -> WSRouter:
    """A router at /ws, to which the test adds its handlers."""
    router = WSRouter()
    app.include_router(router, prefix="/ws")
    return router


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client whose connections have ended when their `with` block has.

    Not entered itself: older test clients then run all connections in one event loop, and do not wait for any.
    """
    return TestClient(app)
