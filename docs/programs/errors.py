from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from fastws import WSRouter, reply_with_error


class Remove(BaseModel):
    """Take something off the shopping list."""

    type: Literal["remove"]
    item: Annotated[str, Field(min_length=1)]


class Removed(BaseModel):
    type: Literal["removed"] = "removed"
    item: str


items = {"milk", "tea"}

router = WSRouter(discriminator="type")
router.on_fallback(reply_with_error)
router.on_error(reply_with_error)


@router.receive
async def remove(message: Remove) -> Removed:
    if message.item not in items:
        raise HTTPException(404, "That is not on the list.")
    items.remove(message.item)
    return Removed(item=message.item)


app = FastAPI()
app.include_router(router, prefix="/ws")
