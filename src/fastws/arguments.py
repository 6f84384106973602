"""Which parameter of a handler takes the connection, which the message, and which are FastAPI's to resolve."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, Literal, TypeVar, get_origin
from uuid import UUID

import typing_extensions
from fastapi import params
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from fastws._inspect import is_class, split_union, strip_alias, strip_annotated

NAMED: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
VARIADIC: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

# What stands in a path, a query string, a header or a cookie, and can be no message.
_SCALARS: Final = (str, bytes, int, float, complex, Decimal, date, time, timedelta, Enum, PurePath, UUID, type(None))

# Annotations that say nothing of what a parameter takes; `Any` is a class from Python 3.11 on, that of typing_extensions
# on all.
_SILENT: Final = (inspect.Parameter.empty, object, Any, typing_extensions.Any)


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

    @property
    def places(self) -> dict[str, int]:
        """The names of the parameters for the connection (0) and the message (1)."""
        wanted = (self.connection, self.message)
        return {parameter.name: place for place, parameter in enumerate(wanted) if parameter is not None}


def match_arguments(signature: inspect.Signature, model: Any) -> Arguments:
    """Decide which parameter is which: by annotation first, by position second.

    Parameters:
        signature: As :func:`~fastws._inspect.signature_of` returns it.
        model: The model, or the union, that the handler is registered for.
    """
    named = [parameter for parameter in signature.parameters.values() if parameter.kind not in VARIADIC]
    given = [p for p in named if not _is_resolved(p)]
    connection = next((p for p in given if is_connection(p.annotation)), None)
    message = next((p for p in given if p is not connection and _is_message(p.annotation, model)), None)
    free = [p for p in given if p is not connection and p is not message and _is_plain(p)]
    if connection is None and free and may_connect(free[0].annotation) and not _is_undefined(free[0], named):
        # A lone parameter without annotation could be either, and one with an annotation is the message.
        connection = free.pop(0) if message is not None or len(free) > 1 else None
    if message is None and free and (connection is not None or free[0].annotation is not inspect.Parameter.empty):
        message = next((p for p in free if _may_receive(p.annotation)), None)
    others = tuple(p for p in named if p is not connection and p is not message)
    return Arguments(connection, message, others)


def place_arguments(signature: inspect.Signature, places: Mapping[str, int]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return what stands in the place of each argument, and the names of the last of them, which go by name.

    Parameters:
        signature: As :func:`~fastws._inspect.signature_of` returns it.
        places: What the parameters take, by their names: numbers, of which 0 is the connection and 1 the message.
    """
    positional: list[int] = []
    left = dict(places)
    for parameter in signature.parameters.values():
        if parameter.name in left and parameter.kind in NAMED:
            positional.append(left.pop(parameter.name))
        elif parameter.kind is parameter.VAR_POSITIONAL and not positional and not {0, 1} & set(places.values()):
            # Behind others it stays empty, as where FastAPI resolves these, which hands over by name.
            positional += [0, 1]
        else:
            break
    return (*positional, *left.values()), tuple(left)


def find_model(signature: inspect.Signature) -> Any:
    """Return the message model that the annotation of a parameter names, `None` where there is none.

    Parameters:
        signature: As :func:`~fastws._inspect.signature_of` returns it.
    """
    for parameter in signature.parameters.values():
        annotation = strip_annotated(parameter.annotation)
        if parameter.kind in VARIADIC or _is_resolved(parameter) or is_connection(annotation):
            continue
        # What an alias of a type stands for may be an `Annotated`, as with a discriminator.
        members = split_union(strip_annotated(strip_alias(annotation)))
        if all(is_model(strip_annotated(member)) for member in members):
            return annotation
    return None


def is_model(annotation: Any) -> bool:
    """Whether a type is that of a message model: a pydantic model, a dataclass or a `TypedDict`."""
    annotation = get_origin(annotation) or annotation  # a generic dataclass or TypedDict with its arguments
    if typing_extensions.is_typeddict(annotation):
        return True
    return is_class(annotation) and (issubclass(annotation, BaseModel) or is_dataclass(annotation))


def is_connection(annotation: Any) -> bool:
    """Whether a parameter with this annotation takes the connection."""
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == "WebSocket"
    annotation = strip_annotated(annotation)
    return is_class(annotation) and issubclass(annotation, HTTPConnection) and not issubclass(annotation, Request)


def may_connect(annotation: Any) -> bool:
    """Whether a parameter may take the connection by its position: not where its annotation says something else."""
    return any(
        _is_silent(one) or isinstance(one, TypeVar) or _is_name(one) or _is_wide(get_origin(one) or one)
        for one in _unfold(annotation)
    )


def _is_wide(cls: Any) -> bool:
    """Whether a connection is one of these."""
    if not is_class(cls):
        return False
    # A TypedDict is a class that cannot be asked for its subclasses.
    return getattr(cls, "_is_protocol", False) or (not is_model(cls) and issubclass(WebSocket, cls))


