"""The routes of a router: how a request is checked, handled and answered, exactly once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketDisconnect

from fastws._call import Answering
from fastws._envelope import Envelope
from fastws._inspect import describe
from fastws.callables import as_async
from fastws.close_codes import POLICY_VIOLATION
from fastws.connection import locate
from fastws.dependencies import ConnectionDependencies, Resolution, make_stand_in
from fastws.descriptions import RequestDescription
from fastws.details import list_parameter_details
from fastws.observable.arguments import Given, match_route_arguments
from fastws.observable.messages import MessageData
from fastws.observable.options import Handler, RouteHooks, RouteOptions, plan_hooks
from fastws.observable.requests import Plan, TypedRequests
from fastws.observable.responses import plan_replies, write_error, write_pong
from fastws.observable.status import Status
from fastws.tasks import get_task, may_be_cancelled
from fastws.websocket import WebSocket

logger = logging.getLogger("fastws")

ILLEGAL_REQUEST: Final = "Illegal Request Format"
CHECK_FAILED: Final = "Data check failed"
ACCESS_DENIED: Final = "Access denied"
NO_ROUTE: Final = "Path not found"
INTERNAL_ERROR: Final = "Internal Server Error"

_OK: Final = range(200, 300)


class _Refusal(Exception):  # noqa: N818  (no error of the program's)
    """A hook has refused a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class _Call(NamedTuple):
    """A request that is about to be handled."""

    envelope: Envelope
    arguments: tuple[Any, ...]


