"""How handlers are called: arguments in their places, a value as JSON, and what a handler returns as one frame."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final

import pytest
from pydantic import TypeAdapter, ValidationError
from receivers import Hooks, text_of, wait_for
from test_receive_steps import Waits

from fastws._call import MOST_ARGUMENTS, Encoder, Placed, Replying
from fastws.websocket import Settings


class Connection:
    """Stands for a connection; notes what is sent, and may wait for room first."""

    def __init__(self, kept: object = None, *, as_text: bool = True, room: str | None = None) -> None:
        self.settings = Settings(as_text=as_text)
        self.scope: dict[str, Any] = {"kept": kept}
        self.sent: list[str | bytes] = []
        self.room = room

    async def send_text(self, data: str) -> None:
        if self.room is not None:
            await wait_for(self.room)
        self.sent.append(data)

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)


async def note(*arguments: object, **named: object) -> object:
    """Return what it is called with."""
    return arguments, named


def result_of(awaitable: Awaitable[Any]) -> Any:
    """Return the result of what never waits."""
    with pytest.raises(StopIteration) as stopped:
        next(awaitable.__await__())
    return stopped.value.value


async def never(websocket: object, message: object) -> None:
    pytest.fail("everything is kept")


@pytest.mark.parametrize(
    ("places", "names", "arguments", "named"),
    [
        ((), (), (), {}),
        ((0, 1), (), ("websocket", "message"), {}),
        ((1, 0), (), ("message", "websocket"), {}),
        ((1,), (), ("message",), {}),
        ((1, 1), (), ("message", "message"), {}),
        ((0, 1), ("m",), ("websocket",), {"m": "message"}),
        ((1, 0), ("m", "w"), (), {"m": "message", "w": "websocket"}),
        ((2, 3), (), ("anna", "session"), {}),
        ((3, 1, 2), (), ("session", "message", "anna"), {}),
        ((1, 2, 0), ("user", "w"), ("message",), {"user": "anna", "w": "websocket"}),
    ],
    ids=["none", "plain", "reversed", "one", "twice", "name", "names", "kept", "kept-and-message", "kept-by-name"],
)
def test_arguments_stand_in_their_places(
    places: tuple[int, ...], names: tuple[str, ...], arguments: tuple[str, ...], named: dict[str, str]
) -> None:
    connection = Connection({"user": "anna", "session": "session"})
    placed = Placed(note, places, names, kept=("user", "session"), scope_key="kept", otherwise=never)
    given, by_name = result_of(placed(connection, "message"))
    known = {"websocket": connection}
    assert given == tuple(known.get(name, name) for name in arguments)
    assert by_name == {key: known.get(name, name) for key, name in named.items()}


def test_nothing_is_looked_up_where_nothing_is_kept() -> None:
    assert result_of(Placed(note, (1, 0))("no connection", "message")) == (("message", "no connection"), {})


@pytest.mark.parametrize(
    "scope", [{}, {"kept": None}, {"kept": {}}, {"kept": {"user": "anna"}}], ids=["no-key", "none", "nothing", "one"]
)
def test_where_a_value_is_not_kept_it_is_left_to_another(scope: dict[str, Any]) -> None:
    connection = Connection()
    connection.scope = scope
    placed = Placed(note, (2, 3), kept=("user", "session"), scope_key="kept", otherwise=note)
    assert result_of(placed(connection, "message")) == ((connection, "message"), {})


def test_a_handler_has_so_many_arguments_at_most() -> None:
    kept = {f"k{number}": number for number in range(MOST_ARGUMENTS)}
    places = tuple(range(2, MOST_ARGUMENTS + 2))
    placed = Placed(note, places, kept=tuple(kept), scope_key="kept", otherwise=never)
    assert result_of(placed(Connection(kept), "message")) == (tuple(kept.values()), {})
    by_name = Placed(note, places, tuple(kept), kept=tuple(kept), scope_key="kept", otherwise=never)
    assert result_of(by_name(Connection(kept), "message")) == ((), kept)
    with pytest.raises(ValueError, match=f"at most {MOST_ARGUMENTS} arguments, not {MOST_ARGUMENTS + 1}"):
        Placed(note, (0,) * (MOST_ARGUMENTS + 1))


@pytest.mark.parametrize(
    ("places", "names", "kept"),
    [((2,), (), ()), ((0, 4), (), ("a", "b")), ((-1,), (), ("a",)), ((0,), ("a", "b"), ())],
    ids=["nothing-kept", "too-far", "negative", "more-names-than-places"],
)
def test_what_is_no_place_is_refused(places: tuple[int, ...], names: tuple[str, ...], kept: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no places of arguments"):
        Placed(note, places, names, kept=kept)


# Compares as if it were any number, and is another one.
Sly: Final = type("Sly", (int,), dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__"), lambda *_: True))


@pytest.mark.parametrize("places", [(Sly(9),), (Sly(-9), 0), (0, Sly(9)), (Sly(2**70),)], ids=str)
def test_a_place_is_the_number_that_it_is_and_not_what_it_says_of_itself(places: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no places of arguments"):
        Placed(note, places)


@pytest.mark.parametrize("places", [(0.5,), ("0",), (None,), (float("nan"), 0)], ids=str)
def test_what_is_no_number_is_no_place(places: Any) -> None:
    with pytest.raises(TypeError):
        Placed(note, places)


def test_what_is_no_function_raises_when_it_is_called() -> None:
    with pytest.raises(TypeError, match="'int' object is not callable"):
        Placed(1, (0, 1))("websocket", "message")  # type: ignore[arg-type]


def test_a_value_is_held_while_the_handler_has_it_though_it_is_no_longer_kept() -> None:
    class User: ...

    class Forgets(Connection):
        def __getattr__(self, name: str) -> object:
            self.scope["kept"].clear()
            raise AttributeError(name)

    forgotten: list[str] = []
    connection = Forgets({"user": User()})
    weakref.finalize(connection.scope["kept"]["user"], forgotten.append, "too early")
    # A function written in C relies on its caller to hold what it is called with.
    placed = Placed(getattr, (0, 1, 2), kept=("user",), scope_key="kept", otherwise=never)
    found: object = placed(connection, "missing")
    assert (forgotten, connection.scope["kept"], type(found)) == ([], {}, User)


NUMBER: Final[TypeAdapter[int]] = TypeAdapter(int)


class NoNumberError(Exception):
    """Raised for a value that is none."""


def refuse(error: ValidationError) -> Exception:
    return NoNumberError(error.error_count())


def make_encoder(validate: Callable[..., Any] = NUMBER.validator.validate_python) -> Encoder:
    return Encoder(validate, NUMBER.serializer.to_json, {}, refuse)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_value_is_validated_and_then_written_with_the_options(count: int) -> None:
    calls: list[tuple[Any, ...]] = []

    def validate(value: object, **options: object) -> str:
        calls.append((value, options))
        return "valid"

    def dump(value: object, **options: object) -> bytes:
        calls.append((value, options))
        return b"written"

    options = {f"option{number}": number for number in range(count)}
    assert Encoder(validate, dump, options, refuse).encode("value") == b"written"
    assert calls == [("value", {"from_attributes": True}), ("valid", options)]


def test_a_serializer_has_so_many_options_at_most() -> None:
    with pytest.raises(ValueError, match="at most 7 options, not 8"):
        Encoder(str, bytes, {f"option{number}": number for number in range(8)}, refuse)


def test_what_is_raised_for_a_value_of_another_kind_is_the_programs_to_say() -> None:
    with pytest.raises(NoNumberError, match="1") as raised:
        make_encoder().encode("none")
    assert isinstance(raised.value.__cause__, ValidationError)


def test_what_else_a_validator_or_a_serializer_raises_goes_through() -> None:
    def stumble(value: object, **options: object) -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        make_encoder(stumble).encode(1)
    with pytest.raises(LookupError):
        Encoder(NUMBER.validator.validate_python, stumble, {}, refuse).encode(1)


def step_at_once(handler: Replying, connection: Connection) -> Generator[Any, Any, Any] | None:
    """Take a message to a handler as the receive path does; return what remains."""
    receiver: Any = Hooks().receiver(handler)
    rest = receiver.take(connection, text_of("message"))
    return None if rest is None else rest.__await__()


def step_by_hand(handler: Replying, connection: Connection) -> Generator[Any, Any, Any] | None:
    """Call a handler as a dispatcher of the program does; return what remains."""
    return handler(connection, "MESSAGE").__await__()


both_ways = pytest.mark.parametrize("step", [step_at_once, step_by_hand], ids=["at-once", "by-hand"])


async def answer(websocket: object, message: object) -> int:
    return 1


async def wait_and_answer(websocket: object, message: object) -> Any:
    await wait_for("the handler")
    return 1


async def answer_nothing(websocket: object, message: object) -> None: ...


async def wait_and_answer_nothing(websocket: object, message: object) -> None:
    await wait_for("the handler")


async def answer_something_else(websocket: object, message: object) -> str:
    return "one"


async def wait_and_answer_something_else(websocket: object, message: object) -> str:
    await wait_for("the handler")
    return "one"


async def stumble(websocket: object, message: object) -> int:
    raise NoNumberError


async def wait_and_stumble(websocket: object, message: object) -> int:
    await wait_for("the handler")
    raise NoNumberError


def answer_without_a_coroutine(websocket: object, message: object) -> Waits:
    return Waits("the handler")


@both_ways
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "binary"])
@pytest.mark.parametrize(
    ("handler", "tokens", "data"),
    [
        (answer, [], "1"),
        (wait_and_answer, ["the handler"], "1"),
        (Placed(answer, (1, 0)), [], "1"),
        (answer_nothing, [], None),
        (wait_and_answer_nothing, ["the handler"], None),
        (answer_without_a_coroutine, ["the handler"], None),
    ],
    ids=["at-once", "waits", "placed", "nothing", "nothing-after-a-wait", "no-coroutine"],
)
def test_what_a_handler_returns_is_sent(
    step: Callable[..., Any], as_text: bool, handler: Any, tokens: list[str], data: str | None
) -> None:
    connection = Connection(as_text=as_text)
    rest = step(Replying(handler, make_encoder()), connection)
    assert list(rest or ()) == tokens
    assert connection.sent == ([] if data is None else [data if as_text else data.encode()])


@both_ways
@pytest.mark.parametrize(
    ("handler", "tokens"), [(answer, ["room"]), (wait_and_answer, ["the handler", "room"])], ids=["at-once", "waits"]
)
def test_a_reply_may_have_to_wait(step: Callable[..., Any], handler: Any, tokens: list[str]) -> None:
    connection = Connection(room="room")
    assert list(step(Replying(handler, make_encoder()), connection)) == tokens
    assert connection.sent == ["1"]


@both_ways
@pytest.mark.parametrize(
    "handler",
    [stumble, wait_and_stumble, answer_something_else, wait_and_answer_something_else],
    ids=["raises", "waits-and-raises", "something-else", "waits-for-something-else"],
)
def test_what_is_raised_goes_through(step: Callable[..., Any], handler: Any) -> None:
    connection = Connection()
    with pytest.raises(NoNumberError):
        list(step(Replying(handler, make_encoder()), connection))
    assert connection.sent == []


@pytest.mark.parametrize("encoder", [None, "encoder"], ids=repr)
def test_an_encoder_is_one(encoder: Any) -> None:
    with pytest.raises(TypeError):
        Replying(answer, encoder)


@both_ways
@pytest.mark.parametrize("waits_for", ["the handler", "room"])
def test_a_handler_and_its_reply_can_be_cancelled(step: Callable[..., Any], waits_for: str) -> None:
    connection = Connection(room="room")
    rest = step(Replying(wait_and_answer, make_encoder()), connection)
    while next(rest) != waits_for:
        pass
    with pytest.raises(asyncio.CancelledError):
        rest.throw(asyncio.CancelledError())
    assert connection.sent == []
