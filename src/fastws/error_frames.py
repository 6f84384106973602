"""The frame that answers an error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Container
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketDisconnect

from fastws._json import dump_json
from fastws.details import list_details, list_parameter_details
from fastws.errors import NoMessagesError, NotAcceptedError, UnclaimedMessageError, WrongFrameError
from fastws.websocket import WebSocket, deliver

if TYPE_CHECKING:
    from starlette import websockets

logger = logging.getLogger("fastws")

# The largest frame, in bytes of UTF-8.
MOST_BYTES: Final = 4096


async def reply_with_error(websocket: websockets.WebSocket, message: Any, error: Exception | None) -> None:
    """Answer an error with one frame, and let the connection go on: a hook for `on_fallback` and for `on_error`.

    The frame is `{"type": "error", "code": ..., "detail": [...]}` in the router's mode, of 4 KiB at most.  It never holds
    anything of the message, nor the text of an exception:

    - a message that no model accepts: code `invalid-message`, and ten errors of pydantic's at most, each with its `type`,
      `loc` and `msg`;
    - parameters of the connection that a dependency refused: code `invalid-parameters`, likewise;
    - `HTTPException`: its status code and its detail;
    - `wrong-frame`, `unclaimed-message`, `no-messages`: what came is nothing that the router handles;
    - everything else: code `internal-error`, and the exception in the log.

    Parameters:
        websocket: The connection.
        message: What could not be handled, raw or validated.
        error: Why; `None` where the router has no models.

    Raises:
        WebSocketException: `error` itself, which means to end the connection.
        WebSocketDisconnect: `error` itself, where the connection has ended.
    """
    # That of another connection, to which the handler sent, is an error like any other.
    if isinstance(error, WebSocketDisconnect) and getattr(websocket, "ended", True):
        raise error
    if isinstance(error, WebSocketException):
        raise error
    if isinstance(error, NotAcceptedError):
        return  # there is nobody to tell yet
    # What is validated already cannot be invalid: a handler has validated something else.
    raw = message is None or isinstance(message, str | bytes | bytearray)
    if isinstance(websocket, WebSocket):
        await deliver(websocket, make_error_frame(error, websocket.settings.list_names(), raw=raw))
    else:
        # One that no router serves.
        await websocket.send_text(make_error_frame(error, raw=raw).decode())


def make_error_frame(error: Exception | None, names: Container[str] = (), *, raw: bool = True) -> bytes:
    """Return the frame that answers an error.

    Parameters:
        error: The error, `None` where the router has no models.
        names: The names of the schema, which may be told to a client.
        raw: Whether it is about a message that has not been validated.
    """
    code, detail = _describe(error, names, raw=raw)
    frame = _encode(code, detail)
    while len(frame) > MOST_BYTES:
        detail = _shorten(detail)
        frame = _encode(code, detail)
    return frame


def _describe(error: Exception | None, names: Container[str], *, raw: bool) -> tuple[str | int, Any]:
    if error is None:
        return NoMessagesError.code, []
    if isinstance(error, ValidationError) and raw:
        return "invalid-message", list_details(error, names)
    if isinstance(error, RequestValidationError | WebSocketRequestValidationError):
        return "invalid-parameters", list_parameter_details(error.errors())
    if isinstance(error, HTTPException):
        return error.status_code, error.detail
    if isinstance(error, WrongFrameError | UnclaimedMessageError):
        return error.code, []
    if sys.exc_info()[1] is error:
        # It is being handled, by `on_error`; what a validator raised is in the log before the fallback is called.
        logger.error("an exception was answered with an error frame", exc_info=error)
    return "internal-error", []


def _encode(code: str | int, detail: Any) -> bytes:
    try:
        return dump_json({"type": "error", "code": code, "detail": detail})
    except PydanticSerializationError:  # the detail of an HTTPException can be anything
        return dump_json({"type": "error", "code": code, "detail": []})


def _shorten(detail: Any) -> Any:
    """Return about half of the detail of an error frame."""
    if isinstance(detail, str):
        return detail[: min(len(detail) // 2, MOST_BYTES)]
    return detail[: len(detail) // 2] if isinstance(detail, list) else []
