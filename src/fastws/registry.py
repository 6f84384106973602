"""The handlers of a router by their models, and the dispatch table that is built of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fastws._inspect import describe, is_undefined, name_of
from fastws.callables import Handler, check_callable
from fastws.claims import Claims, TagRegister
from fastws.dependencies import ConnectionDependencies
from fastws.errors import DuplicateModelError, InvalidHandlerError, UnresolvedError
from fastws.handlers import plan_handler
from fastws.messages import Messages, build_messages
from fastws.models import Loaded, makes_instances
from fastws.replies import ReplyOptions

if TYPE_CHECKING:
    from starlette.websockets import WebSocket


class Registry:
    """The handlers of a router by their models.

    Attributes:
        mapping: The handler as written of each model; programs may change it by hand between connections.
        messages: The dispatch table and its handlers; `None` until it is built, and after each registration.

    Parameters:
        discriminator: The field that tells the models apart, `None` to infer it.
        fast_path: Whether to find the model from the raw message.
        connection: The dependencies that the router lists.
    """

    def __init__(
        self, discriminator: str | None, *, fast_path: bool = True, connection: ConnectionDependencies | None = None
    ) -> None:
        self.mapping: dict[Any, Callable[..., Any]] = {}
        self.messages: Messages[Handler] | None = None
        self._discriminator = discriminator
        self._fast_path = fast_path
        self._connection = connection or ConnectionDependencies()
        self._options: dict[Any, ReplyOptions] = {}
        # The plans of handlers, beside the handlers as written that they were made of.
        self._plans: dict[Any, tuple[Callable[..., Any], Handler]] = {}
        # The same of handlers that stand in other mappings than the router's own, the last for each model.
        self._others: dict[Any, tuple[Callable[..., Any], Handler]] = {}
        self._tags = TagRegister(discriminator) if discriminator else None
        self._built_from: dict[Any, Callable[..., Any]] = {}
        self._lock = threading.RLock()

    def check(self, func: Callable[..., Any], model: Any, members: Mapping[Any, Loaded | None]) -> Claims:
        """Say what is wrong with a handler and its model before anything is changed; return the tags of the model.

        Parameters:
            func: The handler as written.
            model: What it is registered for.
            members: The members of that union, loaded.
        """
        check_callable(func, f"the handler of {name_of(model)}")
        for member in members:
            if member in self.mapping:
                raise DuplicateModelError(
                    f"{name_of(member)} already has the handler {describe(self.mapping[member])}, so it cannot have "
                    f"{describe(func)} as well. Give one of them a model of its own."
                )
        return self._tags.check(members, self.mapping) if self._tags else Claims()

    def plan(self, func: Callable[..., Any], model: Any, options: ReplyOptions) -> Handler | None:
        """Return how a handler is called; `None` where that cannot be said yet."""
        try:
            plan = plan_handler(func, model, options=options, connection=self._connection)
        except UnresolvedError:
            return None
        # A name that is defined later may say something else than the position did.
        return None if is_undefined(func) else plan

    def add(
        self,
        func: Callable[..., Any],
        members: Iterable[Any],
        claims: Claims,
        options: ReplyOptions,
        plan: Handler | None,
    ) -> None:
        """Register a handler that has been checked.

        Parameters:
            func: The handler as written.
            members: The models that it is registered for.
            claims: Their tags.
            options: How its replies are written.
            plan: How it is called; `None` to decide that when the table is built.
        """
        with self._lock:
            if self._tags:
                self._tags.add(claims)
            for member in members:
                self.mapping[member] = func
                self._options[member] = options
                if plan is not None:
                    self._plans[member] = (func, plan)
            self.messages = None

    def build(self, *, custom: bool) -> Messages[Handler] | None:
        """Build the dispatch table, unless the one there is still holds; `None` without models."""
        if not self.mapping:
            return None
        # So that a model is not lost that another thread registers meanwhile.
        with self._lock:
            # The mapping may have been changed by hand.
            if self.messages is None or self._built_from != self.mapping:
                plans = {model: self._plan(func, model, custom=custom) for model, func in self.mapping.items()}
                self._built_from = dict(self.mapping)
                self.messages = build_messages(plans, discriminator=self._discriminator, fast_path=self._fast_path)
            return self.messages

    def _plan(self, func: Callable[..., Any], model: Any, *, custom: bool) -> Handler:
        planned, plan = self._plans.get(model, (None, None))
        if plan is not None and planned is func:
            return plan
        try:
            return plan_handler(func, model, options=self._options.get(model), connection=self._connection)
        except InvalidHandlerError as error:
            if not custom:
                raise
            reason = str(error)

        # The program's own dispatcher calls its handlers in its own way; only the router's default way is closed.
        async def refuse(websocket: WebSocket, message: object) -> None:  # noqa: ARG001
            raise InvalidHandlerError(reason)

        return refuse

    def list_names(self) -> Container[str]:
        """Return the names in the models, which may be told to a client."""
        return self.messages.names if self.messages else ()

    def find_handler(
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
