"""Dependencies with `yield`: when they are torn down, and in which order."""

from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Annotated

from both_ways import Table, note
from fastapi import Depends
from pings import Ping
from pydantic import BaseModel
from resources import Early, First, Second, Third, depends_for_function, get_first, opened

table = Table()


@table.add(replies=["first"], events=["open first", "handler", "reply", "close first"])
async def it_is_torn_down_after_the_reply(message: Ping, first: First) -> str:
    note("handler")
    return first


@table.add(replies=["second"], events=["open second", "handler", "reply", "close second"])
def a_plain_generator_for_a_plain_function(message: Ping, second: Second) -> str:
    note("handler")
    return second


@table.add(
    replies=[["first", "third of second", "second"]],
    events=["open first", "open second", "open third", "reply", "close third", "close second", "close first"],
)
async def the_last_one_is_torn_down_first(message: Ping, first: First, third: Third, second: Second) -> list[str]:
    return [first, third, second]


@table.add(replies=[["first", "first"]], events=["open first", "open first", "reply", "close first", "close first"])
async def one_without_cache_is_torn_down_each_time(
    message: Ping, first: First, own: Annotated[str, Depends(get_first, use_cache=False)]
) -> list[str]:
    return [first, own]


@table.add(replies=["first", "first"], events=["open first", "reply", "close first"] * 2, times=2)
async def one_is_torn_down_before_the_next_is_set_up(message: Ping, first: First) -> str:
    return first


class Pool:
    async def __call__(self) -> AsyncIterator[str]:
        with opened("pool") as name:
            yield name

    def lend(self) -> Iterator[str]:
        with opened("loan") as name:
            yield name


pool = Pool()


@table.add(replies=[["pool", "loan"]], events=["open pool", "open loan", "reply", "close loan", "close pool"])
async def an_object_and_a_method(
    message: Ping, one: Annotated[str, Depends(pool)], other: Annotated[str, Depends(pool.lend)]
) -> list[str]:
    return [one, other]


TENANT: ContextVar[str] = ContextVar("TENANT", default="none")


async def set_tenant() -> AsyncIterator[None]:
    token = TENANT.set("acme")
    yield
    TENANT.reset(token)


@table.add(replies=["acme", "acme"], times=2)
async def one_sets_a_context_variable_and_takes_it_back(
    message: Ping, tenant: Annotated[None, Depends(set_tenant)]
) -> str:
    return TENANT.get()


@table.add(
    replies=[["first", "second"]],
    events=["open first", "open second", "close first", "reply", "close second"],
    since=(0, 121),
)
async def one_for_the_function_is_torn_down_before_the_reply(message: Ping, first: Early, second: Second) -> list[str]:
    return [first, second]


class Session:
    """A database session of a kind: what it has read can look up more, as long as it is open."""

    is_open = True

    @property
    def milk(self) -> str:
        if not self.is_open:
            raise LookupError("the session is closed")
        note("read")
        return "oat"


class Tea(BaseModel):
    milk: str


async def get_session() -> AsyncIterator[Session]:
    session = Session()
    yield session
    session.is_open = False
    note("close")


@table.add(replies=[{"milk": "oat"}], events=["read", "close", "reply"], since=(0, 121))
async def a_reply_is_written_before_the_teardown_for_the_function(
    message: Ping, session: Annotated[Session, depends_for_function(get_session)]
) -> Tea:
    return session  # type: ignore[return-value]
