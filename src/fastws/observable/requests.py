"""Requests whose headers or payload have a type: one model for each route, and what a client is told of its errors."""

from __future__ import annotations

import functools
import inspect
import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal, Optional, cast

from pydantic import AliasChoices, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError

from fastws._envelope import Envelope, EnvelopeReader, TypedReader
from fastws._inspect import describe, name_of
from fastws.details import list_details
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.models import adapt, collect_names
from fastws.observable.arguments import Arguments

# What answers a request: called as `(websocket, envelope)`.
Plan = Callable[[Any, Envelope], Awaitable[None]]

# So many levels pydantic reads, and integers of so many digits.
_DEEPEST: Final = 200
_LONGEST: Final = 4300

# An integer of more, looked for only where its digits begin: from each digit on, a message of many would take seconds.
_TOO_LONG: Final = re.compile(r"(?<![0-9])[0-9]{4301}")


class TypedRequests:
    """The requests of a route whose headers or payload have a type.

    Attributes:
        required: Which of `headers` and `payload` have to be there.

    Parameters:
        path: The route.
        func: The handler as written.
        arguments: Those of the handler.

    Raises:
        InvalidHandlerError: Pydantic cannot validate the type.
        UnresolvedError: It refers to a type that is not defined.
    """

    def __init__(self, path: str, func: Callable[..., Any], arguments: Arguments) -> None:
        headers, self._make_headers = _plan_headers(func, arguments.headers)
        # What has no object for its headers is no request, whatever the type of the headers takes.
        shape: dict[str, Any] = {"shape": (dict[str, Any] | None, Field(None, validation_alias="headers"))}
        model = create_model(
            "Request",
            track_id=(Any, Field(validation_alias=AliasChoices("track_id", "uuid"))),
            path=(cast("Any", Literal[path]), Field(validation_alias=AliasChoices("path", "route"))),
            headers=headers,
            payload=_make_payload(func, arguments.payload) if arguments.payload else (Any, None),
            **(shape if arguments.headers else {}),
        )
        self.required = frozenset(name for name in ("headers", "payload") if model.model_fields[name].is_required())
        self._validate = model.__pydantic_validator__.validate_json
        self._names = collect_names(model.__pydantic_core_schema__)

    def make_reader(self, plan: Plan, otherwise: EnvelopeReader) -> TypedReader:
        """Return what validates the text of a request in one pass; the entry of a dispatch table.

        Parameters:
            plan: What answers the requests.
            otherwise: What reads those that are not valid.
        """
        return TypedReader(self._validate, plan, make_headers=self._make_headers, otherwise=otherwise)

    def fill(self, text: str, envelope: Envelope) -> None:
        """Validate the headers and the payload of an envelope that has been read without their types.

        Parameters:
            text: The request.
            envelope: The envelope.

        Raises:
            ValidationError: They are not valid.
            Exception: What a validator of the program's raised.
        """
        request: Any = self._validate(text)
        headers = request.headers
        envelope.headers = self._make_headers() if headers is None and self._make_headers else headers
        envelope.payload = request.payload

    def list_details(self, error: ValidationError) -> list[dict[str, Any]]:
        """Return what a client may know of what is wrong with its request."""
        return list_details(error, self._names)


def recover_id(text: str) -> str | float:
    """Return the id of a request that pydantic does not read, for the reply that refuses it; 0 where there is none.

    Browsers send half of a surrogate pair as an escape, and wait for an answer as after any other request.
    """
    shallow = text.count("[") + text.count("{") <= _DEEPEST
    if shallow and text.isascii() and "\\u" not in text and not _TOO_LONG.search(text):
        return 0  # junk: all else that is JSON, pydantic reads
    try:
        request = json.loads(text, parse_int=_read_integer)
        uuid = request["track_id"] if "track_id" in request else request["uuid"]
        if type(uuid) is str:
            uuid.encode()
            return uuid
    except (ValueError, LookupError, TypeError, RecursionError):
        return 0
    return uuid if type(uuid) in {int, bool} or (type(uuid) is float and math.isfinite(uuid)) else 0


def _read_integer(digits: str) -> int | None:
    # Python would take too long, and from 3.10.7 on refuses to.
    return int(digits) if len(digits) <= _LONGEST else None


def _make_payload(func: Callable[..., Any], parameter: inspect.Parameter) -> tuple[Any, Any]:
    """Return the field of a model for a payload: a missing one is the default, else `None` where its type takes that."""
    accepts_none = _accepts(_load(func, parameter), "null")
    if parameter.default is not parameter.empty:
        return parameter.annotation, parameter.default
    return (
        (Annotated[parameter.annotation, Field(validate_default=True)], None)
        if accepts_none
        else (parameter.annotation, ...)
    )


def _plan_headers(
    func: Callable[..., Any], parameter: inspect.Parameter | None
) -> tuple[tuple[Any, Any], Callable[[], Any] | None]:
    """Return the field of a model for headers, and what makes those that stand for `null`; `None` where that stays.

    Missing ones are the default, else `None` where their type takes that, else empty where it takes that.
    """
    if parameter is None:
        return (dict[str, Any] | None, None), dict
    annotation = parameter.annotation
    default = None if parameter.default is parameter.empty else parameter.default
    adapter = _load(func, parameter)
    if _accepts(adapter, "null"):
        return (Annotated[annotation, Field(validate_default=default is None)], default), None
    if _accepts(adapter, "{}"):
        # Not by a validator before that of the type, which would get Python objects in the place of JSON.
        return (Optional[annotation], default), functools.partial(adapter.validator.validate_json, "{}")  # noqa: UP045
    return (annotation, ... if default is None else default), None


def _accepts(adapter: TypeAdapter[Any], text: str) -> bool:
    try:
        adapter.validator.validate_json(text)
    except Exception:  # noqa: BLE001  (a validator may raise anything)
        return False
    return True


def _load(func: Callable[..., Any], parameter: inspect.Parameter) -> TypeAdapter[Any]:
    """Return what validates a parameter.

    Raises:
        InvalidHandlerError: Pydantic cannot validate its type.
        UnresolvedError: The type refers to one that is not defined.
    """
    annotation = parameter.annotation
    try:
        adapter = adapt(annotation)
    except (PydanticUserError, TypeError) as error:
        raise InvalidHandlerError(
            f"{describe(func)} annotates {parameter.name!r} as {name_of(annotation)}, which pydantic cannot validate. Use a "
            f"pydantic model, a dataclass or a TypedDict (before Python 3.12, that of typing_extensions)."
        ) from error
    if adapter is None:
        raise UnresolvedError(
            f"{describe(func)} takes {name_of(annotation)}, which refers to a type that is not defined. Define it before "
            f"the handler."
        )
    return adapter
