"""Handlers that send one item after another: what a stream is, what is sent of it, and what happens around it."""

from __future__ import annotations

import functools
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Annotated, Any

import pytest
from exchanges import Exchange, exchange
from fastapi import BackgroundTasks, Depends, WebSocket
from peers import Peer, Say, settle
from pydantic import BaseModel
from starlette.types import Message

from fastws import WSRouter
from fastws.errors import InvalidHandlerError, InvalidReplyError

pytestmark = pytest.mark.anyio


class Letter(BaseModel):
    letter: str
    note: str | None = None


class Other(BaseModel):
    other: int


async def spell(message: Say) -> AsyncIterator[Letter]:
    for letter in message.text:
        yield Letter(letter=letter)


async def spell_slowly(message: Say) -> AsyncGenerator[Letter, None]:
    for letter in message.text:
        await settle()
        yield Letter(letter=letter)
        await settle()


async def spell_as_iterable(message: Say) -> AsyncIterable[Letter]:
    for letter in message.text:
        yield Letter(letter=letter)


def spell_in_thread(message: Say) -> Iterator[Letter]:
    for letter in message.text:
        assert threading.current_thread() is not threading.main_thread()
        yield Letter(letter=letter)


def spell_by_generator(message: Say) -> Generator[Letter, None, None]:
    yield from spell_in_thread(message)


def spell_as_plain_iterable(message: Say) -> Iterable[Letter]:
    yield from spell_in_thread(message)


async def return_stream(websocket: WebSocket, message: Say) -> AsyncIterator[Letter]:
    return spell(message)


async def return_stream_or_nothing(message: Say) -> AsyncIterator[Letter] | None:
    return spell(message) if message.text else None


def return_stream_from_thread(message: Say) -> AsyncIterator[Letter]:
    return spell(message)


def return_coroutine(message: Say) -> Awaitable[AsyncIterator[Letter]]:
    return return_stream(WebSocket({"type": "websocket"}, None, None), message)  # type: ignore[arg-type]


async def return_iterator(message: Say) -> AsyncIterator[Letter]:
    return Letters(message.text)


async def annotated(message: Say) -> Annotated[AsyncIterator[Annotated[Letter, "an item"]], "a stream"]:
    return spell(message)


async def of_anything(message: Say) -> AsyncIterator:  # type: ignore[type-arg]
    for letter in message.text:
        yield {"letter": letter, "note": None}


class Letters:
    """An asynchronous iterator that cannot be closed."""

    def __init__(self, text: str) -> None:
        self._left = list(text)

    def __aiter__(self) -> Letters:
        return self

    async def __anext__(self) -> Letter:
        if not self._left:
            raise StopAsyncIteration
        return Letter(letter=self._left.pop(0))


class Speller:
    async def spell(self, message: Say) -> AsyncIterator[Letter]:
        async for letter in spell(message):
            yield letter

    async def __call__(self, message: Say) -> AsyncIterator[Letter]:
        async for letter in spell(message):
            yield letter


async def spell_with(prefix: str, message: Say) -> AsyncIterator[Letter]:
    async for letter in spell(message):
        yield letter


@functools.wraps(spell)
def wrapped(*args: Any, **kwargs: Any) -> Any:
    return spell(*args, **kwargs)


STREAMS = [
    pytest.param(spell, id="async generator"),
    pytest.param(spell_slowly, id="async generator that waits"),
    pytest.param(spell_as_iterable, id="AsyncIterable"),
    pytest.param(spell_in_thread, id="plain generator"),
    pytest.param(spell_by_generator, id="plain Generator"),
    pytest.param(spell_as_plain_iterable, id="plain Iterable"),
    pytest.param(return_stream, id="returned"),
    pytest.param(return_stream_or_nothing, id="returned, or nothing"),
    pytest.param(return_stream_from_thread, id="returned by a def"),
    pytest.param(return_coroutine, id="returned by a coroutine of a def"),
    pytest.param(return_iterator, id="returned iterator without aclose"),
    pytest.param(annotated, id="Annotated"),
    pytest.param(of_anything, id="AsyncIterator of anything"),
    pytest.param(Speller().spell, id="method"),
    pytest.param(Speller(), id="object"),
    pytest.param(functools.partial(spell_with, "prefix"), id="partial"),
    pytest.param(wrapped, id="wrapped"),
]


