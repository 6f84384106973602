"""What the handler of a route gets, decided from its signature."""

from __future__ import annotations

import inspect
import itertools
from collections import abc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, get_args, get_origin

from starlette.background import BackgroundTasks

from fastws._inspect import describe, is_class, split_union, strip_alias, strip_annotated
from fastws.arguments import NAMED, VARIADIC, drop_bound, has_own_default, is_connection, is_marked, may_connect
from fastws.callables import check_callable
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.observable.messages import Payload
from fastws.observable.options import CONNECTIONS, RouteHooks

_EMPTY: Final = inspect.Parameter.empty

# What a handler may not call what it gets where it takes one argument alone.
_OF_REQUESTS: Final = CONNECTIONS | {"headers", "payload", "message"}

_SHAPES: Final = (
    "Take `(ws, headers, payload)`; or one argument: what `hydrate` returned where the route has that hook, else `local`, or "
    'what its hooks have left in `local["value"]`'
)

_MARKED: Final = "Mark what else FastAPI is to resolve, as in `limit: Annotated[int, Query()]`, or give it a default."


class Given(Enum):
    """What a handler gets."""

    REQUEST = "(ws, headers, payload)"
    HYDRATED = "what hydrate returned"
    LOCAL = "local"
    VALUE = 'local["value"]'


@dataclass(frozen=True)
class Arguments:
    """The arguments of a handler.

    Attributes:
        given: What it gets by position.
        headers: The parameter for the headers where it has a type, or a default that is not `None`; else `None`.
        payload: The parameter for the payload, likewise.
        others: The parameters that are FastAPI's to resolve.
        names: The names of the last of what it gets, which go by name because one of the others stands before them.
    """

    given: Given
    headers: inspect.Parameter | None = None
    payload: inspect.Parameter | None = None
    others: tuple[inspect.Parameter, ...] = ()
    names: tuple[str, ...] = ()


def match_route_arguments(func: Callable[..., Any], hooks: RouteHooks) -> Arguments:
    """Decide what a handler gets.

    Parameters:
        func: The handler as written.
        hooks: Those of its route.

    Raises:
        InvalidHandlerError: Its signature fits no rule.
        UnresolvedError: The type of its headers or payload is not defined.
    """
    signature = check_callable(func, "the handler of a route")
    if signature is None:
        return Arguments(Given.REQUEST)
    parameters = list(drop_bound(func, signature, own_defaults=False).parameters.values())
    named = [parameter for parameter in parameters if parameter.kind not in VARIADIC]
    own = [parameter for parameter in named if _is_own(parameter)]
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters) and not _has_place(named):
        own = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("ws", "headers", "payload")]
    filled = own[: _count_filled(own)]
    others = tuple(parameter for parameter in named if parameter not in filled and not has_own_default(parameter))
    behind = itertools.dropwhile(lambda parameter: parameter in filled, named)
    names = tuple(parameter.name for parameter in behind if parameter in filled)
    if len(filled) > 1:
        return _take_request(func, filled, others, names)
    if not filled:
        # Perhaps a dependency, if only anybody knew.
        _check_defined(func, (parameter for parameter in own if not is_connection(parameter.annotation)))
        taken = ", ".join(parameter.name for parameter in own)
        more = f" {_MARKED}" if len(own) > 3 else ""  # noqa: PLR2004
        raise InvalidHandlerError(
            f"{describe(func)} takes ({taken}) by position, which fits no route. {_SHAPES}.{more}"
        )
    return Arguments(_take_one(func, filled[0], hooks), others=others, names=names)


def _count_filled(own: Sequence[inspect.Parameter]) -> int:
    """Return how many of the parameters a route fills, 0 where they fit no rule.

    What has a default behind them is a parameter of the connection, as everywhere in FastAPI.
    """
    required = sum(parameter.default is _EMPTY for parameter in own)
    of_request = any(is_connection(one.annotation) or one.name in _OF_REQUESTS for one in own)
    if len(own) == 1 or (required == 1 and not of_request):
        return 1
    return 3 if len(own) >= 3 and required <= 3 else 0  # noqa: PLR2004


