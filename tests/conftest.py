"""What most tests need: an application, a router in it, and a client."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from fastws import WSRouter


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