@pytest.mark.parametrize("func", STREAMS)
async def test_each_item_is_a_frame(func: Callable[..., Any]) -> None:
    frames = ['{"letter":"t","note":null}', '{"letter":"e","note":null}', '{"letter":"m","note":null}']
    # An empty stream in between, and the next message comes when the stream has ended.
    assert await exchange(func, "te", "", "m") == Exchange([*frames], [])
    assert await exchange(func, "te", as_text=False) == Exchange([frame.encode() for frame in frames[:2]], [])


async def spell_without_vowels(message: Say) -> AsyncIterator[Letter | None]:
    for letter in message.text:
        yield None if letter in "aeiou" else Letter(letter=letter)


async def test_an_item_that_is_none_is_not_sent() -> None:
    assert await exchange(spell_without_vowels, "tea", receive={"response_model_exclude_none": True}) == Exchange(
        ['{"letter":"t"}'], []
    )


async def return_none(message: Say) -> AsyncIterator[Letter]:
    return None  # type: ignore[return-value]


async def return_list(message: Say) -> AsyncIterator[Letter]:
    return [Letter(letter="t")]  # type: ignore[return-value]


async def test_nothing_is_sent_of_no_stream() -> None:
    assert await exchange(return_none) == Exchange([], [])
    sent = await exchange(return_list)
    assert (sent.frames, sent.kinds) == ([], [InvalidReplyError])
    assert str(sent.errors[0]).startswith("return_list (")
    assert "asynchronous iterator of Letter" in str(sent.errors[0])


closed: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    closed.clear()


async def spell_wrongly(message: Say) -> AsyncIterator[Letter | Other]:
    try:
        yield Letter(letter="a")
        yield Other(other=1)
        yield "b"  # type: ignore[misc]
        pytest.fail("nobody asks for more")
    finally:
        await settle()
        closed.append(message.text)


def spell_wrongly_in_thread(message: Say) -> Iterator[Letter | Other]:
    try:
        yield Letter(letter="a")
        yield Other(other=1)
        yield "b"  # type: ignore[misc]
        pytest.fail("nobody asks for more")
    finally:
        assert threading.current_thread() is not threading.main_thread()
        closed.append(message.text)


async def return_wrong_stream(message: Say) -> AsyncIterator[Letter | Other]:
    return spell_wrongly(message)


@pytest.mark.parametrize("func", [spell_wrongly, spell_wrongly_in_thread, return_wrong_stream])
async def test_an_item_that_is_not_what_is_declared_is_an_error_after_the_others(func: Callable[..., Any]) -> None:
    sent = await exchange(func, "one", "two")
    assert sent.frames == ['{"letter":"a","note":null}', '{"other":1}'] * 2
    assert sent.kinds == [InvalidReplyError] * 2
    assert f"{func.__name__} (" in str(sent.errors[0])
    assert closed == ["one", "two"]


async def fail_after_one(message: Say) -> AsyncIterator[Letter]:
    try:
        yield Letter(letter="a")
        raise LookupError
    finally:
        closed.append(message.text)


async def test_what_a_stream_raises_is_an_error_of_the_handler() -> None:
    sent = await exchange(fail_after_one, "one", "two")
    assert sent.frames == ['{"letter":"a","note":null}'] * 2
    assert (sent.kinds, closed) == ([LookupError] * 2, ["one", "two"])


async def test_without_a_hook_an_error_of_a_stream_ends_the_connection() -> None:
    router = WSRouter()
    router.receive(Say)(fail_after_one)
    peer = Peer("one", "two")
    with pytest.raises(LookupError):
        await peer.run(router)
    assert (len(peer.texts), peer.closes, closed) == (1, [(1011, "")], ["one"])


