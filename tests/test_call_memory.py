"""What calling a handler and sending its reply leave behind in memory: nothing, whatever becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from leaks import grow
from receivers import wait_for
from test_call import (
    Connection,
    answer,
    answer_nothing,
    answer_something_else,
    make_encoder,
    note,
    step_at_once,
    step_by_hand,
    stumble,
    wait_and_answer,
    wait_and_answer_something_else,
    wait_and_stumble,
)

from fastws._call import Encoder, Placed, Replying

# A hundredth of a byte a call may be left: the smallest object has sixteen bytes.
CALLS: Final = 2_000


def check(function: Callable[[Any], object], make: Callable[[], object], *watched: object) -> None:
    """Compare the references to things, and all memory, before and after many calls."""
    # Not `None`: from Python 3.12 on, references to it are not counted.
    references, size = grow(function, make, list(watched), CALLS)
    assert (references, max(size, 0) < CALLS) == ([0] * len(watched), True), size


class Thing:
    """Something whose references are counted."""


def finish(awaitable: Awaitable[Any]) -> None:
    for _ in awaitable.__await__():
        pass


@pytest.mark.parametrize("kept", [{"user": Thing()}, {}, None], ids=["kept", "not-kept", "nothing-kept"])
def test_arguments_in_their_places_leave_nothing_behind(kept: dict[str, Thing] | None) -> None:
    connection, message, keys, names = Connection(kept), Thing(), ("user",), ("named",)
    placed = Placed(note, (1, 0, 2), names, kept=keys, scope_key="kept", otherwise=note)
    watched = [placed, note, connection, connection.scope, keys, names, *(kept or {}).values()]
    check(lambda message: finish(placed(connection, message)), lambda: message, message, *watched)


def test_a_call_that_fails_leaves_nothing_behind() -> None:
    def refuse(*arguments: object) -> Awaitable[None]:
        raise LookupError

    user, connection = Thing(), Connection()
    connection.scope["kept"] = {"user": user}
    placed = Placed(refuse, (0, 1, 2), kept=("user",), scope_key="kept", otherwise=note)
    check(lambda message: placed(connection, message), Thing, placed, connection, user)


def dump_nothing(value: object, **options: object) -> Any:
    return None


def fail(value: object, **options: object) -> Any:
    raise LookupError


@pytest.mark.parametrize(
    ("validate", "dump"),
    [(Thing, bytes), (fail, bytes), (None, fail), (None, dump_nothing)],
    ids=["no-such-option", "not-validated", "not-written", "no-bytes"],
)
def test_a_value_that_cannot_be_written_leaves_nothing_behind(
    validate: Callable[..., Any] | None, dump: Callable[..., Any]
) -> None:
    option, value = Thing(), Thing()
    encoder = Encoder(validate or (lambda value, from_attributes: value), dump, {"option": option}, LookupError)

    def encode(value: Thing) -> None:
        try:
            encoder.encode(value)
        except TypeError:  # what calls of functions written in C raise
            raise LookupError from None

    check(encode, lambda: value, encoder, option, value, dump)


def test_values_of_the_right_and_of_another_kind_leave_nothing_behind() -> None:
    encoder = make_encoder()
    check(encoder.encode, lambda: 10**6, encoder)

    def refuse(value: str) -> None:
        try:
            encoder.encode(value)
        except Exception:  # noqa: BLE001  (what the program makes of it)
            raise LookupError from None

    check(refuse, lambda: "none", encoder)


def finish_rest(rest: Any) -> None:
    for _ in rest or ():
        pass


def close(rest: Any) -> None:
    next(rest)
    rest.close()


def cancel(rest: Any) -> None:
    next(rest)
    try:
        rest.throw(asyncio.CancelledError())
    except asyncio.CancelledError:
        return
    pytest.fail("it goes on")


async def wait_twice(websocket: object, message: object) -> Any:
    await wait_for("once")
    await wait_for("twice")
    return 1


CASES: Final[dict[str, tuple[Any, Any, str | None]]] = {
    "answered": (answer, finish_rest, None),
    "answered with nothing": (answer_nothing, finish_rest, None),
    "answered after a wait": (wait_and_answer, finish_rest, None),
    "answered after two": (wait_twice, finish_rest, None),
    "answered when there is room": (answer, finish_rest, "room"),
    "answered after a wait when there is room": (wait_and_answer, finish_rest, "room"),
    "raised": (stumble, finish_rest, None),
    "raised after a wait": (wait_and_stumble, finish_rest, None),
    "answered with something else": (answer_something_else, finish_rest, None),
    "answered with something else after a wait": (wait_and_answer_something_else, finish_rest, None),
    "closed": (wait_and_answer, close, None),
    "closed reply": (answer, close, "room"),
    "cancelled": (wait_and_answer, cancel, None),
    "cancelled reply": (answer, cancel, "room"),
}


@pytest.mark.parametrize("step", [step_at_once, step_by_hand], ids=["at-once", "by-hand"])
@pytest.mark.parametrize(("handler", "end", "room"), CASES.values(), ids=CASES.keys())
def test_replying_leaves_nothing_behind(
    step: Callable[..., Any], handler: Any, end: Callable[[Any], None], room: str | None
) -> None:
    connection, encoder = Connection(room=room), make_encoder()
    replying = Replying(handler, encoder)

    def run(handler: Replying) -> None:
        try:
            end(step(handler, connection))
        except Exception as error:
            raise LookupError from error
        finally:
            connection.sent.clear()

    check(run, lambda: replying, connection, connection.scope, encoder, replying, handler)
