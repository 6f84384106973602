"""Functions that programs hand over: whether they can be called, and how they are awaited."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool

from fastws._inspect import describe, is_async, is_async_generator, is_generator, signature_of
from fastws.errors import InvalidHandlerError

Handler = Callable[..., Awaitable[Any]]


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


def refuse_generator(func: Callable[..., Any], role: str) -> None:
    """Refuse a generator function that is asked whether: what it gives is true, whatever it yields.

    Raises:
        InvalidHandlerError: `func` is one.
    """
    if is_generator(func) or is_async_generator(func):
        raise InvalidHandlerError(
            f"{describe(func)} cannot be {role}: it is a generator. Return whether, in the place of `yield`."
        )


def as_async(func: Callable[..., Any]) -> Handler:
    """Return `func` as a function that gives an awaitable of what it returns.

    A plain function runs in the thread pool, as in FastAPI; a generator function gives its generator.
    """
    if is_async(func):
        return func
    if is_generator(func) or is_async_generator(func):

        async def make(*args: Any, **kwargs: Any) -> Any:
            return func(*args, **kwargs)

        return make

    async def call(*args: Any, **kwargs: Any) -> Any:
        result = await run_in_threadpool(functools.partial(func, *args, **kwargs))
        if inspect.isawaitable(result):  # a plain function that returns a coroutine, such as a lambda
            result = await result
        return result

    return call
