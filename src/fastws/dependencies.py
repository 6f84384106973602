"""What a handler asks of FastAPI beside the connection and the message: dependencies, parameters, background tasks.

Dependencies live for one message.  Those that the router lists are the exception: they are resolved once for each
connection, before it is accepted, and their values are kept with it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack, nullcontext
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, Final

import anyio
from fastapi import Depends, params
from starlette.requests import HTTPConnection

from fastws._call import MOST_ARGUMENTS, Placed
from fastws._fastapi import Stacks, identify, make_dependant, solve, use_stacks
from fastws._inspect import describe, imitate
from fastws.errors import InvalidDependencyError, SwallowedError
from fastws.parameters import check_dependant, check_parameters, check_signature
from fastws.tasks import count_cancellations, get_task, may_be_cancelled
from fastws.websocket import deliver

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

    from fastws.callables import Handler
    from fastws.websocket import WebSocket

# Where the values of the listed dependencies stand in the scope of a connection.
_KEPT: Final = "fastws.dependencies"

# How long the dependencies of a message that was cancelled may take to clean up, in seconds.
_CLEANUP_TIMEOUT: Final = 5.0

Encode = Callable[[Any], Any]
Send = Callable[["WebSocket", Any], Awaitable[None]]


class _Listed:
    """A dependency that a router lists.

    Parameters:
        depends: As listed.
    """

    def __init__(self, depends: params.Depends) -> None:
        self.depends = depends

    @functools.cached_property
    def identity(self) -> tuple[Any, frozenset[str]]:
        """What other dependencies with the same value have in common with it."""
        return identify(make_dependant(self.make_keeper()).dependencies[0])

    def make_keeper(self) -> Callable[..., Any]:
        """Return a dependency that depends on the listed one, and keeps its value with the connection."""

        async def keep(connection: HTTPConnection, value: Any) -> None:
            connection.scope.setdefault(_KEPT, {})[self] = value

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("connection", keyword, annotation=HTTPConnection),
            inspect.Parameter("value", keyword, default=self.depends),
        ]
        keep.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return keep

    async def get(self, connection: HTTPConnection) -> Any:
        """Return what was kept for a connection."""
        return connection.scope[_KEPT][self]


def check_listed(depends: Any) -> params.Depends:
    """Refuse what is listed as a dependency and is none.

    FastAPI would take it for the default of a parameter, and never call it: everybody could connect.

    Raises:
        InvalidDependencyError: It is no `Depends(...)` of something that can be called.
    """
    if isinstance(depends, params.Depends) and callable(depends.dependency):
        return depends
    marks = getattr(depends, "__metadata__", ())
    raise InvalidDependencyError(
        f"WSRouter lists {describe(depends)} among its dependencies, which is none. Write it as "
        f"{'`Depends(get_user)`, not as the annotation that holds it' if marks else '`Depends(get_user)`'}, with the "
        f"function that is to be called."
    )


class ConnectionDependencies:
    """The dependencies that a router lists, each resolved once for a connection.

    Attributes:
        dependencies: What to list in their place, so that their values are kept.

    Parameters:
        listed: The dependencies.
        provider: What has the `dependency_overrides`; `None` for the application that serves the connection.

    Raises:
        InvalidDependencyError: One of them is no dependency.
    """

    def __init__(self, listed: Iterable[params.Depends] = (), provider: Any = None) -> None:
        self._listed = [_Listed(check_listed(depends)) for depends in listed]
        self._provider = provider
        self.dependencies: list[params.Depends] = [Depends(one.make_keeper()) for one in self._listed]

    def find(self, dependant: Dependant) -> _Listed | None:
        """Return the listed dependency whose value another asks for; `None` where it wants one of its own."""
        if not self._listed or not dependant.use_cache:
            return None
        identity = identify(dependant)
        return next((one for one in self._listed if one.identity == identity), None)

    def get_provider(self, websocket: WebSocket) -> Any:
        """Return what has the `dependency_overrides` of a connection."""
        provider = self._provider or websocket.scope.get("app")
        # An application of Starlette's has none.
        return provider if hasattr(provider, "dependency_overrides") else None


class _Needs:
    """What of the parameters of a handler is left to resolve for each message.

    Attributes:
        dependant: That part, as FastAPI sees it.
        kept: The listed dependencies whose values become arguments, by the names of the parameters.
        used: All listed dependencies whose values are used.

    Parameters:
        dependant: The parameters, as FastAPI sees them.
        connection: The dependencies that the router lists; `None` where a connection has not resolved them.
    """

    def __init__(self, dependant: Dependant, connection: ConnectionDependencies | None) -> None:
        self.dependant = dependant
        self.kept: dict[str, _Listed] = {}
        self.used: set[_Listed] = set()
        # What takes the place of a function that a dependency depends on, and those that are to be called themselves too.
        self._instead: dict[Any, Any] = {}
        self._called: set[Any] = set()
        if connection is not None:
            self._prune(dependant, connection)

    def get_provider(self, provider: Any) -> Any:
        """Return what has the `dependency_overrides` of the program, and ours where it has any.

        FastAPI then looks at the signature of each dependency anew, and finds what was left out of it here.
        """
        overrides = getattr(provider, "dependency_overrides", None)
        if not overrides or not self._instead:
            return provider
        ours = {call: get for call, get in self._instead.items() if call not in self._called}
        return SimpleNamespace(dependency_overrides={**overrides, **ours})

    def _prune(self, dependant: Dependant, connection: ConnectionDependencies) -> None:
        left = []
        for dependency in dependant.dependencies:
            listed = connection.find(dependency)
            if listed is None:
                self._called.add(dependency.call)
                self._prune(dependency, connection)
                left.append(dependency)
                continue
            # Whatever it depends on is left out with it.
            self.used.add(listed)
            if dependant is self.dependant and dependency.name is not None:
                self.kept[dependency.name] = listed
            else:
                if self._instead.setdefault(dependency.call, listed.get) != listed.get:
                    self._called.add(dependency.call)
                left.append(make_dependant(listed.get, name=dependency.name))
        dependant.dependencies = left

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not any(getattr(self.dependant, name) for name in _WANTED)


# What a function can ask of FastAPI, as attributes of a `Dependant`.
_WANTED: Final = (
    "dependencies",
    "path_params",
    "query_params",
    "header_params",
    "cookie_params",
    "http_connection_param_name",
    "websocket_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


def make_stand_in(func: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> Callable[..., Any]:
    """Return a function with some of the parameters of a handler, for FastAPI to inspect; it is never called."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return imitate(func, inspect.Signature([parameter.replace(kind=keyword) for parameter in parameters]))


