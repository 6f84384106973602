"""Handlers that are made of a signature and note what they get, and hooks that leave something for them."""

from __future__ import annotations
import __future__

from collections.abc import Callable
from typing import Annotated, Any, Dict, Optional, Union  # noqa: UP035

from fastapi import BackgroundTasks, Depends
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from fastws.observable import Header, MessageData, Payload, RouteOptions

Handler = Callable[..., Any]

# What a handler got, in the order of its parameters.
got: list[Any] = []


def note(arguments: dict[str, Any]) -> None:
    """Keep the arguments of a handler."""
    named = {name: "the connection" if isinstance(value, WebSocket) else value for name, value in arguments.items()}
    named.pop("self", None)
    got.extend(note_each(value) for value in named.values())


def note_each(value: Any) -> Any:
    return ["the connection" if isinstance(one, WebSocket) else one for one in value] if type(value) is tuple else value


class Cache:
    """An object of the program's own."""


CACHE = Cache()

# What the signatures are evaluated with; `Missing` is not among them, as where only type checkers import it.
NAMES: dict[str, Any] = {
    "Annotated": Annotated,
    "Any": Any,
    "BackgroundTasks": BackgroundTasks,
    "CACHE": CACHE,
    "Depends": Depends,
    "Dict": Dict,  # noqa: UP006
    "HTTPConnection": HTTPConnection,
    "Header": Header,
    "Optional": Optional,
    "Payload": Payload,
    "Union": Union,
    "WebSocket": WebSocket,
    "get_user": lambda: "ann",
    "note": note,
}


def define(signature: str, *, postponed: bool = False, keyword: str = "async def") -> Handler:
    """Return a handler with a signature, which notes its arguments."""
    flags = __future__.annotations.compiler_flag if postponed else 0
    names = dict(NAMES)
    code = compile(f"{keyword} handle({signature}): note(locals())", "app.py", "exec", flags, dont_inherit=True)
    exec(code, names)
    handler: Handler = names["handle"]
    return handler


def check(message: MessageData, local: dict[str, Any]) -> bool:
    local["value"] = "what was left"
    return True


def hydrate(ws: WebSocket, message: MessageData) -> str:
    return "what was made"


def may_read(websocket: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
    return check(message, local)


LEAVES: RouteOptions = {"data_check": check}
LEAVES_LATER: RouteOptions = {"access": may_read}
LEAVES_AND_MAKES: RouteOptions = {"data_check": check, "hydrate": hydrate}
