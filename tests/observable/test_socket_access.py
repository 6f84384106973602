"""Who may connect: access_logic in all its forms, and the allowed origins."""

from __future__ import annotations

import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import starlette
from asking import PING, PONG, Asker, make_app
from fastapi import Depends, FastAPI, HTTPException, Query, WebSocketException
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws import SocketRouter
from fastws.errors import InvalidHandlerError

Logic = Callable[..., Any]

STARLETTE = tuple(int(part) for part in starlette.__version__.split(".")[:2])


def connect(router: SocketRouter | FastAPI, **options: Any) -> tuple[int, str] | None:
    """Connect; return why that was refused, `None` where it was not and requests are answered."""
    app = router if isinstance(router, FastAPI) else make_app(router)
    try:
        with TestClient(app).websocket_connect("/ws?token=t", **options) as client:
            client.send_text(PING)
            assert client.receive_text() == PONG
    except WebSocketDisconnect as refused:
        return refused.code, refused.reason
    return None


class Guard:
    def __init__(self, *, allows: Any) -> None:
        self.allows = allows

    def check(self, websocket: WebSocket) -> Any:
        return self.allows

    async def check_in_loop(self, websocket: WebSocket) -> Any:
        return self.allows

    def __call__(self, websocket: WebSocket) -> Any:
        return self.allows


async def check_token(token: str, websocket: WebSocket) -> bool:
    return websocket.query_params["token"] == token


FORMS: list[tuple[str, Callable[[Any], Logic]]] = [
    ("method", lambda allows: Guard(allows=allows).check),
    ("async-method", lambda allows: Guard(allows=allows).check_in_loop),
    ("object", lambda allows: Guard(allows=allows)),
    ("partial", lambda allows: functools.partial(Guard.check_in_loop, Guard(allows=allows))),
    ("lambda", lambda allows: lambda ws: allows),
    ("lambda-of-async", lambda allows: lambda ws: Guard(allows=allows).check_in_loop(ws)),
    ("default", lambda allows: lambda ws=None: allows),
    ("arguments", lambda allows: lambda *arguments: allows),
]

forms = pytest.mark.parametrize("form", [pytest.param(make, id=name) for name, make in FORMS])


@forms
@pytest.mark.parametrize("allows", [True, 1, "yes"], ids=repr)
def test_whatever_is_true_lets_a_client_connect(form: Callable[[Any], Logic], allows: Any) -> None:
    assert connect(SocketRouter(form(allows))) is None


@forms
@pytest.mark.parametrize("allows", [False, None, 0, ""], ids=repr)
def test_whatever_is_not_refuses_it(form: Callable[[Any], Logic], allows: Any) -> None:
    assert connect(SocketRouter(form(allows))) == (1008, "Access denied")


def test_access_may_depend_on_the_connection() -> None:
    assert connect(SocketRouter(functools.partial(check_token, "t"))) is None
    assert connect(SocketRouter(functools.partial(check_token, "other"))) == (1008, "Access denied")


def test_without_access_logic_everybody_may_connect() -> None:
    assert connect(SocketRouter()) is None
    assert connect(SocketRouter(None)) is None


def test_plain_access_logic_does_not_hold_up_the_event_loop() -> None:
    threads = []

    def check(websocket: WebSocket) -> bool:
        threads.append(threading.current_thread().name)
        return True

    assert connect(SocketRouter(check)) is None
    assert threads[0].startswith("AnyIO worker thread")


@pytest.mark.parametrize(
    ("raised", "code", "reason"),
    [(WebSocketException(4003, "not you"), 4003, "not you"), (WebSocketException(1008), 1008, "")],
    ids=["own", "1008"],
)
def test_access_logic_may_refuse_with_a_code_of_its_own(raised: Exception, code: int, reason: str) -> None:
    async def check(websocket: WebSocket) -> bool:
        raise raised

    assert connect(SocketRouter(check)) == (code, reason)


@pytest.mark.skipif(STARLETTE < (0, 41), reason="new in Starlette 0.41")
def test_access_logic_may_refuse_with_a_response() -> None:
    async def check(websocket: WebSocket) -> bool:
        raise HTTPException(401, "who are you?")

    client = TestClient(make_app(SocketRouter(check)))
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/ws"):
        pass
    assert (denied.value.status_code, denied.value.json()) == (401, {"detail": "who are you?"})


