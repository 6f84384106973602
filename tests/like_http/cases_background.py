"""Background tasks: after the reply, and before the dependencies with `yield` are torn down."""

from collections.abc import AsyncIterator
from typing import Annotated

from both_ways import Table, note
from fastapi import BackgroundTasks, Depends
from pings import Ping
from resources import Early, First, OutOfTeaError, Second

table = Table()


async def brew(what: str) -> None:
    note(f"task {what}")


def brew_in_thread(what: str) -> None:
    note(f"task {what} in a thread")


async def spill(what: str) -> None:
    note(f"task {what}")
    raise OutOfTeaError


@table.add(replies=["done"], events=["handler", "reply", "task tea", "task milk in a thread"])
async def they_run_after_the_reply(message: Ping, tasks: BackgroundTasks) -> str:
    tasks.add_task(brew, "tea")
    tasks.add_task(brew_in_thread, "milk")
    note("handler")
    return "done"


@table.add(replies=["first"], events=["open first", "reply", "task tea", "close first"])
async def they_run_before_the_teardown(tasks: BackgroundTasks, message: Ping, first: First) -> str:
    tasks.add_task(brew, "tea")
    return first


@table.add(
    replies=[["first", "second"]],
    events=["open first", "open second", "close first", "reply", "task tea", "close second"],
    since=(0, 121),
)
async def they_run_after_the_teardown_for_the_function(
    message: Ping, first: Early, second: Second, tasks: BackgroundTasks
) -> list[str]:
    tasks.add_task(brew, "tea")
    return [first, second]


async def get_tea(tasks: BackgroundTasks) -> str:
    tasks.add_task(brew, "tea")
    return "tea"


async def get_milk(tea: Annotated[str, Depends(get_tea)], tasks: BackgroundTasks) -> AsyncIterator[str]:
    tasks.add_task(brew, "milk")
    yield f"{tea} with milk"
    note("close milk")


@table.add(replies=["tea with milk"], events=["reply", "task tea", "task milk", "task sugar", "close milk"])
async def dependencies_and_the_handler_add_to_the_same(
    message: Ping, milk: Annotated[str, Depends(get_milk)], tasks: BackgroundTasks
) -> str:
    tasks.add_task(brew, "sugar")
    return milk


@table.add(replies=["tea"], events=["reply", "task tea"])
async def a_dependency_alone_adds_them(message: Ping, tea: Annotated[str, Depends(get_tea)]) -> str:
    return tea


@table.add(replies=["tea", "tea"], events=["reply", "task tea"] * 2, times=2)
async def they_run_before_the_next(message: Ping, tea: Annotated[str, Depends(get_tea)]) -> str:
    return tea


@table.add(errors=["OutOfTeaError"])
async def they_do_not_run_after_an_error(message: Ping, tea: Annotated[str, Depends(get_tea)]) -> str:
    raise OutOfTeaError


@table.add(errors=["invalid reply"])
async def they_do_not_run_after_an_invalid_reply(message: Ping, tea: Annotated[str, Depends(get_tea)]) -> int:
    return tea  # type: ignore[return-value]


@table.add(
    replies=["first"],
    errors=["OutOfTeaError"],
    events=["open first", "reply", "task milk", "first sees OutOfTeaError", "close first", "error"],
    # Before, it comes after everything else.
    http_since=(0, 118),
)
async def one_raises(message: Ping, first: First, tasks: BackgroundTasks) -> str:
    tasks.add_task(spill, "milk")
    tasks.add_task(brew, "tea")
    return first
