"""The same said to a WSRouter and to a SocketRouter, for faults that do not care which of them serves the connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from request_peers import write_reply, write_request

PADDING: Final = "x" * 150


@dataclass(frozen=True)
class Dialect:
    """How to speak to the endpoints of one kind in `slow_app.py`.

    Attributes:
        prefix: What their paths begin with.
        sleep: Called as `(seconds, number)`; returns a message that is answered after so many seconds.
        slept: Called as `(number)`; returns the answer.
        note: A message that is counted; its handler waits until `/control/release` is called.
        noted: The answers to it.
        handlers: How many handlers of a connection run at a time under `/together`.
    """

    prefix: str
    sleep: Callable[[float, int], str]
    slept: Callable[[int], str]
    note: str
    noted: tuple[bytes, ...]
    handlers: int


MESSAGES: Final = Dialect(
    prefix="",
    sleep=lambda seconds, number: f'{{"type":"sleep","seconds":{seconds},"number":{number}}}',
    slept=str,
    note=f'{{"type":"note","padding":"{PADDING}"}}',
    noted=(),
    handlers=2,
)

REQUESTS: Final = Dialect(
    prefix="/requests",
    sleep=lambda seconds, number: write_request("sleep", seconds, uuid=str(number)),
    slept=lambda number: write_reply(uuid=str(number)),
    note=write_request("note", PADDING),
    noted=(write_reply().encode(),),
    handlers=8,
)

each_dialect: Final = pytest.mark.parametrize("dialect", [MESSAGES, REQUESTS], ids=["messages", "requests"])
