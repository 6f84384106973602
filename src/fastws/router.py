"""WSRouter: WebSocket messages routed to handlers by their pydantic models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, overload

from fastapi import APIRouter, Depends, params
from starlette.types import Lifespan
from starlette.websockets import WebSocket
from typing_extensions import Unpack

from fastws._inspect import name_callable
from fastws.callables import as_async
from fastws.connection import Limits, Service, make_service, refuse, serve
from fastws.dependencies import ConnectionDependencies
from fastws.descriptions import RouterDescription
from fastws.error_frames import reply_with_error
from fastws.handlers import find_message, find_reply
from fastws.hooks import HandlerT, Hooks, check_hook, plan_goodbye
from fastws.models import load_members
from fastws.openapi import WSMainRoute, WSRoute, document
from fastws.origin import AllowedOrigins, make_origin_check
from fastws.registry import Registry
from fastws.replies import Options, ReplyOptions
from fastws.websocket import WebSocket as Connection
from fastws.websocket import adopt

if TYPE_CHECKING:
    from fastapi.types import IncEx

Dispatcher = Callable[[WebSocket, dict[Any, Callable[..., Any]], Any], Awaitable[None]]


class WSRouter(Hooks, APIRouter):
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
        TypeError: `dispatcher` cannot be called with `(websocket, mapping, message)`, or what is listed as a dependency
            is none.
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
        connection = ConnectionDependencies(dependencies or (), dependency_overrides_provider)
        dependencies = connection.dependencies
        if allowed_origins is not None:
            # First, so that nothing of the router's runs for a page that may not connect.
            dependencies = [Depends(make_origin_check(AllowedOrigins(allowed_origins))), *dependencies]
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
        if dispatcher is not None:
            check_hook(dispatcher, "the dispatcher", "websocket", "mapping", "message")
        self.discriminator = discriminator
        self.as_text = as_text
        self.limits = limits
        self.dispatcher: Dispatcher = self._dispatcher if dispatcher is None else dispatcher
        self._registry = Registry(discriminator, fast_path=fast_path, connection=connection, is_custom=self._is_custom)
        self._service: tuple[tuple[object, ...], Service] | None = None
        self._callbacks = callbacks
        self._description: tuple[tuple[object, ...], RouterDescription] | None = None
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

    @overload
    def receive(
        self,
        model: type[Any] | None = None,
        /,
        callbacks: Any = None,
        path: str | None = None,
        **options: Unpack[Options],
    ) -> Callable[[HandlerT], HandlerT]: ...

    @overload
    def receive(self, func: HandlerT, /) -> HandlerT: ...

    # A union, an `Annotated`, an alias of a type: no class, and nothing to call.
    @overload
    def receive(
        self, model: object, /, callbacks: Any = None, path: str | None = None, **options: Unpack[Options]
    ) -> Callable[[HandlerT], HandlerT]: ...

    def receive(
        self,
        model: Any = None,
        /,
        callbacks: Any = None,
        path: str | None = None,
        *,
        response_model_include: IncEx | None = None,
        response_model_exclude: IncEx | None = None,
        response_model_by_alias: bool = True,
        response_model_exclude_unset: bool = False,
        response_model_exclude_defaults: bool = False,
        response_model_exclude_none: bool = False,
    ) -> Any:
        """Register the handler of a message: `@router.receive(Model)`, `@router.receive()` or `@router.receive`.

        Parameters:
            model: The pydantic model, dataclass or `TypedDict` of the message, or a union of them.  Where it is left out,
                it is the one that a parameter of the handler is annotated with.
            callbacks: The model, or union of models, that the server sends in answer, where that is not what the handler
                declares to return; documentation only.
            path: The path in OpenAPI, behind that of the connection; `" (name of the handler)"` by default.
            response_model_include: The fields of a reply to send, as in path operations of FastAPI; `None` for all.
            response_model_exclude: The fields of a reply to leave out.
            response_model_by_alias: Whether the fields of a reply go by their aliases.
            response_model_exclude_unset: Whether fields of a reply that were not set are left out.
            response_model_exclude_defaults: Whether those with their default values are left out.
            response_model_exclude_none: Whether those that are `None` are left out.

        Returns:
            A decorator, which returns the handler as it was; the handler itself where it is used as one.

        Raises:
            TypeError: `model` is nothing that pydantic can validate, or the handler cannot be called with a connection
                and a message, asks for something that cannot be resolved, or declares a reply that cannot be sent.
            ValueError: The model has a handler already, lacks the router's discriminator, or shares its value with
                another model.
        """
        if inspect.isroutine(model) or isinstance(model, functools.partial):
            return self.receive()(model)
        options = ReplyOptions(
            include=response_model_include,
            exclude=response_model_exclude,
            by_alias=response_model_by_alias,
            exclude_unset=response_model_exclude_unset,
            exclude_defaults=response_model_exclude_defaults,
            exclude_none=response_model_exclude_none,
        )
        if model is not None:
            load_members(model)  # what is wrong with it is said here, and not only when a handler comes

        def decorate(func: HandlerT) -> HandlerT:
            self._register(func, find_message(func) if model is None else model, options, callbacks, path)
            return func

        return decorate

    def _register(
        self, func: Callable[..., Any], model: Any, options: ReplyOptions, callbacks: Any, path: str | None
    ) -> None:
        registration = self._registry.prepare(func, model, options, callbacks)
        name = name_callable(func)
        self.add_api_route(
            f" ({name})" if path is None else path,
            document(func, model),
            methods=["POST"],
            name=name,
            response_model=find_reply(func) if callbacks is None else callbacks,
            response_model_by_alias=options.by_alias,
            route_class_override=WSRoute,
        )
        self._registry.add(registration)
        if self._service:
            self._service[1].receiver.table = None

    def _is_custom(self) -> bool:
        """Whether handlers are called by the program's own dispatcher, in its own way."""
        overridden = type(self)._dispatcher is not WSRouter._dispatcher  # noqa: SLF001
        return overridden or self.dispatcher != self._dispatcher

    def parse(self, message: str | bytes | bytearray) -> Any:
        """Validate a raw message as the router would, and return it as its model.

        Raises:
            pydantic.ValidationError: No model accepts it.
            NoMessagesError: The router has no models.
            TypeError, ValueError: The first message shows that something is wrong with what was registered.
        """
        return self._registry.parse(message)

    def describe(self) -> RouterDescription:
        """Return what documents say of the router; the same object until there is something else to say."""
        handlers, as_text = self._registry.describe(), self.as_text
        answers_errors = reply_with_error in (self._fallback, self._on_error)
        state = (handlers, as_text, answers_errors)
        if self._description is None or self._description[0] != state:
            description = RouterDescription(
                self.handler,
                handlers=handlers,
                as_text=as_text,
                callbacks=self._callbacks,
                answers_errors=answers_errors,
            )
            self._description = (state, description)
        return self._description[1]

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
            service.receiver.table = self._registry.build_table()
        return service

    def _make_service(self) -> Service:
        dispatch = as_async(self.dispatcher)
        return make_service(
            on_connect=as_async(self._on_connect),
            on_disconnect=plan_goodbye(self._on_disconnect),
            fallback=as_async(self._fallback),
            on_error=None if self._on_error is None else as_async(self._on_error),
            prepare=self._registry.build_table,
            dispatch=(lambda websocket, frame: dispatch(websocket, self.mapping, frame)) if self._is_custom() else None,
            limits=self.limits,
            as_text=self.as_text,
            list_names=self._registry.list_names,
        )

    async def _dispatcher(
        self, websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str | bytes
    ) -> None:
        """Route one message; to be overridden, and to be called from the override.

        A `mapping` that is not the router's own is obeyed: models that it leaves out have no handler.
        """
        if not isinstance(websocket, Connection):
            # Of an endpoint of the program's own, which no router has served.
            adopt(websocket, self._get_service().settings)
        handler, validated, error = self._registry.find(message, mapping)
        if handler is None:
            await refuse(as_async(self._fallback), websocket, message, error)
        else:
            await handler(websocket, validated)

    def _build_at_startup(self, lifespan: Lifespan[Any]) -> Callable[[Any], Any]:
        """Let what is wrong with the models be said when the application starts, not at its first connection."""

        @asynccontextmanager
        async def build(app: Any) -> AsyncIterator[Any]:
            async with lifespan(app) as state:
                self.check_hooks()
                if not self._is_custom():
                    self._registry.build()
                yield state

        return build

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._registry.summarize()}>"