class Resolution:
    """How the parameters of a handler are resolved that are neither the connection nor the message.

    Parameters:
        func: The handler as written.
        parameters: These parameters.
        connection: The dependencies that the router lists.

    Raises:
        InvalidHandlerError: One of them cannot be resolved.
    """

    def __init__(
        self, func: Callable[..., Any], parameters: Sequence[inspect.Parameter], connection: ConnectionDependencies
    ) -> None:
        check_parameters(func, parameters)
        self._func = func
        self._connection = connection
        self._stand_in = make_stand_in(func, parameters)
        self._needs: dict[tuple[bool, frozenset[str]], _Needs] = {}
        check_signature(func, self._stand_in)
        self._usual = self._make_needs(frozenset(), kept=True)
        # What is listed is resolved for the connection, for which there is a response.
        check_dependant(func, self._usual.dependant)

    def _make_needs(self, path_names: frozenset[str], *, kept: bool) -> _Needs:
        # FastAPI takes a parameter without a mark from the path where the path has one of its name, else from the query;
        # a handler may be mounted at several paths, and is registered before it is at any.
        path = "".join(f"/{{{name}}}" for name in sorted(path_names))
        return _Needs(make_dependant(self._stand_in, path=path), self._connection if kept else None)

    def _find_needs(self, websocket: WebSocket) -> _Needs:
        kept = self._usual.used <= websocket.scope.get(_KEPT, {}).keys()
        names = frozenset(websocket.scope.get("path_params", ()))
        needs = self._needs.get((kept, names))
        if needs is None:
            needs = self._needs[kept, names] = self._make_needs(names, kept=kept)
        return needs

    @property
    def kept(self) -> Collection[str]:
        """The names of the parameters that are listed dependencies."""
        return self._usual.kept.keys()

    @property
    def is_kept(self) -> bool:
        """Whether that is all of them, so that nothing is left to resolve for a message."""
        return self._usual.is_empty and len(self.kept) + 2 <= MOST_ARGUMENTS

    def bind(self, function: Handler, places: tuple[int, ...], names: tuple[str, ...], resolve: Handler) -> Handler:
        """Return a handler of `(websocket, message)` that gets what was kept for its connection.

        Parameters:
            function: The handler as written, as a function that gives an awaitable.
            places: What its arguments are: 0 the connection, 1 the message, from 2 on those that are `kept`.
            names: The names of the last of them, which go by name.
            resolve: Called as `(websocket, message)` for a connection that came here in another way than through the
                router's own route.
        """
        kept = tuple(self._usual.kept.values())
        return Placed(function, places, names, kept=kept, scope_key=_KEPT, otherwise=resolve)

    def resolve(self, invoke: Handler, encode: Encode | None, send: Send = deliver) -> Handler:
        """Return a handler of `(websocket, message)` that resolves the parameters for each message.

        Parameters:
            invoke: Called as `(websocket, message, **arguments)`; what the handler does.
            encode: Called with what that returned; returns what is sent. `None` where nothing is.
            send: Called as `(websocket, what is sent)`.
        """

        async def call(websocket: WebSocket, message: Any) -> None:
            needs = self._find_needs(websocket)
            provider = needs.get_provider(self._connection.get_provider(websocket))
            ended, frame = False, None
            # A scope has its price: none where nothing can cancel more than once.
            cancelled = anyio.CancelScope() if websocket.settings.in_tasks else nullcontext()
            with cancelled as scope, use_stacks(stacks := _make_stacks(self._func, scope)):
                async with stacks["request"]:
                    async with stacks["function"]:
                        arguments, tasks = await solve(websocket, needs.dependant, provider, stacks)
                        for name, listed in needs.kept.items():
                            arguments[name] = websocket.scope[_KEPT][listed]
                        value = await invoke(websocket, message, **arguments)
                        # As in FastAPI before those for the function are torn down, which may be read from for it.
                        frame = None if encode is None or value is None else encode(value)
                        ended = True
                    if frame is not None:
                        await send(websocket, frame)
                    if ended and tasks is not None:
                        await tasks()

        return call


