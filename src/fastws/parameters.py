"""What cannot be resolved of a handler's parameters, and what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, get_args

from fastapi import UploadFile, params
from fastapi.exceptions import FastAPIError
from fastapi.security.base import SecurityBase
from starlette.requests import Request
from starlette.responses import Response

from fastws._fastapi import make_dependant, walk_dependants
from fastws._inspect import describe, imitate, is_class, name_of, signature_of, strip_annotated
from fastws.arguments import is_marked, is_model, list_marks
from fastws.errors import InvalidHandlerError, UnresolvedError

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

_REQUEST: Final = (
    "A message is no HTTP request. Take the connection, as in `websocket: WebSocket` or `connection: HTTPConnection`"
)
_SECURITY: Final = (
    "FastAPI's own security classes take a WebSocket from 0.145 on. Until then, read the header, the query or the cookie in "
    "a dependency of your own"
)
_RESPONSE: Final = "A message is not answered with an HTTP response. Return a model from the handler, or send it"
_BODY: Final = (
    "The body of a message is its one model. Make it a field of that model, or take it from the path or the query"
)
_FORM: Final = "Messages carry no forms and no files. Make it a field of the message, or upload it over an HTTP route"
_NO_FIELD: Final = (
    "It is nothing that stands in a path, a query string, a header or a cookie. Take it from a dependency, as in "
    "`user: Annotated[User, Depends(get_user)]`"
)
_UNANNOTATED: Final = (
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
        UnresolvedError: One is annotated with a name that is not defined, perhaps not yet.
    """
    for parameter in parameters:
        check_defined(func, [parameter])
        reason = _find_reason(parameter)
        if reason is not None:
            raise InvalidHandlerError(f"{describe(func)} asks for {parameter.name!r}, which it cannot have. {reason}.")


def check_defined(func: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> None:
    """Refuse annotations that FastAPI needs and nobody can evaluate.

    Parameters:
        func: The handler, or the dependency, as written.
        parameters: Those of its parameters that FastAPI resolves.

    Raises:
        UnresolvedError: One is annotated with a name that is not defined, perhaps not yet.
    """
    for parameter in parameters:
        if _is_unresolved(parameter):
            raise UnresolvedError(
                f"{describe(func)} annotates {parameter.name!r} as {parameter.annotation!r}, which is not defined. Define "
                f"or import it, also when no type checker runs."
            )


def _is_unresolved(parameter: inspect.Parameter) -> bool:
    """Whether FastAPI needs the annotation of a parameter, which cannot be evaluated; it does not for a dependency."""
    depends = any(isinstance(mark, params.Depends) for mark in list_marks(parameter))
    return isinstance(parameter.annotation, str) and not depends


def _find_reason(parameter: inspect.Parameter) -> str | None:
    """Return why a parameter cannot be resolved, and what to write instead."""
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return "It is positional-only, and FastAPI hands values over by name. Move it behind the `/`"
    annotation = strip_annotated(parameter.annotation)
    if any(isinstance(mark, params.Form) for mark in list_marks(parameter)) or _is_file(annotation):
        return _FORM
    if any(isinstance(mark, params.Body) for mark in list_marks(parameter)):
        return _BODY
    return None if is_marked(parameter) else _find_reason_of_type(annotation, parameter)


def _is_file(annotation: Any) -> bool:
    """Whether a type is that of a file, or of several, or of none or one."""
    return any(one is UploadFile for one in (annotation, *get_args(annotation)))


def _find_reason_of_type(annotation: Any, parameter: inspect.Parameter) -> str | None:
    if annotation is parameter.empty and parameter.default is parameter.empty:
        return _UNANNOTATED
    if is_model(annotation):
        return f"A handler has one message, and {name_of(annotation)} would be a second. {_BODY}"
    reasons = {Request: _REQUEST, Response: _RESPONSE}
    return next((why for cls, why in reasons.items() if is_class(annotation) and issubclass(annotation, cls)), None)


def check_signature(func: Callable[..., Any], stand_in: Callable[..., Any]) -> None:
    """Refuse parameters, and parameters of dependencies, that FastAPI cannot resolve.

    Parameters:
        func: The handler as written.
        stand_in: A function with the parameters to resolve.

    Raises:
        InvalidHandlerError: One of them cannot be resolved.
    """
    try:
        make_dependant(stand_in)
    except TypeError as error:
        problem = _locate_problem(describe(func), stand_in) or f"{describe(func)} asks for what it cannot have: {error}"
        raise InvalidHandlerError(f"{problem.rstrip('.')}.") from error


def check_dependant(func: Callable[..., Any], dependant: Dependant) -> None:
    """Refuse parameters, and parameters of dependencies, that a message cannot fill.

    Parameters:
        func: The handler as written.
        dependant: What is resolved for each message.

    Raises:
        InvalidHandlerError: One of them cannot be resolved.
    """
    for one in walk_dependants(dependant):
        asking = describe(func) if one is dependant else f"{describe(func)} depends on {describe(one.call)}, which"
        for name, reason in _list_reasons(one):
            raise InvalidHandlerError(f"{asking} asks for {name!r}, which it cannot have. {reason}.")


def _locate_problem(asking: str, func: Callable[..., Any]) -> str | None:
    """Return which parameter FastAPI cannot resolve, of a function or of what it depends on, and what to write instead.

    Parameters:
        asking: How the function is called in a message to a person.
        func: The function.
    """
    signature = signature_of(func)
    for parameter in signature.parameters.values() if signature else ():
        try:
            make_dependant(imitate(func, inspect.Signature([parameter])))
        except TypeError as error:
            depends = next((mark for mark in list_marks(parameter) if isinstance(mark, params.Depends)), None)
            dependency = (depends.dependency or strip_annotated(parameter.annotation)) if depends else None
            if callable(dependency):
                deeper = _locate_problem(f"{asking} depends on {describe(dependency)}, which", dependency)
                if deeper is not None:
                    return deeper
            # What FastAPI says of a type is written for the response of a path operation.
            unknown = isinstance(error.__cause__, FastAPIError)
            reason = _find_reason(parameter) or (_NO_FIELD if unknown else str(error))
            return f"{asking} asks for {parameter.name!r}, which it cannot have. {reason}"
    return None


def _list_reasons(dependant: Dependant) -> list[tuple[str, str]]:
    request = dependant.request_param_name
    if request is not None and _has_default(dependant.call, request):
        request = None  # which it then has, as one that serves both requests and WebSockets expects
    request_reason = _SECURITY if isinstance(dependant.call, SecurityBase) else _REQUEST
    wanted = [(request, request_reason), (dependant.response_param_name, _RESPONSE)]
    wanted += [
        (field.name, _FORM if isinstance(field.field_info, params.Form) else _BODY) for field in dependant.body_params
    ]
    return [(name, reason) for name, reason in wanted if name is not None]


def _has_default(func: Any, name: str) -> bool:
    signature = signature_of(func)
    parameter = signature.parameters.get(name) if signature else None
    return parameter is not None and parameter.default is not parameter.empty
