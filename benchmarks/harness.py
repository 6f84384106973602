"""Whole messages in process: the application is driven through ASGI, as a server would, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import thread_time
from typing import Any

from fastapi import FastAPI

SCOPE = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "ws",
    "path": "/ws",
    "raw_path": b"/ws",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
    "subprotocols": [],
    "extensions": {},
}


@dataclass(slots=True)
class Clock:
    """When the messages began and ended, without the connection around them, in seconds of this thread's CPU time."""

    start: float = 0.0
    end: float = 0.0


def list_events(texts: Iterable[str], clock: Clock) -> Iterator[dict[str, Any]]:
    """Yield what a server tells an application: a connection, every text, the end; each made when it is asked for."""
    yield {"type": "websocket.connect"}
    clock.start = thread_time()
    for text in texts:
        yield {"type": "websocket.receive", "text": text}
    clock.end = thread_time()
    yield {"type": "websocket.disconnect", "code": 1000, "reason": ""}


# Neither `receive` nor `send` ever waits: what a server and a network would add is the same for all.


def exchange(app: FastAPI, texts: Iterable[str]) -> list[Any]:
    """Open a connection, send it every text, close it; return what the application sent."""
    events = list_events(texts, Clock())
    sent: list[Any] = []

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(dict(SCOPE), receive, send))
    return sent


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an application answered.

    Attributes:
        count: How many text frames it sent.
        last: The last of them, `None` where there is none.
        seconds: The CPU time from when it asked for the first text to when it asked for more than there were.
    """

    count: int
    last: str | None
    seconds: float


def count_answers(
    app: FastAPI, texts: Sequence[str], loop: asyncio.AbstractEventLoop, *, patient: bool = False
) -> Outcome:
    """Open a connection, send it every text, close it; keep none of the answers but the last.

    A list of them all would be filled and freed while the clock runs.

    Parameters:
        app: The application.
        texts: What it is sent.
        loop: Where it runs.
        patient: Whether the connection is closed only when there are as many answers as texts, for an application that
            sends them in another task; the clock runs meanwhile.
    """
    clock = Clock()
    events = list_events(texts, clock)
    count = 0
    last: str | None = None
    asked = 0
    answered = asyncio.Event()

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        if patient and asked == len(texts) + 2:
            await answered.wait()
        return next(events)

    async def send(message: Any) -> None:
        nonlocal count, last
        if message["type"] == "websocket.send":
            count += 1
            last = message["text"]
            if patient and count == len(texts):
                answered.set()
                clock.end = thread_time()

    loop.run_until_complete(app(dict(SCOPE), receive, send))
    return Outcome(min(count, len(texts)) if patient else count, last, clock.end - clock.start)
