"""From a function's signature to a plan: how a handler or a hook is called.

A handler is written with whichever of its two arguments it wants, in whichever order; this is decided once, at
registration, so that the usual handler is called with nothing in between.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import params
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws._inspect import describe, is_async, is_class, name_of, signature_of, split_union, strip_annotated
from fastws.errors import InvalidHandlerError

Handler = Callable[..., Awaitable[None]]

_NAMED: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
VARIADIC: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Arguments:
    """Which parameters of a handler take the connection and the message.

    Attributes:
        connection: The parameter for the WebSocket, `None` where the handler does not ask for it.
        message: The parameter for the validated message, likewise.
        others: The parameters that are neither.
    """

    connection: inspect.Parameter | None
    message: inspect.Parameter | None
    others: tuple[inspect.Parameter, ...]


def match_arguments(signature: inspect.Signature, model: Any) -> Arguments:
    """Decide which parameter is which: by annotation first, by position second.

    Parameters:
        signature: As :func:`~fastws._inspect.signature_of` returns it.
        model: The model, or the union, that the handler is registered for.
    """
    named = [parameter for parameter in signature.parameters.values() if parameter.kind not in VARIADIC]
    connection = next((p for p in named if _is_connection(p.annotation)), None)
    message = next((p for p in named if p is not connection and _is_message(p.annotation, model)), None)
    free = [p for p in named if p is not connection and p is not message and _is_plain(p)]
    if connection is None and free and _may_connect(free[0].annotation):
        # A lone parameter without annotation could be either, and one with an annotation is the message.
        connection = free.pop(0) if message is not None or len(free) > 1 else None
    if message is None and free and (connection is not None or free[0].annotation is not inspect.Parameter.empty):
        message = free.pop(0)
    others = tuple(p for p in named if p is not connection and p is not message)
    return Arguments(connection, message, others)


def _is_connection(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == "WebSocket"
    annotation = strip_annotated(annotation)
    return is_class(annotation) and issubclass(annotation, HTTPConnection)


def _may_connect(annotation: Any) -> bool:
    """Whether a parameter may take the connection by its position: not where its annotation says something else."""
    annotation = strip_annotated(annotation)
    if annotation is inspect.Parameter.empty or not is_class(annotation):
        return True
    return getattr(annotation, "_is_protocol", False) or issubclass(WebSocket, annotation)


def _is_message(annotation: Any, model: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == getattr(model, "__name__", None)
    annotation = strip_annotated(annotation)
    offered = split_union(annotation)
    return annotation == model or all(any(_serves(one, type_) for type_ in offered) for one in split_union(model))


def _contradicts(annotation: Any, model: Any) -> bool:
    """Whether both are pydantic models, and one of the registered ones is none of those that the handler expects."""
    offered = split_union(strip_annotated(annotation))
    if not all(is_class(one) and issubclass(one, BaseModel) for one in offered):
        return False
    wanted = [one for one in split_union(model) if is_class(one) and issubclass(one, BaseModel)]
    return not all(any(issubclass(one, type_) or issubclass(type_, one) for type_ in offered) for one in wanted)


def _serves(model: Any, annotation: Any) -> bool:
    """Whether a message of `model` is an `annotation`; `object` says nothing, so it does not count."""
    if model == annotation:
        return True
    return is_class(model) and is_class(annotation) and annotation in model.__mro__[:-1]


def _is_plain(parameter: inspect.Parameter) -> bool:
    """Whether a parameter may take the connection or the message by its position."""
    return parameter.default is parameter.empty and parameter.kind in _NAMED and not _is_marked(parameter)


def _is_marked(parameter: inspect.Parameter) -> bool:
    """Whether a parameter asks FastAPI for a value: `Depends`, `Path`, `Query` and their like."""
    marks = (parameter.default, *getattr(parameter.annotation, "__metadata__", ()))
    return any(isinstance(mark, params.Param | params.Body | params.Depends) for mark in marks)


def _refuse_mark(func: Any, parameter: inspect.Parameter) -> None:
    # Called without it, the function would take the mark itself for the value: a `Depends` object for a user, say.
    if _is_marked(parameter):
        raise InvalidHandlerError(
            f"{describe(func)} asks for {parameter.name!r} as a dependency, which handlers and hooks do not have. List "
            f"the dependency in WSRouter(dependencies=[...]), let it put its value on `websocket.state`, and read it "
            f"there."
        )


def plan_handler(func: Callable[..., Any], model: Any) -> Handler:
    """Return `func` as a coroutine function of `(websocket, message)`.

    A function with the plain signature is returned as it is.

    Parameters:
        func: The handler as written; a plain `def` runs in the thread pool.
        model: The model, or the union, that it is registered for.

    Raises:
        InvalidHandlerError: It cannot be called with a connection and a message.
    """
    signature = check_callable(func, "a message handler")
    if inspect.isasyncgenfunction(inspect.unwrap(func)):
        raise InvalidHandlerError(
            f"{describe(func)} is an async generator. Send each item with `await websocket.send_text(...)` instead."
        )
    if signature is None:
        return as_async(func)
    arguments = match_arguments(signature, model)
    if arguments.message and _contradicts(arguments.message.annotation, model):
        raise InvalidHandlerError(
            f"{describe(func)} is registered for {name_of(model)}, but its {arguments.message.name!r} is annotated as "
            f"{name_of(arguments.message.annotation)}. Make both the same."
        )
    for parameter in arguments.others:
        _refuse_mark(func, parameter)
        if parameter.default is parameter.empty:
            raise InvalidHandlerError(
                f"{describe(func)} has a parameter {parameter.name!r} that is neither the connection nor the message. "
                f"Write it as `async def {getattr(func, '__name__', 'handler')}(websocket: WebSocket, "
                f"message: {name_of(model)})`."
            )
    return _arrange(as_async(func), signature, arguments)


def _arrange(func: Handler, signature: inspect.Signature, arguments: Arguments) -> Handler:
    """Return a function of `(websocket, message)` that calls `func` with its arguments in their places."""
    wanted = (arguments.connection, arguments.message)
    places = {parameter.name: place for place, parameter in enumerate(wanted) if parameter is not None}
    positional: list[int] = []
    for parameter in signature.parameters.values():
        if parameter.name in places and parameter.kind in _NAMED:
            positional.append(places[parameter.name])
        elif parameter.kind is parameter.VAR_POSITIONAL and not places:
            positional += [0, 1]
        else:
            break
    named = {name: place for name, place in places.items() if place not in positional}
    if named:

        async def call(*values: Any) -> None:
            await func(
                *(values[place] for place in positional), **{name: values[place] for name, place in named.items()}
            )

        return call
    match positional:
        case [0, 1]:
            return func
        case [1, 0]:
            return lambda websocket, message: func(message, websocket)
        case [0]:
            return lambda websocket, _message: func(websocket)
        case [1]:
            return lambda _websocket, message: func(message)
        case _:
            return lambda _websocket, _message: func()


def check_callable(func: Any, role: str) -> inspect.Signature | None:
    """Refuse what cannot be called.

    Returns:
        The signature of `func`, as :func:`~fastws._inspect.signature_of` returns it.

    Raises:
        InvalidHandlerError: `func` is not callable, is a class, or is a method that is not bound.
    """
    if not callable(func):
        raise InvalidHandlerError(f"{func!r} cannot be {role}: it is not callable. Decorate a function with it.")
    if isinstance(func, type):
        raise InvalidHandlerError(f"{describe(func)} cannot be {role}: it is a class. Pass an instance of it.")
    signature = signature_of(func)
    first = next(iter(signature.parameters.values()), None) if signature else None
    if first is not None and first.name in {"self", "cls"} and first.annotation is first.empty:
        raise InvalidHandlerError(
            f"{describe(func)} cannot be {role}: it is a method of no object yet. Register the bound method, when there "
            f"is an object."
        )
    return signature


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
        _refuse_mark(func, parameter)
        if place and _is_connection(parameter.annotation):
            raise InvalidHandlerError(f"{describe(func)} cannot be {role}: the connection comes first. {remedy}")


def as_async(func: Callable[..., Any]) -> Handler:
    """Return `func` as a coroutine function; a plain function runs in the thread pool, as in FastAPI."""
    if is_async(func):
        return func

    async def call(*args: Any, **kwargs: Any) -> None:
        result = await run_in_threadpool(func, *args, **kwargs)
        if inspect.isawaitable(result):  # a plain function that returns a coroutine, such as a lambda
            await result

    return call


def plan_goodbye(func: Callable[..., Any]) -> Handler:
    """Return an `on_disconnect` hook as a coroutine function of `(websocket, code, reason)`.

    Both signatures that exist in the wild are served: `(websocket, code, reason)` and `(websocket, disconnect)` with a
    :class:`~starlette.websockets.WebSocketDisconnect`; also `(websocket)` alone.

    Raises:
        InvalidHandlerError: It cannot be called with any of these.
    """
    signature = check_callable(func, "on_disconnect")
    hook = as_async(func)
    if signature is None:
        return hook
    for parameter in signature.parameters.values():
        _refuse_mark(func, parameter)
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
    named = [parameter for parameter in signature.parameters.values() if parameter.kind in _NAMED]
    events = [place for place, parameter in enumerate(named) if _is_disconnect(parameter.annotation)]
    if any(_is_connection(parameter.annotation) for parameter in named[1:]) and events != [0]:
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
