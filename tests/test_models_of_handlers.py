"""Which model a handler is for, where the decorator does not say it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, WebSocket
from model_kinds import Box, Either, Numbers, Pair, Ping, Point, Pong, Tagged, Total, get_ping, taking
from pydantic import Field

from fastws import WSRouter
from fastws.errors import InvalidModelError
from fastws.handlers import find_message


async def bound(previous: Ping, websocket: WebSocket, message: Ping, limit: int = 3) -> None: ...


class Chat:
    async def handle(self, message: Ping, websocket: WebSocket) -> None: ...


@pytest.mark.parametrize(
    "model",
    [
        Ping,
        Ping | Pong,
        Point,
        Pair[int],
        Total,
        Box[int],
        Numbers,
        Either,
        Tagged,
        Ping | Point | Total,
        Annotated[Ping, "a note"] | Pong,
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "annotate", [lambda one: one, lambda one: Annotated[one, "a note"]], ids=["plain", "Annotated"]
)
def test_the_model_is_found_in_the_annotation(model: Any, annotate: Callable[[Any], Any]) -> None:
    for func in (taking(websocket=WebSocket, message=annotate(model)), taking(limit=int, message=annotate(model))):
        assert find_message(func) == model


@pytest.mark.parametrize(
    ("annotation", "texts"),
    [
        (Ping | Pong, ['{"type":"ping"}', '{"type":"pong"}']),
        (Annotated[Ping | Pong, Field(discriminator="type")], ['{"type":"ping"}', '{"type":"pong"}']),
        (Either, ['{"type":"ping"}', '{"type":"pong"}']),
        (Tagged, ['{"type":"ping"}', '{"type":"pong"}']),
        (Total, ['{"total":1}']),
        (Point, ['{"x":1}']),
        (Pair[int], ['{"left":1}']),
        (Numbers, ["[1]"]),
        (Ping | Point | Total, ['{"type":"ping"}', '{"x":1}', '{"total":1}']),
        ("Ping | Pong", ['{"type":"ping"}', '{"type":"pong"}']),
    ],
    ids=str,
)
def test_a_handler_is_registered_for_what_its_annotation_says(annotation: Any, texts: list[str]) -> None:
    router = WSRouter()
    func = taking(websocket=WebSocket, message=annotation)
    assert router.receive()(func) is func
    messages = router._registry.build()
    assert messages is not None
    assert all(messages.table.route(text)[0] is not None for text in texts)
    assert set(router.mapping.values()) == {func}


@pytest.mark.parametrize(
    "func",
    [
        taking(),
        taking(websocket=WebSocket),
        taking(websocket=WebSocket, message=...),
        taking(websocket=WebSocket, message=Any),
        taking(websocket=WebSocket, message=dict),
        taking(websocket=WebSocket, message=list[Ping]),
        taking(websocket=WebSocket, message=Ping | None),
        taking(websocket=WebSocket, message=Ping | int),
        taking(websocket=WebSocket, message="Undefined"),
        taking(websocket=WebSocket, message=Annotated[Ping, Depends(get_ping)]),
        functools.partial(bound, message=get_ping(), previous=get_ping()),
        {}.update,
    ],
    ids=[
        "nothing",
        "connection",
        "none",
        "Any",
        "dict",
        "list",
        "optional",
        "int",
        "undefined",
        "marked",
        "bound",
        "C",
    ],
)
@pytest.mark.parametrize("bare", [True, False], ids=["bare", "called"])
def test_a_handler_that_names_no_model_is_refused(func: Any, bare: bool) -> None:
    router = WSRouter()
    with pytest.raises(
        InvalidModelError, match=r"names no message model.*`message: Model`.*`@router.receive\(Model\)`"
    ):
        router.receive(func) if bare else router.receive()(func)
    assert (router.mapping, len(router.routes)) == ({}, 2)


def test_the_bare_decorator_takes_methods_and_partials() -> None:
    chat, router = Chat(), WSRouter()
    handle = chat.handle
    assert router.receive(handle) is handle
    assert router.mapping == {Ping: handle}
    router, partial = WSRouter(), functools.partial(bound, previous=get_ping())
    assert router.receive(partial) is partial
    assert router.mapping == {Ping: partial}
