"""The hook that decides what an exception of a handler means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from case_ids import steady_repr
from fastapi import FastAPI, HTTPException, WebSocket, WebSocketException
from fastapi.testclient import TestClient
from peers import Peer, Say, settle
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter
from fastws.errors import InvalidCloseCodeError, InvalidHandlerError

pytestmark = pytest.mark.anyio


class OutOfTeaError(Exception):
    pass


class Tea:
    """A router whose handler raises, at once or after a wait, and the goodbyes it said."""

    def __init__(self, error: Exception | None = None, *, wait: bool = False, **options: Any) -> None:
        self.router = WSRouter(**options)
        self.error = error or OutOfTeaError()
        self.wait = wait
        self.goodbyes: list[int] = []
        self.router.receive(Say)(self.handle)
        self.router.on_disconnect(self.say_goodbye)

    async def handle(self, websocket: WebSocket, message: Say) -> None:
        if self.wait:
            await settle()
        if message.text == "tea":
            raise self.error
        await websocket.send_text(message.text)

    async def say_goodbye(self, websocket: WebSocket, code: int, reason: str) -> None:
        self.goodbyes.append(code)


wait_or_not = pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])


@wait_or_not
@pytest.mark.parametrize("hook_waits", [False, True], ids=["quick-hook", "slow-hook"])
@pytest.mark.parametrize("options", [{}, {"concurrency": 2}, {"cancel_on_disconnect": True}], ids="".join)
async def test_a_hook_that_returns_keeps_the_connection(wait: bool, hook_waits: bool, options: dict[str, Any]) -> None:
    tea = Tea(wait=wait, **options)
    seen: list[tuple[Any, ...]] = []

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Any, error: Exception) -> None:
        seen.append((websocket, message, error))
        if hook_waits:
            await settle()
        await websocket.send_text("sorry")

    peer = Peer("tea", "coffee")
    async with peer.served(tea.router):
        for _ in range(3):
            await settle()
        peer.leave(1000)
    assert seen == [(peer.websocket, Say(text="tea"), tea.error)]
    assert sorted(peer.texts) == ["coffee", "sorry"]
    assert (peer.closes, tea.goodbyes) == ([], [1000])


@pytest.mark.parametrize("options", [{}, {"concurrency": 2}], ids=["in-turn", "in-tasks"])
async def test_the_hook_is_not_asked_about_an_exception_of_the_fallback(options: dict[str, Any]) -> None:
    tea = Tea(**options)

    @tea.router.on_fallback
    async def on_fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        raise OutOfTeaError

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Any, error: Exception) -> None:
        pytest.fail("it was asked")

    peer = Peer()
    peer.put({"type": "websocket.receive", "text": "no JSON"})
    with pytest.raises(OutOfTeaError):
        await peer.run(tea.router)
    assert tea.goodbyes == [1011]


@wait_or_not
@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize(
    ("error", "code", "raised"),
    [
        (OutOfTeaError(), 1011, OutOfTeaError),
        (HTTPException(403, "no"), 1008, None),
        (HTTPException(418, "no"), 1011, None),
        (WebSocketException(1006), 1011, InvalidCloseCodeError),
    ],
    ids=["any", "403", "418", "illegal-code"],
)
async def test_what_the_hook_raises_again_is_treated_as_without_it(
    wait: bool, concurrency: int, error: Exception, code: int, raised: type[Exception] | None
) -> None:
    tea = Tea(error, wait=wait, concurrency=concurrency)

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        raise error

    peer = Peer("tea")
    if raised is None:
        await peer.run(tea.router)
    else:
        with pytest.raises(raised):
            await peer.run(tea.router)
    assert [sent for sent, _ in peer.closes] == tea.goodbyes == [code]


@wait_or_not
async def test_the_hook_may_raise_another_exception(wait: bool) -> None:
    tea = Tea(wait=wait)

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        raise LookupError from error

    peer = Peer("tea")
    with pytest.raises(LookupError) as raised:
        await peer.run(tea.router)
    assert raised.value.__cause__ is tea.error
    assert peer.closes == [(1011, "")]


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_the_hook_may_close_the_connection(concurrency: int) -> None:
    tea = Tea(concurrency=concurrency)

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        await websocket.close(4000, "no tea")

    peer = Peer("tea", "tea")
    await peer.run(tea.router)
    assert (peer.closes, tea.goodbyes) == ([(4000, "no tea")], [4000])


def test_the_application_handles_what_the_hook_raises(app: FastAPI, client: TestClient) -> None:
    tea = Tea()
    app.include_router(tea.router, prefix="/ws")

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        raise WebSocketException(4000, "no tea")

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text('{"text":"tea"}')
        assert websocket.receive() == {"type": "websocket.close", "code": 4000, "reason": "no tea"}
    assert tea.goodbyes == [4000]


def test_a_plain_function_runs_in_the_thread_pool(app: FastAPI, client: TestClient) -> None:
    tea = Tea()
    app.include_router(tea.router, prefix="/ws")
    threads: list[threading.Thread | None] = []

    @tea.router.on_connect
    async def connect(websocket: WebSocket) -> None:
        threads.append(threading.current_thread())
        await websocket.accept()

    @tea.router.on_error
    def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        threads.append(threading.current_thread())

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text('{"text":"tea"}')
        websocket.send_text('{"text":"coffee"}')
        assert websocket.receive_text() == "coffee"
    loop, hook = threads
    assert hook is not loop


async def test_a_subclass_may_have_the_hook_as_a_method() -> None:
    seen = []

    class Patient(WSRouter):
        async def _on_error(self, websocket: WebSocket, message: Say, error: Exception) -> None:
            seen.append((message.text, type(error)))

    router = Patient()

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        raise OutOfTeaError

    peer = Peer("tea", "more tea")
    peer.leave()
    await peer.run(router)
    assert seen == [("tea", OutOfTeaError), ("more tea", OutOfTeaError)]


@wait_or_not
async def test_with_a_dispatcher_the_hook_gets_the_raw_message(wait: bool) -> None:
    async def dispatch(websocket: WebSocket, mapping: dict[Any, Any], message: str) -> None:
        if wait:
            await settle()
        raise OutOfTeaError

    router = WSRouter(dispatcher=dispatch)
    seen = []

    @router.on_error
    async def on_error(websocket: WebSocket, message: str, error: Exception) -> None:
        seen.append((message, type(error)))

    peer = Peer("tea")
    peer.put({"type": "websocket.receive", "text": "no JSON"})
    peer.leave(1000)
    await peer.run(router)
    assert seen == [('{"text": "tea"}', OutOfTeaError), ("no JSON", OutOfTeaError)]


async def test_what_the_fallback_raises_is_no_error_of_a_handler() -> None:
    tea = Tea()

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        pytest.fail("no handler has run")

    @tea.router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        raise LookupError

    peer = Peer()
    peer.put({"type": "websocket.receive", "text": "no JSON"})
    with pytest.raises(LookupError):
        await peer.run(tea.router)


@wait_or_not
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_a_send_that_finds_the_peer_gone_is_none_of_its_business(wait: bool, concurrency: int) -> None:
    async def lose(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    tea = Tea(wait=wait, concurrency=concurrency)

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        pytest.fail("a disconnect is no error")

    peer = Peer("coffee", send=lose)
    async with peer.served(tea.router):
        await settle()
        peer.leave(1006)
    assert tea.goodbyes == [1006]


async def test_a_disconnect_of_another_connection_is_one() -> None:
    tea = Tea(WebSocketDisconnect(1006))
    seen = []

    @tea.router.on_error
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None:
        seen.append(error)

    peer = Peer("tea", "coffee")
    peer.leave(1000)
    await peer.run(tea.router)
    assert (seen, peer.texts) == ([tea.error], ["coffee"])


async def two(websocket: WebSocket, message: Say) -> None: ...
async def four(websocket: WebSocket, message: Say, error: Exception, more: str) -> None: ...
async def swapped(message: Say, error: Exception, websocket: WebSocket) -> None: ...


@pytest.mark.parametrize("hook", [two, four, swapped, OutOfTeaError, None], ids=steady_repr)
def test_a_hook_that_cannot_be_called_is_refused(hook: Callable[..., Any]) -> None:
    router = WSRouter()
    with pytest.raises(InvalidHandlerError, match="on_error"):
        router.on_error(hook)
    assert router._on_error is None


def test_the_decorator_returns_the_hook() -> None:
    async def on_error(websocket: WebSocket, message: Say, error: Exception) -> None: ...

    assert WSRouter().on_error(on_error) is on_error


def test_a_hook_of_a_subclass_that_cannot_be_called_is_refused_at_startup(app: FastAPI) -> None:
    class Wrong(WSRouter):
        async def _on_error(self, websocket: WebSocket, error: Exception) -> None: ...

    app.include_router(Wrong(), prefix="/ws")
    with pytest.raises(InvalidHandlerError, match="on_error"), TestClient(app):
        pass