async def test_an_iterator_that_cannot_be_closed_is_left_alone_when_a_send_fails() -> None:
    async def lose(message: Message) -> None:
        if peer.texts:
            raise OSError

    router = WSRouter()
    router.receive(Say)(return_iterator)
    peer = Peer("tea")
    peer.send = lose
    peer.leave(1006)
    await peer.run(router)
    assert peer.texts == ['{"letter":"t","note":null}']


async def unannotated(message: Say):  # type: ignore[no-untyped-def]  # noqa: ANN201, RUF100
    yield Letter(letter="a")


def unannotated_in_thread(message: Say):  # type: ignore[no-untyped-def]  # noqa: ANN201, RUF100
    yield Letter(letter="a")


async def declared_as_any(message: Say) -> Any:
    yield Letter(letter="a")


async def declared_as_nothing(message: Say) -> None:  # type: ignore[misc]
    yield Letter(letter="a")


async def declared_as_list(message: Say) -> list[Letter]:  # type: ignore[misc]
    yield Letter(letter="a")


class Unannotated:
    async def __call__(self, message: Say):  # type: ignore[no-untyped-def]  # noqa: ANN204, RUF100
        yield Letter(letter="a")


@pytest.mark.parametrize(
    ("func", "name"),
    [
        (unannotated, "AsyncIterator"),
        (unannotated_in_thread, "Iterator"),
        (declared_as_any, "AsyncIterator"),
        (declared_as_nothing, "AsyncIterator"),
        (declared_as_list, "AsyncIterator"),
        (functools.partial(unannotated), "AsyncIterator"),
        (Unannotated(), "AsyncIterator"),
        (Unannotated().__call__, "AsyncIterator"),
    ],
    ids=["async", "plain", "Any", "None", "list", "partial", "object", "method"],
)
def test_a_generator_that_does_not_declare_its_items_is_refused(func: Callable[..., Any], name: str) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match=rf"is a generator.*Annotate it as `-> {name}\[Model\]`"):
        router.receive(Say)(func)
    assert (router.mapping, len(router.routes)) == ({}, 2)


steps: list[str] = []


async def session() -> AsyncIterator[str]:
    steps.append("open")
    try:
        yield "session"
    except LookupError:
        steps.append("rolled back")
        raise
    finally:
        steps.append("closed")


async def stream_with_session(
    message: Say, tasks: BackgroundTasks, session: Annotated[str, Depends(session)]
) -> AsyncIterator[str]:
    tasks.add_task(steps.append, "background")
    for letter in message.text:
        await settle()
        steps.append(letter)
        yield letter
    if message.text == "x":
        raise LookupError
    steps.append("end")


def stream_with_session_in_thread(
    message: Say, tasks: BackgroundTasks, session: Annotated[str, Depends(session)]
) -> Iterator[str]:
    tasks.add_task(steps.append, "background")
    for letter in message.text:
        steps.append(letter)
        yield letter
    if message.text == "x":
        raise LookupError
    steps.append("end")


async def return_stream_with_session(
    message: Say, tasks: BackgroundTasks, session: Annotated[str, Depends(session)]
) -> AsyncIterator[str]:
    return stream_with_session(message, tasks, session)


@pytest.mark.parametrize(
    "func",
    [stream_with_session, stream_with_session_in_thread, return_stream_with_session],
    ids=lambda func: func.__name__,
)
async def test_a_dependency_stays_open_until_the_stream_has_ended(func: Callable[..., Any]) -> None:
    steps.clear()
    sent = await exchange(func, "ab", "x", "c")
    assert (sent.frames, sent.kinds) == (['"a"', '"b"', '"x"', '"c"'], [LookupError])
    ended = ["end", "background", "closed"]
    assert steps == ["open", "a", "b", *ended, "open", "x", "rolled back", "closed", "open", "c", *ended]
