"""How a request is answered whose handler takes nothing but the request: once, whatever becomes of its handler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest
from case_ids import steady_repr
from receivers import Hooks, text_of, wait_for
from test_receive_steps import Waits

from fastws._call import Answering, Planned
from fastws._core import DispatchTable
from fastws._envelope import Envelope, ReplyWriter

Rest = Generator[Any, Any, Any] | None


class RefusedError(Exception):
    """Raised for what a handler should not have returned."""


class Connection:
    """Stands for a connection; notes what is sent, and whether the request counted as answered then."""

    def __init__(self, *, room: str | None = None, error: BaseException | None = None) -> None:
        self.sent: list[str] = []
        self.room = room
        self.error = error
        self.envelope = Envelope(7, {"h": 1}, "payload", refuse)
        self.answered: list[bool] = []

    async def send_text(self, data: str) -> None:
        self.answered.append(self.envelope.answered)
        if self.room is not None:
            await wait_for(self.room)
        if self.error is not None:
            raise self.error
        self.sent.append(data)


async def refuse(websocket: Any, envelope: Envelope) -> None:
    pytest.fail("the plan is chosen by the table")


def make_writer() -> ReplyWriter:
    return ReplyWriter(may_be_result=True, is_result=False, encode=None, refuse=RefusedError)


async def fail(websocket: Any, envelope: Envelope, error: BaseException) -> None:
    """Answer what was raised, as a route does: what is no exception ends the connection."""
    if not isinstance(error, (Exception, asyncio.CancelledError)):
        raise error
    websocket.sent.append(f"failed: {type(error).__name__}")


def step_at_once(call: Callable[..., Any], connection: Connection, fail: Callable[..., Any] = fail) -> Rest:
    """Take a request to a handler as the receive path does; return what remains."""
    answering = Answering(call, make_writer(), fail)
    receiver: Any = Hooks().receiver()
    receiver.table = DispatchTable(union=lambda text: connection.envelope, classes={Envelope: answering})
    rest = receiver.take(connection, text_of("request"))
    return None if rest is None else rest.__await__()


def step_by_hand(call: Callable[..., Any], connection: Connection, fail: Callable[..., Any] = fail) -> Rest:
    """Call a plan as the mailbox does; return what remains."""
    return Answering(call, make_writer(), fail)(connection, connection.envelope).__await__()


both_ways = pytest.mark.parametrize("step", [step_at_once, step_by_hand], ids=["at-once", "by-hand"])


async def echo(websocket: Any, headers: Any, payload: Any) -> Any:
    return [headers, payload]


async def wait_and_echo(websocket: Any, headers: Any, payload: Any) -> Any:
    await wait_for("the handler")
    return [headers, payload]


async def wait_twice(websocket: Any, headers: Any, payload: Any) -> Any:
    return await wait_for("once"), await wait_for("twice")


def echo_without_a_coroutine(websocket: Any, headers: Any, payload: Any) -> Waits:
    return Waits("the handler")


async def stumble(websocket: Any, headers: Any, payload: Any) -> Any:
    raise LookupError


async def wait_and_stumble(websocket: Any, headers: Any, payload: Any) -> Any:
    await wait_for("the handler")
    raise LookupError


def stumble_without_a_coroutine(websocket: Any, headers: Any, payload: Any) -> Any:
    raise LookupError


async def cancel(websocket: Any, headers: Any, payload: Any) -> Any:
    raise asyncio.CancelledError


async def wait_and_cancel(websocket: Any, headers: Any, payload: Any) -> Any:
    await wait_for("the handler")
    raise asyncio.CancelledError


async def interrupt(websocket: Any, headers: Any, payload: Any) -> Any:
    raise KeyboardInterrupt


async def wait_and_interrupt(websocket: Any, headers: Any, payload: Any) -> Any:
    await wait_for("the handler")
    raise KeyboardInterrupt


async def stop(websocket: Any, headers: Any, payload: Any) -> Any:
    raise StopIteration


async def return_what_cannot_be_written(websocket: Any, headers: Any, payload: Any) -> Any:
    return object()


async def wait_and_return_what_cannot_be_written(websocket: Any, headers: Any, payload: Any) -> Any:
    await wait_for("the handler")
    return object()


async def return_no_status(websocket: Any, headers: Any, payload: Any) -> Any:
    return {"status": "200"}


def return_what_cannot_be_awaited(websocket: Any, headers: Any, payload: Any) -> Any:
    return [headers, payload]


REPLY = '{"headers":{},"payload":[{"h":1},"payload"],"uuid":7,"status":200}'


@both_ways
@pytest.mark.parametrize(
    ("call", "tokens", "reply"),
    [
        (echo, [], REPLY),
        (wait_and_echo, ["the handler"], REPLY),
        (wait_twice, ["once", "twice"], '{"headers":{},"payload":[null,null],"uuid":7,"status":200}'),
        (echo_without_a_coroutine, ["the handler"], '{"headers":{},"payload":null,"uuid":7,"status":200}'),
    ],
    ids=["at-once", "waits", "waits-twice", "no-coroutine"],
)
@pytest.mark.parametrize("room", [None, "room"], ids=["sent-at-once", "sent-after-a-wait"])
def test_what_a_handler_returns_is_sent(
    step: Callable[..., Rest], call: Callable[..., Any], tokens: list[str], reply: str, room: str | None
) -> None:
    connection = Connection(room=room)
    rest = step(call, connection)
    assert list(rest or ()) == tokens + ([room] if room else [])
    assert (connection.sent, connection.answered) == ([reply], [True])


def test_nothing_remains_of_what_does_not_wait() -> None:
    assert step_at_once(echo, Connection()) is None


@both_ways
@pytest.mark.parametrize(
    ("call", "tokens", "error"),
    [
        (stumble, [], "LookupError"),
        (wait_and_stumble, ["the handler"], "LookupError"),
        (stumble_without_a_coroutine, [], "LookupError"),
        (cancel, [], "CancelledError"),
        (wait_and_cancel, ["the handler"], "CancelledError"),
        (stop, [], "RuntimeError"),
        (return_what_cannot_be_written, [], "PydanticSerializationError"),
        (wait_and_return_what_cannot_be_written, ["the handler"], "PydanticSerializationError"),
        (return_no_status, [], "RefusedError"),
        (return_what_cannot_be_awaited, [], "AttributeError"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_raised_is_answered_once(
    step: Callable[..., Rest], call: Callable[..., Any], tokens: list[str], error: str
) -> None:
    connection = Connection()
    assert list(step(call, connection) or ()) == tokens
    assert (connection.sent, connection.envelope.answered) == ([f"failed: {error}"], False)


@both_ways
def test_answering_what_is_raised_may_wait(step: Callable[..., Rest]) -> None:
    async def wait_and_fail(websocket: Any, envelope: Envelope, error: BaseException) -> None:
        await wait_for("the failure")
        websocket.sent.append(repr(error))

    for call, tokens in ((stumble, []), (wait_and_stumble, ["the handler"])):
        connection = Connection()
        assert list(step(call, connection, wait_and_fail) or ()) == [*tokens, "the failure"]
        assert connection.sent == ["LookupError()"]


@both_ways
@pytest.mark.parametrize("call", [stumble, wait_and_stumble])
def test_what_answering_raises_goes_through(step: Callable[..., Rest], call: Callable[..., Any]) -> None:
    async def stumble_again(websocket: Any, envelope: Envelope, error: BaseException) -> None:
        raise ValueError from error

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        list(step(call, Connection(), stumble_again) or ())
    assert isinstance(caught.value.__cause__, LookupError)


@both_ways
@pytest.mark.parametrize("call", [interrupt, wait_and_interrupt])
def test_what_is_no_exception_goes_through(step: Callable[..., Rest], call: Callable[..., Any]) -> None:
    connection = Connection()
    with pytest.raises(KeyboardInterrupt):
        list(step(call, connection) or ())
    assert (connection.sent, connection.envelope.answered) == ([], False)


@both_ways
@pytest.mark.parametrize("call", [echo, wait_and_echo])
@pytest.mark.parametrize("room", [None, "room"], ids=["at-once", "after-a-wait"])
@pytest.mark.parametrize("error", [LookupError(), asyncio.CancelledError()], ids=steady_repr)
def test_a_send_that_raises_is_not_answered_again(
    step: Callable[..., Rest], call: Callable[..., Any], room: str | None, error: BaseException
) -> None:
    connection = Connection(room=room, error=error)
    with pytest.raises(type(error)):
        list(step(call, connection) or ())
    assert (connection.sent, connection.answered) == ([], [True])


@both_ways
@pytest.mark.parametrize("token", ["the handler", "room"])
def test_an_unfinished_request_can_be_closed(step: Callable[..., Rest], token: str) -> None:
    ended: list[str] = []

    async def wait(websocket: Any, headers: Any, payload: Any) -> Any:
        try:
            await wait_for("the handler")
        finally:
            ended.append("ended")

    connection = Connection(room="room")
    rest = step(wait, connection)
    assert rest is not None
    while next(rest) != token:
        pass
    rest.close()
    assert (connection.sent, ended) == ([], ["ended"])
    assert connection.envelope.answered == (token == "room")


@both_ways
def test_a_request_that_was_not_begun_can_be_closed(step: Callable[..., Rest]) -> None:
    connection = Connection(room="room")
    rest = step(wait_and_echo, connection)
    assert rest is not None
    rest.close()
    assert connection.sent == []


@both_ways
def test_a_handler_can_be_cancelled_and_go_on(step: Callable[..., Rest]) -> None:
    async def go_on(websocket: Any, headers: Any, payload: Any) -> Any:
        try:
            await wait_for("the handler")
        except asyncio.CancelledError:
            return "cancelled"

    connection = Connection()
    rest = step(go_on, connection)
    assert rest is not None
    next(rest)
    with pytest.raises(StopIteration):
        rest.throw(asyncio.CancelledError())
    assert connection.sent == ['{"headers":{},"payload":"cancelled","uuid":7,"status":200}']


@both_ways
@pytest.mark.parametrize(("token", "sent"), [("the handler", ["failed: CancelledError"]), ("room", [])])
def test_a_request_can_be_cancelled(step: Callable[..., Rest], token: str, sent: list[str]) -> None:
    connection = Connection(room="room")
    rest = step(wait_and_echo, connection)
    assert rest is not None
    while next(rest) != token:
        pass
    # What is to be made of it while the handler runs, the route decides.
    with pytest.raises(StopIteration if sent else asyncio.CancelledError):
        rest.throw(asyncio.CancelledError())
    assert connection.sent == sent


@both_ways
def test_what_a_handler_waits_for_is_handed_on(step: Callable[..., Rest]) -> None:
    async def ask(websocket: Any, headers: Any, payload: Any) -> Any:
        return [await wait_for("one"), await wait_for("two")]

    connection = Connection()
    rest = step(ask, connection)
    assert rest is not None
    assert [next(rest), rest.send("answer one")] == ["one", "two"]
    with pytest.raises(StopIteration):
        rest.send("answer two")
    assert connection.sent == ['{"headers":{},"payload":["answer one","answer two"],"uuid":7,"status":200}']


def test_a_call_does_nothing_before_it_is_awaited() -> None:
    calls: list[str] = []

    async def note(websocket: Any, headers: Any, payload: Any) -> None:
        calls.append("called")

    connection = Connection()
    awaitable: Any = Answering(note, make_writer(), fail)(connection, connection.envelope)
    assert calls == []
    awaitable.close()
    assert calls == []


@pytest.mark.parametrize("writer", [None, "writer"], ids=steady_repr)
def test_a_writer_is_one(writer: Any) -> None:
    with pytest.raises(TypeError):
        Answering(echo, writer, fail)


def take(handler: Any, message: Any, connection: Connection) -> Rest:
    """Take what was read to a handler as the receive path does; return what remains."""
    receiver: Any = Hooks().receiver()
    receiver.table = DispatchTable(union=lambda text: message, classes={type(message): handler})
    return receiver.take(connection, text_of("request"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("message", [None, "message", object()], ids=steady_repr)
@pytest.mark.parametrize("handler", [Answering(echo, make_writer(), fail), Planned()], ids=["alone", "by plan"])
def test_only_envelopes_are_answered(handler: Any, message: Any) -> None:
    with pytest.raises(TypeError):
        handler(Connection(), message)
    with pytest.raises(TypeError):
        take(handler, message, Connection())


def test_requests_are_answered_each_by_its_plan() -> None:
    connection = Connection()
    connection.envelope.plan = Answering(echo, make_writer(), fail)
    assert take(Planned(), connection.envelope, connection) is None
    called = Planned()(connection, connection.envelope).__await__()
    with pytest.raises(StopIteration):
        next(called)
    assert connection.sent == ['{"headers":{},"payload":[{"h":1},"payload"],"uuid":7,"status":200}'] * 2
