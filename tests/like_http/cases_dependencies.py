"""What can be depended on, how often it is called, and where."""

import asyncio
import functools
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

from both_ways import Table, note
from fastapi import Depends, HTTPException, Request, WebSocket
from pings import Ping
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection
from typing_extensions import TypeAliasType

table = Table()


async def get_user(name: str = "anna") -> str:
    note("get_user")
    return name


User = Annotated[str, Depends(get_user)]


@table.add(replies=["anna"], events=["get_user", "reply"])
async def a_coroutine_function(message: Ping, user: User) -> str:
    return user


NamedUser = TypeAliasType("NamedUser", User)


@table.add(replies=["anna"], events=["get_user", "reply"], since=(0, 129))
async def an_alias_of_a_type(user: NamedUser, message: Ping) -> str:
    return user


@table.add(replies=["bert"], events=["get_user", "reply"], url="/items?name=bert")
async def a_default_value(message: Ping, user: str = Depends(get_user)) -> str:
    return user


def is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@table.add(replies=[False])
async def a_plain_function_runs_in_the_thread_pool(
    message: Ping, in_loop: Annotated[bool, Depends(is_in_event_loop)]
) -> bool:
    return in_loop


@table.add(replies=[[False, "anna"]], events=["get_user", "reply"])
def a_plain_function_itself(message: Ping, user: User) -> list[bool | str]:
    return [is_in_event_loop(), user]


async def get_greeting(user: User) -> str:
    note("get_greeting")
    return f"hello {user}"


async def get_letter(greeting: Annotated[str, Depends(get_greeting)], sign: str = "!") -> str:
    note("get_letter")
    return greeting + sign


@table.add(
    replies=["hello bert?"], events=["get_user", "get_greeting", "get_letter", "reply"], url="/items?name=bert&sign=?"
)
async def a_dependency_of_a_dependency(message: Ping, letter: Annotated[str, Depends(get_letter)]) -> str:
    return letter


@table.add(replies=[["anna", "hello anna", "anna"]], events=["get_user", "get_greeting", "reply"])
async def one_that_several_depend_on_is_called_once(
    message: Ping, user: User, greeting: Annotated[str, Depends(get_greeting)], again: User
) -> list[str]:
    return [user, greeting, again]


@table.add(replies=[["hello anna", "anna"]], events=["get_user", "get_greeting", "get_user", "reply"])
async def one_without_cache_is_called_again(
    message: Ping,
    greeting: Annotated[str, Depends(get_greeting)],
    user: Annotated[str, Depends(get_user, use_cache=False)],
) -> list[str]:
    return [greeting, user]


async def get_ticket() -> object:
    note("get_ticket")
    return object()


Ticket = Annotated[object, Depends(get_ticket)]
OwnTicket = Annotated[object, Depends(get_ticket, use_cache=False)]


@table.add(replies=[[True, False]], events=["get_ticket", "get_ticket", "reply"])
async def one_without_cache_has_a_value_of_its_own(
    message: Ping, first: Ticket, second: Ticket, own: OwnTicket
) -> list[bool]:
    return [first is second, first is own]


_served: list[object] = []


@table.add(replies=[[], [False], [False, False]], events=["get_ticket", "reply"] * 3, times=3)
async def each_time_there_is_a_new_value(message: Ping, ticket: Ticket) -> list[bool]:
    others = [ticket is other for other in _served]
    _served.append(ticket)
    if len(_served) == 3:
        _served.clear()
    return others


class Page:
    def __init__(self, user: User, limit: int = 10) -> None:
        self.user = user
        self.limit = limit


@table.add(replies=[["anna", 5]], events=["get_user", "reply"], url="/items?limit=5")
async def a_class(message: Ping, page: Annotated[Page, Depends()]) -> list[str | int]:
    return [page.user, page.limit]


@table.add(replies=[["anna", 10]], events=["get_user", "reply"])
async def a_class_by_its_name(message: Ping, page: Annotated[Any, Depends(Page)]) -> list[str | int]:
    return [page.user, page.limit]


@dataclass
class Window:
    first: int = 0
    last: int = 9


@table.add(replies=[[3, 9]], url="/items?first=3")
async def a_dataclass(message: Ping, window: Annotated[Window, Depends()]) -> list[int]:
    return [window.first, window.last]


class Filter(BaseModel):
    word: str
    most: int = Field(default=3, le=5)


@table.add(replies=[["tea", 4]], url="/items?word=tea&most=4")
async def a_pydantic_model_as_a_class(message: Ping, wanted: Annotated[Filter, Depends()]) -> list[str | int]:
    return [wanted.word, wanted.most]


class Strict(BaseModel):
    word: str

    def model_post_init(self, context: Any, /) -> None:
        Filter.model_validate({"word": self.word, "most": "many"})


