"""Receivers whose hooks note their calls, and handlers that wait without an event loop."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Generator
from typing import Any

import pytest
from starlette.types import Message

from fastws._core import DispatchTable
from fastws._receive import Receiver

CONNECTION = "the connection"


class Hooks:
    """What a receiver calls, with a note of every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def handle(self, websocket: str, message: Any) -> None:
        self.calls.append(("handle", websocket, message))

    async def refuse(self, websocket: str, frame: Any, error: Exception | None) -> None:
        self.calls.append(("refuse", websocket, frame, error))

    async def refuse_size(self, websocket: str, size: int) -> None:
        self.calls.append(("refuse_size", websocket, size))

    async def fail(self, websocket: str, message: Any, error: Exception) -> None:
        self.calls.append(("fail", websocket, message, error))

    def receive_other(self, websocket: str, message: Message) -> Awaitable[None] | None:
        self.calls.append(("other", websocket, message))
        return None

    def never(self) -> DispatchTable[Any] | None:
        pytest.fail("there is a table")

    def receiver(self, handler: Any = None, **options: Any) -> Receiver[str]:
        """Return a receiver whose messages are texts in capitals."""
        chosen: dict[str, Any] = {"text": True, "limit": -1, "prepare": self.never, "dispatch": None, "fail": None}
        chosen |= {"receive_other": self.receive_other, "refuse": self.refuse, "refuse_size": self.refuse_size}
        receiver: Receiver[str] = Receiver(**chosen | options)
        receiver.table = DispatchTable(union=shout, classes={str: handler or self.handle, float: None})
        return receiver


def shout(text: str | bytes) -> Any:
    """Validate a message."""
    known: dict[Any, Any] = {"wrong": ValueError("wrong"), "interrupt": KeyboardInterrupt(), "number": 1.5}
    result = known.get(text, text.upper())
    if isinstance(result, BaseException):
        raise result
    return result


def text_of(text: str) -> Message:
    return {"type": "websocket.receive", "text": text}


@types.coroutine
def wait_for(token: object) -> Generator[object, Any, Any]:
    """Wait: whoever awaits this sees the token, and may send an answer."""
    return (yield token)
