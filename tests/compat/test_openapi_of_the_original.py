"""The OpenAPI documents are those that fastapi-ws-router generates, but for what was wrong in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import fastapi
import pydantic
import pytest
from fastapi import FastAPI, WebSocket
from openapi_compared import APPS, Move, Ping
from openapi_store import ORIGINAL, ORIGINAL_FASTAPI, STORE, find_original

from fastws import WSRouter

needs_original = pytest.mark.skipif(find_original() is None, reason=f"needs {ORIGINAL} on FastAPI {ORIGINAL_FASTAPI}")

PYDANTIC = tuple(int(part) for part in pydantic.VERSION.split(".")[:2])


def generate(app: FastAPI) -> Any:
    # Through JSON, because it knows no tuples and no enums.
    return json.loads(json.dumps(app.openapi()))


def load(name: str) -> Any:
    return json.loads((STORE / f"{name}.json").read_text(encoding="utf-8"))


def set_aside_the_rest(document: Any) -> Any:
    """Leave out what FastAPI and pydantic write of their own, where another version writes it in another way."""
    if fastapi.__version__ != ORIGINAL_FASTAPI:
        # Newer versions describe an error in more detail.
        document.get("components", {}).get("schemas", {}).pop("ValidationError", None)
    if PYDANTIC < (2, 11):
        # Older versions write constants, references and open objects differently.
        return without_schemas(document)
    return document


def without_schemas(node: Any) -> Any:
    if isinstance(node, list):
        return [without_schemas(item) for item in node]
    if isinstance(node, dict):
        # Of the shared schemas the names stay.
        return {
            key: sorted(value) if key == "schemas" else without_schemas(value)
            for key, value in node.items()
            if key != "schema"
        }
    return node


@pytest.mark.parametrize("name", APPS)
def test_the_document_is_that_of_the_original(name: str) -> None:
    app = APPS[name](WSRouter)

    assert set_aside_the_rest(generate(app)) == set_aside_the_rest(load(name))


@needs_original
@pytest.mark.parametrize("name", APPS)
def test_the_stored_document_is_what_the_original_generates(name: str) -> None:
    original = find_original()
    assert original

    assert set_aside_the_rest(generate(APPS[name](original))) == set_aside_the_rest(load(name))


@needs_original
@pytest.mark.parametrize("name", APPS)
def test_the_operations_come_in_the_order_of_the_original(name: str) -> None:
    original = find_original()
    assert original

    assert list(generate(APPS[name](WSRouter))["paths"]) == list(generate(APPS[name](original))["paths"])


def test_every_stored_document_is_compared() -> None:
    assert sorted(APPS) == sorted(path.stem for path in STORE.glob("*.json"))


# From here on the document is not that of the original, which was wrong.


async def nothing_annotated(websocket, data): ...  # type: ignore[no-untyped-def]


async def only_the_message(websocket, data: Ping): ...  # type: ignore[no-untyped-def]


async def only_the_connection(websocket: WebSocket, data): ...  # type: ignore[no-untyped-def]


async def the_connection_last(data, websocket: WebSocket): ...  # type: ignore[no-untyped-def]


async def the_message_first(data: Ping, websocket): ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "handler",
    [nothing_annotated, only_the_message, only_the_connection, the_connection_last, the_message_first],
    ids=lambda handler: handler.__name__,
)
def test_a_parameter_without_annotation_is_no_query_parameter(handler: Callable[..., Any]) -> None:
    app = FastAPI()
    router = WSRouter()
    router.receive(Ping, path=": ping")(handler)
    app.include_router(router, prefix="/ws")

    operation = generate(app)["paths"]["/ws: ping"]["post"]

    assert "parameters" not in operation
    assert operation["requestBody"] == {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ping"}}},
        "required": True,
    }


def test_a_handler_without_annotations_is_documented_with_all_its_models() -> None:
    app = FastAPI()
    router = WSRouter()
    router.receive(Ping | Move, path=": any")(nothing_annotated)
    app.include_router(router, prefix="/ws")

    schema = generate(app)["paths"]["/ws: any"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert schema["anyOf"] == [{"$ref": "#/components/schemas/Ping"}, {"$ref": "#/components/schemas/Move"}]


def test_a_handler_without_annotations_keeps_its_name_and_docstring() -> None:
    app = FastAPI()
    router = WSRouter()

    @router.receive(Ping)
    async def on_ping(websocket, data):  # type: ignore[no-untyped-def]
        """Answer a ping."""

    app.include_router(router, prefix="/ws")

    operation = generate(app)["paths"]["/ws (on_ping)"]["post"]

    assert operation["summary"] == "On Ping"
    assert operation["description"] == "Answer a ping."
    assert operation["operationId"] == "on_ping_ws__on_ping__post"


def test_include_in_schema_of_the_router() -> None:
    app = FastAPI()
    router = WSRouter(include_in_schema=False)
    router.receive(Ping)(only_the_message)
    app.include_router(router, prefix="/ws")

    assert generate(app)["paths"] == {}


@pytest.mark.parametrize(
    ("prefix_of_the_router", "prefix_of_the_include"), [("/api/ws", ""), ("/ws", "/api")], ids=["alone", "with another"]
)
def test_prefix_of_the_router(prefix_of_the_router: str, prefix_of_the_include: str) -> None:
    app = FastAPI()
    router = WSRouter(prefix=prefix_of_the_router)
    router.receive(Ping)(only_the_message)
    app.include_router(router, prefix=prefix_of_the_include)

    assert list(generate(app)["paths"]) == ["/api/ws", "/api/ws (only_the_message)"]


def test_deprecated_of_the_router() -> None:
    app = FastAPI()
    router = WSRouter(deprecated=True)
    router.receive(Ping)(only_the_message)
    app.include_router(router, prefix="/ws")

    paths = generate(app)["paths"]

    assert {path: operations["post"]["deprecated"] for path, operations in paths.items()} == {
        "/ws": True,
        "/ws (only_the_message)": True,
    }