def _is_name(annotation: Any) -> bool:
    """Whether an annotation is a name that is not defined, of which nothing is known; no `Annotated` with a mark in it."""
    return isinstance(annotation, str) and all(part.isidentifier() for part in annotation.split("."))


def _is_silent(annotation: Any) -> bool:
    return any(annotation is silent for silent in _SILENT)


def _is_undefined(parameter: inspect.Parameter, named: Sequence[inspect.Parameter]) -> bool:
    """Whether nobody can say what a parameter is annotated with, and its place does not say it either.

    A name that only type checkers know may be that of a connection where it comes first.  Elsewhere it may well be that of
    a dependency, which would silently get the connection for its value.
    """
    return isinstance(parameter.annotation, str) and (parameter is not named[0] or "(" in parameter.annotation)


def _may_receive(annotation: Any) -> bool:
    """Whether a parameter may take the message by its position: not where its annotation says something else."""
    offered = _unfold(annotation)
    if all(get_origin(one) is Literal or (is_class(one) and issubclass(one, _SCALARS)) for one in offered):
        return False
    (one, *more) = offered
    if isinstance(one, str):
        return _is_name(one)
    if more or _is_silent(one) or not is_class(one):
        return True
    return getattr(one, "_is_protocol", False) or issubclass(one, Mapping) or is_model(one)


def _unfold(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself where it is none, with what aliases and new types stand for."""
    inner = strip_annotated(strip_alias(annotation))
    if not is_class(inner):
        inner = getattr(inner, "__supertype__", inner)
    members = split_union(inner)
    return members if members == (annotation,) else tuple(one for member in members for one in _unfold(member))


def _is_message(annotation: Any, model: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == getattr(model, "__name__", None)
    annotation = strip_annotated(annotation)
    offered = split_union(annotation)
    return annotation == model or all(any(_serves(one, type_) for type_ in offered) for one in split_union(model))


def contradicts(annotation: Any, model: Any) -> bool:
    """Whether both are models, and one of the registered ones is none of those that the handler expects."""
    offered = [strip_annotated(one) for one in split_union(strip_annotated(annotation))]
    if not all(is_model(one) for one in offered):
        return False
    registered = [strip_annotated(one) for one in split_union(model)]
    wanted = [one for one in registered if is_model(one)]
    return not all(any(_is_related(one, type_) for type_ in offered) for one in wanted)


def _is_related(model: Any, other: Any) -> bool:
    """Whether a message of one of two models could be one of the other."""
    one, another = get_origin(model) or model, get_origin(other) or other
    kinds = typing_extensions.is_typeddict(one), typing_extensions.is_typeddict(another)
    # All that is known of a TypedDict is that it is a dictionary.
    return all(kinds) or (not any(kinds) and (issubclass(one, another) or issubclass(another, one)))


def _serves(model: Any, annotation: Any) -> bool:
    """Whether a message of `model` is an `annotation`; `object` says nothing, so it does not count."""
    if model == annotation:
        return True
    return is_class(model) and is_class(annotation) and annotation in model.__mro__[:-1]


def _is_plain(parameter: inspect.Parameter) -> bool:
    """Whether a parameter may take the connection or the message by its position."""
    return parameter.default is parameter.empty and parameter.kind in NAMED and not is_marked(parameter)


def _is_resolved(parameter: inspect.Parameter) -> bool:
    """Whether a parameter asks FastAPI for a value, whatever its annotation is."""
    return any(isinstance(mark, params.Param | params.Depends) for mark in list_marks(parameter))


def is_marked(parameter: inspect.Parameter) -> bool:
    """Whether a parameter carries a mark of FastAPI's: `Depends`, `Path`, `Query`, `Body` and their like."""
    return any(isinstance(mark, params.Param | params.Body | params.Depends) for mark in list_marks(parameter))


def list_marks(parameter: inspect.Parameter) -> tuple[Any, ...]:
    """Return what stands beside the type of a parameter."""
    return (parameter.default, *getattr(strip_alias(parameter.annotation), "__metadata__", ()))


def drop_bound(func: Any, signature: inspect.Signature, *, own_defaults: bool = True) -> inspect.Signature:
    """Return the signature of a function without the arguments that it has already: from a `partial`, or by default.

    Parameters:
        func: The function.
        signature: As :func:`~fastws._inspect.signature_of` returns it.
        own_defaults: Whether those are left out too whose defaults are objects of the program's own.
    """
    bound: set[str] = set()
    while isinstance(func, functools.partial):
        bound |= func.keywords.keys()
        func = func.func
    left = [parameter for parameter in signature.parameters.values() if parameter.name not in bound]
    return signature.replace(parameters=[p for p in left if not (own_defaults and has_own_default(p))])


def has_own_default(parameter: inspect.Parameter) -> bool:
    """Whether a parameter without a type has an object of the program's for a default: a manager, a cache.

    FastAPI would take it for a parameter of the query, and a client could put a text in its place.
    """
    scalar = parameter.default is parameter.empty or isinstance(parameter.default, _SCALARS)
    return parameter.annotation is parameter.empty and not scalar and not is_marked(parameter)
