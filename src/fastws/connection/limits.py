"""What one connection may cost."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of each connection of a router.

    Attributes:
        max_message_size: The largest message in bytes of UTF-8; `None` for any.
        mailbox: How many messages are read ahead while handlers wait.
        concurrency: How many handlers of a connection run at a time.
        cancel_on_disconnect: Whether running handlers are cancelled when the peer has gone.
        send_timeout: How long a send may take, in seconds; `None` for any time.
        hook_timeout: How long `on_disconnect` may take, in seconds.

    Raises:
        ValueError: One of them is no limit.
    """

    max_message_size: int | None = 1024 * 1024
    mailbox: int = 32
    concurrency: int = 1
    cancel_on_disconnect: bool = False
    send_timeout: float | None = 60.0
    hook_timeout: float = 5.0

    @property
    def max_size(self) -> int:
        """`max_message_size` as compiled code takes it: -1 for any."""
        return -1 if self.max_message_size is None else min(self.max_message_size, sys.maxsize)

    @property
    def in_tasks(self) -> bool:
        """Whether each handler runs in a task of its own."""
        return self.concurrency > 1 or self.cancel_on_disconnect

    def __post_init__(self) -> None:
        if self.max_message_size is not None:
            _check_count("max_message_size", self.max_message_size, "a number of bytes above 0, or None for any size")
        _check_count("mailbox", self.mailbox, "a number of messages above 0")
        _check_count("concurrency", self.concurrency, "a number of handlers above 0")
        if self.send_timeout is not None:
            _check_seconds("send_timeout", self.send_timeout, "a number of seconds above 0, or None for any time")
        _check_seconds("hook_timeout", self.hook_timeout, "a number of seconds above 0")


def _check_count(name: str, value: object, what: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {what}, not {value!r}.")


def _check_seconds(name: str, value: object, what: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ValueError(f"{name} is {what}, not {value!r}.")
