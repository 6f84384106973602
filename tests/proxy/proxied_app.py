"""What is served behind a proxy: a router, and one in a sub-application with a document of its own."""

from __future__ import annotations

from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from fastws import WSRouter, add_asyncapi


class Ask(BaseModel):
    type: Literal["ask"]


class Answer(BaseModel):
    room: str


def make_router(name: str) -> WSRouter:
    router = WSRouter()

    @router.receive
    async def ask(message: Ask, room: str) -> Answer:
        return Answer(room=f"{name} {room}")

    return router


app = FastAPI()
app.include_router(make_router("outer"), prefix="/ws/{room}")
add_asyncapi(app)

inner = FastAPI()
inner.include_router(make_router("inner"), prefix="/ws/{room}")
add_asyncapi(inner)
app.mount("/inner", inner)
