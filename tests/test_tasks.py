"""Leaving what waits when something happens or a time is over: once, and without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable

import anyio
import pytest
from peers import count_cancellations, settle

from fastws import tasks
from fastws.tasks import finish_within, get_task, leave_when

pytestmark = pytest.mark.anyio

on_any_loop = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
counts_cancellations = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not count cancellations")


class Bell:
    """Something that happens, and those that want to know."""

    def __init__(self) -> None:
        self.watchers: list[Callable[[], None]] = []

    def watch(self, callback: Callable[[], None]) -> None:
        self.watchers.append(callback)

    def unwatch(self, callback: Callable[[], None]) -> None:
        self.watchers.remove(callback)

    def ring(self) -> None:
        for callback in list(self.watchers):
            callback()

    async def ring_soon(self, times: int = 1) -> None:
        await settle()
        for _ in range(times):
            self.ring()


@on_any_loop
@pytest.mark.parametrize("times", [1, 3])
async def test_what_waits_is_left(times: int) -> None:
    bell, watchers = Bell(), []
    async with anyio.create_task_group() as group:
        group.start_soon(bell.ring_soon, times)
        with leave_when(bell.watch, bell.unwatch):
            watchers.append(len(bell.watchers))
            await anyio.sleep_forever()
        watchers.append(len(bell.watchers))
        await settle()
        watchers.append(len(bell.watchers))
    assert watchers == [1, 0, 0]


@on_any_loop
async def test_a_block_that_ends_by_itself_watches_no_longer() -> None:
    bell = Bell()
    with leave_when(bell.watch, bell.unwatch):
        await settle()
    assert bell.watchers == []
    bell.ring()
    await settle()


@on_any_loop
async def test_an_exception_goes_through() -> None:
    bell = Bell()
    with pytest.raises(LookupError), leave_when(bell.watch, bell.unwatch):
        raise LookupError
    assert bell.watchers == []
    await settle()


@on_any_loop
async def test_blocks_may_stand_in_each_other() -> None:
    outer, inner, steps = Bell(), Bell(), []
    async with anyio.create_task_group() as group:
        with leave_when(outer.watch, outer.unwatch):
            group.start_soon(inner.ring_soon)
            with leave_when(inner.watch, inner.unwatch):
                await anyio.sleep_forever()
            steps.append("inner")
            group.start_soon(outer.ring_soon)
            await anyio.sleep_forever()
        steps.append("outer")
    assert steps == ["inner", "outer"]
    assert tasks.count_cancellations(get_task()) == 0


async def test_cleaning_up_can_wait_for_something() -> None:
    bell, steps = Bell(), []
    async with anyio.create_task_group() as group:
        group.start_soon(bell.ring_soon)
        with leave_when(bell.watch, bell.unwatch):
            try:
                await anyio.sleep_forever()
            finally:
                await settle()
                steps.append("cleaned up")
    assert steps == ["cleaned up"]


@pytest.mark.parametrize("again", [False, True], ids=["once", "and again while it cleans up"])
async def test_it_is_left_once(again: bool) -> None:
    bell, steps = Bell(), []
    async with anyio.create_task_group() as group:
        group.start_soon(bell.ring_soon)
        with leave_when(bell.watch, bell.unwatch):
            try:
                await anyio.sleep_forever()
            finally:
                if again:
                    group.start_soon(bell.ring_soon)
                await settle()
                await settle()
                steps.append("cleaned up")
    assert (steps, count_cancellations()) == (["cleaned up"], 0)


async def wait() -> None:
    await anyio.sleep_forever()


async def put_up_with_it() -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await anyio.sleep_forever()


async def make_an_error_of_it() -> None:
    try:
        await anyio.sleep_forever()
    except asyncio.CancelledError:
        raise LookupError from None


@pytest.mark.parametrize("block", [wait, put_up_with_it, make_an_error_of_it])
async def test_no_cancellation_is_left_behind(block: Callable[[], Awaitable[None]]) -> None:
    bell, left = Bell(), []

    async def leave() -> None:
        try:
            with leave_when(bell.watch, bell.unwatch):
                await block()
        except LookupError:
            left.append("error")
        await settle()

    task = asyncio.create_task(leave())
    await bell.ring_soon()
    await task
    assert left == (["error"] if block is make_an_error_of_it else [])
    assert tasks.count_cancellations(task) == 0


@pytest.mark.parametrize("raises", [False, True], ids=["returning", "raising"])
async def test_a_block_that_makes_it_happen_itself_and_ends_is_not_cancelled(raises: bool) -> None:
    bell, steps = Bell(), []

    async def leave() -> None:
        try:
            with leave_when(bell.watch, bell.unwatch):
                bell.ring()
                if raises:
                    raise LookupError
        except LookupError:
            steps.append("error")
        # What cleans up behind the block can wait for something.
        await settle()
        steps.append("went on")

    task = asyncio.create_task(leave())
    await task
    assert steps == (["error", "went on"] if raises else ["went on"])
    assert tasks.count_cancellations(task) == 0


@on_any_loop
async def test_a_block_that_makes_it_happen_itself_and_waits_is_left() -> None:
    bell, steps = Bell(), []
    with leave_when(bell.watch, bell.unwatch):
        bell.ring()
        steps.append("rang")
        await anyio.sleep_forever()
    await settle()
    assert steps == ["rang"]
    assert tasks.count_cancellations(get_task()) == 0


@on_any_loop
async def test_where_it_has_happened_before_what_waits_is_left() -> None:
    bell, steps = Bell(), []

    def watch(callback: Callable[[], None]) -> None:
        bell.watch(callback)
        bell.ring()

    with leave_when(watch, bell.unwatch):
        steps.append("begins")
        await anyio.sleep_forever()
    assert (steps, bell.watchers) == (["begins"], [])
    with leave_when(watch, bell.unwatch):
        steps.append("does not wait")
    await settle()
    assert (steps, bell.watchers) == (["begins", "does not wait"], [])


async def test_a_cancel_scope_around_it_does_not_cut_off_the_cleaning_up() -> None:
    bell, steps = Bell(), []
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(bell.ring_soon)
            with leave_when(bell.watch, bell.unwatch):
                try:
                    await anyio.sleep_forever()
                finally:
                    scope.cancel()
                    await settle()
                    steps.append("cleaned up")
            await settle()
            pytest.fail("the scope around it was cancelled")
    assert (steps, scope.cancelled_caught) == (["cleaned up"], True)


async def test_another_cancellation_is_not_swallowed() -> None:
    bell = Bell()

    async def leave() -> None:
        with leave_when(bell.watch, bell.unwatch):
            await anyio.sleep_forever()

    task = asyncio.create_task(leave())
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bell.watchers == []
    assert tasks.count_cancellations(task) == (1 if sys.version_info >= (3, 11) else 0)


@counts_cancellations
@pytest.mark.parametrize("first", ["ours", "theirs"])
async def test_another_cancellation_at_the_same_time_is_not_swallowed(first: str) -> None:
    bell = Bell()

    async def leave() -> None:
        with leave_when(bell.watch, bell.unwatch):
            await anyio.sleep_forever()

    task = asyncio.create_task(leave())
    await settle()
    for cancel in (bell.ring, task.cancel) if first == "ours" else (task.cancel, bell.ring):
        cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tasks.count_cancellations(task) == 1


@on_any_loop
async def test_a_cancel_scope_around_it_is_obeyed() -> None:
    bell, steps = Bell(), []
    with anyio.CancelScope() as scope:
        with leave_when(bell.watch, bell.unwatch):
            scope.cancel()
            await anyio.sleep_forever()
        steps.append("not left")
        await settle()
        pytest.fail("the scope was cancelled")
    assert scope.cancelled_caught
    assert (steps, bell.watchers) == ([], [])


@counts_cancellations
async def test_a_timeout_within_it_keeps_its_own_cancellation() -> None:
    bell, steps = Bell(), []
    with leave_when(bell.watch, bell.unwatch):
        try:
            async with asyncio.timeout(0.01):  # type: ignore[attr-defined,unused-ignore]
                await anyio.sleep_forever()
        except TimeoutError:
            steps.append("timeout")
        steps.append("went on")
    assert (steps, count_cancellations()) == (["timeout", "went on"], 0)


async def test_the_task_under_each_event_loop() -> None:
    assert get_task() is asyncio.current_task()


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_there_is_no_task_of_asyncio_under_trio() -> None:
    assert get_task() is None
    assert tasks.count_cancellations(None) == 0


@counts_cancellations
@pytest.mark.parametrize(("rest", "outcome"), [(wait, False), (put_up_with_it, True), (make_an_error_of_it, "error")])
async def test_a_time_that_is_over_leaves_no_cancellation_behind(
    rest: Callable[[], Awaitable[None]], outcome: object
) -> None:
    seen: object = None
    try:
        seen = await finish_within(0.01, rest())
    except LookupError:
        seen = "error"
    assert (seen, count_cancellations()) == (outcome, 0)
