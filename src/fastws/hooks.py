"""The hooks of a router: registered or overridden, and checked for what they are called with."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws._inspect import describe, is_class, split_union, strip_annotated
from fastws.arguments import NAMED, is_connection, is_marked
from fastws.callables import Handler, as_async, check_callable
from fastws.errors import InvalidHandlerError, NotAcceptedError

logger = logging.getLogger("fastws")

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])

_LIST_IT: Final = (
    "List the dependency in WSRouter(dependencies=[...]), let it put its value on `websocket.state`, and read it there."
)


class Hooks:
    """What a router does with a connection beside handling its messages."""

    def on_connect(self, func: HandlerT) -> HandlerT:
        """Decide about a new connection: `(websocket)`, which has to accept or to close it.

        Without the hook every connection is accepted.  An `HTTPException` or a `WebSocketException` that it raises
        instead denies the handshake, as in FastAPI.

        Parameters:
            func: The hook; a plain `def` runs in the thread pool.

        Returns:
            The hook as it was.

        Raises:
            TypeError: It cannot be called with these arguments, or asks for a dependency.
        """
        check_hook(func, "on_connect", "websocket")
        self._on_connect = func  # type: ignore[method-assign]
        return func

    def on_disconnect(self, func: HandlerT) -> HandlerT:
        """Say goodbye to an accepted connection: `(websocket, code, reason)` or `(websocket, disconnect)`.

        Called exactly once for every accepted connection that `on_connect` did not refuse, whatever ended it; sending
        is no longer possible.  A coroutine function is cancelled after the `hook_timeout` of the router; an exception
        that the hook raises is logged by the server.

        Parameters:
            func: The hook; a plain `def` runs in the thread pool, and is waited for.

        Returns:
            The hook as it was.

        Raises:
            TypeError: It cannot be called with either, or asks for a dependency.
        """
        plan_goodbye(func)
        self._on_disconnect = func  # type: ignore[method-assign]
        return func

    def on_fallback(self, func: HandlerT) -> HandlerT:
        """Take what no handler can: `(websocket, message, error)`.

        `message` is the raw message; `None` where the protocol was violated.  `error` is pydantic's `ValidationError`,
        what else a validator raised, a `ProtocolError`, or `None` where the router has no models.
        The connection goes on afterwards; an exception that the hook raises ends it, and `on_error` is not asked.  Without
        the hook the message is dropped, with a line in the log at `DEBUG`.

        Parameters:
            func: The hook; a plain `def` runs in the thread pool.

        Returns:
            The hook as it was.

        Raises:
            TypeError: It cannot be called with these arguments, or asks for a dependency.
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

        Parameters:
            func: The hook; a plain `def` runs in the thread pool.

        Returns:
            The hook as it was.

        Raises:
            TypeError: It cannot be called with these arguments, or asks for a dependency.
        """
        check_hook(func, "on_error", "websocket", "message", "error")
        self._on_error = func
        return func

    async def _on_connect(self, websocket: WebSocket) -> None:
        """Decide about a new connection; to be overridden."""
        await websocket.accept()

    async def _on_disconnect(self, websocket: WebSocket, code: int, reason: str) -> None:
        """Say goodbye to a connection; to be overridden."""

    # Overridden or registered, what decides about the exceptions of handlers.
    _on_error: Callable[..., Any] | None = None

    async def _fallback(
        self,
        websocket: WebSocket,  # noqa: ARG002  (part of the signature)
        message: str | bytes | None,  # noqa: ARG002  (likewise, and never in the log)
        error: Exception | None,
    ) -> None:
        """Take what no handler can; to be overridden."""
        if isinstance(error, NotAcceptedError):  # there was no message
            return
        kind = "no models" if error is None else type(error).__name__
        logger.debug("a message that no handler takes was dropped (%s); on_fallback could answer it", kind)

    def check_hooks(self) -> None:
        """Check the hooks once more: those of a subclass have passed no decorator."""
        check_hook(self._on_connect, "on_connect", "websocket")
        plan_goodbye(self._on_disconnect)
        check_hook(self._fallback, "on_fallback", "websocket", "message", "error")
        if self._on_error is not None:
            check_hook(self._on_error, "on_error", "websocket", "message", "error")


def check_hook(func: Any, role: str, *arguments: str) -> None:
    """Refuse a hook that cannot be called with its arguments.

    Parameters:
        func: The hook as written.
        role: What it is to be, for the message.
        arguments: The names of the arguments that it is called with, in order.

    Raises:
        InvalidHandlerError: `func` is not callable, or not with these arguments.
    """
    signature = check_callable(func, role)
    if signature is None:
        return
    remedy = f"Write it as `async def {getattr(func, '__name__', 'hook')}({', '.join(arguments)})`."
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise InvalidHandlerError(f"{describe(func)} cannot be {role}: {error}. {remedy}") from None
    for place, parameter in enumerate(signature.parameters.values()):
        refuse_mark(func, parameter)
        if place and is_connection(parameter.annotation):
            raise InvalidHandlerError(f"{describe(func)} cannot be {role}: the connection comes first. {remedy}")


def refuse_mark(func: Any, parameter: inspect.Parameter, remedy: str = _LIST_IT) -> None:
    """Refuse a parameter of a hook that asks FastAPI for a value.

    Called without it, the hook would take the mark itself for the value: a `Depends` object for a user, say.

    Parameters:
        func: The hook as written.
        parameter: The parameter.
        remedy: What to do instead, in a sentence.
    """
    if is_marked(parameter):
        raise InvalidHandlerError(
            f"{describe(func)} asks for {parameter.name!r} as a dependency, which hooks do not have. {remedy}"
        )


def plan_goodbye(func: Callable[..., Any]) -> Handler:
    """Return an `on_disconnect` hook as a coroutine function of `(websocket, code, reason)`.

    Both signatures that exist in the wild are served: `(websocket, code, reason)` and `(websocket, disconnect)` with a
    `WebSocketDisconnect`; also `(websocket)` alone.

    Raises:
        InvalidHandlerError: It cannot be called with any of these.
    """
    signature = check_callable(func, "on_disconnect")
    hook = as_async(func)
    if signature is None:
        return hook
    for parameter in signature.parameters.values():
        refuse_mark(func, parameter)
    for arguments in _goodbyes(signature):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        break
    else:
        raise InvalidHandlerError(
            f"{describe(func)} cannot be on_disconnect. Write it as "
            f"`async def {getattr(func, '__name__', 'on_disconnect')}(websocket, code, reason)`."
        )
    if arguments == _GOODBYE:
        return hook

    def call(websocket: WebSocket, code: int, reason: str) -> Awaitable[None]:
        offers = {"websocket": websocket, "code": code, "disconnect": WebSocketDisconnect(code, reason)}
        return hook(*(offers[name] for name in arguments))

    return call


_GOODBYE: Final = ["websocket", "code", "reason"]


def _goodbyes(signature: inspect.Signature) -> list[list[str]]:
    """Return with what a hook with this signature may be called, best first."""
    named = [parameter for parameter in signature.parameters.values() if parameter.kind in NAMED]
    events = [place for place, parameter in enumerate(named) if _is_disconnect(parameter.annotation)]
    if any(is_connection(parameter.annotation) for parameter in named[1:]) and events != [0]:
        return []
    if events:
        return [["disconnect", "websocket"] if events[0] == 0 else ["websocket", "disconnect"]]
    second = "code" if len(named) > 1 and _is_code(named[1]) else "disconnect"
    return [_GOODBYE, ["websocket", second], ["websocket"]]


def _is_disconnect(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == "WebSocketDisconnect"
    options = split_union(strip_annotated(annotation))
    return any(is_class(option) and issubclass(option, WebSocketDisconnect) for option in options)


def _is_code(parameter: inspect.Parameter) -> bool:
    if parameter.annotation is parameter.empty:
        return parameter.name in {"code", "close_code"}
    return int in split_union(strip_annotated(parameter.annotation))
