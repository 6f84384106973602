"""What runs in the current task: until a time is over, or until something happens."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import anyio


async def finish_within(seconds: float, rest: Awaitable[None]) -> bool:
    """Await something, such as what remains of a send; whether it finished in time.

    No cancel scope: a server or a middleware may have entered one of its own before it first waited, and that has to be
    left after all that were entered later.
    """
    task = cast("asyncio.Task[Any]", get_task())
    before = count_cancellations(task)
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, expire)
    taken_back = False
    try:
        try:
            await rest
        finally:
            timer.cancel()
            # Also where whatever waited has put up with it, or raised something else.
            taken_back = expired and take_back_cancellation(task, before)
    except asyncio.CancelledError:
        if not taken_back:
            raise
        return False
    return True


def get_task() -> asyncio.Task[Any] | None:
    """Return the task that runs, `None` under another event loop than asyncio's."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def count_cancellations(task: asyncio.Task[Any] | None) -> int:
    """Return how many cancellations of a task have been asked for and not taken back; 0 on Python 3.10."""
    return task.cancelling() if task is not None and sys.version_info >= (3, 11) else 0


def may_be_cancelled(task: asyncio.Task[Any] | None, before: int) -> bool:
    """Whether a cancellation has been asked for since `before`; Python 3.10 does not tell."""
    return task is None or sys.version_info < (3, 11) or task.cancelling() > before


def take_back_cancellation(task: asyncio.Task[Any], before: int) -> bool:
    """Take back a cancellation of our own; whether there was no other since `before`.

    Python 3.10 does not count them.
    """
    return task.uncancel() <= before if sys.version_info >= (3, 11) else True


@contextmanager
def leave_when(
    watch: Callable[[Callable[[], None]], None], unwatch: Callable[[Callable[[], None]], None]
) -> Iterator[None]:
    """Leave the block when something happens.

    What waits in the block is cancelled once, so that its cleaning up can wait for something itself.  A cancel scope would
    cancel that too; one around the block is kept out from then on.

    Parameters:
        watch: Takes a function to be called when it happens.
        unwatch: Takes that function back.
    """
    task = get_task()
    with anyio.CancelScope() as scope:
        if task is not None:
            with _leave_task(task, scope, watch, unwatch):
                yield
            return
        watch(scope.cancel)
        try:
            yield
        finally:
            unwatch(scope.cancel)


@contextmanager
def _leave_task(
    task: asyncio.Task[Any],
    scope: anyio.CancelScope,
    watch: Callable[[Callable[[], None]], None],
    unwatch: Callable[[Callable[[], None]], None],
) -> Iterator[None]:
    before = count_cancellations(task)
    happened = False
    taken_back = False
    later: asyncio.Handle | None = None

    def leave() -> None:
        nonlocal happened, later
        if happened:
            return
        if get_task() is task:
            # It runs, and may be on its way out: what it awaits next could be its cleaning up.
            later = later or task.get_loop().call_soon(leave)
            return
        happened = True
        scope.shield = True
        task.cancel()

    try:
        try:
            watch(leave)
            yield
        finally:
            unwatch(leave)
            if later is not None:
                later.cancel()
            # Also where whatever waited has put up with it, or raised something else.
            taken_back = happened and take_back_cancellation(task, before)
    except asyncio.CancelledError:
        if not taken_back:
            raise
