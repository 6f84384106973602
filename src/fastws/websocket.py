"""The connection object that handlers get: Starlette's WebSocket, which also knows how it ended."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Container, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import anyio
from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError, SchemaSerializer
from starlette import websockets
from starlette.websockets import WebSocketDisconnect, WebSocketState

from fastws._fastapi import get_send
from fastws._json import dump_json
from fastws._receive import TimedSend
from fastws.close_codes import ABNORMAL, NO_STATUS, cut_reason, is_close_code, is_usual
from fastws.errors import InvalidCloseCodeError
from fastws.tasks import finish_within, get_task

if TYPE_CHECKING:
    from starlette.types import Message, Send

logger = logging.getLogger("fastws")


@dataclass(frozen=True)
class Settings:
    """What all connections of a router have in common.

    Attributes:
        as_text: Whether messages are text frames; binary frames otherwise.
        send_timeout: How long a send may take, in seconds, before the connection is given up; `None` for any time.
        in_tasks: Whether each handler runs in a task of its own, in a group that can be cancelled.
        list_names: Returns the names of the fields of its messages, which may be told to a client.
    """

    as_text: bool = True
    send_timeout: float | None = None
    in_tasks: bool = False
    list_names: Callable[[], Container[str]] = frozenset


class Inbox(Protocol):
    """What a connection that is being served takes its messages from.

    Attributes:
        stopped: Whether no more are to be handled.
    """

    stopped: bool

    async def receive(self) -> Message:
        """Return the next message; a disconnect at the end, again and again."""
        ...

    def stop(self) -> None:
        """Take no further message."""

    def interrupt(self) -> None:
        """Stop because the connection is lost."""

    def watch(self, callback: Callable[[], None]) -> None:
        """Have a function called when either side has ended the connection; at once where that is so."""

    def unwatch(self, callback: Callable[[], None]) -> None:
        """Take that back."""


class WebSocket(websockets.WebSocket):
    """Starlette's WebSocket with one method more, `send_model`, and three additions.

    It remembers how it began and ended; a send after the end raises `WebSocketDisconnect` every time, whichever side
    ended it, so that code that sends to many connections has one exception to expect; and a close reason is cut to what
    a close frame can carry, a close code that none can carry is refused.

    Attributes:
        accepted: Whether the connection has been accepted.
        ending: The close code and reason once either side has ended the connection, or an exception is about to;
            `None` before, also where a send has found the peer gone and the server has not said why.
        peer_gone: Whether the peer has left, so that nothing can be sent any more.
        parted: Whether the goodbye has begun.
        inbox: What messages are taken from while the connection is served; `None` before and after.
        settings: What all connections of the router have in common.
    """

    accepted: bool = False
    ending: tuple[int, str] | None = None
    peer_gone: bool = False
    parted: bool = False
    inbox: Inbox | None = None
    settings: Settings = Settings()
    _is_plain: bool = True

    @property
    def ended(self) -> bool:
        """Whether either side has ended the connection, or an exception is about to."""
        return self.peer_gone or self.ending is not None

    async def receive(self) -> Message:
        if self.inbox is not None:
            # Whatever has been read ahead comes first.
            return await self.inbox.receive()
        message = await super().receive()
        if message["type"] == "websocket.disconnect":
            self.note_disconnect(message)
            if self.inbox is not None:
                # It is served by now: somebody has been reading since before.
                self.inbox.stop()
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if self.peer_gone or (kind == "websocket.send" and self.application_state is WebSocketState.DISCONNECTED):
            raise self._make_disconnect()
        if kind == "websocket.close":
            message = self._check_close(message)
        connected = self.application_state is WebSocketState.CONNECTED
        try:
            await self._send_checked(message)
        except WebSocketDisconnect:
            raise self._fail() from None
        except RuntimeError as error:
            if not connected:
                raise
            raise self._explain(error) from None
        if kind == "websocket.close":
            self.stop(message.get("code", 1000), message["reason"])
        elif kind == "websocket.accept":
            self.open()

    async def send_text(self, data: str) -> None:
        try:
            rest = self._send_frame({"type": "websocket.send", "text": data})
            if rest is not None:
                await rest
        except (OSError, RuntimeError) as error:
            raise self._explain(error) from None

    async def send_bytes(self, data: bytes) -> None:
        try:
            rest = self._send_frame({"type": "websocket.send", "bytes": data})
            if rest is not None:
                await rest
        except (OSError, RuntimeError) as error:
            raise self._explain(error) from None

    # No coroutine of its own: it would cost a tenth of the send.
    def send_model(
        self,
        model: Any,
        *,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Coroutine[Any, Any, None]:
        """Send a message in the router's mode, as text or as bytes; to be awaited.

        Parameters:
            model: A pydantic model, or anything else that can be written as JSON.
            by_alias: Whether fields are written under their aliases.
            exclude_unset: Whether fields that were not set are left out.
            exclude_defaults: Whether fields with their default values are left out.
            exclude_none: Whether fields that are `None` are left out.

        Raises:
            WebSocketDisconnect: The connection has ended.
            pydantic_core.PydanticSerializationError: It cannot be written as JSON.
        """
        serializer = getattr(type(model), "__pydantic_serializer__", None)
        if by_alias and not (exclude_unset or exclude_defaults or exclude_none):
            return deliver(self, dump_json(model) if serializer is None else serializer.to_json(model, by_alias=True))
        data = (serializer or _find_serializer(model.__class__)).to_json(
            model,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )
        return deliver(self, data)

    async def _send_checked(self, message: Message) -> None:
        """Send with the checks of Starlette's state machine."""
        await super().send(message)

    def _send_frame(self, message: Message) -> Awaitable[None] | None:
        """Send a frame as far as it goes without waiting; return what remains, `None` where it is sent."""
        # While the connection is open, the instance has the server's own `send` in the place of this: there is nothing
        # to check then, and a check would cost a tenth of the whole send.
        return self.send(message)

    def open(self) -> None:
        """Note that the connection is accepted, and let frames be sent."""
        self.accepted = True
        if self._is_plain:
            self.__dict__["_send_frame"] = self._get_quick_send()

    def _get_quick_send(self) -> Callable[[Message], Awaitable[None] | None]:
        return get_send(self)

    def end(self, code: int, reason: str | None = None) -> None:
        """Note why the connection ends; the first reason is the one that counts."""
        if self.ending is None:
            self.ending = (code, reason or "")

    def stop(self, code: int, reason: str | None = None) -> None:
        """End the connection from this side: no frame is sent any more, and no message handled."""
        self.end(code, reason)
        self.__dict__.pop("_send_frame", None)
        if self.inbox is not None:
            self.inbox.stop()

    def note_disconnect(self, message: Message) -> None:
        """Note that the server reports the end of the connection."""
        code = int(message.get("code") or NO_STATUS)  # some servers have an enum's member
        if self.ending is None:
            # The reason is the peer's own words; the code is a number.
            logger.log(logging.DEBUG if is_usual(code) else logging.INFO, "a connection ended with code %d", code)
        self.end(code, message.get("reason"))
        self.lose()

    def lose(self) -> None:
        """Note that the peer has gone."""
        self.peer_gone = True
        self.client_state = WebSocketState.DISCONNECTED
        self.__dict__.pop("_send_frame", None)

    def _make_disconnect(self) -> WebSocketDisconnect:
        code, reason = self.ending or (ABNORMAL, None)
        return WebSocketDisconnect(code, reason)

    def _fail(self) -> WebSocketDisconnect:
        """Note that the server refused a send; return what it raises.  Why the peer has gone, the server says later."""
        self.application_state = WebSocketState.DISCONNECTED
        self.lose()
        return self._make_disconnect()

    def _explain(self, error: Exception) -> Exception:
        """Return what a send raises for which the server raised `error`."""
        refused = isinstance(error, RuntimeError)
        if not self.accepted or (refused and not self._is_plain):
            # Starlette's own about the state, or one of the program's own `send`.
            return error
        if refused and not self.peer_gone:
            # uvicorn, when it has closed the connection itself (over invalid UTF-8, over a ping without an answer) and
            # the peer has not taken it yet.
            logger.info("the server refused a frame (%s); the connection is given up", type(error).__name__)
        return self._fail()

    def _check_close(self, message: Message) -> Message:
        code = message.get("code", 1000)
        # Before the handshake is answered, the code goes nowhere: the server denies it with an HTTP response.
        if self.accepted and not is_close_code(code):
            raise InvalidCloseCodeError(code)
        # FastAPI's own handler for invalid parameters has a list there.
        reason = message.get("reason")
        return {**message, "reason": cut_reason(reason) if isinstance(reason, str) else ""}


