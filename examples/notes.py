"""Notes of users: who it is, is asked once for each connection; the database is opened for each message.

Run it with ``python examples/notes.py``, connect to ws://127.0.0.1:8000/ws?token=anna and send
``{"type":"add","text":"milk"}``, ``{"type":"list"}``, ``{"type":"read","id":1}``, ``{"type":"remove","id":7}``.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Literal

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, WebSocketException
from pydantic import BaseModel, Field

from fastws import WSRouter, reply_with_error

DATABASE = Path(gettempdir()) / "fastws-notes.sqlite"
TOKENS = {"anna": "Anna", "ben": "Ben"}


# What a client sends ...
class Add(BaseModel):
    """Write a note down."""

    type: Literal["add"]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class List(BaseModel):
    """List your notes, the newest first."""

    type: Literal["list"]


class Read(BaseModel):
    """Read a note, word by word."""

    type: Literal["read"]
    id: int


class Remove(BaseModel):
    """Throw a note away."""

    type: Literal["remove"]
    id: int


# ... and what the server sends.
class Note(BaseModel):
    type: Literal["note"] = "note"
    id: int
    text: str


class Word(BaseModel):
    type: Literal["word"] = "word"
    text: str


class Removed(BaseModel):
    type: Literal["removed"] = "removed"
    id: int


async def get_user(token: Annotated[str, Query()] = "") -> str:
    """Find out who connects."""
    if token not in TOKENS:
        raise WebSocketException(1008, "unknown token")
    return TOKENS[token]


def open_database() -> Iterator[sqlite3.Connection]:
    """Open the database for a message."""
    # The dependency and the handler run in threads, which need not be the same.
    with closing(sqlite3.connect(DATABASE, check_same_thread=False)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner TEXT, text TEXT)")
        yield database


User = Annotated[str, Depends(get_user)]
Database = Annotated[sqlite3.Connection, Depends(open_database)]

# Resolved once for each connection, because it is listed here.
router = WSRouter(discriminator="type", dependencies=[Depends(get_user)])
router.on_fallback(reply_with_error)
router.on_error(reply_with_error)


def find_note(database: sqlite3.Connection, user: str, id: int) -> Note:  # noqa: A002
    row = database.execute("SELECT text FROM notes WHERE owner = ? AND id = ?", (user, id)).fetchone()
    if row is None:
        raise HTTPException(404, "There is no such note.")
    return Note(id=id, text=row[0])


@router.receive
def add(message: Add, user: User, database: Database) -> Note:
    with database:  # a transaction, which is over before the reply is sent
        added = database.execute("INSERT INTO notes (owner, text) VALUES (?, ?)", (user, message.text))
    return Note(id=added.lastrowid or 0, text=message.text)


@router.receive(List)
def list_notes(user: User, database: Database, limit: Annotated[int, Query(ge=1)] = 100) -> list[Note]:
    rows = database.execute("SELECT id, text FROM notes WHERE owner = ? ORDER BY id DESC LIMIT ?", (user, limit))
    return [Note(id=id_, text=text) for id_, text in rows]


@router.receive
async def read(message: Read, user: User, database: Database) -> AsyncIterator[Word]:
    for word in find_note(database, user, message.id).text.split():
        yield Word(text=word)


@router.receive
def remove(message: Remove, user: User, database: Database) -> Removed:
    note = find_note(database, user, message.id)
    with database:
        database.execute("DELETE FROM notes WHERE id = ?", (note.id,))
    return Removed(id=note.id)


app = FastAPI(title="Notes")
app.include_router(router, prefix="/ws")


if __name__ == "__main__":
    print("Socket:        ws://127.0.0.1:8000/ws?token=anna")
    print("Documentation: http://127.0.0.1:8000/docs", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=8000)
