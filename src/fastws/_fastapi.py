"""Everything that fastws knows of FastAPI and Starlette that neither documents, each with the reason and the versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant, solve_dependencies
from fastapi.exception_handlers import (
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from fastapi.exceptions import FastAPIError, WebSocketRequestValidationError
from starlette.routing import BaseRoute
from starlette.types import Receive, Send
from starlette.websockets import WebSocket

# Starlette's ExceptionMiddleware leaves the application's handlers here, as `(by_class, by_status)`, for the routes to
# look up.  Starlette 0.35 to 1.10.
_EXCEPTION_HANDLERS: Final = "starlette.exception_handlers"


def has_exception_handler(scope: Mapping[str, Any], error: Exception) -> bool:
    """Whether the application handles exceptions of this class itself."""
    by_class, _ = scope.get(_EXCEPTION_HANDLERS, ({}, {}))
    handler = next((by_class[cls] for cls in type(error).__mro__ if cls in by_class), None)
    # FastAPI's own are written for requests and for handshakes: they answer with a response, or close with a list for a
    # reason.
    return handler not in {
        None,
        request_validation_exception_handler,
        websocket_request_validation_exception_handler,
    }


# The server's own functions are an attribute of the connection, under these names in every version of Starlette; the
# public methods check the state and the type of every message anew, which costs a third of receiving and sending it.


def get_receive(websocket: WebSocket) -> Receive:
    """Return the ASGI `receive` of a connection."""
    return websocket._receive  # noqa: SLF001


def get_send(websocket: WebSocket) -> Send:
    """Return the ASGI `send` of a connection."""
    return websocket._send  # noqa: SLF001


# From 0.137 on, an application has an object among its routes for each router that was included, which knows the routes as
# they are served: with the prefix, the dependencies and the tags of the include.  Before, they are copied and so changed.


def walk_routes(routes: Iterable[BaseRoute]) -> Iterator[tuple[BaseRoute, Any]]:
    """Return each route as written, and beside it what has its attributes as they are served."""
    for route in routes:
        list_contexts = getattr(route, "effective_route_contexts", None)
        if list_contexts is None:
            yield route, route
        else:
            for context in list_contexts():
                yield context.original_route, context.starlette_route or context


# `get_dependant` and `solve_dependencies` are how FastAPI itself resolves the parameters of an endpoint; there is no
# documented way.  They take these keyword arguments from 0.115 to 0.165.


def make_dependant(func: Callable[..., Any], *, path: str = "", name: str | None = None) -> Dependant:
    """Return how FastAPI would resolve the parameters of a function.

    Parameters:
        func: The function.
        path: The path it is served at, whose parameters need no mark.
        name: The parameter that takes its result.

    Raises:
        TypeError: FastAPI cannot resolve a parameter; says which and why.
    """
    try:
        return get_dependant(path=path, call=func, name=name)
    except (AssertionError, AttributeError, FastAPIError, NameError, RuntimeError, TypeError) as error:
        # A parameter of an unknown type, two marks at once, a form without the library that reads it: FastAPI has no
        # common class for what it says of a signature.
        raise TypeError(str(error).partition("\n")[0]) from error


def walk_dependants(dependant: Dependant) -> Iterator[Dependant]:
    """Return a dependency and all that it depends on, itself first."""
    yield dependant
    for dependency in dependant.dependencies:
        yield from walk_dependants(dependency)


def identify(dependant: Dependant) -> tuple[Any, frozenset[str]]:
    """Return what two dependencies have in common that have the same value: the function, and scopes where they count.

    FastAPI has its own key for this, but counts scopes in it that nobody reads, up to 0.122.
    """
    if all(one.security_scopes_param_name is None for one in walk_dependants(dependant)):
        return dependant.call, frozenset()
    # `security_scopes` up to 0.122; then what the dependency itself asks for and what is asked of it, apart.
    names = ("security_scopes", "own_oauth_scopes", "parent_oauth_scopes")
    scopes = (scope for name in names for scope in getattr(dependant, name, None) or ())
    return dependant.call, frozenset(scopes)


# Where a dependency with `yield` is entered: up to 0.120 in the stack that the solver is called with, since then in
# those that stand in the scope, looked up anew for each dependency.  `request` outlives the reply, `function` does not.
_STACKS: Final = {"request": "fastapi_inner_astack", "function": "fastapi_function_astack"}

Stacks = dict[str, AsyncExitStack]

_stacks: ContextVar[Stacks | None] = ContextVar("fastws_stacks", default=None)


class _StackOfMessage(AsyncExitStack):
    """Stands in the scope of a connection, for the stack of whichever message is being handled.

    So the connection and its scope can be shared by messages that are handled at the same time.
    """

    def __init__(self, kind: str, own: AsyncExitStack) -> None:
        super().__init__()
        self._kind = kind
        self._own = own

    def find(self) -> AsyncExitStack:
        """Return that stack; outside of messages the connection's own."""
        stacks = _stacks.get()
        return self._own if stacks is None else stacks[self._kind]

    async def enter_async_context(self, cm: AbstractAsyncContextManager[Any]) -> Any:
        return await self.find().enter_async_context(cm)

    def enter_context(self, cm: AbstractContextManager[Any]) -> Any:
        return self.find().enter_context(cm)

    def callback(self, callback: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return self.find().callback(callback, *args, **kwargs)


# From 0.163 on, FastAPI keeps here, by the `request` stack, the cancel scope in which asynchronous dependencies clean up.
_CLEANUP_SCOPES: Final = "fastapi_async_cleanup_scopes"


class _CleanupScopes(dict[AsyncExitStack, Any]):
    """One for each message, whose stack they are kept by, and not what stands for it in the scope of the connection."""

    def get(self, key: Any, default: Any = None, /) -> Any:
        return super().get(key.find(), default)

    def __setitem__(self, key: Any, value: Any, /) -> None:
        super().__setitem__(key.find(), value)

    def pop(self, key: Any, *default: Any) -> Any:
        return super().pop(key.find(), *default)


def _share_scope(scope: Any) -> None:
    for kind, key in _STACKS.items():
        own = scope.get(key)
        if not isinstance(own, _StackOfMessage):
            scope[key] = _StackOfMessage(kind, own)
    if not isinstance(scope.get(_CLEANUP_SCOPES), _CleanupScopes):
        scope[_CLEANUP_SCOPES] = _CleanupScopes()


@contextmanager
def use_stacks(stacks: Stacks) -> Iterator[None]:
    """Have the dependencies with `yield` that are resolved in the block entered in these stacks.

    The stacks have to be left in it too: what FastAPI does at their ends, it does by the stacks in the scope.

    Parameters:
        stacks: By their scope, `request` or `function`.
    """
    token = _stacks.set(stacks)
    try:
        yield
    finally:
        _stacks.reset(token)


async def solve(
    websocket: WebSocket, dependant: Dependant, provider: Any, stacks: Stacks
) -> tuple[dict[str, Any], Any]:
    """Resolve the parameters of a function for one message.

    Parameters:
        websocket: The connection.
        dependant: The function.
        provider: What has the `dependency_overrides`, `None` for none.
        stacks: Those that are used.

    Returns:
        The arguments by name, and the background tasks that were asked for, `None` for none.

    Raises:
        WebSocketRequestValidationError: A parameter of the connection does not validate.
    """
    _share_scope(websocket.scope)
    solved = await solve_dependencies(
        request=websocket,
        dependant=dependant,
        dependency_overrides_provider=provider,
        async_exit_stack=stacks["request"],
        embed_body_fields=False,
    )
    if solved.errors:
        raise WebSocketRequestValidationError(solved.errors)
    return solved.values, solved.background_tasks
