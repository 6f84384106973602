"""What the receive path leaves behind in memory: nothing, whatever becomes of a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from leaks import grow
from receivers import CONNECTION, text_of, wait_for
from starlette.types import Message

from fastws._core import DispatchTable
from fastws._receive import Receiver, TimedSend

# A hundredth of a byte a call may be left: the smallest object has sixteen bytes.
CALLS = 5_000


async def ignore(*arguments: object) -> None: ...


async def wait(websocket: object, message: str) -> None:
    await wait_for(message)


async def stumble(websocket: object, message: str) -> None:
    raise LookupError


async def wait_and_stumble(websocket: object, message: str) -> None:
    await wait_for(message)
    raise LookupError


def validate(text: str | bytes) -> str:
    if text == "wrong":
        raise LookupError
    return str(text)


def make(handler: Callable[..., Awaitable[None]], fail: Any = None) -> Receiver[object]:
    receiver: Receiver[object] = Receiver(
        text=True,
        limit=10,
        prepare=lambda: None,
        dispatch=None,
        receive_other=lambda websocket, message: None,
        refuse=ignore,
        refuse_size=ignore,
        fail=fail,
    )
    receiver.table = DispatchTable(union=validate, classes={str: handler})
    return receiver


async def go_on(rest: Awaitable[None]) -> None:
    await rest


def finish(rest: Awaitable[None] | None) -> None:
    if rest is not None:
        for _ in go_on(rest).__await__():
            pass


def abandon(rest: Awaitable[None] | None) -> None:
    assert rest is not None


def close(rest: Awaitable[None] | None) -> None:
    assert rest is not None
    iterator = rest.__await__()
    next(iterator)
    iterator.close()


def interrupt(rest: Awaitable[None] | None) -> None:
    assert rest is not None
    rest.__await__().throw(LookupError())


CASES: Final[dict[str, tuple[Callable[..., Awaitable[None]], Any, Callable[..., None], Message]]] = {
    "handled at once": (ignore, None, finish, text_of("a")),
    "after a wait": (wait, None, finish, text_of("a")),
    "after a wait, with a hook": (wait, ignore, finish, text_of("a")),
    "abandoned": (wait, None, abandon, text_of("a")),
    "closed": (wait, None, close, text_of("a")),
    "interrupted": (wait, None, interrupt, text_of("a")),
    "raised": (stumble, None, finish, text_of("a")),
    "raised, with a hook": (stumble, ignore, finish, text_of("a")),
    "raised after a wait": (wait_and_stumble, None, finish, text_of("a")),
    "raised after a wait, with a hook": (wait_and_stumble, ignore, finish, text_of("a")),
    "refused": (ignore, None, finish, text_of("wrong")),
    "too big": (ignore, None, finish, text_of("a" * 11)),
    "no frame": (ignore, None, finish, {"type": "websocket.disconnect"}),
}


@pytest.mark.parametrize(("handler", "fail", "end", "message"), CASES.values(), ids=CASES.keys())
def test_messages_leave_nothing_behind(
    handler: Callable[..., Awaitable[None]], fail: Any, end: Callable[..., None], message: Message
) -> None:
    receiver = make(handler, fail)
    watched = [receiver, receiver.table, handler, message, CONNECTION]
    references, size = grow(lambda message: end(receiver.take(CONNECTION, message)), lambda: message, watched, CALLS)
    assert (references, max(size, 0) < CALLS) == ([0] * len(watched), True), size


async def send_slowly(message: Message) -> None:
    await wait_for("room")


async def refuse(message: Message) -> None:
    raise LookupError


@pytest.mark.parametrize("send", [ignore, send_slowly, refuse], ids=["at once", "slow", "refused"])
def test_sends_leave_nothing_behind(send: Callable[..., Awaitable[None]]) -> None:
    message: Message = {"type": "websocket.send"}

    def hand_on(rest: Awaitable[None]) -> Awaitable[None]:
        return rest

    timed = TimedSend(send, hand_on)
    watched = [timed, send, hand_on, message]
    references, size = grow(lambda message: finish(timed.send(message)), lambda: message, watched, CALLS)
    assert (references, max(size, 0) < CALLS) == ([0] * len(watched), True), size
