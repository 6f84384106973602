"""Every way to turn a raw message into the message of the right model, ours and the others."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Annotated, Any, Union

import msgspec
import orjson
from pydantic import BaseModel, Field, TypeAdapter
from workload import get_models

from fastws import WebSocket, WSRouter
from fastws.messages import build_messages

Parse = Callable[[str], Any]
Models = Sequence[type[BaseModel]]

FLOOR = "floor: the right model alone"


def adapt_smart(models: Models) -> TypeAdapter[Any]:
    """Build the union as it is without a discriminator."""
    union: Any = Union[tuple(models)]  # noqa: UP007  (there is no other way to make one of a list)
    return TypeAdapter(union)


def adapt_discriminated(models: Models) -> TypeAdapter[Any]:
    """Build the union with its discriminator."""
    union: Any = Union[tuple(models)]  # noqa: UP007
    return TypeAdapter(Annotated[union, Field(discriminator="type")])


def validate_alone(model: type[BaseModel]) -> Parse:
    """Return what every other way is measured by: the validator of the right model, without any wrapper."""
    return TypeAdapter(model).validator.validate_json


def route_with(models: Models, discriminator: str | None = None) -> Parse:
    """Return the core of fastws."""
    return build_messages(dict.fromkeys(models, print), discriminator=discriminator).table.route


async def ignore(websocket: object, message: object) -> None:
    """Handle a message."""


def step(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return


def dispatch_with(router: Any) -> Parse:
    """Return the dispatcher of a router, which also calls the handler."""
    nowhere: Any = None  # nothing is received, and nothing sent
    connection = WebSocket({"type": "websocket"}, nowhere, nowhere)
    return lambda text: step(router.dispatcher(connection, router.mapping, text))


def make_router(models: Models, discriminator: str | None = None) -> WSRouter:
    """Make a router with a handler for each model."""
    router = WSRouter(discriminator=discriminator)
    router.mapping.update(dict.fromkeys(models, ignore))
    return router


def make_original(models: Models, discriminator: str | None = None) -> Any | None:
    """Make a router of the package that fastws replaces, `None` where it is not installed."""
    try:
        package = importlib.import_module("fastapi_ws_router")
    except ImportError:
        return None
    router = package.WSRouter(discriminator=discriminator)
    router.mapping.update(dict.fromkeys(models, ignore))
    # It does so at its first connection.
    router._adapter = router._build_adapter()  # noqa: SLF001
    return router


def write_match(models: Models) -> Parse:
    """Write what a program writes by hand: one case for each model."""
    lines = ["def parse(text):", "    data = loads(text)", "    match data['type']:"]
    for i in range(len(models)):
        lines += [f"        case 'kind{i}':", f"            return models[{i}].model_validate(data)"]
    names: dict[str, Any] = {"loads": json.loads, "models": models}
    exec("\n".join([*lines, "    raise ValueError(text)"]), names)
    parse: Parse = names["parse"]
    return parse


def load_and_look_up(models: Models) -> Parse:
    """Return what a program writes by hand when it has many models: a dictionary of them."""
    classes = {f"kind{i}": model for i, model in enumerate(models)}

    def parse(text: str) -> Any:
        data = json.loads(text)
        return classes[data["type"]].model_validate(data)

    return parse


def look_up(models: Models) -> Parse:
    """Return the quickest way without a compiled core: orjson, a dictionary, and pydantic on Python objects."""
    validators = {f"kind{i}": TypeAdapter(model).validator.validate_python for i, model in enumerate(models)}

    def parse(text: str) -> Any:
        data = orjson.loads(text)
        return validators[data["type"]](data)

    return parse


def decode_structs(models: Models) -> Parse:
    """Return the outer limit: msgspec, which validates less and has models of its own."""
    fields = [("x", int), ("y", str), ("z", float)]
    structs = [
        msgspec.defstruct(model.__name__, fields, tag_field="type", tag=f"kind{i}") for i, model in enumerate(models)
    ]
    union: Any = Union[tuple(structs)]  # noqa: UP007
    return msgspec.json.Decoder(union).decode


@cache
def list_parsers(count: int) -> dict[str, Parse]:
    """Return every way by its name, for so many models; each makes a message of a text."""
    models = get_models(count)
    return {
        FLOOR: validate_alone(models[0]),
        "fastws, inferred": route_with(models),
        "fastws, discriminator": route_with(models, "type"),
        "pydantic, discriminated union": adapt_discriminated(models).validate_json,
        "pydantic, smart union": adapt_smart(models).validate_json,
        "json.loads, match, model_validate": write_match(models),
        "orjson, lookup, validate_python": look_up(models),
        "msgspec, tagged structs": decode_structs(models),
    }


@cache
def list_dispatchers(count: int) -> dict[str, Parse]:
    """Return the dispatchers of the routers by name; each also calls the handler."""
    models = get_models(count)
    routers = {
        "fastws router, inferred": make_router(models),
        "fastws router, discriminator": make_router(models, "type"),
        "original router, smart": make_original(models),
        "original router, discriminator": make_original(models, "type"),
    }
    return {name: dispatch_with(router) for name, router in routers.items() if router is not None}
