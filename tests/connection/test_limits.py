"""What one connection may cost: what is no limit, and what happens beyond the size of a message."""

from __future__ import annotations

import logging
import sys
from fractions import Fraction
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from peers import Say

from fastws import WSRouter
from fastws.connection import Limits

NO_COUNTS: list[Any] = [0, -1, True, False, 1.5, "32", float("inf"), [1]]
NO_SECONDS: list[Any] = [0, 0.0, -1, -0.5, float("nan"), True, "5", Fraction(1), [1]]

BAD: list[tuple[str, Any]] = [
    *(("max_message_size", value) for value in NO_COUNTS),
    *(("mailbox", value) for value in [*NO_COUNTS, None]),
    *(("concurrency", value) for value in [*NO_COUNTS, None]),
    *(("send_timeout", value) for value in NO_SECONDS),
    *(("hook_timeout", value) for value in [*NO_SECONDS, None]),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{name}={value!r}" for name, value in BAD])
def test_what_is_no_limit_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is a number of .* above 0.*, not ") as refused:
        WSRouter(**{name: value})
    assert str(refused.value).endswith(f", not {value!r}.")


GOOD: list[tuple[str, Any]] = [
    *(("max_message_size", value) for value in (1, sys.maxsize, 2**63, 10**30, None)),
    *(("mailbox", value) for value in (1, 10**30)),
    *(("concurrency", value) for value in (1, 10**30)),
    *(("send_timeout", value) for value in (0.001, 1, float("inf"), None)),
    *(("hook_timeout", value) for value in (0.001, 1, float("inf"))),
    ("cancel_on_disconnect", True),
]


@pytest.mark.parametrize(("name", "value"), GOOD, ids=[f"{name}={value!r}" for name, value in GOOD])
def test_what_is_a_limit_lets_a_connection_live(app: FastAPI, client: TestClient, name: str, value: Any) -> None:
    router = WSRouter(**{"max_message_size": 13, name: value})
    app.include_router(router, prefix="/ws")

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text(message.text)

    @router.on_fallback
    async def fallback(websocket: WebSocket, message: str | None, error: Exception | None) -> None:
        await websocket.send_text("fallback")

    assert getattr(router.limits, name) == value
    with client.websocket_connect("/ws") as websocket:
        if name == "max_message_size" and value == 1:
            websocket.send_text("1")
            assert websocket.receive_text() == "fallback"
        else:
            websocket.send_text('{"text":"ok"}')
            assert websocket.receive_text() == "ok"


def test_what_the_limits_are_where_nothing_is_said() -> None:
    limits = Limits()
    assert WSRouter().limits == limits
    assert (limits.max_message_size, limits.mailbox, limits.concurrency) == (1_048_576, 32, 1)
    assert (limits.cancel_on_disconnect, limits.send_timeout, limits.hook_timeout) == (False, 60, 5)


def refuse_everything(websocket: WebSocket, *arguments: object) -> None:
    pytest.fail("the message was looked at")


@pytest.mark.parametrize(
    "options",
    [{}, {"as_text": False}, {"dispatcher": refuse_everything}, {"concurrency": 2}, {"cancel_on_disconnect": True}],
    ids=["text", "binary", "dispatcher", "concurrency", "cancel_on_disconnect"],
)
def test_a_message_over_the_limit_ends_the_connection_before_it_is_parsed(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    router = WSRouter(max_message_size=20, **options)
    app.include_router(router, prefix="/ws")
    router.on_fallback(refuse_everything)
    router.on_error(refuse_everything)
    router.receive(Say)(refuse_everything)
    goodbyes = []

    @router.on_disconnect
    async def goodbye(websocket: WebSocket, code: int, reason: str) -> None:
        goodbyes.append((code, reason))

    secret = '{"text":"sécret"' + " " * 4
    assert len(secret.encode()) == 21
    with caplog.at_level(logging.DEBUG, "fastws"), client.websocket_connect("/ws") as websocket:
        caplog.clear()
        if router.as_text:
            websocket.send_text(secret)
        else:
            websocket.send_bytes(secret.encode())
        if "concurrency" not in options:
            websocket.send_text(secret)
        assert websocket.receive() == {"type": "websocket.close", "code": 1009, "reason": "message over 20 bytes"}
    assert goodbyes == [(1009, "message over 20 bytes")]
    line = "a message of 21 bytes is over max_message_size=20; the connection is closed"
    assert [record for record in caplog.record_tuples if record[0] == "fastws"] == [("fastws", logging.WARNING, line)]


def test_any_size_passes_without_a_limit(app: FastAPI, client: TestClient) -> None:
    router = WSRouter(max_message_size=None)
    app.include_router(router, prefix="/ws")

    @router.receive(Say)
    async def handle(websocket: WebSocket, message: Say) -> None:
        await websocket.send_text(str(len(message.text)))

    with client.websocket_connect("/ws") as websocket:
        websocket.send_text('{"text":"' + "x" * 3_000_000 + '"}')
        assert websocket.receive_text() == "3000000"
