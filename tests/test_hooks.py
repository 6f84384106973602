"""With what hooks are called, and what cannot be one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws.errors import InvalidHandlerError
from fastws.hooks import check_hook, plan_goodbye

WEBSOCKET = WebSocket({"type": "websocket"}, None, None)  # type: ignore[arg-type]

calls: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def _forget_calls() -> None:
    calls.clear()


async def by_code_and_reason(websocket: WebSocket, code: int, reason: str) -> None:
    calls.append((websocket, code, reason))


async def by_event(websocket: WebSocket, message: WebSocketDisconnect) -> None:
    calls.append((websocket, message.code, message.reason))


async def by_bare_event(websocket, message):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, RUF100
    calls.append((websocket, message.code, message.reason))


async def by_event_first(event: WebSocketDisconnect, websocket: WebSocket) -> None:
    calls.append((websocket, event.code, event.reason))


async def by_event_string(websocket: WebSocket, event: starlette.WebSocketDisconnect) -> None:  # type: ignore[name-defined]  # noqa: F821
    calls.append((websocket, event.code, event.reason))


async def by_event_with_default(websocket: WebSocket, event: WebSocketDisconnect, more: int = 0) -> None:
    calls.append((websocket, event.code, event.reason))


async def by_any(*args: Any) -> None:
    calls.append(args)


async def by_optional_event(websocket: WebSocket, event: WebSocketDisconnect | None, more: int = 0) -> None:
    assert event is not None
    calls.append((websocket, event.code, event.reason))


async def by_optional_code(websocket: WebSocket, status: int | None) -> None:
    calls.append((websocket, status))


async def by_close_code(websocket, close_code) -> None:  # type: ignore[no-untyped-def]
    calls.append((websocket, close_code))


async def by_code(websocket: WebSocket, code: int) -> None:
    calls.append((websocket, code))


async def by_named_code(websocket, code) -> None:  # type: ignore[no-untyped-def]
    calls.append((websocket, code))


async def by_websocket(websocket: WebSocket) -> None:
    calls.append((websocket,))


def by_thread(websocket: WebSocket, code: int, reason: str) -> None:
    assert threading.current_thread() is not threading.main_thread()
    calls.append((websocket, code, reason))


@pytest.mark.parametrize(
    ("func", "length"),
    [
        (by_code_and_reason, 3),
        (by_event, 3),
        (by_bare_event, 3),
        (by_event_first, 3),
        (by_event_string, 3),
        (by_event_with_default, 3),
        (by_any, 3),
        (by_thread, 3),
        (by_code, 2),
        (by_optional_event, 3),
        (by_optional_code, 2),
        (by_close_code, 2),
        (by_named_code, 2),
        (by_websocket, 1),
    ],
)
def test_every_signature_of_on_disconnect(func: Callable[..., Any], length: int) -> None:
    async def run() -> None:
        await plan_goodbye(func)(WEBSOCKET, 1001, "away")

    asyncio.run(run())
    assert calls == [(WEBSOCKET, 1001, "away")[:length]]


async def nothing() -> None: ...


async def four(websocket: WebSocket, code: int, reason: str, more: str) -> None: ...


@pytest.mark.parametrize("func", [None, 7, nothing, four])
def test_what_cannot_be_on_disconnect(func: Any) -> None:
    with pytest.raises(InvalidHandlerError, match="on_disconnect"):
        plan_goodbye(func)


def test_a_hook_has_to_take_its_arguments() -> None:
    with pytest.raises(InvalidHandlerError, match=r"nothing \(.*cannot be on_connect.*async def nothing\(websocket\)"):
        check_hook(nothing, "on_connect", "websocket")
    check_hook({}.update, "on_connect", "websocket")
    check_hook(by_websocket, "on_connect", "websocket")
