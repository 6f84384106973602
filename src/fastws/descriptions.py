"""What a router tells of itself to documents: which messages come in, which go out, and what its handlers ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class MessageDescription:
    """A handler of a `WSRouter`.

    Attributes:
        name: Its name.
        handler: The handler as written.
        model: The model, or the union, that it is registered for.
        reply: The type of what it sends in answer; `None` for nothing.
        streams: Whether that is the type of each of any number of frames.
        by_alias: Whether its fields go by their aliases.
        callbacks: The model, or union of models, that the server is said to send because of the message; `None` for none.
        needs: A function whose parameters are what FastAPI resolves for the handler; `None` where there are none.
    """

    name: str
    handler: Callable[..., Any]
    model: Any
    reply: Any = None
    streams: bool = False
    by_alias: bool = True
    callbacks: Any = None
    needs: Callable[..., Any] | None = None


@dataclass(frozen=True, eq=False)
class RequestDescription:
    """A route of a `SocketRouter`.

    Attributes:
        name: Its name, as requests have it.
        handler: The handler as written.
        headers: The type of the headers; `None` where the handler gets them as they come.
        payload: The type of the payload, likewise.
        required: Which of `headers` and `payload` a request must have.
        reply: The type of the payload of the reply; `None` where the handler declares none.
        needs: A function whose parameters are what FastAPI resolves for the handler; `None` where there are none.
    """

    name: str
    handler: Callable[..., Any]
    headers: Any = None
    payload: Any = None
    required: frozenset[str] = frozenset()
    reply: Any = None
    needs: Callable[..., Any] | None = None


@dataclass(frozen=True, eq=False)
class RouterDescription:
    """A router, as it is now.

    Attributes:
        endpoint: What FastAPI calls for a connection; its parameters are those of the handshake.
        handlers: The handlers of a `WSRouter`, in the order they were registered.
        routes: The routes of a `SocketRouter`, likewise; `None` where it is none.
        as_text: Whether clients send text frames, or binary ones.
        callbacks: The model, or union of models, that the server is said to send once connected; `None` for none.
        answers_errors: Whether `reply_with_error` is among its hooks.
    """

    endpoint: Callable[..., Any]
    handlers: tuple[MessageDescription, ...] = ()
    routes: tuple[RequestDescription, ...] | None = None
    as_text: bool = True
    callbacks: Any = None
    answers_errors: bool = False
