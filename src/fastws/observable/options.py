"""The hooks of a route: what they are called with, and what a handler may return."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from starlette.websockets import WebSocket

from fastws._inspect import describe
from fastws.arguments import NAMED, drop_bound, is_connection
from fastws.callables import Handler as Hook
from fastws.callables import as_async, check_callable, refuse_generator
from fastws.errors import InvalidHandlerError
from fastws.hooks import refuse_mark
from fastws.observable.messages import Header, MessageData, Payload


class HandlerResult(TypedDict, total=False):
    """What a handler returns to choose the status or the headers of the reply.

    Attributes:
        status: The status, such as `Status.NOT_FOUND`; 200 where it is left out.
        headers: The headers; `{}` where they are left out.
        payload: The payload; `None` where it is left out.
    """

    status: int | None
    headers: Header | None
    payload: Any


SocketAccess = Callable[[WebSocket], Awaitable[bool] | bool]
AccessCheck = (
    Callable[[WebSocket, MessageData, dict[str, Any]], Awaitable[bool] | bool]
    | Callable[[WebSocket, MessageData], Awaitable[bool] | bool]
)
FormatCheck = (
    Callable[[MessageData, dict[str, Any]], Awaitable[bool] | bool] | Callable[[MessageData], Awaitable[bool] | bool]
)
HydrateFunction = Callable[[WebSocket, MessageData], Any]
DehydrateFunction = Callable[[Any], Awaitable[Payload | None] | Payload | None]
Handler = Callable[..., Any]


class RouteOptions(TypedDict, total=False):
    """The hooks of a route, in the order they are called; functions or coroutine functions, `None` for none.

    Each is called with as many of its arguments as it takes.

    Attributes:
        data_check: Called as `(message, local)`. What it returns false for is answered with 400.
        access: Called as `(websocket, message, local)`. What it returns false for is answered with 403.
        hydrate: Called as `(websocket, message)`. What it returns is what a handler of one argument gets.
        dehydrate: Called as `(payload)` where the status is 200 to 299. What it returns is sent in its place.
    """

    data_check: FormatCheck | None
    access: AccessCheck | None
    hydrate: HydrateFunction | None
    dehydrate: DehydrateFunction | None


@dataclass(frozen=True)
class RouteHooks:
    """The hooks of a route, each called with all its arguments and awaited.

    Attributes:
        data_check: Called as `(message, local)`; whether the data are as they should be.
        access: Called as `(websocket, message, local)`; whether the peer may do this.
        hydrate: Called as `(websocket, message)`; returns what the handler gets.
        dehydrate: Called as `(payload)`; returns what is sent.
    """

    data_check: Hook | None = None
    access: Hook | None = None
    hydrate: Hook | None = None
    dehydrate: Hook | None = None


# What handlers and hooks call the connection.
CONNECTIONS: Final = frozenset({"ws", "websocket"})

_ARGUMENTS: Final = {
    "data_check": ("message", "local"),
    "access": ("websocket", "message", "local"),
    "hydrate": ("websocket", "message"),
    "dehydrate": ("payload",),
}

_NO_DEPENDENCY: Final = (
    "Let a dependency of the endpoint put its value on `websocket.state`, and read it there, or let the handler depend on "
    "it."
)

# The hooks that are asked whether.
_DECIDING: Final = ("data_check", "access")


def plan_hooks(path: str, options: Any) -> RouteHooks:
    """Return the hooks of a route.

    Parameters:
        path: The route.
        options: Its hooks as written, by their names.

    Raises:
        InvalidHandlerError: There is no such hook, or one cannot be called with its arguments.
    """
    if options is None:
        return RouteHooks()
    if not isinstance(options, Mapping):
        raise InvalidHandlerError(
            f"The options of the route {path!r} are a dictionary of hooks, as in "
            f'`options={{"access": may_read}}`, not {options!r}.'
        )
    unknown = [name for name in options if name not in _ARGUMENTS]
    if unknown:
        raise InvalidHandlerError(
            f"The route {path!r} has no option {unknown[0]!r}. There are {', '.join(_ARGUMENTS)}."
        )
    return RouteHooks(**{name: _plan_hook(name, func) for name, func in options.items() if func is not None})


def _plan_hook(name: str, func: Callable[..., Any]) -> Hook:
    """Return a hook as a function of all its arguments that gives an awaitable."""
    signature = check_callable(func, name)
    if name in _DECIDING:
        refuse_generator(func, name)
    hook = as_async(func)
    arguments = _ARGUMENTS[name]
    if signature is None:
        return hook
    signature = drop_bound(func, signature, own_defaults=False)
    for parameter in signature.parameters.values():
        refuse_mark(func, parameter, _NO_DEPENDENCY)
    count = _count_arguments(signature, arguments)
    try:
        signature.bind(*arguments[:count])
    except TypeError as error:
        raise InvalidHandlerError(
            f"{describe(func)} cannot be {name}: {error}. Write it as `async def "
            f"{getattr(func, '__name__', name)}({', '.join(arguments)})`."
        ) from None
    # What is sent can be anything, a connection too.
    wrong = None if name == "dehydrate" else _find_misplaced(signature, arguments, count)
    if wrong is not None:
        # It would get something else, which may even pass for it: a connection has headers, too.
        raise InvalidHandlerError(
            f"{describe(func)} takes {wrong!r} in the wrong place for {name}, which is called as ({', '.join(arguments)})."
        )
    return hook if count == len(arguments) else _take_first(hook, count)


def _find_misplaced(signature: inspect.Signature, arguments: tuple[str, ...], count: int) -> str | None:
    """Return the name of a parameter that says it is another argument than the one it gets, `None` where there is none."""
    for parameter, argument in zip(signature.parameters.values(), arguments[:count], strict=False):
        connection = parameter.name in CONNECTIONS or is_connection(parameter.annotation)
        meant = "websocket" if connection else parameter.name
        if parameter.kind in NAMED and meant != argument and (connection or meant in arguments):
            return parameter.name
    return None


def _take_first(hook: Hook, count: int) -> Hook:
    def call(*arguments: Any) -> Awaitable[Any]:
        return hook(*arguments[:count])

    return call


def _count_arguments(signature: inspect.Signature, arguments: tuple[str, ...]) -> int:
    """Return how many of its arguments a hook takes: one that has a default of its own keeps it, unless its name is meant."""
    count = 0
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return len(arguments)
        meant = count < len(arguments) and parameter.name == arguments[count]
        if parameter.kind not in NAMED or not (meant or parameter.default is parameter.empty):
            break
        count += 1
    return min(count, len(arguments))
