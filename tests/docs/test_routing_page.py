"""What a router says of itself is what the page on routing shows."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pages import find_blocks
from pydantic import BaseModel, create_model

from fastws import WSRouter
from fastws.messages import CONSISTENT


class Ping(BaseModel):
    type: Literal["ping"]

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


def describe(*models: type[BaseModel]) -> str:
    router = WSRouter()
    for model in models:
        router.receive(model)(handle)
    router.parse('{"type":"0"}')
    return repr(router)


async def handle(websocket: Any, message: Any) -> None:
    pass


def make_models(count: int) -> list[type[BaseModel]]:
    tags: list[Any] = [Literal[str(number)] for number in range(count)]
    return [create_model(f"Model{number}", type=(tag, ...)) for number, tag in enumerate(tags)]


@pytest.mark.skipif(not CONSISTENT, reason="pydantic is older than 2.11")
def test_a_router_says_which_way_it_went() -> None:
    (said,) = find_blocks("docs/routing.md", "text")
    assert [describe(*make_models(12)), describe(*make_models(2), Ping)] == said.text.splitlines()
