"""WSRouter: WebSocket messages routed to handlers by their pydantic models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import APIRouter, Depends, params
from starlette.types import Lifespan
from starlette.websockets import WebSocket

from fastws._inspect import split_union
from fastws.connection import Limits, Service, make_receiver, refuse, serve
from fastws.errors import InvalidDiscriminatorError, InvalidModelError, NoMessagesError, UnclaimedMessageError
from fastws.handlers import Handler, as_async, check_hook, plan_goodbye
from fastws.models import load
from fastws.openapi import WSMainRoute, WSRoute, document, name_endpoint
from fastws.origin import AllowedOrigins, make_origin_check
from fastws.registry import Registry

if TYPE_CHECKING:
    from fastws._core import DispatchTable
    from fastws.messages import Messages

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])

Dispatcher = Callable[[WebSocket, dict[Any, Callable[..., Any]], Any], Awaitable[None]]


class WSRouter(APIRouter):
    """A WebSocket endpoint whose messages are pydantic models.

    Include it in an application as any router, with the path of the endpoint as its prefix.  Each message is routed to
    the handler of its model and appears in OpenAPI beside the connection itself.

    Parameters:
        discriminator: The field that tells the models apart, a `Literal` in each of them. `None` to infer it; what
            cannot be inferred is validated by pydantic's smart union.
        prefix: The path of the endpoint; what `include_router` is given comes before it.
        tags: Tags of all operations in OpenAPI.
        dependencies: Dependencies of the connection, resolved once, before `on_connect`. They hand values on through
            `websocket.state` or `websocket.scope`.
        dependency_overrides_provider: Used by FastAPI; normally the application.
        on_startup: Functions to run at startup; FastAPI recommends `lifespan` instead.
        on_shutdown: Functions to run at shutdown, likewise.
        lifespan: A context manager around the life of the application.
        deprecated: Whether all operations are deprecated in OpenAPI.
        include_in_schema: Whether the operations appear in OpenAPI at all.
        name: The name of the connection, in OpenAPI and for `url_path_for`.
        callbacks: The model, or union of models, that the server sends once connected; documentation only.
        dispatcher: Replaces the routing: called as `(websocket, mapping, message)` with the raw message and
            `{model: handler as written}`.
        as_text: Whether messages are text frames (the default) or binary frames.
        fast_path: Whether to find the model from the raw message; `False` leaves everything to pydantic's union.
        hook_timeout: How long `on_disconnect` may take, in seconds.
        max_message_size: The largest message in bytes of UTF-8; a larger one closes the connection with 1009 before it
            is parsed. `None` for any size.
        mailbox: How many messages of a connection are read ahead while its handlers wait. A connection may hold so
            many times `max_message_size`.
        concurrency: How many handlers of a connection run at a time. With 1, messages are handled in the order they
            came, each when the one before has been; with more, each handler runs in a task of its own.
        cancel_on_disconnect: Whether running handlers are cancelled, and waiting messages dropped, when the peer has
            gone; each handler then runs in a task of its own.
        send_timeout: How long a send may take, in seconds, before the connection is given up because its peer does not
            read; `None` for any time.
        allowed_origins: The origins from which browsers may connect, such as `["https://app.example"]`; `"null"` in it
            allows opaque origins, a `None` in it programs that send no origin. All others get HTTP 403, before the
            dependencies of the router run. `None` in its place checks nothing: any page may then connect, with the
            cookies of its visitor.

    Raises:
        TypeError: `dispatcher` cannot be called with `(websocket, mapping, message)`.
        ValueError: `discriminator` is no name of a field, an origin is none, or a limit is none.
    """

    def __init__(
        self,
        *,
        discriminator: str | None = None,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        dependency_overrides_provider: Any | None = None,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Lifespan[Any] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        name: str | None = None,
        callbacks: Any = None,
        dispatcher: Dispatcher | None = None,
        as_text: bool = True,
        fast_path: bool = True,
        hook_timeout: float = 5.0,
        max_message_size: int | None = 1024 * 1024,
        mailbox: int = 32,
        concurrency: int = 1,
        cancel_on_disconnect: bool = False,
        send_timeout: float | None = 60.0,
        allowed_origins: Iterable[str | None] | None = None,
    ) -> None:
        limits = Limits(
            max_message_size=max_message_size,
            mailbox=mailbox,
            concurrency=concurrency,
            cancel_on_disconnect=cancel_on_disconnect,
            send_timeout=send_timeout,
            hook_timeout=hook_timeout,
        )
        if allowed_origins is not None:
            # First, so that nothing of the router's runs for a page that may not connect.
            dependencies = [Depends(make_origin_check(AllowedOrigins(allowed_origins))), *(dependencies or [])]
        super().__init__(
            prefix=prefix,
            tags=tags,
            dependencies=dependencies,
            dependency_overrides_provider=dependency_overrides_provider,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
        )
        if discriminator is not None and (not isinstance(discriminator, str) or not discriminator):
            raise InvalidDiscriminatorError(f"discriminator is the name of a field, not {discriminator!r}.")
        if dispatcher is not None:
            check_hook(dispatcher, "the dispatcher", "websocket", "mapping", "message")
        self.discriminator = discriminator
        self.as_text = as_text
        self.limits = limits
        self.dispatcher: Dispatcher = dispatcher or self._dispatcher
        self._registry = Registry(discriminator, fast_path=fast_path)
        self._service: tuple[tuple[object, ...], Service] | None = None
        self.lifespan_context = self._build_at_startup(self.lifespan_context)
        self.add_api_websocket_route("", self.handler, name=name)
        self.add_api_route(
            "",
            self.handler,
            methods=["POST"],
            name=name,
            response_model=callbacks,
            route_class_override=WSMainRoute,
        )

    @property
    def mapping(self) -> dict[Any, Callable[..., Any]]:
        """The handler as written of each model; a change by hand holds from the next connection on."""
        return self._registry.mapping

    @mapping.setter
    def mapping(self, mapping: dict[Any, Callable[..., Any]]) -> None:
        self._registry.mapping = mapping

    def receive(self, model: Any, /, callbacks: Any = None, path: str | None = None) -> Callable[[HandlerT], HandlerT]:
        """Register the handler of a message.

        Parameters:
            model: The pydantic model, dataclass or `TypedDict` of the message, or a union of them.
            callbacks: The model, or union of models, that the server sends in answer; documentation only.
            path: The path in OpenAPI, behind that of the connection; `" (name of the handler)"` by default.

        Returns:
            A decorator, which returns the handler as it was.

        Raises:
            TypeError: `model` is nothing that pydantic can validate, or the handler cannot be called with a connection
                and a message.
            ValueError: The model has a handler already, lacks the router's discriminator, or shares its value with
                another model.
        """

        # Said here and not only when a handler comes: a bare `@router.receive` would make it vanish without a word.
        if model is None:
            raise InvalidModelError("receive() needs the message model, as in `@router.receive(Model)`.")
        members = {member: load(member) for member in split_union(model)}

        def decorate(func: HandlerT) -> HandlerT:
            claims = self._registry.check(func, model, members, custom=self._is_custom())
            name = name_endpoint(func)
            self.add_api_route(
                f" ({name})" if path is None else path,
                document(func, model),
                methods=["POST"],
                name=name,
                response_model=callbacks,
                route_class_override=WSRoute,
            )
            self._registry.add(func, members, claims)
            if self._service:
                self._service[1].receiver.table = None
            return func

        return decorate

    def _is_custom(self) -> bool:
        """Whether handlers are called by the program's own dispatcher, in its own way."""
        overridden = type(self)._dispatcher is not WSRouter._dispatcher  # noqa: SLF001
        return overridden or self.dispatcher != self._dispatcher

    def on_connect(self, func: HandlerT) -> HandlerT:
        """Decide about a new connection: `(websocket)`, which has to accept or to close it."""
        check_hook(func, "on_connect", "websocket")
        self._on_connect = func  # type: ignore[method-assign]
        return func

    def on_disconnect(self, func: HandlerT) -> HandlerT:
        """Say goodbye to an accepted connection: `(websocket, code, reason)` or `(websocket, disconnect)`.

        Called exactly once for every accepted connection that `on_connect` did not refuse, whatever ended it; sending
        is no longer possible.
        """
        plan_goodbye(func)
        self._on_disconnect = func  # type: ignore[method-assign]
        return func

    def on_fallback(self, func: HandlerT) -> HandlerT:
        """Take what no handler can: `(websocket, message, error)`.

        `message` is the raw message; `None` where the protocol was violated.  `error` is pydantic's `ValidationError`,
        what else a validator raised, a :class:`~fastws.errors.ProtocolError`, or `None` where the router has no models.
        The connection goes on afterwards.
        """
        check_hook(func, "on_fallback", "websocket", "message", "error")
        self._fallback = func  # type: ignore[method-assign]
        return func

    fallback = on_fallback

    def on_error(self, func: HandlerT) -> HandlerT:
        """Decide what an exception of a handler means: `(websocket, message, error)`.

        `message` is the validated message; the raw one where the program has its own dispatcher.  When the hook
        returns, the connection goes on; raise, the same or another exception, or close the connection to end it.
        Without the hook an exception ends the connection.
        """
        check_hook(func, "on_error", "websocket", "message", "error")
        self._on_error = func
        return func

    def parse(self, message: str | bytes | bytearray) -> Any:
        """Validate a raw message as the router would, and return it as its model.

        Raises:
            pydantic.ValidationError: No model accepts it.
            NoMessagesError: The router has no models.
        """
        messages = self._registry.messages or self._build()
        if messages is None:
            raise NoMessagesError("The router has no message models. Register one with @router.receive(Model).")
        return messages.table.route(message)[1]

    # No docstring: FastAPI would show it in the documentation of every router.
    async def handler(self, websocket: WebSocket) -> None:
        await serve(websocket, self._get_service())

    def _get_service(self) -> Service:
        """Return how connections are served, with the hooks, models and handlers of this moment."""
        hooks = (self._on_connect, self._on_disconnect, self._fallback, self._on_error, self.dispatcher, self.as_text)
        if self._service is None or self._service[0] != hooks:
            self._service = (hooks, self._make_service())
        service = self._service[1]
        if not self._is_custom():
            service.receiver.table = self._build_table()
        return service

    def _make_service(self) -> Service:
        fallback = as_async(self._fallback)
        dispatch = as_async(self.dispatcher)
        receiver = make_receiver(
            as_text=self.as_text,
            limit=self.limits.max_size,
            prepare=self._build_table,
            dispatch=(lambda websocket, frame: dispatch(websocket, self.mapping, frame)) if self._is_custom() else None,
            fallback=fallback,
            on_error=None if self._on_error is None else as_async(self._on_error),
        )
        return Service(
            on_connect=as_async(self._on_connect),
            on_disconnect=plan_goodbye(self._on_disconnect),
            fallback=fallback,
            receiver=receiver,
            limits=self.limits,
        )

    def _build(self) -> Messages[Handler] | None:
        return self._registry.build(custom=self._is_custom())

    def _build_table(self) -> DispatchTable[Handler] | None:
        messages = self._build()
        return messages.table if messages else None

    async def _dispatcher(
        self, websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str | bytes
    ) -> None:
        """Route one message; to be overridden, and to be called from the override.

        A `mapping` that is not the router's own is obeyed: models that it leaves out have no handler.
        """
        messages = self._registry.messages or self._build()
        if messages is None:
            await as_async(self._fallback)(websocket, message, None)
            return
        refused: Exception | None = None
        handler, validated = None, None
        try:
            handler, validated = messages.table.route(message)
        except Exception as error:  # noqa: BLE001  (the validators are the program's own)
            refused = error
        if refused is not None:
            # Out here, so that what the hook raises is not chained to an error that quotes the message.
            await refuse(as_async(self._fallback), websocket, message, refused)
            return
        if mapping is not self.mapping:
            handler = self._registry.find_handler(mapping, messages, handler, validated)
        if handler is None:
            await as_async(self._fallback)(websocket, message, UnclaimedMessageError(type(validated)))
        else:
            await handler(websocket, validated)

    async def _on_connect(self, websocket: WebSocket) -> None:
        """Decide about a new connection; to be overridden."""
        await websocket.accept()

    async def _on_disconnect(self, websocket: WebSocket, code: int, reason: str) -> None:
        """Say goodbye to a connection; to be overridden."""

    # Overridden or registered, what decides about the exceptions of handlers.
    _on_error: Callable[..., Any] | None = None

    async def _fallback(self, websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        """Take what no handler can; to be overridden."""

    def _build_at_startup(self, lifespan: Lifespan[Any]) -> Callable[[Any], Any]:
        """Let what is wrong with the models be said when the application starts, not at its first connection."""

        @asynccontextmanager
        async def build(app: Any) -> AsyncIterator[Any]:
            async with lifespan(app) as state:
                self._check_overrides()
                if not self._is_custom():
                    self._build()
                yield state

        return build

    def _check_overrides(self) -> None:
        """Check the hooks once more: those of a subclass have passed no decorator."""
        check_hook(self._on_connect, "on_connect", "websocket")
        plan_goodbye(self._on_disconnect)
        check_hook(self._fallback, "on_fallback", "websocket", "message", "error")
        if self._on_error is not None:
            check_hook(self._on_error, "on_error", "websocket", "message", "error")

    def __repr__(self) -> str:
        messages = self._registry.messages
        strategy = f", told apart {messages.strategy}" if messages else ""
        return f"<{type(self).__name__} of {len(self.mapping)} message models{strategy}>"
