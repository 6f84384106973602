"""Annotations that stand in a function, where they are only strings: nobody gets what was not meant for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ForwardRef

import pytest
from fastapi import Depends, WebSocket
from model_sets import PYDANTIC
from peers import Peer, Say

from fastws import WSRouter
from fastws.errors import UnresolvedError

if TYPE_CHECKING:
    from typing import Protocol

    class Sender(Protocol):
        async def send_text(self, data: str) -> None: ...


def make_handlers() -> dict[str, Callable[..., Any]]:
    """Make handlers whose annotations name what is defined in this function alone."""

    def get_user() -> str:
        return "anna"

    User = Annotated[str, Depends(get_user)]  # noqa: N806  (a type)

    async def behind(message: Say, user: Annotated[str, Depends(get_user)]) -> str:
        return user

    async def before(user: Annotated[str, Depends(get_user)], message: Say) -> str:
        return user

    async def alone(websocket: WebSocket, user: Annotated[str, Depends(get_user)]) -> str:
        return user

    async def by_alias(message: Say, user: User) -> str:
        return user

    async def beside(websocket: WebSocket, message: Say, user: User) -> str:
        return user

    return {func.__name__: func for func in (behind, before, alone, by_alias, beside)}


@pytest.mark.anyio
@pytest.mark.skipif(PYDANTIC < (2, 10), reason="pydantic says at the decorator that a name is not defined")
@pytest.mark.parametrize("name", make_handlers())
async def test_a_dependency_that_cannot_be_found_is_not_the_connection(name: str) -> None:
    router = WSRouter()
    router.receive(Say)(make_handlers()[name])
    with pytest.raises(UnresolvedError, match="'user'"):
        await Peer("hello").run(router)


@pytest.mark.anyio
async def test_a_default_says_it() -> None:
    async def get_user() -> str:
        return "anna"

    router = WSRouter()

    @router.receive
    async def answer(message: Say, user: str = Depends(get_user)) -> str:
        return user

    peer = Peer("hello")
    peer.leave()
    await peer.run(router)
    assert peer.texts == ['"anna"']


@pytest.mark.anyio
async def test_a_connection_that_only_type_checkers_know_comes_first() -> None:
    router = WSRouter()

    @router.receive(Say)
    async def answer(sender: Sender, message: Say) -> None:
        await sender.send_text(message.text)

    peer = Peer("hello")
    peer.leave()
    await peer.run(router)
    assert peer.texts == ["hello"]


@pytest.mark.anyio
async def test_so_does_one_that_stands_in_a_reference() -> None:
    router = WSRouter()

    async def answer(sender: Any, message: Any) -> None:
        await sender.send_text(message.text)

    # As Python 3.14 reads an annotation that is no string, and whose name is not defined.
    answer.__annotations__ = {"sender": ForwardRef("Sender"), "message": Say}
    router.receive(Say)(answer)
    peer = Peer("hello")
    peer.leave()
    await peer.run(router)
    assert peer.texts == ["hello"]
