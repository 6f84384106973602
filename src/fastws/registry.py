"""The handlers of a router by their models, and the dispatch table that is built of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fastws._inspect import describe, name_of
from fastws.claims import Claims, TagRegister
from fastws.errors import DuplicateModelError, InvalidHandlerError
from fastws.handlers import Handler, check_callable, plan_handler
from fastws.messages import Messages, build_messages
from fastws.models import Loaded, makes_instances

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
    """

    def __init__(self, discriminator: str | None, *, fast_path: bool) -> None:
        self.mapping: dict[Any, Callable[..., Any]] = {}
        self.messages: Messages[Handler] | None = None
        self._discriminator = discriminator
        self._fast_path = fast_path
        self._tags = TagRegister(discriminator) if discriminator else None
        self._built_from: dict[Any, Callable[..., Any]] = {}
        self._lock = threading.RLock()

    def check(
        self, func: Callable[..., Any], model: Any, members: Mapping[Any, Loaded | None], *, custom: bool
    ) -> Claims:
        """Say what is wrong with a handler and its model before anything is changed; return the tags of the model.

        Parameters:
            func: The handler as written.
            model: What it is registered for.
            members: The members of that union, loaded.
            custom: Whether the program's own dispatcher calls the handlers, in its own way.
        """
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
        if not custom:
            plan_handler(func, model)
        return claims

    def add(self, func: Callable[..., Any], members: Mapping[Any, Loaded | None], claims: Claims) -> None:
        """Register a handler that has been checked."""
        with self._lock:
            if self._tags:
                self._tags.add(claims)
            self.mapping.update(dict.fromkeys(members, func))
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
        try:
            return plan_handler(func, model)
        except InvalidHandlerError as error:
            if not custom:
                raise
            reason = str(error)

        # The program's own dispatcher calls its handlers in its own way; only the router's default way is closed.
        async def refuse(websocket: WebSocket, message: object) -> None:  # noqa: ARG001
            raise InvalidHandlerError(reason)

        return refuse

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
                return messages.handlers[model] if func is self._built_from.get(model) else plan_handler(func, model)
        return None
