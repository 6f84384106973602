"""The documents of all registered apps are what AsyncAPI 3.0.0 says, and what FastAPI's users would expect."""

from __future__ import annotations

import json
from time import perf_counter

import pytest
from document_checks import find_problems
from document_register import APPS
from documents import get_document, list_addresses

from fastws import get_asyncapi


@pytest.mark.parametrize("name", list(APPS))
def test_the_document_is_right(name: str) -> None:
    assert find_problems(get_document(name)) == []


@pytest.mark.parametrize("name", list(APPS))
def test_the_document_is_the_same_each_time(name: str) -> None:
    build = APPS[name]
    app = build()
    routers = getattr(app.state, "routers", None)
    first = json.dumps(get_asyncapi(app, routers=routers))
    assert json.dumps(get_asyncapi(app, routers=routers)) == first
    assert first == json.dumps(get_document(name))


@pytest.mark.parametrize("name", list(APPS))
def test_the_document_is_made_without_a_change_to_the_app(name: str) -> None:
    app = APPS[name]()
    routes = list(app.routes)
    get_asyncapi(app, routers=getattr(app.state, "routers", None))
    assert list(app.routes) == routes


def test_there_are_documents_of_each_kind() -> None:
    documents = [get_document(name) for name in APPS]
    channels = [channel for document in documents for channel in document["channels"].values()]
    operations = [operation for document in documents for operation in document["operations"].values()]
    assert {channel["x-router"] for channel in channels} == {"WSRouter", "SocketRouter"}
    assert {channel["x-frames"] for channel in channels} == {"text", "binary"}
    assert {operation["action"] for operation in operations} == {"receive", "send"}
    assert any(operation.get("reply", {}).get("x-stream") for operation in operations)


def test_two_hundred_messages_take_no_time_to_speak_of() -> None:
    app = APPS["two_hundred_messages"]()
    start = perf_counter()
    document = get_asyncapi(app)
    assert perf_counter() - start < 2  # of the half second that it may take on an idle machine
    assert len(document["components"]["messages"]) == 201
    assert list_addresses(document) == ["/ws"]
