"""What cannot be resolved of a handler's parameters, and what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from fastapi import UploadFile, params
from starlette.requests import Request
from starlette.responses import Response

from fastws._fastapi import make_dependant, walk_dependants
from fastws._inspect import describe, is_class, name_of, strip_annotated
from fastws.arguments import is_marked, is_model, list_marks
from fastws.errors import InvalidHandlerError

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

_REQUEST = (
    "A message is no HTTP request. Take the connection, as in `websocket: WebSocket` or `connection: HTTPConnection`"
)
_RESPONSE = "A message is not answered with an HTTP response. Return a model from the handler, or send it"
_BODY = "The body of a message is its one model. Make it a field of that model, or take it from the path or the query"
_FORM = "Messages carry no forms and no files. Make it a field of the message, or upload it over an HTTP route"
_UNANNOTATED = (
    "It is neither the connection nor the message. Annotate it, as in `limit: int` for a parameter of the path or the "
    "query, or `user: Annotated[User, Depends(get_user)]` for a dependency"
)


def check_parameters(func: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> None:
    """Refuse what FastAPI would not resolve, or not as meant.

    Parameters:
        func: The handler as written.
        parameters: Those of its parameters that are neither the connection nor the message.

    Raises:
        InvalidHandlerError: One of them cannot be resolved.
    """
    for parameter in parameters:
        reason = _find_reason(parameter)
        if reason is not None:
            raise InvalidHandlerError(f"{describe(func)} asks for {parameter.name!r}, which it cannot have. {reason}.")


def _find_reason(parameter: inspect.Parameter) -> str | None:
    """Return why a parameter cannot be resolved, and what to write instead."""
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return "It is positional-only, and FastAPI hands values over by name. Move it behind the `/`"
    annotation = strip_annotated(parameter.annotation)
    if any(isinstance(mark, params.Form) for mark in list_marks(parameter)) or annotation is UploadFile:
        return _FORM
    if any(isinstance(mark, params.Body) for mark in list_marks(parameter)):
        return _BODY
    return None if is_marked(parameter) else _find_reason_of_type(annotation, parameter)


def _find_reason_of_type(annotation: Any, parameter: inspect.Parameter) -> str | None:
    if annotation is parameter.empty and parameter.default is parameter.empty:
        return _UNANNOTATED
    if is_model(annotation):
        return f"A handler has one message, and {name_of(annotation)} would be a second. {_BODY}"
    reasons = {Request: _REQUEST, Response: _RESPONSE}
    return next((why for cls, why in reasons.items() if is_class(annotation) and issubclass(annotation, cls)), None)


def check_dependant(func: Callable[..., Any], stand_in: Callable[..., Any]) -> None:
    """Refuse parameters, and parameters of dependencies, that a message cannot fill.

    Parameters:
        func: The handler as written.
        stand_in: A function with the parameters to resolve.

    Raises:
        InvalidHandlerError: One of them cannot be resolved.
    """
    try:
        dependant = make_dependant(stand_in)
    except TypeError as error:
        raise InvalidHandlerError(
            f"{describe(func)} asks for something that FastAPI cannot resolve: {error}"
        ) from error
    for one in walk_dependants(dependant):
        asking = describe(func) if one is dependant else f"{describe(func)} depends on {describe(one.call)}, which"
        for name, reason in _list_reasons(one):
            raise InvalidHandlerError(f"{asking} asks for {name!r}, which it cannot have. {reason}.")


def _list_reasons(dependant: Dependant) -> list[tuple[str, str]]:
    wanted = [(dependant.request_param_name, _REQUEST), (dependant.response_param_name, _RESPONSE)]
    wanted += [
        (field.name, _FORM if isinstance(field.field_info, params.Form) else _BODY) for field in dependant.body_params
    ]
    return [(name, reason) for name, reason in wanted if name is not None]