@table.add(errors=["ValidationError"], url="/items?word=tea")
async def a_validation_error_of_a_dependency_is_its_own(message: Ping, wanted: Annotated[Strict, Depends()]) -> str:
    return wanted.word


class Multiply:
    def __init__(self, factor: int) -> None:
        self._factor = factor

    def __call__(self, number: int) -> int:
        return self._factor * number

    async def wait(self, number: int) -> int:
        return self._factor + number


class MultiplyLater(Multiply):
    async def __call__(self, number: int) -> int:  # type: ignore[override]
        return self._factor * number * 100


@table.add(replies=[[14, 9, 1400]], url="/items?number=7")
async def objects_and_their_methods(
    message: Ping,
    product: Annotated[int, Depends(Multiply(2))],
    total: Annotated[int, Depends(Multiply(2).wait)],
    later: Annotated[int, Depends(MultiplyLater(2))],
) -> list[int]:
    return [product, total, later]


def add(one: int, other: int) -> int:
    return one + other


async def add_later(one: int, other: int) -> int:
    return one + other


@table.add(replies=[[105, 8]], url="/items?other=5")
async def a_partial(
    message: Ping,
    more: Annotated[int, Depends(functools.partial(add, 100))],
    less: Annotated[int, Depends(functools.partial(add, one=3))],
) -> list[int]:
    return [more, less]


@table.add(replies=[105], url="/items?other=5", since=(0, 124))
async def a_partial_of_a_coroutine_function(
    message: Ping, more: Annotated[int, Depends(functools.partial(add_later, 100))]
) -> int:
    return more


@table.add(replies=["HELLO"])
async def a_lambda(message: Ping, text: Annotated[str, Depends(lambda: "HELLO")]) -> str:
    return text


async def get_nothing() -> None:
    note("get_nothing")


@table.add(replies=[True], events=["get_nothing", "reply"])
async def nothing(
    message: Ping, one: Annotated[None, Depends(get_nothing)], other: Annotated[None, Depends(get_nothing)]
) -> bool:
    return one is other is None


async def get_earlier() -> Ping:
    return Ping.model_construct(type="earlier")


@table.add(replies=[["ping", "earlier"]])
async def a_dependency_with_the_type_of_the_message(
    message: Ping, earlier: Annotated[Ping, Depends(get_earlier)]
) -> list[str]:
    return [message.type, earlier.type]


@table.add(replies=["anna"], events=["get_user", "reply"])
async def arguments_by_name_only(*, user: User, message: Ping) -> str:
    return user


async def describe_connection(connection: HTTPConnection) -> list[str]:
    return [connection.url.path, connection.query_params["word"], connection.headers["x-word"]]


@table.add(replies=[["/items", "tea", "coffee"]], url="/items?word=tea", headers=[("x-word", "coffee")])
async def the_connection(message: Ping, about: Annotated[list[str], Depends(describe_connection)]) -> list[str]:
    return about


@table.add(replies=["/items"])
async def the_connection_itself(message: Ping, connection: HTTPConnection) -> str:
    return connection.url.path


async def get_path(request: Request = None, websocket: WebSocket = None) -> str:  # type: ignore[assignment]
    return (request or websocket).url.path


@table.add(replies=["/items"])
async def one_for_requests_and_websockets(message: Ping, path: Annotated[str, Depends(get_path)]) -> str:
    return path


USER: ContextVar[str] = ContextVar("USER", default="nobody")


async def set_user() -> str:
    before = USER.get()
    USER.set("anna")
    return before


@table.add(replies=[["nobody", "anna"]])
async def a_context_variable_that_a_dependency_sets(
    message: Ping, before: Annotated[str, Depends(set_user)]
) -> list[str]:
    return [before, USER.get()]


async def refuse() -> str:
    note("refuse")
    raise HTTPException(404, {"reason": "no tea"})


async def fail() -> str:
    note("fail")
    raise LookupError("a secret")


@table.add(errors=[(404, {"reason": "no tea"})], events=["get_user", "refuse", "error"])
async def an_http_exception(
    message: Ping, user: User, one: Annotated[str, Depends(refuse)], other: Annotated[str, Depends(fail)]
) -> str:
    note("never")
    return user


@table.add(errors=["LookupError"], events=["get_user", "fail", "error"])
async def another_exception(message: Ping, user: User, one: Annotated[str, Depends(fail)]) -> str:
    note("never")
    return user


@table.add(errors=[(409, "taken")])
async def an_http_exception_of_its_own(message: Ping) -> str:
    raise HTTPException(409, "taken")


@table.add(errors=["LookupError", "LookupError"], events=["fail", "error"] * 2, times=2)
async def after_an_error_it_is_asked_again(message: Ping, one: Annotated[str, Depends(fail)]) -> str:
    return one