class TimedWebSocket(WebSocket):
    """A connection whose sends may take only so long."""

    def _get_quick_send(self) -> Callable[[Message], Awaitable[None] | None]:
        return self._limit_time(get_send(self))

    async def _send_checked(self, message: Message) -> None:
        rest = self._limit_time(super()._send_checked)(message)
        if rest is not None:
            await rest

    def _limit_time(self, send: Send) -> Callable[[Message], Awaitable[None] | None]:
        return (
            functools.partial(self._send_in_scope, send) if get_task() is None else TimedSend(send, self._finish).send
        )

    async def _send_in_scope(self, send: Send, message: Message) -> None:
        """Send under another event loop than asyncio's."""
        with anyio.move_on_after(self.settings.send_timeout) as scope:
            await send(message)
        if scope.cancelled_caught:
            raise self._give_up()

    async def _finish(self, rest: Awaitable[None]) -> None:
        """Wait for a send that did not finish at once: the peer reads more slowly than the program writes."""
        seconds = self.settings.send_timeout
        if seconds is None:
            await rest
        elif not await finish_within(seconds, rest):
            raise self._give_up()

    def _give_up(self) -> WebSocketDisconnect:
        """Note that a send took too long; return what it raises."""
        if not self.peer_gone:
            logger.warning("a send took longer than %g s; the connection is given up", self.settings.send_timeout)
        self.end(ABNORMAL, "send timeout")
        gone = self._fail()
        if self.inbox is not None:
            self.inbox.interrupt()
        return gone


