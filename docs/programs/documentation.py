from typing import Annotated, Literal

from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from fastws import WSRouter, add_asyncapi


class Add(BaseModel):
    """Put something on the shopping list."""

    type: Literal["add"]
    item: Annotated[str, Field(description="What to buy", examples=["milk"])]
    count: Annotated[int, Field(ge=1, description="How many")] = 1


class Entry(BaseModel):
    """What is on the list now."""

    item: str
    count: int


class Sale(BaseModel):
    """Something on the list is on sale; sent at any time."""

    item: str


items: dict[str, int] = {}
router = WSRouter(name="Shopping", tags=["shopping"], discriminator="type", callbacks=Sale)


@router.receive
async def add(message: Add, shop: Annotated[str, Query(description="Where to buy it")] = "corner shop") -> Entry:
    """The items of the same name are counted together."""
    items[message.item] = items.get(message.item, 0) + message.count
    return Entry(item=message.item, count=items[message.item])


app = FastAPI(title="Shopping")
app.include_router(router, prefix="/ws")
add_asyncapi(app)
