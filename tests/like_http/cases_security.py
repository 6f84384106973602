"""`Security` with scopes, and what reads the credentials."""

from typing import Annotated, Any

from both_ways import FASTAPI, Table, note
from fastapi import Depends, Header, HTTPException, Security
from fastapi.security import APIKeyCookie, APIKeyHeader, APIKeyQuery, OAuth2PasswordBearer, SecurityScopes
from pings import Ping

table = Table()

ANNA = [("authorization", "Bearer anna")]


async def get_token(authorization: Annotated[str | None, Header()] = None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return token


async def get_user(scopes: SecurityScopes, token: Annotated[str, Depends(get_token)]) -> str:
    note(f"{token} for {scopes.scope_str or 'nothing'}")
    if "admin" in scopes.scopes and token != "root":
        raise HTTPException(403, f"Not enough for {scopes.scope_str}")
    return token


async def get_active_user(user: Annotated[str, Security(get_user, scopes=["me"])]) -> str:
    return f"active {user}"


@table.add(replies=["anna"], headers=ANNA)
async def a_token(message: Ping, token: Annotated[str, Depends(get_token)]) -> str:
    return token


@table.add(errors=[(401, "Not authenticated")])
async def no_token(message: Ping, token: Annotated[str, Depends(get_token)]) -> str:
    return token


@table.add(replies=["anna"], events=["anna for nothing", "reply"], headers=ANNA)
async def no_scopes(message: Ping, user: Annotated[str, Depends(get_user)]) -> str:
    return user


@table.add(replies=["anna"], events=["anna for read write", "reply"], headers=ANNA)
async def scopes(message: Ping, user: Annotated[str, Security(get_user, scopes=["read", "write"])]) -> str:
    return user


@table.add(replies=["active anna"], events=["anna for items me", "reply"], headers=ANNA)
async def scopes_are_inherited(message: Ping, user: Annotated[str, Security(get_active_user, scopes=["items"])]) -> str:
    return user


@table.add(replies=["active anna"], events=["anna for me", "reply"], headers=ANNA)
async def scopes_of_a_dependency(message: Ping, user: Annotated[str, Depends(get_active_user)]) -> str:
    return user


@table.add(errors=[(403, "Not enough for admin me")], events=["anna for admin me", "error"], headers=ANNA)
async def not_enough(message: Ping, user: Annotated[str, Security(get_active_user, scopes=["admin"])]) -> str:
    return user


@table.add(replies=[["anna", "anna"]], events=["anna for read", "anna for write", "reply"], headers=ANNA)
async def one_with_other_scopes_is_called_again(
    message: Ping,
    reader: Annotated[str, Security(get_user, scopes=["read"])],
    writer: Annotated[str, Security(get_user, scopes=["write"])],
) -> list[str]:
    return [reader, writer]


@table.add(replies=[["anna", "anna"]], events=["anna for read", "reply"], headers=ANNA)
async def one_with_the_same_scopes_is_not(
    message: Ping,
    reader: Annotated[str, Security(get_user, scopes=["read"])],
    again: Annotated[str, Security(get_user, scopes=["read"])],
) -> list[str]:
    return [reader, again]


@table.add(replies=[[]])
async def the_handler_itself_has_none(message: Ping, scopes: SecurityScopes) -> list[str]:
    return scopes.scopes


# Before, these classes of FastAPI want a `Request`.
FROM_CONNECTIONS = (0, 145)

header: Any = APIKeyHeader(name="x-key") if FASTAPI >= FROM_CONNECTIONS else lambda: None
query: Any = APIKeyQuery(name="key") if FASTAPI >= FROM_CONNECTIONS else lambda: None
cookie: Any = APIKeyCookie(name="key") if FASTAPI >= FROM_CONNECTIONS else lambda: None
bearer: Any = OAuth2PasswordBearer("token") if FASTAPI >= FROM_CONNECTIONS else lambda: None


@table.add(
    replies=[["h", "q", "c", "anna"]],
    url="/items?key=q",
    headers=[("x-key", "h"), ("cookie", "key=c"), *ANNA],
    since=FROM_CONNECTIONS,
)
async def classes_of_fastapi(
    message: Ping,
    by_header: Annotated[str, Security(header)],
    by_query: Annotated[str, Security(query)],
    by_cookie: Annotated[str, Security(cookie)],
    token: Annotated[str, Security(bearer)],
) -> list[str]:
    return [by_header, by_query, by_cookie, token]


@table.add(errors=[(401, "Not authenticated")], since=FROM_CONNECTIONS)
async def a_class_of_fastapi_refuses(message: Ping, token: Annotated[str, Security(bearer)]) -> str:
    return token


@table.add(errors=[(401, "Not authenticated")], since=FROM_CONNECTIONS)
async def a_key_is_missing(message: Ping, key: Annotated[str, Security(header)]) -> str:
    return key
