"""From a handler's signature to a plan: how it is called, and what becomes of what it returns.

A handler is written with whichever arguments it wants, in whichever order; this is decided once, at registration, so
that the usual handler is called with nothing in between.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

from fastws._call import Placed
from fastws._inspect import describe, name_callable, name_of, signature_of
from fastws.arguments import Arguments, contradicts, drop_bound, find_model, match_arguments, place_arguments
from fastws.callables import Handler, as_async, check_callable
from fastws.dependencies import ConnectionDependencies, Resolution, make_stand_in
from fastws.descriptions import MessageDescription
from fastws.errors import InvalidHandlerError, InvalidModelError
from fastws.replies import Declaration, Reply, ReplyOptions, check_type, read_declaration

logger = logging.getLogger("fastws")


def plan_handler(
    func: Callable[..., Any],
    model: Any,
    *,
    options: ReplyOptions | None = None,
    connection: ConnectionDependencies | None = None,
) -> Handler:
    """Return `func` as a function of `(websocket, message)` that gives an awaitable.

    A coroutine function with the plain signature that declares no reply is returned as it is.

    Parameters:
        func: The handler as written; a plain `def` runs in the thread pool.
        model: The model, or the union, that it is registered for.
        options: How replies are written.
        connection: The dependencies that the router lists.

    Raises:
        InvalidHandlerError: It cannot be called with a connection and a message, asks for something that cannot be
            resolved, or declares a reply that cannot be sent.
        UnresolvedError: Its annotations refer to a name that is not defined, perhaps not yet.
    """
    signature = check_callable(func, "a message handler")
    declaration = read_declaration(func, signature)
    if signature is None:
        return as_async(func)
    signature = drop_bound(func, signature)
    arguments = match_arguments(signature, model)
    _refuse_contradiction(func, arguments.message, model)
    called = as_async(func)
    invoke = _arrange(called, signature, arguments)
    reply = _plan_reply(func, declaration, options or ReplyOptions())
    streams = reply is not None and reply.streams
    if reply is not None and streams:
        # It sends the items itself, and returns nothing.
        invoke, reply = reply.stream(invoke), None
    if arguments.others:
        resolution = Resolution(func, arguments.others, connection or ConnectionDependencies())
        resolve = resolution.resolve(invoke, reply.encode if reply else None)
        if not resolution.is_kept:
            return resolve
        kept = {name: place for place, name in enumerate(resolution.kept, start=2)}
        if streams:
            invoke = resolution.bind(invoke, (0, 1, *kept.values()), tuple(kept), resolve)
        else:
            invoke = resolution.bind(called, *place_arguments(signature, {**arguments.places, **kept}), resolve)
    return reply.answer(invoke) if reply else invoke


def _refuse_contradiction(func: Callable[..., Any], message: inspect.Parameter | None, model: Any) -> None:
    if message is not None and contradicts(message.annotation, model):
        raise InvalidHandlerError(
            f"{describe(func)} is registered for {name_of(model)}, but its {message.name!r} is annotated as "
            f"{name_of(message.annotation)}. Make both the same."
        )


def _plan_reply(func: Callable[..., Any], declaration: Declaration | None, options: ReplyOptions) -> Reply | None:
    if declaration is None:
        return None
    reply = Reply(func, declaration, options)
    # Of a program that comes from where returned values were ignored, this may be news.
    logger.debug("%s replies with %s", describe(func), name_of(declaration.type))
    return reply


def find_message(func: Callable[..., Any]) -> Any:
    """Return the message model that a parameter of a handler is annotated with.

    Raises:
        InvalidModelError: None is.
    """
    signature = check_callable(func, "a message handler")
    model = find_model(drop_bound(func, signature)) if signature else None
    if model is None:
        raise InvalidModelError(
            f"{describe(func)} names no message model. Annotate the parameter for the message with one, as in "
            f"`message: Model`, or register it with `@router.receive(Model)`."
        )
    return model


def describe_handler(
    func: Callable[..., Any], model: Any, callbacks: Any, options: ReplyOptions, *, custom: bool
) -> MessageDescription:
    """Return what a document says of a handler.

    Parameters:
        func: The handler as written.
        model: The model, or the union, that it is registered for.
        callbacks: What the server is said to send because of the message.
        options: How its replies are written.
        custom: Whether the program's own dispatcher calls it, which neither sends what it returns nor resolves anything.
    """
    name = name_callable(func)
    signature = signature_of(func)
    if custom or signature is None:
        return MessageDescription(name, func, model, callbacks=callbacks)
    others = match_arguments(drop_bound(func, signature), model).others
    reply = find_reply(func)
    return MessageDescription(
        name,
        func,
        model,
        reply=reply,
        streams=reply is not None and getattr(read_declaration(func, signature), "streams", False),
        by_alias=options.by_alias,
        callbacks=callbacks,
        needs=make_stand_in(func, others) if others else None,
    )


def find_reply(func: Callable[..., Any]) -> Any:
    """Return the type that a handler declares to send, for its documentation; `None` for none."""
    try:
        declaration = read_declaration(func, signature_of(func))
        if declaration:
            check_type(func, declaration.type)
    except InvalidHandlerError:
        return None  # it cannot be said yet, or matters only to the program's own dispatcher
    return declaration.documented if declaration else None


def _arrange(func: Handler, signature: inspect.Signature, arguments: Arguments) -> Handler:
    """Return a function of `(websocket, message, **values)` that calls `func` with its arguments in their places."""
    places, names = place_arguments(signature, arguments.places)
    if places == (0, 1) and not names:
        return func
    if not arguments.others:
        return Placed(func, places, names)
    positional = places[: len(places) - len(names)]
    named = dict(zip(names, places[len(positional) :], strict=True))

    def call(*given: Any, **values: Any) -> Any:
        values.update((name, given[place]) for name, place in named.items())
        return func(*(given[place] for place in positional), **values)

    return call
