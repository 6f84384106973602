"""How far a message goes at once, and what remains of a handler that waits; by hand, without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest
from receivers import CONNECTION, Hooks, text_of, wait_for
from starlette.types import Message

from fastws._receive import MOST_SENDS, TimedSend


class Waits:
    """What is awaited like a coroutine and is none."""

    def __init__(self, *tokens: object) -> None:
        self.tokens = tokens

    def __await__(self) -> Generator[object, Any, None]:
        yield from self.tokens


def take(handler: Callable[..., Any], **options: Any) -> Generator[object, Any, Any]:
    """Take a message to a handler that waits; return the rest of it as `await` would see it."""
    rest = Hooks().receiver(handler, **options).take(CONNECTION, text_of("a"))
    assert rest is not None
    return rest.__await__()


def test_a_handler_goes_on_where_it_waited() -> None:
    seen: list[object] = []

    async def handle(websocket: str, message: str) -> None:
        seen.append((websocket, message))
        seen.append(await wait_for("first"))
        seen.append(await wait_for("second"))

    rest = take(handle)
    assert seen == [(CONNECTION, "A")]
    assert rest.send(None) == "first"
    assert rest.send("one") == "second"
    with pytest.raises(StopIteration):
        rest.send(None)
    assert seen == [(CONNECTION, "A"), "one", None]


def test_the_rest_is_an_iterator() -> None:
    async def handle(websocket: str, message: str) -> None:
        for number in range(3):
            await wait_for(number)

    assert list(take(handle)) == [0, 1, 2]


def test_what_is_no_coroutine_is_stepped_too() -> None:
    assert Hooks().receiver(lambda websocket, message: Waits()).take(CONNECTION, text_of("a")) is None
    assert list(take(lambda websocket, message: Waits("first", "second"))) == ["first", "second"]


@pytest.mark.parametrize("started", [False, True], ids=["before-it-was-awaited", "while-it-was-awaited"])
def test_an_exception_reaches_the_handler_where_it_waits(started: bool) -> None:
    seen: list[object] = []

    async def handle(websocket: str, message: str) -> None:
        try:
            await wait_for("first")
        except asyncio.CancelledError as error:
            seen.append(error)
            seen.append(await wait_for("second"))
            raise

    rest = take(handle)
    if started:
        rest.send(None)
    error = asyncio.CancelledError()
    assert rest.throw(error) == "second"
    with pytest.raises(asyncio.CancelledError):
        rest.send("answer")
    assert seen == [error, "answer"]


@pytest.mark.parametrize("started", [False, True], ids=["before-it-was-awaited", "while-it-was-awaited"])
def test_a_rest_that_is_closed_closes_the_handler(started: bool) -> None:
    seen = []

    async def handle(websocket: str, message: str) -> None:
        try:
            await wait_for("first")
        finally:
            seen.append("closed")

    rest = take(handle)
    if started:
        rest.send(None)
    rest.close()
    assert seen == ["closed"]


class Errors:
    """Handlers that raise, at once or after a wait."""

    async def at_once(self, websocket: str, message: str) -> None:
        raise LookupError

    async def after_a_wait(self, websocket: str, message: str) -> None:
        await wait_for("first")
        raise LookupError

    async def interrupt(self, websocket: str, message: str) -> None:
        raise KeyboardInterrupt


def drain(rest: Awaitable[None] | None) -> list[object]:
    """Return what is still waited for."""

    async def go_on(rest: Awaitable[None]) -> None:
        await rest

    return [] if rest is None else list(go_on(rest).__await__())


@pytest.mark.parametrize("handler", [Errors().at_once, Errors().after_a_wait], ids=["at-once", "after-a-wait"])
@pytest.mark.parametrize("dispatched", [False, True], ids=["handler", "dispatcher"])
def test_what_a_handler_raises_goes_up_or_to_the_hook(handler: Callable[..., Any], dispatched: bool) -> None:
    hooks = Hooks()
    dispatch = handler if dispatched else None
    with pytest.raises(LookupError):
        drain(hooks.receiver(handler, dispatch=dispatch).take(CONNECTION, text_of("a")))
    assert hooks.calls == []
    drain(hooks.receiver(handler, dispatch=dispatch, fail=hooks.fail).take(CONNECTION, text_of("a")))
    ((name, websocket, message, error),) = hooks.calls
    assert (name, websocket, message) == ("fail", CONNECTION, "a" if dispatched else "A")
    assert isinstance(error, LookupError)


@pytest.mark.parametrize("handler", [Errors().at_once, Errors().after_a_wait], ids=["at-once", "after-a-wait"])
def test_the_hook_may_wait_and_raise(handler: Callable[..., Any]) -> None:
    async def fail(websocket: str, message: str, error: Exception) -> None:
        assert await wait_for("hook") is None
        raise ZeroDivisionError from error

    rest = Hooks().receiver(handler, fail=fail).take(CONNECTION, text_of("a"))
    assert rest is not None
    iterator = rest.__await__()
    waits = 1 if handler.__name__ == "at_once" else 2
    assert [iterator.send(None) for _ in range(waits)][-1] == "hook"
    with pytest.raises(ZeroDivisionError) as raised:
        iterator.send(None)
    assert isinstance(raised.value.__cause__, LookupError)


def test_an_interrupt_is_no_error_of_the_handler() -> None:
    hooks = Hooks()
    with pytest.raises(KeyboardInterrupt):
        hooks.receiver(Errors().interrupt, fail=hooks.fail).take(CONNECTION, text_of("a"))
    assert hooks.calls == []


async def send_at_once(message: Message) -> None: ...


async def send_slowly(message: Message) -> None:
    await wait_for("room")


async def send_to_nobody(message: Message) -> None:
    raise ConnectionError


def send_by_other_means(message: Message) -> Waits:
    return Waits("first", "second")


def finish(rest: Awaitable[None]) -> Any:
    """Note that a send did not finish at once."""
    return "not at once", rest


def test_a_send_that_finishes_at_once_is_done() -> None:
    assert TimedSend(send_at_once, finish).send({}) is None
    assert TimedSend(lambda message: Waits(), finish).send({}) is None


@pytest.mark.parametrize(
    ("send", "tokens"),
    [(send_slowly, ["room"]), (send_by_other_means, ["first", "second"])],
    ids=["coroutine", "no-coroutine"],
)
def test_what_remains_of_a_send_that_waits_is_handed_on(send: Callable[..., Any], tokens: list[object]) -> None:
    result: Any = TimedSend(send, finish).send({})
    note, rest = result
    assert note == "not at once"
    assert drain(rest) == tokens


def test_what_a_send_raises_goes_up() -> None:
    with pytest.raises(ConnectionError):
        TimedSend(send_to_nobody, finish).send({})


def pauses_of(sends: int) -> list[int]:
    """Send so many times in a row; return which of these sends gave the others a turn."""
    timed = TimedSend(send_at_once, finish)
    return [number for number in range(1, sends + 1) if drain(timed.send({})) == [None]]


def test_many_sends_in_a_row_give_the_others_their_turn() -> None:
    Hooks().receiver().take(CONNECTION, text_of("a"))
    assert pauses_of(3 * MOST_SENDS) == [MOST_SENDS, 2 * MOST_SENDS, 3 * MOST_SENDS]


def test_the_sends_of_one_message_alone_count() -> None:
    for _ in range(3):
        Hooks().receiver().take(CONNECTION, text_of("a"))
        assert pauses_of(MOST_SENDS - 1) == []


def test_a_pause_can_be_interrupted() -> None:
    async def send(times: int) -> None:
        timed = TimedSend(send_at_once, finish)
        for _ in range(times):
            rest = timed.send({})
            if rest is not None:
                await rest

    Hooks().receiver().take(CONNECTION, text_of("a"))
    sending = send(MOST_SENDS)
    assert sending.send(None) is None
    with pytest.raises(asyncio.CancelledError):
        sending.throw(asyncio.CancelledError())
