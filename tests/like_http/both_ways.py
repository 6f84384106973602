"""One function, served as an endpoint over HTTP and as a message handler, and what came of it in each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import fastapi
from fastapi import FastAPI, WebSocket
from fastapi.exceptions import (
    FastAPIError,
    RequestValidationError,
    ResponseValidationError,
    WebSocketRequestValidationError,
)
from fastapi.testclient import TestClient
from pings import PING, PONG, Ping, Pong
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastws import WSRouter
from fastws.errors import InvalidReplyError, SwallowedError

FuncT = TypeVar("FuncT", bound=Callable[..., Any])

FASTAPI = tuple(map(int, fastapi.__version__.split(".")[:2]))

# Up to 0.117, dependencies with `yield` are torn down before the response is sent, and background tasks come last.
HTTP_TEARS_DOWN_LATE = FASTAPI >= (0, 118)

_happened: list[str] = []


def note(event: str) -> None:
    """Say that something happened."""
    _happened.append(event)


def clear_notes() -> list[str]:
    """Return what happened so far, and forget it."""
    events = _happened.copy()
    _happened.clear()
    return events


@dataclass(frozen=True)
class Outcome:
    """What came of a few requests, or of as many messages on one connection.

    Attributes:
        replies: What was sent back, of each that was answered.
        errors: What went wrong: status and detail of an `HTTPException`, where and what of values that do not validate,
            else the name of the exception.
        events: What was noted, in order, with `reply` and `error` for when these were sent.
    """

    replies: list[Any]
    errors: list[Any]
    events: list[str]


@dataclass(frozen=True)
class Case:
    """A function, how it is asked, and what has to come of it.

    Attributes:
        func: The endpoint, which is the handler too; its message is the body of the request.
        outcome: What has to come of it.
        path: Where it is served.
        url: Where it is asked for.
        headers: Headers that it is asked with, beside the usual ones.
        overrides: The `dependency_overrides` of the application.
        options: How replies are written, as in `response_model_exclude_none`.
        times: How often it is asked.
        since: The first FastAPI that knows what the function uses.
        http_since: The first FastAPI that does it over HTTP as we do.
    """

    func: Callable[..., Any]
    outcome: Outcome
    path: str
    url: str
    headers: list[tuple[str, str]]
    overrides: dict[Callable[..., Any], Callable[..., Any]]
    options: dict[str, Any]
    times: int
    since: tuple[int, int]
    http_since: tuple[int, int]


@dataclass
class Table:
    """The cases of a module."""

    cases: list[Case] = field(default_factory=list)

    def add(
        self,
        *,
        replies: list[Any] | None = None,
        errors: list[Any] | None = None,
        events: list[str] | None = None,
        path: str = "/items",
        url: str | None = None,
        headers: list[tuple[str, str]] | None = None,
        overrides: dict[Callable[..., Any], Callable[..., Any]] | None = None,
        options: dict[str, Any] | None = None,
        times: int = 1,
        since: tuple[int, int] = (0, 115),
        http_since: tuple[int, int] = (0, 115),
    ) -> Callable[[FuncT], FuncT]:
        """Add a function, and what has to come of it; nothing but replies and errors happens where no `events` are given."""
        replies, errors = replies or [], errors or []
        if events is None:
            events = ["reply"] * len(replies) + ["error"] * len(errors)

        def decorate(func: FuncT) -> FuncT:
            outcome = Outcome(replies, errors, events)
            self.cases.append(
                Case(
                    func,
                    outcome,
                    path,
                    url or path,
                    headers or [],
                    overrides or {},
                    options or {},
                    times,
                    since,
                    http_since,
                )
            )
            return func

        return decorate


class Recorder:
    """Stands between the client and an application, and notes what is sent and what is raised.

    Parameters:
        app: The application.
        headers: What to add to those of the client, which cannot send one twice.

    Attributes:
        raised: What came out of the application.
    """

    def __init__(self, app: ASGIApp, headers: list[tuple[str, str]]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers]
        self.raised: list[Exception] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        failed = False

        async def record(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start":
                failed = message["status"] >= 400
                note("error" if failed else "reply")
            elif message["type"] == "websocket.send" and message["text"] != PONG:
                note("reply")
            await send(message)

        scope["headers"] = [*scope["headers"], *self._headers]
        try:
            await self._app(scope, receive, record)
        except Exception as error:
            self.raised.append(error)
            if not failed:
                note("error")
            raise


def describe(error: Exception) -> Any:
    """Return what went wrong, in words that HTTP and WebSockets have in common."""
    if isinstance(error, HTTPException):
        return error.status_code, error.detail
    if isinstance(error, RequestValidationError | WebSocketRequestValidationError):
        return _describe_values(error.errors())
    if isinstance(error, InvalidReplyError | ResponseValidationError):
        return "invalid reply"
    if isinstance(error, SwallowedError) or type(error) is FastAPIError:
        return "swallowed"
    return type(error).__name__


def _describe_values(errors: Any) -> list[str]:
    return [f"{'.'.join(map(str, error['loc']))}: {error['type']}" for error in errors]


def ask_over_http(case: Case) -> Outcome:
    """Send requests to the function."""
    app = FastAPI()
    app.post(case.path, **case.options)(case.func)
    app.dependency_overrides |= case.overrides
    recorder = Recorder(app, case.headers)
    client = TestClient(recorder, raise_server_exceptions=False)
    clear_notes()
    replies: list[Any] = []
    errors: list[Any] = []
    for _ in range(case.times):
        response = client.post(case.url, content=PING, headers={"content-type": "application/json"})
        if response.is_success:
            replies.append(response.json())
        elif not recorder.raised:
            detail = response.json()["detail"]
            errors.append(_describe_values(detail) if response.status_code == 422 else (response.status_code, detail))
        errors += map(describe, recorder.raised)
        recorder.raised.clear()
    return Outcome(replies, errors, clear_notes())


def send_messages(case: Case) -> Outcome:
    """Send messages to the function, over one connection."""
    app = FastAPI()
    router = WSRouter()
    router.receive(Ping, **case.options)(case.func)
    errors: list[Any] = []

    @router.on_error
    async def on_error(websocket: WebSocket, message: Ping, error: Exception) -> None:
        note("error")
        errors.append(describe(error))

    @router.receive(Pong)
    async def answer_when_the_others_are_done(websocket: WebSocket, message: Pong) -> None:
        await websocket.send_text(PONG)

    app.include_router(router, prefix=case.path)
    app.dependency_overrides |= case.overrides
    client = TestClient(Recorder(app, case.headers))
    clear_notes()
    with client.websocket_connect(case.url) as session:
        for _ in range(case.times):
            session.send_text(PING)
        session.send_text(PONG)
        texts = iter(session.receive_text, PONG)
        replies = [json.loads(text) for text in texts]
    return Outcome(replies, errors, clear_notes())


def without_the_reply(outcome: Outcome) -> Outcome:
    """Return what is the same in every FastAPI: setups, handler and teardowns in their order, and then the tasks."""
    events = [event for event in outcome.events if event != "reply"]
    return Outcome(outcome.replies, outcome.errors, sorted(events, key=lambda event: event.startswith("task")))
