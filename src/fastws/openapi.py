"""Documentation-only routes: how a message appears in OpenAPI, which knows of no WebSockets.

Each message is documented as a ``POST`` operation whose path can never be requested; so is the connection itself.  The
live route is another one: an ``APIRoute`` that served the socket would lose prefix and dependencies on FastAPI 0.137
and later, and a subclass of ``APIWebSocketRoute`` does not survive ``include_router``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.websockets import WebSocket

from fastws._inspect import imitate, is_async_generator, is_generator, signature_of
from fastws.arguments import VARIADIC, drop_bound, match_arguments

if TYPE_CHECKING:
    from starlette.types import Scope


class WSRoute(APIRoute):
    """The documentation of one message; never matches a request."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:  # noqa: ARG002
        return Match.NONE, {}


class WSMainRoute(WSRoute):
    """The documentation of the connection itself; never matches a request."""


def document(func: Callable[..., Any], model: Any) -> Callable[..., Any]:
    """Return what FastAPI is to inspect for the documentation of a handler.

    The handler as written, where its annotations say all; otherwise a stand-in with the annotations filled in, because
    FastAPI would take a parameter without annotation for a query parameter.

    Parameters:
        func: The handler as written.
        model: The model, or the union, that it is registered for.
    """
    signature = signature_of(func)
    if signature is None:
        return func
    free = drop_bound(func, signature)
    arguments = match_arguments(free, model)
    roles = ((arguments.connection, WebSocket), (arguments.message, model))
    missing = {
        parameter.name: annotation for parameter, annotation in roles if parameter and not _is_annotated(parameter)
    }
    named = [parameter for parameter in free.parameters.values() if parameter.kind not in VARIADIC]
    written = inspect.unwrap(func)
    # FastAPI does not find what the annotations refer to of a partial, or of an object.
    found = hasattr(written, "__globals__")
    whole = not missing and found and len(named) == len(signature.parameters)
    if whole and not is_generator(written) and not is_async_generator(written):
        return func
    annotated = [parameter.replace(annotation=missing.get(parameter.name, parameter.annotation)) for parameter in named]
    return imitate(func, signature.replace(parameters=annotated, return_annotation=inspect.Signature.empty))


def _is_annotated(parameter: inspect.Parameter) -> bool:
    # A string that could not be resolved says nothing to FastAPI either.
    return parameter.annotation is not parameter.empty and not isinstance(parameter.annotation, str)
