"""The handlers of a router by their models: how they are called, what documents say of them, and their dispatch table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastws._inspect import describe, is_undefined, name_of
from fastws.callables import Handler, check_callable
from fastws.claims import Claims, TagRegister
from fastws.descriptions import MessageDescription
from fastws.errors import (
    DuplicateModelError,
    InvalidHandlerError,
    NoMessagesError,
    UnclaimedMessageError,
    UnresolvedError,
)
from fastws.handlers import describe_handler, plan_handler
from fastws.messages import Messages, build_messages
from fastws.models import load_members, makes_instances

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from fastws._core import DispatchTable
    from fastws.dependencies import ConnectionDependencies
    from fastws.replies import ReplyOptions


@dataclass(frozen=True)
class Registration:
    """A handler and what it is registered with.

    Attributes:
        func: The handler as written.
        model: The model, or the union, that it is registered for.
        members: The models that this is.
        claims: What these claim of the discriminator.
        options: How its replies are written.
        callbacks: What the server is said to send because of the message; documentation only.
        plan: How it is called; `None` where that cannot be said before the table is built.
    """

    func: Callable[..., Any]
    model: Any
    members: tuple[Any, ...]
    claims: Claims
    options: ReplyOptions
    callbacks: Any
    plan: Handler | None


class Registry:
    """The handlers of a router by their models.

    Attributes:
        mapping: The handler as written of each model; programs may change it by hand between connections.
        messages: The dispatch table and its handlers; `None` until it is built, and after each registration.

    Parameters:
        discriminator: The field that tells the models apart, `None` to infer it.
        fast_path: Whether to find the model from the raw message.
        connection: The dependencies that the router lists.
        is_custom: Whether handlers are called by the program's own dispatcher, in its own way; asked each time, because
            that may be set at any time.

    Raises:
        InvalidDiscriminatorError: `discriminator` is no name of a field.
    """

    def __init__(
        self,
        discriminator: str | None,
        *,
        fast_path: bool,
        connection: ConnectionDependencies,
        is_custom: Callable[[], bool],
    ) -> None:
        self.mapping: dict[Any, Callable[..., Any]] = {}
        self.messages: Messages[Handler] | None = None
        self._discriminator = discriminator
        self._fast_path = fast_path
        self._connection = connection
        self._is_custom = is_custom
        self._registrations: list[Registration] = []
        # The last of each model.
        self._by_model: dict[Any, Registration] = {}
        self._descriptions: tuple[bool, tuple[MessageDescription, ...]] | None = None
        # The plans of handlers that stand in other mappings than the router's own, beside the handlers as written that
        # they were made of; the last for each model.
        self._others: dict[Any, tuple[Callable[..., Any], Handler]] = {}
        self._tags = None if discriminator is None else TagRegister(discriminator)
        self._built_from: dict[Any, Callable[..., Any]] = {}
        self._lock = threading.RLock()

    def prepare(self, func: Callable[..., Any], model: Any, options: ReplyOptions, callbacks: Any) -> Registration:
        """Say what is wrong with a handler and its model, before anything is changed; return what :meth:`add` takes.

        Parameters:
            func: The handler as written.
            model: The model, or the union, that it is to be registered for.
            options: How its replies are written.
            callbacks: What the server is said to send because of the message; documentation only.

        Raises:
            RegistrationError: What is wrong.
        """
        members = load_members(model)
        check_callable(func, f"the handler of {name_of(model)}")
        for member in members:
            if member in self.mapping:
                raise DuplicateModelError(
                    f"{name_of(member)} already has the handler {describe(self.mapping[member])}, so it cannot have "
                    f"{describe(func)} as well. Give one of them a model of its own."
                )
        claims = self._tags.check(members, self.mapping) if self._tags else Claims()
        plan = None if self._is_custom() else self._plan_early(func, model, options)
        return Registration(func, model, tuple(members), claims, options, callbacks, plan)

    def _plan_early(self, func: Callable[..., Any], model: Any, options: ReplyOptions) -> Handler | None:
        try:
            plan = plan_handler(func, model, options=options, connection=self._connection)
        except UnresolvedError:
            return None
        # A name that is defined later may say something else than the position did.
        return None if is_undefined(func) else plan

    def add(self, registration: Registration) -> None:
        """Register a handler that has been checked."""
        with self._lock:
            if self._tags:
                self._tags.add(registration.claims)
            self._registrations.append(registration)
            for member in registration.members:
                self.mapping[member] = registration.func
                self._by_model[member] = registration
            self._descriptions = None
            self.messages = None

    def describe(self) -> tuple[MessageDescription, ...]:
        """Return what documents say of the handlers; the same object until there is something else to say."""
        # So that a handler is not left out for good that another thread registers meanwhile.
        with self._lock:
            custom = self._is_custom()
            if self._descriptions is None or self._descriptions[0] is not custom:
                descriptions = [
                    describe_handler(one.func, one.model, one.callbacks, one.options, custom=custom)
                    for one in self._registrations
                ]
                self._descriptions = (custom, tuple(descriptions))
            return self._descriptions[1]

    def summarize(self) -> str:
        """Return how many models there are and, where that is known, how they are told apart."""
        strategy = f", told apart {self.messages.strategy}" if self.messages else ""
        models = "1 message model" if len(self.mapping) == 1 else f"{len(self.mapping)} message models"
        return models + strategy

    def list_names(self) -> Container[str]:
        """Return the names in the models, which may be told to a client."""
        return self.messages.names if self.messages else ()

    def build(self) -> Messages[Handler] | None:
        """Build the dispatch table, unless the one there is still holds; `None` without models.

        Raises:
            RegistrationError: Something is wrong that could not be seen before, or came into the mapping by hand.
        """
        if not self.mapping:
            return None
        # So that a model is not lost that another thread registers meanwhile.
        with self._lock:
            # The mapping may have been changed by hand.
            if self.messages is None or self._built_from != self.mapping:
                custom, mapping = self._is_custom(), dict(self.mapping)
                plans = {model: self._plan(func, model, custom=custom) for model, func in mapping.items()}
                self.messages = build_messages(plans, discriminator=self._discriminator, fast_path=self._fast_path)
                # Not before, or what could not be built would be taken for what was.
                self._built_from = mapping
            return self.messages

    def build_table(self) -> DispatchTable[Handler] | None:
        """Build the dispatch table likewise, and return it alone."""
        messages = self.build()
        return messages.table if messages else None

    def _plan(self, func: Callable[..., Any], model: Any, *, custom: bool) -> Handler:
        registration = self._by_model.get(model)
        if registration is not None and registration.plan is not None and registration.func is func:
            return registration.plan
        options = registration.options if registration is not None else None
        try:
            return plan_handler(func, model, options=options, connection=self._connection)
        except InvalidHandlerError as error:
            if not custom:
                raise
            reason = str(error)

        # The program's own dispatcher calls its handlers in its own way; only the router's default way is closed.
        async def refuse(websocket: WebSocket, message: object) -> None:  # noqa: ARG001
            raise InvalidHandlerError(reason)

        return refuse

    def parse(self, message: str | bytes | bytearray) -> Any:
        """Validate a raw message.

        Raises:
            NoMessagesError: There are no models.
            Exception: What a validator raised.
        """
        messages = self.messages or self.build()
        if messages is None:
            raise NoMessagesError("The router has no message models. Register one with @router.receive(Model).")
        return messages.table.route(message)[1]

    def find(
        self, message: str | bytes, mapping: Mapping[Any, Callable[..., Any]]
    ) -> tuple[Handler | None, Any, Exception | None]:
        """Validate a raw message and find its handler.

        Parameters:
            message: The raw message.
            mapping: The handlers as written, by their models: those of the router, or other ones.

        Returns:
            The handler and the validated message; without a handler, `None` and why: `None` again where there are no models.
        """
        messages = self.messages or self.build()
        if messages is None:
            return None, None, None
        try:
            handler, validated = messages.table.route(message)
        except Exception as error:  # noqa: BLE001  (the validators are the program's own)
            # Not raised, so that what the fallback raises is not chained to an error that quotes the message.
            return None, None, error
        if mapping is not self.mapping:
            handler = self._find_other(mapping, messages, handler, validated)
        return handler, validated, UnclaimedMessageError(type(validated)) if handler is None else None

    def _find_other(
        self,
        mapping: Mapping[Any, Callable[..., Any]],
        messages: Messages[Handler],
        own: Handler | None,
        validated: object,
    ) -> Handler | None:
        """Return the handler of a message in a mapping that is not the router's own.

        Parameters:
            mapping: The handlers as written, by their models.
            messages: What the message was validated with.
            own: The handler of the message in the router's own mapping.
            validated: The message.
        """
        models = [type(validated)]
        models += [model for model, plan in messages.handlers.items() if plan is own and not makes_instances(model)]
        for model in models:
            func = mapping.get(model)
            if func is not None:
                # Most overrides leave models out; what they keep has its plan already.
                if func is self._built_from.get(model):
                    return messages.handlers[model]
                planned, plan = self._others.get(model, (None, None))
                if plan is None or planned is not func:
                    plan = self._plan(func, model, custom=False)
                    self._others[model] = (func, plan)
                return plan
        return None
