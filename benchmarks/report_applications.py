"""What the report measures on FastAPI: fastws, the packages that it replaces, and what a program writes by hand.

Every handler answers with the message's own `model_dump_json()`.
"""

from __future__ import annotations

import importlib
from typing import Any

from applications import dump, make_loop_app, make_ours, make_theirs, own
from fastapi import FastAPI
from request_applications import make_loop_by_hand, make_published_app, make_socket_app
from rivals import adapt_discriminated, adapt_smart, load_and_look_up, validate_alone
from workload import get_models


def make_fastws(count: int, discriminator: str | None = None) -> FastAPI:
    return make_ours(get_models(count), dump, discriminator)


def make_included(count: int, discriminator: str | None = None) -> FastAPI | None:
    """Make an application of fastapi-ws-router as its README does; that works up to FastAPI 0.117.1."""
    package: Any = importlib.import_module("fastapi_ws_router")
    router = package.WSRouter(discriminator=discriminator)
    handler = own(dump)
    for model in get_models(count):
        router.receive(model)(handler)
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    return app


def make_mounted(count: int, discriminator: str | None = None) -> FastAPI | None:
    """Make an application of its receive loop alone, which works on today's FastAPI too."""
    return make_theirs(get_models(count), dump, discriminator)


def make_alone(count: int) -> FastAPI:
    """Make an application with a loop by hand that knows which model will come."""
    return make_loop_app(validate_alone(get_models(count)[0]), dump)


def make_discriminated(count: int) -> FastAPI:
    return make_loop_app(adapt_discriminated(get_models(count)).validate_json, dump)


def make_smart(count: int) -> FastAPI:
    return make_loop_app(adapt_smart(get_models(count)).validate_json, dump)


def make_by_hand(count: int) -> FastAPI:
    return make_loop_app(load_and_look_up(get_models(count)), dump)


def make_requests() -> FastAPI:
    return make_socket_app()


def make_requests_by_hand() -> FastAPI:
    return make_loop_by_hand()


def make_published_requests() -> FastAPI | None:
    return make_published_app()
