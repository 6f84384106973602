"""`dependency_overrides`: what stands in for a dependency, wherever it is asked for."""

from collections.abc import AsyncIterator
from typing import Annotated

from both_ways import Table, note
from fastapi import Depends, Header, HTTPException, Security
from fastapi.security import SecurityScopes
from pings import Ping

table = Table()


async def get_user() -> str:
    note("get_user")
    return "anna"


async def get_greeting(user: Annotated[str, Depends(get_user)]) -> str:
    note("get_greeting")
    return f"hello {user}"


async def get_session() -> AsyncIterator[str]:
    note("open")
    yield "session"
    note("close")


class Page:
    def __init__(self, limit: int = 10) -> None:
        self.limit = limit


User = Annotated[str, Depends(get_user)]
Greeting = Annotated[str, Depends(get_greeting)]
Session = Annotated[str, Depends(get_session)]


def get_bert() -> str:
    note("get_bert")
    return "bert"


async def get_named(user: str, x_title: Annotated[str, Header()] = "Dr.") -> str:
    return f"{x_title} {user}"


async def get_user_of_session(session: Session) -> str:
    return f"user of {session}"


async def get_bert_until_later() -> AsyncIterator[str]:
    note("open bert")
    yield "bert"
    note("close bert")


async def refuse() -> str:
    raise HTTPException(401, "nobody")


async def get_own_greeting(greeting: Greeting) -> str:
    return greeting.upper()


@table.add(replies=["bert"], events=["get_bert", "reply"], overrides={get_user: get_bert})
async def another_function(message: Ping, user: User) -> str:
    return user


@table.add(replies=["hello bert"], events=["get_bert", "get_greeting", "reply"], overrides={get_user: get_bert})
async def that_of_a_dependency(message: Ping, greeting: Greeting) -> str:
    return greeting


@table.add(
    replies=[["bert", "hello bert", "bert"]],
    events=["get_bert", "get_greeting", "reply"],
    overrides={get_user: get_bert},
)
async def it_is_called_once(message: Ping, user: User, greeting: Greeting, again: User) -> list[str]:
    return [user, greeting, again]


@table.add(replies=["bert"], events=["get_bert", "reply"], overrides={get_greeting: get_bert})
async def what_it_stood_in_for_is_not_called(message: Ping, greeting: Greeting) -> str:
    return greeting


@table.add(
    replies=["Prof. cleo"], overrides={get_user: get_named}, url="/items?user=cleo", headers=[("x-title", "Prof.")]
)
async def one_with_parameters_of_its_own(message: Ping, user: User) -> str:
    return user


@table.add(replies=["Dr. cleo"], overrides={get_user: get_named}, path="/items/{user}", url="/items/cleo")
async def one_with_a_parameter_of_the_path(message: Ping, user: User) -> str:
    return user


@table.add(errors=[["query.user: missing"]], overrides={get_user: get_named})
async def one_whose_parameter_is_missing(message: Ping, user: User) -> str:
    return user


@table.add(replies=["user of session"], events=["open", "reply", "close"], overrides={get_user: get_user_of_session})
async def one_with_dependencies_of_its_own(message: Ping, user: User) -> str:
    return user


@table.add(
    replies=["hello bert"],
    events=["get_bert", "get_greeting", "reply"],
    overrides={get_session: get_greeting, get_user: get_bert},
)
async def one_with_a_dependency_that_is_overridden(message: Ping, session: Session) -> str:
    return session


@table.add(replies=["bert"], events=["open bert", "reply", "close bert"], overrides={get_session: get_bert_until_later})
async def a_generator_by_another(message: Ping, session: Session) -> str:
    return session


@table.add(replies=["bert"], events=["get_bert", "reply"], overrides={get_session: get_bert})
async def a_generator_by_a_plain_function(message: Ping, session: Session) -> str:
    return session


@table.add(replies=["bert"], events=["open bert", "reply", "close bert"], overrides={get_user: get_bert_until_later})
async def a_function_by_a_generator(message: Ping, user: User) -> str:
    return user


@table.add(errors=[(401, "nobody")], overrides={get_user: refuse})
async def one_that_refuses(message: Ping, user: User) -> str:
    return user


def get_long_page() -> Page:
    return Page(1000)


@table.add(replies=[1000], overrides={Page: get_long_page}, url="/items?limit=5")
async def a_class(message: Ping, page: Annotated[Page, Depends()]) -> int:
    return page.limit


def list_scopes(scopes: SecurityScopes) -> str:
    return scopes.scope_str


@table.add(replies=["read write"], overrides={get_user: list_scopes})
async def one_that_sees_the_scopes(
    message: Ping, user: Annotated[str, Security(get_user, scopes=["read", "write"])]
) -> str:
    return user


@table.add(replies=["bert", "bert"], events=["get_bert", "reply"] * 2, overrides={get_user: get_bert}, times=2)
async def it_holds_each_time(message: Ping, user: User) -> str:
    return user