class Route:
    """What is known of a route.

    Attributes:
        path: Its name.
        handler: The handler as written.
        options: The hooks as written.
        requests: Its requests where their headers or payload have a type, else `None`.
        reply: The type of the payload that the handler declares to return; `None` where it declares none.
        plan: Called as `(websocket, envelope)` to answer a request.

    Parameters:
        path, handler, options: The attributes.

    Raises:
        InvalidHandlerError: The handler or a hook cannot be called as it would have to be, or asks for something that cannot
            be resolved.
        UnresolvedError: An annotation refers to a name that is not defined.
    """

    def __init__(self, path: str, handler: Handler, options: RouteOptions | None) -> None:
        self.path = path
        self.handler = handler
        self.options = options
        self._hooks = plan_hooks(path, options)
        arguments = match_route_arguments(handler, self._hooks)
        self._arguments = arguments
        self._given = arguments.given
        self._call = _name_last(as_async(handler), arguments.names)
        self._writer, self.reply = plan_replies(handler, dehydrates=self._hooks.dehydrate is not None)
        typed = arguments.headers is not None or arguments.payload is not None
        self.requests = TypedRequests(path, handler, arguments) if typed else None
        self._handle: Callable[[WebSocket, Any], Any] = self._handle_alone
        if arguments.others:
            resolution = Resolution(handler, arguments.others, ConnectionDependencies())
            self._handle = resolution.resolve(self._produce, _as_it_is, self._send)
        before = (self._hooks.data_check, self._hooks.access, self._hooks.hydrate)
        self._prepares = self._given is not Given.REQUEST or any(hook is not None for hook in before)
        # Nothing stands between the request and such a handler.
        direct = arguments.given is Given.REQUEST and not arguments.others and self._hooks == RouteHooks()
        self.plan: Plan = Answering(self._call, self._writer, self._fail) if direct else self._answer
        if arguments.given is Given.REQUEST and self._hooks.hydrate is not None:
            logger.warning(
                "%s takes (ws, headers, payload), and not what hydrate of the route %r returns", describe(handler), path
            )

    def describe(self) -> RequestDescription:
        """Return what documents say of the route."""
        headers, payload, others = self._arguments.headers, self._arguments.payload, self._arguments.others
        return RequestDescription(
            self.path,
            self.handler,
            headers=None if headers is None else headers.annotation,
            payload=None if payload is None else payload.annotation,
            required=frozenset() if self.requests is None else self.requests.required,
            reply=self.reply,
            needs=make_stand_in(self.handler, others) if others else None,
        )

    async def _answer(self, websocket: WebSocket, envelope: Envelope) -> None:
        try:
            arguments = await self._prepare(websocket, envelope)
            await self._handle(websocket, _Call(envelope, arguments))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (whatever happens, there is one reply)
            await self._fail(websocket, envelope, error)

    async def _prepare(self, websocket: WebSocket, envelope: Envelope) -> tuple[Any, ...]:
        """Call the hooks before the handler; return what it gets."""
        hooks = self._hooks
        if not self._prepares:
            return websocket, envelope.headers, envelope.payload
        local: dict[str, Any] = {}
        message = MessageData.model_construct(headers=envelope.headers, payload=envelope.payload)
        if hooks.data_check is not None and not await hooks.data_check(message, local):
            raise _Refusal(Status.BAD_REQUEST, CHECK_FAILED)
        if hooks.access is not None and not await hooks.access(websocket, message, local):
            raise _Refusal(Status.FORBIDDEN, ACCESS_DENIED)
        hydrated = None if hooks.hydrate is None else await hooks.hydrate(websocket, message)
        if self._given is Given.REQUEST:
            return websocket, message.headers, message.payload
        if self._given is Given.HYDRATED:
            return (hydrated,)
        if self._given is Given.LOCAL:
            return (local,)
        if "value" not in local:
            raise LookupError(f'The hooks of the route {self.path!r} have left no local["value"] for its handler.')
        return (local["value"],)

    async def _handle_alone(self, websocket: WebSocket, call: _Call) -> None:
        await self._send(websocket, await self._produce(websocket, call))

    async def _produce(self, _websocket: WebSocket, call: _Call, /, **values: Any) -> tuple[Envelope, str]:
        """Call the handler; return the reply, and what it answers."""
        status, headers, payload, declared = self._writer.split(await self._call(*call.arguments, **values))
        if self._hooks.dehydrate is not None and status in _OK:
            payload = await self._hooks.dehydrate(payload)
        data = self._writer.write(call.envelope.uuid, status, headers, payload, declared=declared)
        return call.envelope, data

    async def _send(self, websocket: WebSocket, reply: tuple[Envelope, str]) -> None:
        envelope, data = reply
        envelope.answered = True
        await websocket.send_text(data)

    async def _fail(self, websocket: WebSocket, envelope: Envelope, error: BaseException) -> None:
        """Answer a request whose handler or hook raised, unless it has been answered."""
        # Or something that the handler awaited was cancelled, and not the handler.
        cancelled = isinstance(error, asyncio.CancelledError) and may_be_cancelled(get_task(), 0)
        if not isinstance(error, Exception):
            if not isinstance(error, asyncio.CancelledError) or (cancelled and not _goes_on(websocket)):
                raise error
        elif isinstance(error, WebSocketDisconnect) and websocket.ended:
            raise error
        if envelope.answered:
            # Something that was to clean up, or to run in the background, behind the reply.
            logger.error("%r raised after its reply", self.path, exc_info=error)
        else:
            envelope.answered = True
            await websocket.send_text(self._explain(envelope.uuid, error))
        if cancelled or isinstance(error, WebSocketException):
            raise error  # which means to end the handler, or the connection

    def _explain(self, uuid: Any, error: BaseException) -> str:
        if isinstance(error, _Refusal):
            return write_error(uuid, error.status, error.message)
        if isinstance(error, HTTPException) and _is_status(error.status_code):
            return write_error(uuid, error.status_code, error.detail)
        if isinstance(error, RequestValidationError | WebSocketRequestValidationError):
            return write_error(uuid, Status.BAD_REQUEST, ILLEGAL_REQUEST, list_parameter_details(error.errors()))
        if isinstance(error, WebSocketException) and error.code == POLICY_VIOLATION:
            return write_error(uuid, Status.FORBIDDEN, ACCESS_DENIED)
        if not isinstance(error, WebSocketException):
            logger.error("a request to %r failed", self.path, exc_info=error)
        return write_error(uuid, Status.INTERNAL_SERVER_ERROR, INTERNAL_ERROR)

    def refine(self, text: str, envelope: Envelope, error: ValidationError | None = None) -> None:
        """Validate the headers and the payload of an envelope that has been read without their types.

        Parameters:
            text: The request.
            envelope: The envelope.
            error: What is wrong, where that is known.
        """
        requests = self.requests
        if requests is None:
            return
        try:
            if error is None:
                requests.fill(text, envelope)
        except ValidationError as invalid:
            error = invalid
        except Exception as failure:  # noqa: BLE001  (the validators are the program's own)
            logger.error("a validator raised %s", locate(failure))  # noqa: TRY400
            envelope.plan = make_error_plan(Status.INTERNAL_SERVER_ERROR, INTERNAL_ERROR)
        if error is not None:
            envelope.plan = make_error_plan(Status.BAD_REQUEST, CHECK_FAILED, requests.list_details(error))


def _is_status(status: object) -> bool:
    """Whether something that a program has raised as a status can be written as one."""
    return isinstance(status, int) and status.bit_length() < 64  # noqa: PLR2004


def _goes_on(websocket: WebSocket) -> bool:
    """Whether the connection of a handler that was cancelled goes on, as where the program has cancelled its task."""
    inbox = websocket.inbox
    return websocket.settings.in_tasks and not websocket.ended and inbox is not None and not inbox.stopped


def _name_last(call: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function whose last arguments go by name."""
    if not names:
        return call

    def call_by_name(*given: Any, **values: Any) -> Any:
        first = len(given) - len(names)
        return call(*given[:first], **dict(zip(names, given[first:], strict=True)), **values)

    return call_by_name


def _as_it_is(reply: Any) -> Any:
    return reply


def make_error_plan(status: int, message: str, detail: Any = None) -> Plan:
    """Return a plan that answers requests with an error."""

    async def answer(websocket: WebSocket, envelope: Envelope) -> None:
        await websocket.send_text(write_error(envelope.uuid, status, message, detail))

    return answer


async def answer_ping(websocket: WebSocket, envelope: Envelope) -> None:
    """Answer a heartbeat."""
    await websocket.send_text(write_pong(envelope.uuid))
