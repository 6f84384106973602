"""What a handler returns, on the wire: one frame for a value, one for each item of a stream."""

from __future__ import annotations

import inspect
import threading
from collections import abc
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypedDict, Union, get_args, get_origin

import anyio
from pydantic import ValidationError
from pydantic.errors import PydanticUserError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from typing_extensions import Never

from fastws._call import Encoder, Replying
from fastws._inspect import describe, is_async_generator, is_class, is_generator, name_of, split_union, strip_annotated
from fastws._json import dump_json
from fastws.errors import InvalidHandlerError, InvalidReplyError, UnresolvedError
from fastws.models import adapt
from fastws.tasks import leave_when
from fastws.websocket import deliver

if TYPE_CHECKING:
    from fastapi.types import IncEx
    from pydantic import TypeAdapter

    from fastws.callables import Handler
    from fastws.websocket import WebSocket

_NOTHING: Final = (inspect.Signature.empty, None, type(None), NoReturn, Never)
_AWAITABLES: Final = (abc.Awaitable, abc.Coroutine)
_ASYNC_STREAMS: Final = (abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator)
_STREAMS: Final = (abc.Iterator, abc.Iterable, abc.Generator)

# How long an iterator that was left may take to clean up, in seconds.
_CLOSE_TIMEOUT: Final = 5.0


class Options(TypedDict, total=False):
    """How replies are written, by the names of FastAPI."""

    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool


@dataclass(frozen=True)
class ReplyOptions:
    """How replies are written, as in the path operations of FastAPI.

    Attributes:
        include: The fields to write; `None` for all.
        exclude: The fields to leave out.
        by_alias: Whether fields are written under their aliases.
        exclude_unset: Whether fields that were not set are left out.
        exclude_defaults: Whether fields with their default values are left out.
        exclude_none: Whether fields that are `None` are left out.
    """

    include: Any = None
    exclude: Any = None
    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False

    @property
    def chosen(self) -> dict[str, Any]:
        """Those that differ from what pydantic does by itself, as arguments of a serializer."""
        # By itself, it looks for `by_alias` in the configuration of the model.
        plain = {"include": None, "exclude": None, "by_alias": None}
        return {name: value for name, value in vars(self).items() if value is not plain.get(name, False)}


@dataclass(frozen=True)
class Declaration:
    """What a handler declares to return.

    Attributes:
        type: The type of the reply, or of each item of a stream.
        streams: Whether each item is a frame of its own.
    """

    type: Any
    streams: bool

    @property
    def documented(self) -> Any:
        """The type without `None`, which is never sent."""
        members = [member for member in split_union(self.type) if member is not type(None)]
        return Union[tuple(members)] if members else None  # noqa: UP007


def read_declaration(func: Callable[..., Any], signature: inspect.Signature | None) -> Declaration | None:
    """Return what a handler declares to return, `None` where it declares nothing.

    Parameters:
        func: The handler as written.
        signature: As :func:`~fastws._inspect.signature_of` returns it.

    Raises:
        InvalidHandlerError: It is nothing that can be sent.
        UnresolvedError: It refers to a name that is not defined, perhaps not yet.
    """
    annotation = signature.return_annotation if signature is not None else None
    if isinstance(annotation, str):
        raise UnresolvedError(
            f"{describe(func)} is annotated to return {annotation!r}, which is not defined. Define or import it, also when no "
            f"type checker runs, or annotate `-> None` where nothing is to be sent."
        )
    if _is_one_of(annotation, _AWAITABLES):  # a plain function that returns a coroutine
        annotation = (get_args(annotation) or (Any,))[-1]
    stream = _find_stream(annotation, (*_ASYNC_STREAMS, *_STREAMS) if is_generator(func) else _ASYNC_STREAMS)
    if stream is not None:
        return Declaration((get_args(stream) or (Any,))[0], streams=True)
    if is_async_generator(func) or is_generator(func):
        name = "AsyncIterator" if is_async_generator(func) else "Iterator"
        raise InvalidHandlerError(
            f"{describe(func)} is a generator, but does not declare what it sends. Annotate it as `-> {name}[Model]`."
        )
    if any(annotation is nothing for nothing in _NOTHING):
        return None
    if any(is_class(member) and issubclass(member, Response) for member in split_union(strip_annotated(annotation))):
        raise InvalidHandlerError(
            f"{describe(func)} is annotated to return {name_of(annotation)}, but a message is not answered with an HTTP "
            f"response. Return a model, or annotate `-> None`."
        )
    return Declaration(annotation, streams=False)


