"""The documents of all registered apps are what AsyncAPI 3.0.0 says, and what FastAPI's users would expect."""

from __future__ import annotations

import json

import pytest
from document_checks import find_problems
from document_register import APPS
from documents import get_document, list_addresses

from fastws import get_asyncapi


@pytest.mark.parametrize("name", list(APPS))
def test_the_document_is_right(name: str) -> None:
    assert find_problems(get_document(name)) == []


@pytest.mark.parametrize("name", [name for name in APPS if name != "two_hundred_messages"])
def test_the_document_is_the_same_each_time_and_the_app_too(name: str) -> None:
    app = APPS[name]()
    routes, routers = list(app.routes), getattr(app.state, "routers", None)
    first = json.dumps(get_asyncapi(app, routers=routers))
    assert first == json.dumps(get_document(name))
    assert list(app.routes) == routes
    assert json.dumps(get_asyncapi(app, routers=routers)) == first


def test_there_are_documents_of_each_kind() -> None:
    documents = [get_document(name) for name in APPS]
    channels = [channel for document in documents for channel in document["channels"].values()]
    operations = [operation for document in documents for operation in document["operations"].values()]
    assert {channel["x-router"] for channel in channels} == {"WSRouter", "SocketRouter"}
    assert {channel["x-frames"] for channel in channels} == {"text", "binary"}
    assert {operation["action"] for operation in operations} == {"receive", "send"}
    assert any(operation.get("reply", {}).get("x-stream") for operation in operations)


def test_two_hundred_messages_are_all_there() -> None:
    document = get_document("two_hundred_messages")
    assert len(document["components"]["messages"]) == 201
    assert len(document["operations"]) == 200
    assert list_addresses(document) == ["/ws"]
