import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Query, WebSocketException
from pydantic import BaseModel

from fastws import WSRouter

DATABASE = "shopping.sqlite"
TOKENS = {"t1": "anna", "t2": "ben"}


class Add(BaseModel):
    """Put something on your shopping list."""

    type: Literal["add"]
    item: str


class Show(BaseModel):
    """Show your whole list."""

    type: Literal["show"]


class Entry(BaseModel):
    owner: str
    item: str


def get_user(token: Annotated[str, Query()] = "") -> str:
    if token not in TOKENS:
        raise WebSocketException(1008, "Who are you?")
    return TOKENS[token]


def open_database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(DATABASE, check_same_thread=False)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS entries (owner TEXT, item TEXT)")
        yield database


User = Annotated[str, Depends(get_user)]
Database = Annotated[sqlite3.Connection, Depends(open_database)]

router = WSRouter(discriminator="type", dependencies=[Depends(get_user)])


@router.receive
def add(message: Add, user: User, database: Database) -> Entry:
    with database:
        database.execute("INSERT INTO entries VALUES (?, ?)", (user, message.item))
    return Entry(owner=user, item=message.item)


@router.receive(Show)
def show(user: User, database: Database, limit: int = 100) -> list[Entry]:
    rows = database.execute("SELECT item FROM entries WHERE owner = ? LIMIT ?", (user, limit))
    return [Entry(owner=user, item=item) for (item,) in rows]


app = FastAPI()
app.include_router(router, prefix="/ws")
