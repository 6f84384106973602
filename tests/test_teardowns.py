"""Dependencies with `yield` live for one message each, in order, whatever becomes of the handlers."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, Literal

import anyio
import pytest
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from peers import Peer, Say

from fastws import WSRouter
from fastws.tasks import get_task

pytestmark = pytest.mark.anyio

# On real servers, tests/faults/test_many_messages.py has ten times as many.
TIMES: Final = 1000

# A plain generator needs the thread pool twice for each message.
TIMES_IN_THREADS: Final = 200

Fate = Literal["answer", "raise", "cancel"]

# How the dependency ends, by what becomes of the handler.  FastAPI 0.115 does not tell a plain generator that its handler
# was cancelled; it is closed all the same.
ENDINGS: Final[dict[Fate, set[str]]] = {
    "answer": {"nothing raised"},
    "raise": {"LookupError"},
    "cancel": {"CancelledError", "GeneratorExit"},
}


def answer_always(number: int) -> Fate:
    return "answer"


def raise_every_third(number: int) -> Fate:
    return "raise" if number % 3 == 2 else "answer"


def cancel_every_fifth(number: int) -> Fate:
    return "cancel" if number % 5 == 4 else raise_every_third(number)


class Ledger:
    """A router whose handler has a dependency with `yield`, and a note of all that they do.

    Attributes:
        router: The router.
        messages: What was handled.
        notes: What was done with which dependency, in the order it was done.
        endings: How each dependency ended.
        open: How many are set up and not torn down.
    """

    def __init__(self, kind: str, fate: Callable[[int], Fate], peer: Peer, times: int, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.messages: list[int] = []
        self.notes: list[tuple[str, int]] = []
        self.endings: dict[int, str] = {}
        self.open = 0
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._fate = fate
        self._peer = peer
        self._times = times
        dependency = self.hold if kind == "async" else self.hold_in_thread

        @self.router.receive(Say)
        async def handle(message: Say, number: int = Depends(dependency)) -> None:
            self.messages.append(int(message.text))
            await self.handle(number)

        @self.router.on_error
        async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
            assert type(error) is LookupError

    async def hold(self) -> AsyncIterator[int]:
        number = self.set_up()
        try:
            yield number
        except BaseException as error:
            self.endings[number] = type(error).__name__
            raise
        finally:
            self.tear_down(number)

    def hold_in_thread(self) -> Iterator[int]:
        number = self.set_up()
        try:
            yield number
        except BaseException as error:
            self.endings[number] = type(error).__name__
            raise
        finally:
            self.tear_down(number)

    def set_up(self) -> int:
        with self._lock:
            number = next(self._numbers)
            self.open += 1
            self.notes.append(("set up", number))
        return number

    async def handle(self, number: int) -> None:
        self.notes.append(("handle", number))
        match self._fate(number):
            case "raise":
                raise LookupError
            case "cancel":
                task = get_task()
                assert task is not None
                task.cancel()
                await anyio.sleep_forever()
            case "answer":
                pass

    def tear_down(self, number: int) -> None:
        with self._lock:
            self.open -= 1
            self.notes.append(("tear down", number))
            self.endings.setdefault(number, "nothing raised")
            last = len(self.endings) == self._times
        if last:
            self._loop.call_soon_threadsafe(self._peer.leave, 1000)

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._peer.run(self.router)


kinds = pytest.mark.parametrize(
    ("kind", "times"), [("async", TIMES), ("plain", TIMES_IN_THREADS)], ids=["async", "plain"]
)


@kinds
@pytest.mark.parametrize(
    ("fate", "options"),
    [
        (answer_always, {}),
        (raise_every_third, {}),
        (answer_always, {"cancel_on_disconnect": True}),
        (cancel_every_fifth, {"cancel_on_disconnect": True}),
    ],
    ids=["in-turn", "in-turn-and-raising", "in-tasks", "in-tasks-raising-and-cancelled"],
)
async def test_what_is_set_up_for_a_message_is_torn_down_before_the_next(
    kind: str, times: int, fate: Callable[[int], Fate], options: dict[str, Any]
) -> None:
    peer = Peer(*map(str, range(times)))
    ledger = Ledger(kind, fate, peer, times, **options)
    await ledger.run()
    assert ledger.messages == list(range(times))
    assert ledger.notes == [(what, number) for number in range(times) for what in ("set up", "handle", "tear down")]
    assert [number for number, how in ledger.endings.items() if how not in ENDINGS[fate(number)]] == []
    assert ledger.open == 0


@kinds
async def test_messages_that_are_handled_at_the_same_time_have_one_each(kind: str, times: int) -> None:
    peer = Peer(*map(str, range(times)))
    ledger = Ledger(kind, cancel_every_fifth, peer, times, concurrency=8)
    await ledger.run()
    assert sorted(ledger.messages) == list(range(times))
    notes = defaultdict(list)
    for what, number in ledger.notes:
        notes[number].append(what)
    assert notes == {number: ["set up", "handle", "tear down"] for number in range(times)}
    assert [number for number, how in ledger.endings.items() if how not in ENDINGS[cancel_every_fifth(number)]] == []
    assert ledger.open == 0


async def give_up_soon() -> AsyncIterator[None]:
    with anyio.move_on_after(0.01):
        yield


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not say whose cancellation it was")
@pytest.mark.parametrize("options", [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}], ids="".join)
async def test_a_handler_that_its_dependency_cancels_ends_alone(options: dict[str, Any]) -> None:
    router = WSRouter(**options)
    peer = Peer("slow", "quick")

    @router.receive(Say)
    async def handle(message: Say, _: None = Depends(give_up_soon)) -> str:
        if message.text == "slow":
            await anyio.sleep_forever()
        peer.leave(1000)
        return message.text

    await peer.run(router)
    assert (peer.texts, peer.closes) == (['"quick"'], [])


@pytest.mark.parametrize("options", [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}], ids="".join)
def test_the_dependencies_of_messages_stand_beside_those_of_the_connection(
    app: FastAPI, client: TestClient, options: dict[str, Any]
) -> None:
    notes: Counter[str] = Counter()

    async def hold_connection() -> AsyncIterator[None]:
        notes["connections set up"] += 1
        with anyio.CancelScope():
            try:
                yield
            finally:
                notes["connections torn down"] += 1

    async def hold_message() -> AsyncIterator[None]:
        notes["messages set up"] += 1
        with anyio.CancelScope():
            try:
                yield
            finally:
                notes["messages torn down"] += 1

    router = WSRouter(dependencies=[Depends(hold_connection)], **options)

    @router.receive(Say)
    async def handle(message: Say, _: None = Depends(hold_message)) -> str:
        return message.text

    app.include_router(router, prefix="/ws")
    with client.websocket_connect("/ws") as websocket:
        for text in "abc":
            websocket.send_json({"text": text})
            assert websocket.receive_json() == text
    assert notes == {
        "connections set up": 1,
        "connections torn down": 1,
        "messages set up": 3,
        "messages torn down": 3,
    }
