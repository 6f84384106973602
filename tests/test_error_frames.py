"""The frame that answers an error: which code and detail, how large at most, and what is logged."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import pytest
from fastapi import Depends, FastAPI, HTTPException, Query, WebSocket, WebSocketException
from fastapi.testclient import TestClient
from peers import Peer, settle
from pydantic import BaseModel, ConfigDict, field_serializer, field_validator
from starlette.websockets import WebSocketDisconnect

from fastws import WSRouter, reply_with_error
from fastws.error_frames import MOST_BYTES, make_error_frame
from fastws.errors import InvalidReplyError, NoMessagesError, UnclaimedMessageError, WrongFrameError

SECRET: Final = "hunter2"


class Note(BaseModel):
    type: Literal["note"]
    text: str = ""
    number: int = 0

    @field_validator("text")
    @classmethod
    def stumble(cls, text: str) -> str:
        if text == SECRET:
            raise KeyError(text)
        return text


def read(frame: bytes) -> tuple[Any, Any]:
    """Return the code and the detail of an error frame."""
    content = json.loads(frame)
    assert list(content) == ["type", "code", "detail"]
    assert content["type"] == "error"
    return content["code"], content["detail"]


class Unprintable:
    def __repr__(self) -> str:
        raise ZeroDivisionError


class Unserializable(BaseModel):
    number: int = 1

    @field_serializer("number")
    def fail(self, number: int) -> int:
        raise ZeroDivisionError(SECRET)


def nest(depth: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    return nested


def make_circle() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, "no-messages"),
        (WrongFrameError(expected="text", received="binary"), "wrong-frame"),
        (UnclaimedMessageError(Note), "unclaimed-message"),
        (ZeroDivisionError(SECRET), "internal-error"),
        (InvalidReplyError("handler", SECRET), "internal-error"),
        (NoMessagesError(SECRET), "internal-error"),
        (OSError(SECRET), "internal-error"),
        (UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), "internal-error"),
    ],
    ids=lambda error: type(error).__name__ if not isinstance(error, str) else error,
)
def test_of_other_errors_only_the_code_is_told(error: Exception | None, code: str) -> None:
    assert read(make_error_frame(error)) == (code, [])


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        pytest.param("no tea", "no tea", id="text"),
        pytest.param(None, "I'm a Teapot", id="default"),
        pytest.param("", "", id="empty"),
        pytest.param({"why": ["no", "tea"]}, {"why": ["no", "tea"]}, id="object"),
        pytest.param([1, 2.5, None, True], [1, 2.5, None, True], id="list"),
        pytest.param(("a", "b"), ["a", "b"], id="tuple"),
        pytest.param(10**30, 10**30, id="large-number"),
        pytest.param(datetime(2026, 1, 2), "2026-01-02T00:00:00", id="date"),
        pytest.param(Decimal("1.50"), "1.50", id="decimal"),
        pytest.param(Note(type="note"), {"type": "note", "text": "", "number": 0}, id="model"),
        pytest.param(float("nan"), None, id="nan"),
        # What cannot be written as JSON is left out.
        pytest.param(object(), [], id="object-of-any-class"),
        pytest.param(Unprintable(), [], id="unprintable"),
        pytest.param(Unserializable(), [], id="unserializable"),
        pytest.param([object()], [], id="list-of-objects"),
        pytest.param("\ud800", [], id="surrogate"),
        pytest.param(b"\xff", [], id="bytes"),
        pytest.param(make_circle(), [], id="circle"),
        pytest.param(nest(2000), [], id="deep"),
        pytest.param(ValueError(SECRET), [], id="exception"),
    ],
)
def test_the_detail_of_an_http_exception_is_told(detail: Any, told: Any) -> None:
    assert read(make_error_frame(HTTPException(418, detail))) == (418, told)


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("x" * 1_000_000, "x"),
        ("\0" * 1_000_000, "\0"),
        ("😀" * 1_000_000, "😀"),
        (["x" * 3000] * 1000, ["x" * 3000]),
        (["x" * 5000, 1], []),
        (list(range(100_000)), [0]),
        ({"x": "y" * 5000}, []),
        (("x" * 5000,), []),
        (10**5000, []),
        ([["x" * 5000]], []),
    ],
    ids=["text", "escaped", "emoji", "list", "long-item", "numbers", "object", "tuple", "number", "nested"],
)
def test_a_long_detail_is_cut(detail: Any, told: Any) -> None:
    frame = make_error_frame(HTTPException(418, detail))
    code, cut = read(frame)
    assert len(frame) <= MOST_BYTES
    assert (code, cut[: len(told)]) == (418, told)
    # As much of it as half of what fits.
    assert told == [] or len(frame) > MOST_BYTES / 2


def make_router(error: Exception | None = None, *, wait: bool = False, **options: Any) -> WSRouter:
    """Make a router whose handler raises, at once or after a wait, where the number is 1; it answers errors."""
    router = WSRouter(**options)
    router.on_fallback(reply_with_error)
    router.on_error(reply_with_error)

    @router.receive
    async def answer(message: Note) -> int:
        if wait:
            await settle()
        if error is not None and message.number == 1:
            raise error
        return message.number

    return router


async def converse(router: WSRouter, *frames: str | bytes) -> Peer:
    """Let a peer send frames, and leave when they have been answered; return it."""
    peer = Peer()
    for frame in frames:
        peer.put({"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame})
    async with peer.served(router):
        for _ in range(3):
            await settle()
        peer.leave(1000)
    assert peer.closes == []
    return peer


FAIL: Final = '{"type":"note","number":1}'
ANSWER: Final = '{"type":"note","number":2}'

options_of_all_kinds = pytest.mark.parametrize("options", [{}, {"concurrency": 2}], ids="".join)


@pytest.mark.anyio
@pytest.mark.parametrize("wait", [False, True], ids=["at-once", "after-a-wait"])
@options_of_all_kinds
async def test_an_exception_is_in_the_log_once_and_not_in_the_frame(
    caplog: pytest.LogCaptureFixture, options: dict[str, Any], wait: bool
) -> None:
    error = ZeroDivisionError(SECRET)
    peer = await converse(make_router(error, wait=wait, **options), FAIL, ANSWER)
    assert sorted(peer.texts) == ["2", '{"type":"error","code":"internal-error","detail":[]}']
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.name, record.levelno) for record in logged] == [("fastws", logging.ERROR)]
    assert logged[0].exc_info is not None
    assert logged[0].exc_info[1] is error
    assert logged[0].exc_info[2] is not None
    assert SECRET not in logged[0].getMessage()


@pytest.mark.anyio
@options_of_all_kinds
async def test_a_hook_of_the_program_may_call_it(caplog: pytest.LogCaptureFixture, options: dict[str, Any]) -> None:
    router = make_router(ZeroDivisionError(), **options)

    @router.on_error
    async def on_error(websocket: WebSocket, message: Note, error: Exception) -> None:
        await settle()
        await reply_with_error(websocket, message, error)

    peer = await converse(router, FAIL)
    assert peer.texts == ['{"type":"error","code":"internal-error","detail":[]}']
    assert [record.exc_info is not None for record in caplog.records if record.levelno >= logging.WARNING] == [True]


@pytest.mark.anyio
@options_of_all_kinds
async def test_what_a_validator_raised_is_in_the_log_once(
    caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    peer = await converse(make_router(**options), f'{{"type":"note","text":"{SECRET}"}}', ANSWER)
    assert sorted(peer.texts) == ["2", '{"type":"error","code":"internal-error","detail":[]}']
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.levelno, record.exc_info) for record in logged] == [(logging.ERROR, None)]
    assert "KeyError" in logged[0].getMessage()
    assert SECRET not in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HTTPException(404, "no tea"), '{"type":"error","code":404,"detail":"no tea"}'),
        (HTTPException(401), '{"type":"error","code":401,"detail":"Unauthorized"}'),
        (HTTPException(500, ["a", {"b": 1}]), '{"type":"error","code":500,"detail":["a",{"b":1}]}'),
    ],
    ids=["detail", "default", "json"],
)
async def test_an_http_exception_is_answered_and_not_logged(
    caplog: pytest.LogCaptureFixture, error: Exception, text: str
) -> None:
    peer = await converse(make_router(error), FAIL, ANSWER)
    assert peer.texts == [text, "2"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("frame", "code"),
    [(b"{}", "wrong-frame"), ("{", "invalid-message"), ("{}", "invalid-message"), ("", "invalid-message")],
    ids=["binary", "no-json", "missing", "empty"],
)
@options_of_all_kinds
async def test_what_no_handler_can_take_is_answered(
    caplog: pytest.LogCaptureFixture, options: dict[str, Any], frame: str | bytes, code: str
) -> None:
    first, second = (await converse(make_router(**options), frame, ANSWER)).texts
    assert (read(first.encode())[0], second) == (code, "2")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.anyio
async def test_a_router_without_models_says_so() -> None:
    router = WSRouter()
    router.on_fallback(reply_with_error)
    assert (await converse(router, "{}")).texts == ['{"type":"error","code":"no-messages","detail":[]}']


@pytest.mark.anyio
async def test_a_router_for_bytes_answers_in_bytes() -> None:
    peer = await converse(make_router(HTTPException(404, "é"), as_text=False), FAIL.encode(), b"{", "{}")
    sent = [message["bytes"] for message in peer.sent if message["type"] == "websocket.send"]
    assert [read(frame)[0] for frame in sent] == [404, "invalid-message", "wrong-frame"]
    assert sent[0] == '{"type":"error","code":404,"detail":"é"}'.encode()


@pytest.mark.anyio
async def test_what_means_to_end_the_connection_ends_it() -> None:
    peer = Peer()
    peer.put({"type": "websocket.receive", "text": FAIL})
    await peer.run(make_router(WebSocketException(4000, "no tea")))
    assert peer.sent[-1] == {"type": "websocket.close", "code": 4000, "reason": "no tea"}
    assert peer.texts == []


@pytest.mark.anyio
async def test_another_connection_that_has_gone_does_not_end_this_one() -> None:
    peer = await converse(make_router(WebSocketDisconnect(1006)), FAIL, ANSWER)
    assert peer.texts == ['{"type":"error","code":"internal-error","detail":[]}', "2"]


@pytest.mark.anyio
async def test_a_connection_that_was_not_accepted_is_not_answered() -> None:
    router = make_router()

    @router.on_connect
    async def connect(websocket: WebSocket) -> None: ...

    peer = Peer()
    await peer.run(router)
    assert [message["type"] for message in peer.sent] == ["websocket.close"]


def test_a_connection_that_no_router_serves_is_answered_as_text(app: FastAPI, client: TestClient) -> None:
    @app.websocket("/plain")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        await reply_with_error(websocket, None, HTTPException(404, "no tea"))

    with client.websocket_connect("/plain") as websocket:
        assert websocket.receive_text() == '{"type":"error","code":404,"detail":"no tea"}'


class Paging(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = 10
    tags: list[int] = []
    even: int = 0

    @field_validator("even")
    @classmethod
    def check(cls, even: int) -> int:
        if even % 2:
            raise ValueError(f"{even} is odd, {SECRET}")
        return even


async def get_limit(limit: Annotated[int, Query(le=100)] = 10) -> int:
    return limit


async def get_paging(paging: Annotated[Paging, Query()]) -> int:
    return paging.limit


@pytest.mark.parametrize(
    ("dependency", "query", "detail"),
    [
        (get_limit, f"limit={SECRET}", [("int_parsing", ["query", "limit"])]),
        (get_limit, "limit=101", [("less_than_equal", ["query", "limit"])]),
        (get_limit, f"limit={'9' * 5000}", [("int_parsing_size", ["query", "limit"])]),
        (get_paging, f"limit={SECRET}", [("int_parsing", ["query", "limit"])]),
        (get_paging, f"{SECRET}=1", [("extra_forbidden", ["query", "?"])]),
        (get_paging, f"tags=1&tags={SECRET}", [("int_parsing", ["query", "tags", 1])]),
        (get_paging, "even=1", [("value_error", ["query", "even"])]),
        (get_paging, "&".join(f"{SECRET}{i}=1" for i in range(50)), [("extra_forbidden", ["query", "?"])] * 10),
        (
            get_paging,
            f"limit=x&{SECRET * 500}=1",
            [("int_parsing", ["query", "limit"]), ("extra_forbidden", ["query", "?"])],
        ),
    ],
    ids=["type", "limit", "size", "model", "unknown", "item", "validator", "many", "two"],
)
def test_parameters_that_do_not_validate_are_told(
    app: FastAPI,
    client: TestClient,
    dependency: Callable[..., Any],
    query: str,
    detail: list[tuple[str, list[str | int]]],
) -> None:
    router = WSRouter()
    router.on_error(reply_with_error)

    @router.receive
    async def answer(message: Note, value: int = Depends(dependency)) -> int:
        return value

    app.include_router(router, prefix="/ws")
    with client.websocket_connect(f"/ws?{query}") as websocket:
        for _ in range(2):
            websocket.send_text(ANSWER)
            frame = websocket.receive_text()
            code, told = read(frame.encode())
            assert (code, [(one["type"], one["loc"]) for one in told]) == ("invalid-parameters", detail)
            assert SECRET not in frame
            assert len(frame.encode()) <= MOST_BYTES
