"""SocketRouter: requests over a WebSocket, routed by name and answered by id."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from starlette import websockets
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketState

from fastws._call import Planned
from fastws._core import DispatchTable
from fastws._envelope import Envelope, EnvelopeReader
from fastws._inspect import describe
from fastws.callables import as_async, check_callable, refuse_generator
from fastws.close_codes import POLICY_VIOLATION
from fastws.connection import Limits, make_service, serve
from fastws.descriptions import RouterDescription
from fastws.errors import DuplicateRouteError, InvalidHandlerError, InvalidRouteError
from fastws.hooks import refuse_mark
from fastws.messages import CONSISTENT
from fastws.observable.options import Handler, RouteOptions, SocketAccess
from fastws.observable.requests import Plan, recover_id
from fastws.observable.routes import (
    ACCESS_DENIED,
    ILLEGAL_REQUEST,
    NO_ROUTE,
    Route,
    answer_ping,
    make_error_plan,
)
from fastws.observable.status import Status
from fastws.origin import REASON, AllowedOrigins

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from fastws.websocket import WebSocket

HandlerT = TypeVar("HandlerT", bound=Handler)

_NO_DEPENDENCY: Final = (
    "Let a dependency of the endpoint put its value on `websocket.state`, and read it there, or look it up here."
)

# The route of heartbeats.
PING: Final = "PING"

_NO_REQUEST: Final = Envelope(0, None, None, answer_ping)

# How FastAPI calls an endpoint that is a router; not how a router is called as an ASGI application.
_ENDPOINT: Final = inspect.Signature(
    [inspect.Parameter("websocket", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=websockets.WebSocket)]
)


class SocketRouter:
    """A WebSocket endpoint that is called like HTTP: a request names its route, and its reply carries its id.

    Mount it as `app.add_api_websocket_route("/ws", router)`, await it in an endpoint (`await router(websocket)`), or hand it
    to whatever takes an ASGI application.  A request is `{"uuid": ..., "route": ..., "headers": {...}, "payload": ...}`, its
    reply `{"headers": {...}, "payload": ..., "uuid": ..., "status": 200}`.  Every request that has a `uuid` gets one reply.

    Parameters:
        access_logic: Called as `(websocket)` before the handshake is answered; whether the client may connect. What it
            refuses gets HTTP 403. `None` lets everybody connect.
        max_message_size: The largest request in bytes of UTF-8; a larger one closes the connection with 1009 before it is
            parsed. `None` for any size.
        mailbox: How many requests of a connection are read ahead while its handlers wait. A connection may hold so many
            times `max_message_size`.
        concurrency: How many requests of a connection are handled at a time. With 1, they are answered in the order they
            came; with more, each is answered as soon as its handler is done.
        cancel_on_disconnect: Whether running handlers are cancelled, and waiting requests dropped, when the peer has gone.
        send_timeout: How long a send may take, in seconds, before the connection is given up because its peer does not read;
            `None` for any time.
        allowed_origins: The origins from which browsers may connect, as for `WSRouter`; all others get HTTP 403
            before `access_logic` runs. `None` checks nothing: any page may then connect, with the cookies of its visitor.

    Raises:
        TypeError: `access_logic` cannot be called with a connection.
        ValueError: An origin is none, or a limit is none.
    """

    def __init__(
        self,
        access_logic: SocketAccess | None = None,
        *,
        max_message_size: int | None = 1024 * 1024,
        mailbox: int = 32,
        concurrency: int = 1,
        cancel_on_disconnect: bool = False,
        send_timeout: float | None = 60.0,
        allowed_origins: Iterable[str | None] | None = None,
    ) -> None:
        self.limits = Limits(
            max_message_size=max_message_size,
            mailbox=mailbox,
            concurrency=concurrency,
            cancel_on_disconnect=cancel_on_disconnect,
            send_timeout=send_timeout,
        )
        # Of the router and not of its class, which is called with the parameters above.
        self.__signature__ = _ENDPOINT
        self._access_logic = None if access_logic is None else _plan_access(access_logic)
        self._allowed = None if allowed_origins is None else AllowedOrigins(allowed_origins)
        self._routes: dict[str, Route] = {}
        self._description: RouterDescription | None = None
        # Added to where they are, so that a table that was built of fewer routes answers those of the others as well.
        self._plans: dict[str, Plan] = {PING: answer_ping}
        self._refine: dict[str, Callable[..., None]] = {}
        self._lock = threading.Lock()
        self._service = make_service(
            on_connect=self._connect,
            on_disconnect=_part,
            fallback=_refuse_frame,
            on_error=None,
            prepare=self._build_table,
            dispatch=None,
            limits=self.limits,
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Asked for by `app.include_router(router)` among others.
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}. It is no APIRouter: mount it with "
                f'`app.add_api_websocket_route("/ws", router)`.'
            )

    @property
    def routes(self) -> Mapping[str, Route]:
        """The routes by their names."""
        return MappingProxyType(self._routes)

    def route(self, path: str, options: RouteOptions | None = None) -> Callable[[HandlerT], HandlerT]:
        """Register the handler of a route: `@router.route("math/sum")`.

        The handler takes `(ws, headers, payload)`; or one argument: what `hydrate` returned where the route has that hook, else
        `local`, the dictionary that its hooks share, or what they have left in `local["value"]`.  Beside these it may depend
        on whatever FastAPI resolves for an endpoint, as in `user: Annotated[User, Depends(get_user)]`.  What it returns is the
        payload of the reply; or a result, a dictionary of `status`, `headers` and `payload`.

        Parameters:
            path: The name of the route, as requests have it.
            options: Its hooks: `data_check`, `access`, `hydrate` and `dehydrate`, called in this order around the handler.

        Returns:
            A decorator, which returns the handler as it was.

        Raises:
            TypeError: The handler or a hook cannot be called as it would have to be, asks for something that cannot be
                resolved, or declares what cannot be validated or sent.
            ValueError: The route has a handler already, or no request can have its name.
        """
        _check_path(path)

        def decorate(func: HandlerT) -> HandlerT:
            route = Route(path, func, options)
            with self._lock:
                if path in self._routes:
                    raise DuplicateRouteError(
                        f"The route {path!r} already has the handler {describe(self._routes[path].handler)}, so it cannot have "
                        f"{describe(func)} as well. Give one of them another name."
                    )
                self._routes[path] = route
                if route.requests is not None:
                    self._refine[path] = route.refine
                self._plans[path] = route.plan  # the last, because what has a plan is answered
                self._service.receiver.table = None
                self._description = None
            return func

        return decorate

    async def __call__(
        self,
        websocket: websockets.WebSocket | Scope,
        receive: Receive | None = None,
        send: Send | None = None,
    ) -> None:
        """Serve a connection until it has ended.

        Parameters:
            websocket: The connection; or the scope of one, where it is called as an ASGI application.
            receive, send: Those of the ASGI application.
        """
        if receive is None or send is None:
            await serve(cast("websockets.WebSocket", websocket), self._service)
            return
        scope = cast("Scope", websocket)
        if scope["type"] == "http":
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await serve(websockets.WebSocket(scope, receive, send), self._service)
        elif scope["type"] == "lifespan":
            await _live(receive, send)

    async def _connect(self, websocket: WebSocket) -> None:
        if self._allowed is not None and not self._allowed.allows(websocket.scope["headers"]):
            await websocket.close(POLICY_VIOLATION, REASON)
        elif self._access_logic is not None and not await self._access_logic(websocket):
            if websocket.application_state is not WebSocketState.DISCONNECTED:
                await websocket.close(POLICY_VIOLATION, ACCESS_DENIED)
        elif websocket.application_state is WebSocketState.CONNECTING:
            await websocket.accept()

    def describe(self) -> RouterDescription:
        """Return what documents say of the router; the same object until another route is registered."""
        with self._lock:
            if self._description is None:
                routes = tuple(route.describe() for route in self._routes.values())
                self._description = RouterDescription(self, routes=routes)
            return self._description

    def _build_table(self) -> DispatchTable[Any]:
        with self._lock:
            routes = list(self._routes.items())
        reader = EnvelopeReader(
            plans=self._plans,
            refine=self._refine,
            ping=PING,
            refuse=make_error_plan(Status.BAD_REQUEST, ILLEGAL_REQUEST),
            miss=make_error_plan(Status.NOT_FOUND, NO_ROUTE),
            recover=recover_id,
        )
        answer = Planned()
        return DispatchTable(
            union=reader,
            classes={Envelope: answer},
            key=b"route",
            other_key=b"path",
            entries=[
                (path.encode(), route.requests.make_reader(route.plan, reader), Envelope, answer)
                for path, route in routes
                if route.requests is not None and CONSISTENT
            ],
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._routes)} routes>"


def _check_path(path: object) -> None:
    if not isinstance(path, str):
        raise InvalidRouteError(
            f'{describe(path) if callable(path) else repr(path)} is no name of a route. Write `@router.route("name")`.'
        )
    if path == PING:
        raise InvalidRouteError(
            f"Requests to {PING!r} are heartbeats, which the router answers itself. Choose another name."
        )
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InvalidRouteError(f"{path!r} has a lone surrogate in it, which no JSON can carry.") from None


def _plan_access(access_logic: SocketAccess) -> Callable[[WebSocket], Any]:
    signature = check_callable(access_logic, "access_logic")
    refuse_generator(access_logic, "access_logic")
    try:
        if signature is not None:
            signature.bind("websocket")
    except TypeError as error:
        raise InvalidHandlerError(
            f"{describe(access_logic)} cannot be access_logic: {error}. Write it as `async def may_connect(websocket)`."
        ) from None
    for parameter in signature.parameters.values() if signature else ():
        refuse_mark(access_logic, parameter, _NO_DEPENDENCY)
    return as_async(access_logic)


async def _refuse_frame(
    websocket: websockets.WebSocket,
    message: str | bytes | None,  # noqa: ARG001
    error: Exception | None,  # noqa: ARG001
) -> None:
    """Answer what is no text frame."""
    if websocket.application_state is WebSocketState.CONNECTED:
        await make_error_plan(Status.BAD_REQUEST, ILLEGAL_REQUEST)(cast("WebSocket", websocket), _NO_REQUEST)


async def _live(receive: Receive, send: Send) -> None:
    """Take part in the lifespan of a server or a test client, with nothing to do."""
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})


async def _part(websocket: WebSocket, code: int, reason: str) -> None:
    """Say no goodbye."""
