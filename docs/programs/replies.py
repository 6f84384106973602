from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from fastws import WSRouter


class Add(BaseModel):
    """Put something on the shopping list."""

    type: Literal["add"]
    item: str
    count: Annotated[int, Field(ge=1)] = 1


class Show(BaseModel):
    """Show the whole list."""

    type: Literal["show"]


class Entry(BaseModel):
    item: str
    count: int


items: dict[str, int] = {}
router = WSRouter(discriminator="type")


@router.receive
async def add(message: Add) -> Entry:
    items[message.item] = items.get(message.item, 0) + message.count
    return Entry(item=message.item, count=items[message.item])


@router.receive(Show)
async def show() -> list[Entry]:
    return [Entry(item=item, count=count) for item, count in items.items()]


app = FastAPI()
app.include_router(router, prefix="/ws")
