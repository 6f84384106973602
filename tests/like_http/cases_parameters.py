"""Values of the path, the query, headers and cookies: where they come from, and what they are validated to."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

from both_ways import Table
from fastapi import Cookie, Depends, Header, Path, Query
from fastapi.exceptions import RequestValidationError
from pings import Ping
from pydantic import BaseModel, BeforeValidator

table = Table()


@table.add(replies=[{"limit": 5, "word": "tea"}], url="/items?limit=5&word=tea")
async def query(message: Ping, limit: int, word: str) -> dict[str, Any]:
    return {"limit": limit, "word": word}


@table.add(errors=[["query.limit: missing"]])
async def query_missing(message: Ping, limit: int) -> int:
    return limit


@table.add(errors=[["query.limit: int_parsing"]], url="/items?limit=many")
async def query_of_the_wrong_type(message: Ping, limit: int) -> int:
    return limit


@table.add(errors=[["query.limit: int_parsing"]] * 2, url="/items?limit=many", times=2)
async def query_of_the_wrong_type_each_time(message: Ping, limit: int) -> int:
    return limit


@table.add(replies=[[10, "all", None]])
async def query_with_defaults(
    message: Ping, limit: int = 10, word: Annotated[str, Query()] = "all", more: int | None = None
) -> list[int | str | None]:
    return [limit, word, more]


Size = NewType("Size", int)


@table.add(replies=[[5, "b", 7]], url="/items?limit=5&kind=b&size=7")
async def query_of_types_that_are_no_classes(
    limit: int | None, kind: Literal["a", "b"], message: Ping, size: Size
) -> list[int | str | None]:
    return [limit, kind, size]


@table.add(errors=[["query.kind: literal_error"]], url="/items?kind=c")
async def query_that_is_no_literal(kind: Literal["a", "b"], message: Ping) -> str:
    return kind


Even = Annotated[int, BeforeValidator(lambda value: int(value) * 2)]


@table.add(replies=[14], url="/items?number=7")
async def query_with_a_validator(message: Ping, number: Even) -> int:
    return number


@table.add(replies=["ab"], url="/items?message=a&websocket=b")
async def query_called_like_what_a_handler_gets(ping: Ping, message: str, websocket: str) -> str:
    return message + websocket


@table.add(replies=[["a", "b"]], url="/items?tag=a&tag=b")
async def query_list(message: Ping, tag: Annotated[list[str], Query()]) -> list[str]:
    return tag


@table.add(replies=[[1, 2]], url="/items?number=1&number=2")
async def query_list_as_default(message: Ping, number: list[int] = Query()) -> list[int]:
    return number


@table.add(errors=[["query.number.1: int_parsing"]], url="/items?number=1&number=two")
async def query_list_of_the_wrong_type(message: Ping, number: Annotated[list[int], Query()]) -> list[int]:
    return number


@table.add(replies=[[]])
async def query_list_with_default(message: Ping, tag: Annotated[list[str], Query()] = []) -> list[str]:  # noqa: B006
    return tag


@table.add(replies=["tea"], url="/items?item-query=tea")
async def query_alias(message: Ping, word: Annotated[str, Query(alias="item-query")]) -> str:
    return word


@table.add(errors=[["query.item-query: missing"]], url="/items?word=tea")
async def query_alias_missing(message: Ping, word: Annotated[str, Query(alias="item-query")]) -> str:
    return word


@table.add(
    errors=[["query.limit: less_than_equal", "query.word: string_pattern_mismatch", "query.sign: string_too_long"]],
    url="/items?limit=500&word=TEA&sign=!!",
)
async def query_constraints(
    message: Ping,
    limit: Annotated[int, Query(le=100)],
    word: Annotated[str, Query(pattern="^[a-z]+$")],
    sign: str = Query(max_length=1),
) -> str:
    return word


class Color(Enum):
    RED = "red"


@table.add(
    replies=[[True, "red", "2026-11-20", "12345678-1234-5678-1234-567812345678"]],
    url="/items?flag=on&color=red&day=2026-11-20&key=12345678123456781234567812345678",
)
async def query_types(
    message: Ping, flag: bool, color: Color, day: date, key: UUID
) -> list[bool | Color | date | UUID]:
    return [flag, color, day, key]


class Filters(BaseModel):
    model_config = {"extra": "forbid"}

    limit: int = 10
    tags: list[str] = []


@table.add(replies=[{"limit": 5, "tags": ["a", "b"]}], url="/items?limit=5&tags=a&tags=b")
async def query_model(message: Ping, filters: Annotated[Filters, Query()]) -> Filters:
    return filters


@table.add(errors=[["query.limit: int_parsing", "query.sort: extra_forbidden"]], url="/items?limit=many&sort=up")
async def query_model_that_does_not_validate(message: Ping, filters: Annotated[Filters, Query()]) -> Filters:
    return filters


@table.add(replies=["gzip 7"], headers=[("x-token", "7"), ("accept-coding", "gzip")])
async def header(message: Ping, x_token: Annotated[int, Header()], accept_coding: str = Header()) -> str:
    return f"{accept_coding} {x_token}"


@table.add(replies=["7"], headers=[("x_token", "7")])
async def header_with_underscores(message: Ping, x_token: Annotated[str, Header(convert_underscores=False)]) -> str:
    return x_token


@table.add(replies=[["a", "b"]], headers=[("x-tag", "a"), ("x-tag", "b")])
async def header_list(message: Ping, x_tag: Annotated[list[str], Header()]) -> list[str]:
    return x_tag


@table.add(errors=[["header.x-token: missing", "header.x-number: int_parsing"]], headers=[("x-number", "many")])
async def header_missing(message: Ping, x_token: Annotated[str, Header()], x_number: Annotated[int, Header()]) -> str:
    return x_token


class CommonHeaders(BaseModel):
    x_token: str
    x_tag: list[str] = []


@table.add(replies=[{"x_token": "7", "x_tag": ["a", "b"]}], headers=[("x-token", "7"), ("x-tag", "a"), ("x-tag", "b")])
async def header_model(message: Ping, headers: Annotated[CommonHeaders, Header()]) -> CommonHeaders:
    return headers


@table.add(replies=["7 dark"], headers=[("cookie", "session=7; theme=dark")])
async def cookie(message: Ping, session: Annotated[int, Cookie()], theme: str = Cookie("light")) -> str:
    return f"{session} {theme}"


@table.add(errors=[["cookie.session: missing"]], headers=[("cookie", "theme=dark")])
async def cookie_missing(message: Ping, session: Annotated[str, Cookie()]) -> str:
    return session


class Cookies(BaseModel):
    session: int


@table.add(replies=[{"session": 7}], headers=[("cookie", "session=7")])
async def cookie_model(message: Ping, cookies: Annotated[Cookies, Cookie()]) -> Cookies:
    return cookies


@table.add(replies=[7], path="/items/{number}", url="/items/7")
async def path_without_a_mark(message: Ping, number: int) -> int:
    return number


@table.add(replies=[7], path="/items/{number}", url="/items/7")
async def path_with_a_mark(message: Ping, number: Annotated[int, Path(gt=0)]) -> int:
    return number


@table.add(replies=[[7, 5]], path="/items/{number}", url="/items/7?limit=5")
async def path_and_query(message: Ping, number: int, limit: int) -> list[int]:
    return [number, limit]


@table.add(replies=["a/b c"], path="/files/{name:path}", url="/files/a/b%20c")
async def path_with_slashes(message: Ping, name: str) -> str:
    return name


@table.add(replies=[7], path="/items/{number:int}", url="/items/7")
async def path_converted(message: Ping, number: int) -> int:
    return number


@table.add(replies=["7"], path="/items/{item}", url="/items/7")
async def path_alias(message: Ping, item_id: Annotated[str, Path(alias="item")]) -> str:
    return item_id


@table.add(errors=[["path.number: int_parsing"]], path="/items/{number}", url="/items/seven")
async def path_of_the_wrong_type(message: Ping, number: int) -> int:
    return number


@table.add(errors=[["path.number: greater_than"]], path="/items/{number}", url="/items/0")
async def path_constraint(message: Ping, number: Annotated[int, Path(gt=0)]) -> int:
    return number


async def get_item(number: int, x_token: Annotated[str, Header()], limit: int = 10) -> list[int | str]:
    return [number, x_token, limit]


async def get_owner(item: Annotated[Any, Depends(get_item)], name: str) -> list[Any]:
    return [name, *item]


@table.add(replies=[["anna", 7, "t", 10]], path="/items/{number}", url="/items/7?name=anna", headers=[("x-token", "t")])
async def parameters_of_dependencies(message: Ping, owner: Annotated[list[Any], Depends(get_owner)]) -> list[Any]:
    return owner


@table.add(
    errors=[["path.number: int_parsing", "query.limit: int_parsing", "header.x-token: missing"]],
    path="/items/{number}",
    url="/items/seven?limit=many",
)
async def several_that_do_not_validate(message: Ping, item: Annotated[Any, Depends(get_item)]) -> Any:
    return item


@table.add(
    errors=[["path.number: int_parsing", "header.x-token: missing", "query.name: missing", "query.word: missing"]],
    path="/items/{number}",
    url="/items/seven",
)
async def several_of_dependencies(message: Ping, word: str, owner: Annotated[Any, Depends(get_owner)]) -> Any:
    return owner


async def check(word: str) -> str:
    raise RequestValidationError([{"type": "unknown_word", "loc": ("query", "word"), "msg": "Unknown", "input": word}])


@table.add(errors=[["query.word: unknown_word"]], url="/items?word=tea")
async def one_that_a_dependency_refuses(message: Ping, word: Annotated[str, Depends(check)]) -> str:
    return word