def _make_stacks(func: Callable[..., Any], scope: anyio.CancelScope | None) -> Stacks:
    return {"request": _Stack(func, scope), "function": _Stack(func, scope)}


class _Stack(AsyncExitStack):
    """The dependencies of one message that have to be torn down; none of them can make an exception vanish.

    Parameters:
        func: The handler as written.
        scope: Entered before the dependencies, so that those of their own are inside; `None` where it is not needed.
    """

    def __init__(self, func: Callable[..., Any], scope: anyio.CancelScope | None) -> None:
        super().__init__()
        self._func = func
        self._scope = scope
        self._task = get_task()
        self._cancellations = count_cancellations(self._task)

    async def __aexit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool:
        if self._scope is not None and error is not None and not isinstance(error, Exception):
            # The group of handlers that is cancelled when the peer has gone would cancel whatever they wait for now, too.
            self._scope.deadline = anyio.current_time() + _CLEANUP_TIMEOUT
            self._scope.shield = True
        vanished = await super().__aexit__(cls, error, trace)
        if vanished and isinstance(error, Exception):
            raise SwallowedError(describe(self._func)) from error
        # A cancellation goes on, unless it was that of a scope which a dependency has around its `yield`: such a handler
        # ends alone.
        return bool(vanished) and not may_be_cancelled(self._task, self._cancellations)