def test_access_logic_that_fails_refuses() -> None:
    async def check(websocket: WebSocket) -> bool:
        raise ValueError("secret")

    with pytest.raises(ValueError, match="secret"), TestClient(make_app(SocketRouter(check))).websocket_connect("/ws"):
        pytest.fail("connected")


@pytest.mark.parametrize("returned", [True, False])
def test_access_logic_may_close_by_itself(*, returned: bool) -> None:
    async def check(websocket: WebSocket) -> bool:
        await websocket.close(4001, "later")
        return returned

    assert connect(SocketRouter(check)) == (4001, "later")


def test_access_logic_may_accept_by_itself() -> None:
    async def check(websocket: WebSocket) -> bool:
        await websocket.accept("chat")
        return True

    with TestClient(make_app(SocketRouter(check))).websocket_connect("/ws") as client:
        client.send_text(PING)
        assert [client.accepted_subprotocol, client.receive_text()] == ["chat", PONG]


def test_access_logic_may_accept_and_then_refuse() -> None:
    async def check(websocket: WebSocket) -> bool:
        await websocket.accept()
        return False

    assert connect(SocketRouter(check)) == (1008, "Access denied")


@pytest.mark.anyio
async def test_a_refused_client_gets_no_accept() -> None:
    asker = Asker()
    async with asker.asking(SocketRouter(lambda ws: False)):
        pass
    assert asker.sent == [{"type": "websocket.close", "code": 1008, "reason": "Access denied"}]


async def takes_two(websocket: Any, other: Any) -> bool:
    return True


async def takes_none() -> bool:
    return True


async def needs_name(websocket: Any, *, token: str) -> bool:
    return True


def yields(websocket: Any) -> Iterator[bool]:
    yield False


async def yields_in_loop(websocket: Any) -> AsyncIterator[bool]:
    yield False


async def get_user() -> None:
    return None


# Called without it, they would take the mark for a user, and let everybody connect.
async def asks_for_user(websocket: Any, user: Any = Depends(get_user)) -> bool:
    return user is not None


async def asks_for_token(websocket: Any, token: str = Query("")) -> bool:
    return bool(token)


@pytest.mark.parametrize(
    ("logic", "parts"),
    [
        (takes_two, ["takes_two (", "cannot be access_logic", "'other'", "`async def may_connect(websocket)`"]),
        (takes_none, ["takes_none (", "cannot be access_logic", "`async def may_connect(websocket)`"]),
        (needs_name, ["needs_name (", "cannot be access_logic", "'token'"]),
        (yields, ["yields (", "cannot be access_logic", "generator"]),
        (yields_in_loop, ["yields_in_loop (", "cannot be access_logic", "generator"]),
        (asks_for_user, ["asks_for_user (", "'user' as a dependency", "`websocket.state`"]),
        (asks_for_token, ["asks_for_token (", "'token' as a dependency", "`websocket.state`"]),
        (Guard, ["Guard cannot be access_logic: it is a class"]),
        (Guard.check, ["Guard.check (", "a method of no object yet"]),
        (True, ["True cannot be access_logic: it is not callable"]),
        ("check", ["'check' cannot be access_logic: it is not callable"]),
    ],
)
def test_what_cannot_be_asked_is_refused(logic: Any, parts: list[str]) -> None:
    with pytest.raises(InvalidHandlerError) as raised:
        SocketRouter(logic)
    assert [part for part in parts if part not in str(raised.value)] == []


@pytest.mark.parametrize(
    ("origin", "allowed", "refused"),
    [
        ("https://example.com", ["https://example.com"], False),
        ("https://example.com", ["https://other.com", "https://example.com"], False),
        ("https://evil.com", ["https://example.com"], True),
        ("https://example.com.evil.com", ["https://example.com"], True),
        ("http://example.com", ["https://example.com"], True),
        ("null", ["https://example.com"], True),
        (None, ["https://example.com"], True),
        (None, ["https://example.com", None], False),
        ("https://evil.com", [], True),
        ("https://evil.com", None, False),
    ],
)
def test_only_pages_of_allowed_origins_may_connect(origin: str | None, allowed: Any, *, refused: bool) -> None:
    asked = []

    def check(websocket: WebSocket) -> bool:
        asked.append(1)
        return True

    headers = {} if origin is None else {"origin": origin}
    refusal = connect(SocketRouter(check, allowed_origins=allowed), headers=headers)
    assert (refusal is not None and refusal[0] == 1008, asked) == ((True, []) if refused else (False, [1]))