def _has_place(parameters: Iterable[inspect.Parameter]) -> bool:
    """Whether one of some parameters takes what would else be the first of a variable number of arguments."""
    return any(parameter.kind in NAMED for parameter in parameters)


def _check_defined(func: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> None:
    for parameter in parameters:
        if isinstance(parameter.annotation, str):
            raise UnresolvedError(
                f"{describe(func)} annotates {parameter.name!r} as {parameter.annotation!r}, which is not defined. Define or "
                f"import it before the handler, also when no type checker runs."
            )


def _is_own(parameter: inspect.Parameter) -> bool:
    """Whether a parameter is one that the route fills, and not FastAPI."""
    annotation = strip_annotated(parameter.annotation)
    resolved = is_class(annotation) and issubclass(annotation, BackgroundTasks)
    return parameter.kind in NAMED and not is_marked(parameter) and not resolved


def _take_request(
    func: Callable[..., Any],
    filled: Sequence[inspect.Parameter],
    others: tuple[inspect.Parameter, ...],
    names: tuple[str, ...],
) -> Arguments:
    ws, headers, payload = filled
    wrong = not (is_connection(ws.annotation) or may_connect(ws.annotation))
    if wrong or any(is_connection(one.annotation) or one.name in CONNECTIONS for one in (headers, payload)):
        raise InvalidHandlerError(f"{describe(func)} takes the connection in the wrong place. {_SHAPES}.")
    if headers.name == "payload" or payload.name == "headers":
        raise InvalidHandlerError(f"{describe(func)} takes the headers and the payload in the wrong place. {_SHAPES}.")
    _check_defined(func, (headers, payload))
    return Arguments(
        Given.REQUEST,
        headers=headers if _is_typed(headers, _are_any_headers) else _find_default(headers, dict[str, Any]),
        payload=payload if _is_typed(payload, _are_any_payload) else _find_default(payload, Any),
        others=others,
        names=names,
    )


def _take_one(func: Callable[..., Any], parameter: inspect.Parameter, hooks: RouteHooks) -> Given:
    if hooks.hydrate is not None:
        return Given.HYDRATED
    annotation = strip_annotated(parameter.annotation)
    if parameter.name == "local" or annotation is dict or get_origin(annotation) is dict:
        return Given.LOCAL
    if is_connection(annotation) or parameter.name in _OF_REQUESTS:
        raise InvalidHandlerError(f"{describe(func)} takes {parameter.name!r} alone. {_SHAPES}.")
    if hooks.data_check is None and hooks.access is None:
        raise InvalidHandlerError(
            f'{describe(func)} takes {parameter.name!r} for what hooks have left in `local["value"]`, but its route has none '
            f"that could. {_SHAPES}."
        )
    return Given.VALUE


def _is_typed(parameter: inspect.Parameter, anything: Callable[[list[Any]], bool]) -> bool:
    """Whether a parameter says more than that there is something, or nothing; a handler gets the rest as it came.

    Parameters:
        parameter: The one for the headers or for the payload.
        anything: Whether the members of a union are whatever a request can have there.
    """
    members = [one for one in split_union(strip_alias(parameter.annotation)) if one is not type(None)]
    return not (all(is_silent(one) for one in members) or anything(members))


def _find_default(parameter: inspect.Parameter, annotation: Any) -> inspect.Parameter | None:
    """Return a parameter without a type that has a default for what is missing, `None` where it has none."""
    has_none = parameter.default is _EMPTY or parameter.default is None
    return None if has_none else parameter.replace(annotation=annotation)


def _are_any_headers(members: list[Any]) -> bool:
    return all(is_silent(one) or is_any_dict(one) for one in members)


def _are_any_payload(members: list[Any]) -> bool:
    return all(one in members for one in split_union(Payload))


def is_silent(annotation: Any) -> bool:
    """Whether an annotation says nothing."""
    return any(annotation is silent for silent in (_EMPTY, object, Any))


def is_any_dict(annotation: Any) -> bool:
    """Whether a type is that of any dictionary of JSON."""
    kind = get_origin(annotation) or annotation
    return kind in {dict, abc.Mapping, abc.MutableMapping} and get_args(annotation) in {(), (str, Any)}