@functools.lru_cache(maxsize=256)
def _find_serializer(cls: type) -> SchemaSerializer:
    """Return what writes objects of a class that has no serializer of its own."""
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(cls)
    except PydanticUserError as error:
        raise PydanticSerializationError(f"Unable to serialize unknown type: {cls}") from error
    return adapter.serializer


def deliver(websocket: WebSocket, data: bytes) -> Coroutine[Any, Any, None]:
    """Send a message that is JSON already, in the router's mode."""
    return websocket.send_text(data.decode()) if websocket.settings.as_text else websocket.send_bytes(data)


def adopt(websocket: websockets.WebSocket, settings: Settings = Settings()) -> WebSocket:
    """Make a connection that FastAPI made one of ours.

    The object stays the same, because programs keep it in sets and dictionaries.

    Parameters:
        websocket: The connection.
        settings: What all connections of its router have in common.
    """
    ours = WebSocket if settings.send_timeout is None else TimedWebSocket
    if not isinstance(websocket, WebSocket):
        websocket.__class__ = _mix(type(websocket), ours)
    elif type(websocket) is WebSocket:
        # The program has made it, or another router has served it.
        websocket.__class__ = ours
    websocket = cast("WebSocket", websocket)
    websocket.settings = settings
    if websocket.application_state is WebSocketState.CONNECTED and not websocket.ended:
        websocket.open()
    return websocket


@functools.cache
def _mix(cls: type[websockets.WebSocket], ours: type[WebSocket]) -> type[WebSocket]:
    base = websockets.WebSocket
    if cls is base:
        return ours
    # A subclass of the program's own keeps what it overrides; if that is `send`, each of its frames goes through it.
    kept: dict[str, Any] = {
        name: getattr(cls, name)
        for name in ("send_text", "send_bytes")
        if getattr(cls, name) is not getattr(base, name)
    }
    return cast("type[WebSocket]", type(cls.__name__, (ours, cls), {**kept, "_is_plain": cls.send is base.send}))
