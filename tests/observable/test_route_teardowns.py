"""Dependencies that are torn down behind a request, and dependencies that raise before its reply or behind it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Annotated, Any

import asking
import pytest
from asking import FAILED, PING, PONG, ask, error, ok
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from fastws import SocketRouter

notes: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    notes.clear()


def make_app(handler: Callable[..., Any], **options: Any) -> FastAPI:
    router = SocketRouter(**options)
    router.route("ask")(handler)
    return asking.make_app(router)


async def get_session() -> AsyncIterator[str]:
    notes.append("open")
    yield "session"
    notes.append("close")


def get_session_in_thread(outer: Annotated[str, Depends(get_session)]) -> Iterator[str]:
    notes.append("open inner")
    yield f"{outer} inner"
    notes.append("close inner")


async def use_sessions(
    ws: WebSocket, headers: Any, payload: Any, session: Annotated[str, Depends(get_session_in_thread)]
) -> Any:
    notes.append("handle")
    if payload is not None:
        raise payload_errors[payload]
    return session


payload_errors = {"value": ValueError(), "http": HTTPException(409, "taken")}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, ok("session inner")),
        ("value", error(500, FAILED)),
        ("http", error(409, {"Message": "taken"})),
    ],
)
def test_sessions_are_opened_for_each_request_and_closed_behind_it(
    payload: str | None, expected: dict[str, Any]
) -> None:
    app = make_app(use_sessions)
    assert ask(app, payload=payload) == expected
    closes = ["close inner", "close"] if payload is None else []
    assert notes == ["open", "open inner", "handle", *closes]


async def get_careful_session() -> AsyncIterator[str]:
    try:
        yield "session"
    except Exception as raised:
        notes.append(f"rolled back {type(raised).__name__}")
        raise
    finally:
        notes.append("closed")


async def use_careful_session(
    ws: WebSocket, headers: Any, payload: Any, session: Annotated[str, Depends(get_careful_session)]
) -> Any:
    if payload is not None:
        raise payload_errors[payload]
    return session


@pytest.mark.parametrize(
    ("payload", "status", "expected"),
    [
        (None, 200, ["closed"]),
        ("value", 500, ["rolled back ValueError", "closed"]),
        ("http", 409, ["rolled back HTTPException", "closed"]),
    ],
)
@pytest.mark.parametrize(
    "options", [{}, {"concurrency": 4}, {"cancel_on_disconnect": True}], ids=["", "4", "cancelling"]
)
def test_a_session_hears_of_what_the_handler_raised(
    payload: str | None, status: int, expected: list[str], options: dict[str, Any]
) -> None:
    assert ask(make_app(use_careful_session, **options), payload=payload)["status"] == status
    assert notes == expected


async def fail_before() -> AsyncIterator[str]:
    raise HTTPException(401, "who are you?")
    yield ""


async def fail_after() -> AsyncIterator[str]:
    yield "value"
    raise ValueError("s3cr3t")


async def swallow() -> AsyncIterator[str]:
    with suppress(ValueError):
        yield "value"


# Not in a thread, which may still run when the test looks into the log.
async def fail() -> str:
    raise ValueError("s3cr3t")


async def handle_before(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(fail_before)]) -> Any:
    return value


async def handle_after(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(fail_after)]) -> Any:
    return value


async def handle_swallowed(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(swallow)]) -> Any:
    raise ValueError("s3cr3t")


async def handle_failure(ws: Any, headers: Any, payload: Any, value: Annotated[str, Depends(fail)]) -> Any:
    return value


async def handle_background(ws: Any, headers: Any, payload: Any, tasks: BackgroundTasks) -> Any:
    tasks.add_task(notes.append, "ran")
    tasks.add_task(fail)
    return "value"


@pytest.mark.parametrize("options", [{}, {"concurrency": 4}], ids=["", "4"])
@pytest.mark.parametrize(
    ("handler", "expected", "logged"),
    [
        (handle_before, error(401, {"Message": "who are you?"}), None),
        (handle_after, ok("value"), "'ask' raised after its reply"),
        (handle_swallowed, error(500, FAILED), "a request to 'ask' failed"),
        (handle_failure, error(500, FAILED), "a request to 'ask' failed"),
        (handle_background, ok("value"), "'ask' raised after its reply"),
    ],
)
def test_there_is_one_reply_whenever_a_dependency_raises(
    handler: Callable[..., Any],
    expected: dict[str, Any],
    logged: str | None,
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert ask(make_app(handler, **options)) == expected
    assert [one.getMessage() for one in caplog.records if one.name == "fastws"] == ([logged] if logged else [])


def test_a_next_request_is_answered_behind_a_slow_teardown() -> None:
    with TestClient(make_app(handle_after)).websocket_connect("/ws") as client:
        for uuid in range(3):
            client.send_text(json.dumps({"uuid": uuid, "route": "ask"}))
        client.send_text(PING)
        assert [client.receive_json()["uuid"] for _ in range(3)] == [0, 1, 2]
        assert client.receive_text() == PONG
