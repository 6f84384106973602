"""Dependencies with `yield`: what they see of an exception, what they make of it, and what they raise themselves."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from both_ways import Table, note
from fastapi import Depends, HTTPException
from pings import Ping
from resources import Early, First, OutOfMilkError, OutOfTeaError, Second, Third, depends_for_function, spill

table = Table()


@table.add(
    errors=["OutOfTeaError"],
    events=[
        "open first",
        "open second",
        "second sees OutOfTeaError",
        "close second",
        "first sees OutOfTeaError",
        "close first",
        "error",
    ],
)
async def they_see_what_the_handler_raised(message: Ping, first: First, second: Second) -> str:
    raise OutOfTeaError


@table.add(errors=[(404, "no tea")], events=["open first", "first sees (404, 'no tea')", "close first", "error"])
async def they_see_an_http_exception(message: Ping, first: First) -> str:
    raise HTTPException(404, "no tea")


async def brew(first: First) -> str:
    note("brew")
    raise OutOfTeaError


@table.add(
    errors=["OutOfTeaError"],
    events=["open first", "brew", "first sees OutOfTeaError", "close first", "error"],
)
async def they_see_what_a_dependency_raised(message: Ping, tea: Annotated[str, Depends(brew)], third: Third) -> str:
    note("never")
    return tea


async def break_off(second: Second) -> AsyncIterator[str]:
    note("break off")
    raise OutOfTeaError
    yield "never"


@table.add(
    errors=["OutOfTeaError"],
    events=[
        "open first",
        "open second",
        "break off",
        "second sees OutOfTeaError",
        "close second",
        "first sees OutOfTeaError",
        "close first",
        "error",
    ],
)
async def they_see_what_the_setup_of_another_raised(
    message: Ping, first: First, tea: Annotated[str, Depends(break_off)]
) -> str:
    note("never")
    return tea


@table.add(
    errors=[["query.limit: int_parsing"]],
    # It is raised outside of the dependencies before.
    http_since=(0, 118),
    events=["open first", "first sees ['query.limit: int_parsing']", "close first", "error"],
    url="/items?limit=many",
)
async def they_see_that_a_value_is_not_valid(message: Ping, limit: int, first: First) -> str:
    note("never")
    return first


async def convert() -> AsyncIterator[None]:
    try:
        yield
    except OutOfTeaError:
        note("convert")
        raise HTTPException(404, "no tea") from None


@table.add(
    errors=[(404, "no tea")],
    events=[
        "open first",
        "open second",
        "second sees OutOfTeaError",
        "close second",
        "convert",
        "first sees (404, 'no tea')",
        "close first",
        "error",
    ],
)
async def one_makes_it_an_http_exception(
    message: Ping, first: First, converted: Annotated[None, Depends(convert)], second: Second
) -> str:
    raise OutOfTeaError


def exchange() -> Iterator[None]:
    try:
        yield
    except OutOfTeaError as error:
        raise OutOfMilkError from error


@table.add(errors=["OutOfMilkError"], events=["open first", "first sees OutOfMilkError", "close first", "error"])
async def one_raises_another(message: Ping, first: First, exchanged: Annotated[None, Depends(exchange)]) -> str:
    raise OutOfTeaError


async def swallow() -> AsyncIterator[None]:
    try:
        yield
    except OutOfTeaError:
        note("swallow")


def swallow_and_return() -> Iterator[None]:
    try:
        yield
    except OutOfTeaError:
        note("swallow")
        return


@table.add(errors=["swallowed"], events=["swallow", "error"])
async def one_swallows_it(message: Ping, nothing: Annotated[None, Depends(swallow)]) -> str:
    raise OutOfTeaError


@table.add(
    errors=["swallowed"],
    events=[
        "open first",
        "open second",
        "second sees OutOfTeaError",
        "close second",
        "swallow",
        "close first",
        "error",
    ],
)
async def one_swallows_it_between_others(
    message: Ping, first: First, nothing: Annotated[None, Depends(swallow_and_return)], second: Second
) -> str:
    raise OutOfTeaError


async def refuse() -> None:
    raise OutOfTeaError


@table.add(errors=["swallowed"], events=["swallow", "error"])
async def one_swallows_what_a_dependency_raised(
    message: Ping, nothing: Annotated[None, Depends(swallow)], refused: Annotated[None, Depends(refuse)]
) -> str:
    note("never")
    return "never"


# Over HTTP, the teardown comes before the response up to 0.117, and an exception in its place.
@table.add(
    replies=["tea"],
    errors=["OutOfMilkError"],
    events=["open first", "reply", "spill", "first sees OutOfMilkError", "close first", "error"],
    http_since=(0, 118),
)
async def a_teardown_raises_after_the_reply(message: Ping, first: First, tea: Annotated[str, Depends(spill)]) -> str:
    return tea


async def spill_always() -> AsyncIterator[str]:
    try:
        yield "tea"
    finally:
        note("spill")
        raise OutOfMilkError


@table.add(
    errors=["OutOfMilkError"],
    events=["open first", "spill", "first sees OutOfMilkError", "close first", "error"],
)
async def a_teardown_raises_after_the_handler_did(
    message: Ping, first: First, tea: Annotated[str, Depends(spill_always)]
) -> str:
    raise OutOfTeaError


async def yield_twice() -> AsyncIterator[int]:
    yield 1
    yield 2


@table.add(replies=[1], errors=["RuntimeError"], http_since=(0, 118))
async def one_yields_twice(message: Ping, number: Annotated[int, Depends(yield_twice)]) -> int:
    return number


def yield_never() -> Iterator[int]:
    yield from ()


@table.add(errors=["RuntimeError"])
async def one_never_yields(message: Ping, number: Annotated[int, Depends(yield_never)]) -> int:
    return number


@table.add(
    errors=["OutOfTeaError"],
    events=[
        "open second",
        "open first",
        "first sees OutOfTeaError",
        "close first",
        "second sees OutOfTeaError",
        "close second",
        "error",
    ],
    since=(0, 121),
)
async def one_for_the_function_sees_what_it_raised(message: Ping, second: Second, first: Early) -> list[str]:
    raise OutOfTeaError


@table.add(
    errors=["OutOfMilkError"],
    events=["open second", "spill", "second sees OutOfMilkError", "close second", "error"],
    since=(0, 121),
)
async def one_for_the_function_raises_before_the_reply(
    message: Ping, second: Second, tea: Annotated[str, depends_for_function(spill)]
) -> str:
    return tea


@table.add(
    errors=["invalid reply"],
    events=["open first", "first sees invalid reply", "close first", "error"],
    since=(0, 121),
)
async def one_for_the_function_sees_an_invalid_reply(message: Ping, first: Early) -> int:
    return first  # type: ignore[return-value]


@table.add(
    errors=["invalid reply"],
    events=["open second", "second sees invalid reply", "close second", "error"],
)
async def they_see_an_invalid_reply(message: Ping, second: Second) -> int:
    return second  # type: ignore[return-value]
