"""What the handler of a route returns, on the wire."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Union

from fastws._envelope import ReplyWriter, write_response
from fastws._exact import dump_exactly
from fastws._inspect import (
    describe,
    is_async_generator,
    is_generator,
    name_of,
    signature_of,
    split_union,
    strip_annotated,
)
from fastws.errors import InvalidHandlerError, InvalidReplyError
from fastws.observable.arguments import is_any_dict, is_silent
from fastws.observable.options import HandlerResult
from fastws.replies import Declaration, Reply, ReplyOptions, read_declaration


def plan_replies(func: Callable[..., Any], *, dehydrates: bool) -> tuple[ReplyWriter, Any]:
    """Decide how what a handler returns is written.

    Parameters:
        func: The handler as written.
        dehydrates: Whether a hook makes the payload of what the handler returns, so that the handler declares none.

    Returns:
        What writes it, and the type of the payload that the handler declares to return, `None` where it declares none.

    Raises:
        InvalidHandlerError: It declares what cannot be sent.
        UnresolvedError: It declares a type that is not defined.
    """
    members = _list_declared(func, dehydrates=dehydrates)
    types = [member for member in members if member is not HandlerResult]
    silent = dehydrates or all(one is type(None) or is_silent(one) or is_any_dict(one) for one in types)
    declared = None if silent else Union[tuple(types)]  # noqa: UP007
    writer = ReplyWriter(
        may_be_result=silent or HandlerResult in members,
        # What is annotated as a result is one, whatever else stands in it.
        is_result=HandlerResult in members and all(one is type(None) for one in types),
        encode=None if declared is None else Reply(func, Declaration(declared, streams=False), ReplyOptions()).encode,
        refuse=functools.partial(InvalidReplyError, describe(func)),
    )
    return writer, declared


def _list_declared(func: Callable[..., Any], *, dehydrates: bool) -> tuple[Any, ...]:
    """Return the members of what a handler declares to return."""
    if is_generator(func) or is_async_generator(func):
        raise InvalidHandlerError(
            f"{describe(func)} is a generator, but a request has one reply. Return it, or send other messages yourself."
        )
    signature = signature_of(func)
    annotation = signature.return_annotation if signature else None
    if isinstance(annotation, str) and annotation.rpartition(".")[2] == HandlerResult.__name__:
        return (HandlerResult,)  # imported for type checkers only
    if isinstance(annotation, str) and dehydrates:
        return ()  # nothing depends on it
    declaration = read_declaration(func, signature)
    if declaration is not None and declaration.streams:
        raise InvalidHandlerError(
            f"{describe(func)} is annotated to return {name_of(annotation)}, but a request has one reply. Return a list, or "
            f"send other messages yourself."
        )
    return split_union(strip_annotated(declaration.type)) if declaration else ()


def write_error(uuid: Any, status: int, message: Any, detail: Any = None) -> str:
    """Return the reply to a request that failed.

    Parameters:
        uuid: That of the request.
        status: Why it failed.
        message: That in words.
        detail: What is wrong with it, `None` for nothing more.
    """
    payload = {"Message": message} if detail is None else {"Message": message, "detail": detail}
    try:
        return write_response(uuid, status, None, payload)
    except Exception:  # noqa: BLE001  (the detail of an HTTPException can be anything)
        return write_response(uuid, status, None, {"Message": str(status)})


def write_pong(uuid: Any) -> str:
    """Return the answer to a heartbeat."""
    return dump_exactly({"headers": None, "payload": None, "uuid": uuid, "route": "PONG"}).decode()