def _find_stream(annotation: Any, kinds: tuple[Any, ...]) -> Any:
    """Return the stream that a handler declares, also where it may return `None` instead; `None` where it declares none."""
    members = [strip_annotated(one) for one in split_union(strip_annotated(annotation)) if one is not type(None)]
    return members[0] if len(members) == 1 and _is_one_of(members[0], kinds) else None


def _is_one_of(annotation: Any, generics: tuple[Any, ...]) -> bool:
    """Whether a type is one of some generic ones, with arguments or without."""
    return get_origin(annotation) in generics or annotation in generics


class Reply:
    """Sends what a handler returns.

    Attributes:
        streams: Whether each item of it is a frame.

    Parameters:
        func: The handler as written.
        declaration: What it declares.
        options: How replies are written.

    Raises:
        InvalidHandlerError: Pydantic cannot serialise what the handler declares.
        UnresolvedError: It refers to a type that is not defined yet.
    """

    def __init__(self, func: Callable[..., Any], declaration: Declaration, options: ReplyOptions) -> None:
        self._func = func
        self._type = declaration.type
        self.streams = declaration.streams
        adapter = check_type(func, declaration.type)
        chosen = options.chosen
        dump: Callable[..., bytes] = adapter.serializer.to_json
        if adapter.core_schema["type"] == "any" and chosen == {"by_alias": True}:
            dump, chosen = dump_json, {}
        self._encoder = Encoder(adapter.validator.validate_python, dump, chosen, self._refuse)

    def _refuse(self, _error: ValidationError) -> Exception:
        return InvalidReplyError(describe(self._func), name_of(self._type))

    def encode(self, value: Any) -> bytes:
        """Return a returned value as JSON.

        Raises:
            InvalidReplyError: It is not what the handler declares.
        """
        return self._encoder.encode(value)

    def answer(self, invoke: Handler) -> Handler:
        """Return a handler of `(websocket, message)` that sends what another returns."""
        return Replying(invoke, self._encoder)

    def stream(self, invoke: Handler) -> Handler:
        """Return a handler that sends the items of what another returns, until the peer leaves."""

        # By position only, because arguments may be called anything.
        async def call(websocket: WebSocket, message: Any, /, **arguments: Any) -> None:
            inbox = websocket.inbox
            items = None
            try:
                with nullcontext() if inbox is None else leave_when(inbox.watch, inbox.unwatch):
                    items = self._iterate(await invoke(websocket, message, **arguments))
                    async for item in items:
                        if item is not None:  # which is never sent
                            await deliver(websocket, self.encode(item))
            finally:
                await _close(items)

        return call

    def _iterate(self, returned: Any) -> AsyncIterator[Any]:
        if returned is None:
            return _iterate_over_nothing()
        if inspect.isgenerator(returned):
            return _iterate_in_thread(returned)
        if not isinstance(returned, abc.AsyncIterable):
            raise InvalidReplyError(describe(self._func), f"asynchronous iterator of {name_of(self._type)}")
        return aiter(returned)


def check_type(func: Callable[..., Any], type_: Any) -> TypeAdapter[Any]:
    """Return what validates and serialises the values that a handler declares.

    Raises:
        InvalidHandlerError: Pydantic cannot serialise them.
        UnresolvedError: The type refers to one that is not defined yet.
    """
    try:
        adapter = adapt(type_)
    except (PydanticUserError, TypeError) as error:
        raise InvalidHandlerError(
            f"{describe(func)} is annotated to return {name_of(type_)}, which pydantic cannot serialise. Return a pydantic "
            f"model, a dataclass or a TypedDict, or annotate `-> None` where nothing is to be sent."
        ) from error
    if adapter is None:
        raise UnresolvedError(
            f"{describe(func)} returns {name_of(type_)}, which refers to a type that is not defined. Define it."
        )
    return adapter


async def _iterate_over_nothing() -> AsyncIterator[Any]:
    return
    yield


async def _iterate_in_thread(generator: Generator[Any, Any, Any]) -> AsyncIterator[Any]:
    """Iterate over a plain generator in the thread pool, and close it there."""
    # A cancellation does not wait for the thread, and a generator that runs cannot be closed.
    running = threading.Lock()
    end = object()

    def step() -> Any:
        with running:
            return next(generator, end)

    def close() -> None:
        if running.acquire(timeout=_CLOSE_TIMEOUT):
            generator.close()

    try:
        while (item := await run_in_threadpool(step)) is not end:
            yield item
    finally:
        with anyio.move_on_after(_CLOSE_TIMEOUT, shield=True):
            await run_in_threadpool(close)


async def _close(items: AsyncIterator[Any] | None) -> None:
    """Let an iterator that was left clean up."""
    close: Callable[[], Awaitable[None]] | None = getattr(items, "aclose", None)
    if close is not None:
        with anyio.move_on_after(_CLOSE_TIMEOUT, shield=True):
            await close()
