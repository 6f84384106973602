"""WSRouter: WebSocket messages routed to handlers by their pydantic models."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, TypeVar

from fastapi import APIRouter, params
from pydantic import ValidationError
from starlette.types import Lifespan
from starlette.websockets import WebSocket

from fastws._inspect import describe, name_of, split_union
from fastws.claims import Claims, TagRegister
from fastws.connection import Hooks, serve
from fastws.errors import (
    DuplicateModelError,
    InvalidDiscriminatorError,
    InvalidHandlerError,
    InvalidModelError,
    NoMessagesError,
    UnclaimedMessageError,
)
from fastws.handlers import Handler, as_async, check_callable, check_hook, plan_goodbye, plan_handler
from fastws.messages import Messages, build_messages
from fastws.models import Loaded, load, makes_instances
from fastws.openapi import WSMainRoute, WSRoute, document, name_endpoint

logger = logging.getLogger("fastws")

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

    Raises:
        TypeError: `dispatcher` cannot be called with `(websocket, mapping, message)`.
        ValueError: `discriminator` is no name of a field, or `hook_timeout` no time.
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
    ) -> None:
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
        if not isinstance(hook_timeout, int | float) or not hook_timeout > 0:
            raise ValueError(f"hook_timeout is a number of seconds above 0, not {hook_timeout!r}.")
        if dispatcher is not None:
            check_hook(dispatcher, "the dispatcher", "websocket", "mapping", "message")
        self.discriminator = discriminator
        self.as_text = as_text
        self.fast_path = fast_path
        self.hook_timeout = hook_timeout
        self.mapping: dict[Any, Callable[..., Any]] = {}
        self.dispatcher: Dispatcher = dispatcher or self._dispatcher
        self._tags = TagRegister(discriminator) if discriminator else None
        self._messages: Messages[Handler] | None = None
        self._built_from: dict[Any, Callable[..., Any]] = {}
        self._lock = threading.RLock()
        self._goodbye: tuple[Callable[..., Any], Handler] | None = None
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
            claims = self._check(func, model, members)
            name = name_endpoint(func)
            self.add_api_route(
                f" ({name})" if path is None else path,
                document(func, model),
                methods=["POST"],
                name=name,
                response_model=callbacks,
                route_class_override=WSRoute,
            )
            with self._lock:
                if self._tags:
                    self._tags.add(claims)
                self.mapping.update(dict.fromkeys(members, func))
                self._messages = None
            return func

        return decorate

    def _check(self, func: Callable[..., Any], model: Any, members: Mapping[Any, Loaded | None]) -> Claims:
        """Say what is wrong with a handler and its model before anything is changed; return the tags of the model."""
        check_callable(func, f"the handler of {name_of(model)}")
        claims: dict[tuple[type, object], Any] = {}
        for member, loaded in members.items():
            if member in self.mapping:
                raise DuplicateModelError(
                    f"{name_of(member)} already has the handler {describe(self.mapping[member])}, so it cannot have "
                    f"{describe(func)} as well. Give one of them a model of its own."
                )
            if self._tags:
                claims |= self._tags.check(member, loaded, claims, self.mapping)
        if not self._is_custom():
            plan_handler(func, model)
        return claims

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

    def parse(self, message: str | bytes | bytearray) -> Any:
        """Validate a raw message as the router would, and return it as its model.

        Raises:
            pydantic.ValidationError: No model accepts it.
            NoMessagesError: The router has no models.
        """
        messages = self._messages or self._build()
        if messages is None:
            raise NoMessagesError("The router has no message models. Register one with @router.receive(Model).")
        return messages.table.route(message)[1]

    # No docstring: FastAPI would show it in the documentation of every router.
    async def handler(self, websocket: WebSocket) -> None:
        if not self._is_custom():
            self._build()
        dispatch = as_async(self.dispatcher)
        hooks = Hooks(
            on_connect=as_async(self._on_connect),
            on_disconnect=self._plan_goodbye(),
            fallback=as_async(self._fallback),
            dispatch=lambda websocket, message: dispatch(websocket, self.mapping, message),
        )
        await serve(websocket, hooks, as_text=self.as_text, hook_timeout=self.hook_timeout)

    async def _dispatcher(
        self, websocket: WebSocket, mapping: dict[Any, Callable[..., Any]], message: str | bytes
    ) -> None:
        """Route one message; to be overridden, and to be called from the override.

        A `mapping` that is not the router's own is obeyed: models that it leaves out have no handler.
        """
        messages = self._messages or self._build()
        if messages is None:
            await as_async(self._fallback)(websocket, message, None)
            return
        try:
            handler, validated = messages.table.route(message)
        except Exception as error:  # the validators are the program's own
            if not isinstance(error, ValidationError):
                logger.exception("a validator raised %s", type(error).__name__)
            await as_async(self._fallback)(websocket, message, error)
            return
        if mapping is not self.mapping:
            handler = self._find_handler(mapping, messages, handler, validated)
        if handler is None:
            await as_async(self._fallback)(websocket, message, UnclaimedMessageError(type(validated)))
        else:
            await handler(websocket, validated)

    async def _on_connect(self, websocket: WebSocket) -> None:
        """Decide about a new connection; to be overridden."""
        await websocket.accept()

    async def _on_disconnect(self, websocket: WebSocket, code: int, reason: str) -> None:
        """Say goodbye to a connection; to be overridden."""

    async def _fallback(self, websocket: WebSocket, message: str | bytes | None, error: Exception | None) -> None:
        """Take what no handler can; to be overridden."""

    def _plan_goodbye(self) -> Handler:
        hook = self._on_disconnect
        if self._goodbye is None or self._goodbye[0] != hook:
            self._goodbye = (hook, plan_goodbye(hook))
        return self._goodbye[1]

    def _build(self) -> Messages[Handler] | None:
        """Build the dispatch table, unless the one there is still holds; `None` without models."""
        if not self.mapping:
            return None
        # So that a model is not lost that another thread registers meanwhile.
        with self._lock:
            # The mapping may have been changed by hand.
            if self._messages is None or self._built_from != self.mapping:
                plans = {model: self._plan(func, model) for model, func in self.mapping.items()}
                self._built_from = dict(self.mapping)
                self._messages = build_messages(plans, discriminator=self.discriminator, fast_path=self.fast_path)
            return self._messages

    def _plan(self, func: Callable[..., Any], model: Any) -> Handler:
        try:
            return plan_handler(func, model)
        except InvalidHandlerError as error:
            if not self._is_custom():
                raise
            reason = str(error)

        # The program's own dispatcher calls its handlers in its own way; only the router's default way is closed.
        async def refuse(websocket: WebSocket, message: object) -> None:  # noqa: ARG001
            raise InvalidHandlerError(reason)

        return refuse

    def _find_handler(
        self,
        mapping: Mapping[Any, Callable[..., Any]],
        messages: Messages[Handler],
        own: Handler | None,
        validated: object,
    ) -> Handler | None:
        """Return the handler of a message in a mapping that is not the router's own."""
        models = [type(validated)]
        models += [model for model, plan in messages.handlers.items() if plan is own and not makes_instances(model)]
        for model in models:
            func = mapping.get(model)
            if func is not None:
                # Most overrides leave models out; what they keep has its plan already.
                return messages.handlers[model] if func is self._built_from.get(model) else plan_handler(func, model)
        return None

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

    def __repr__(self) -> str:
        strategy = f", told apart {self._messages.strategy}" if self._messages else ""
        return f"<{type(self).__name__} of {len(self.mapping)} message models{strategy}>"
