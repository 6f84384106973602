from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from fastws import WSRouter


class Greeting(BaseModel):
    """Say hello."""

    type: Literal["greeting"]
    name: str


class Welcome(BaseModel):
    text: str


router = WSRouter(discriminator="type")


@router.receive
async def greet(message: Greeting) -> Welcome:
    return Welcome(text=f"Hello, {message.name}!")


app = FastAPI()
app.include_router(router, prefix="/ws")
