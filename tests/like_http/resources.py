"""Dependencies with `yield` that several tables share, and note what happens to them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from both_ways import describe, note
from fastapi import Depends


class OutOfTeaError(Exception):
    pass


class OutOfMilkError(Exception):
    pass


@contextmanager
def opened(name: str) -> Iterator[str]:
    """Note what happens to a resource."""
    note(f"open {name}")
    try:
        yield name
    except Exception as error:
        note(f"{name} sees {describe(error)}")
        raise
    finally:
        note(f"close {name}")


async def get_first() -> AsyncIterator[str]:
    with opened("first") as name:
        yield name


def get_second() -> Iterator[str]:
    with opened("second") as name:
        yield name


async def get_third(second: Annotated[str, Depends(get_second)]) -> AsyncIterator[str]:
    with opened("third") as name:
        yield f"{name} of {second}"


async def spill() -> AsyncIterator[str]:
    yield "tea"
    note("spill")
    raise OutOfMilkError


def depends_for_function(func: Callable[..., Any]) -> Any:
    """Return a dependency that is torn down before the reply, where FastAPI knows such."""
    try:
        return Depends(func, scope="function")
    except TypeError:
        return Depends(func)


First = Annotated[str, Depends(get_first)]
Second = Annotated[str, Depends(get_second)]
Third = Annotated[str, Depends(get_third)]
Early = Annotated[str, depends_for_function(get_first)]
