"""The receiver: which ASGI message goes where."""

from __future__ import annotations

from collections import UserDict
from typing import Any

import pytest
from receivers import CONNECTION, Hooks, shout, text_of, wait_for
from starlette.types import Message

from fastws._core import DispatchTable
from fastws.errors import UnclaimedMessageError


@pytest.mark.parametrize(
    ("keys", "text_router", "binary_router"),
    [
        ({"text": "a"}, "A", None),
        ({"text": "a", "bytes": None}, "A", None),
        ({"text": ""}, "", None),
        ({"bytes": b"a"}, None, b"A"),
        ({"bytes": b"a", "text": None}, None, b"A"),
        ({"bytes": b""}, None, b""),
        ({"text": "a", "bytes": b"b"}, "A", b"B"),
        ({"text": None, "bytes": None}, None, None),
        ({}, None, None),
    ],
    ids=["text", "text-and-none", "empty-text", "bytes", "bytes-and-none", "empty-bytes", "both", "none", "no-key"],
)
@pytest.mark.parametrize("text", [True, False], ids=["text-router", "binary-router"])
def test_only_frames_of_the_right_kind_are_messages(
    text: bool, keys: dict[str, Any], text_router: str | None, binary_router: bytes | None
) -> None:
    hooks = Hooks()
    message = {"type": "websocket.receive", **keys}
    receiver = hooks.receiver(text=text)
    receiver.table = DispatchTable(union=shout, classes={str: hooks.handle, bytes: hooks.handle})
    assert receiver.take(CONNECTION, message) is None
    expected = text_router if text else binary_router
    call = ("other", CONNECTION, message) if expected is None else ("handle", CONNECTION, expected)
    assert hooks.calls == [call]


def test_what_is_done_with_another_message_goes_as_far_as_it_does_without_waiting() -> None:
    seen = []

    async def receive_other(websocket: str, message: Message) -> None:
        seen.append((websocket, message))
        if message:
            await wait_for("something")

    receiver = Hooks().receiver(receive_other=receive_other)
    assert receiver.take(CONNECTION, {}) is None
    rest = receiver.take(CONNECTION, {"type": "websocket.receive"})
    assert rest is not None
    assert list(rest.__await__()) == ["something"]
    assert seen == [(CONNECTION, {}), (CONNECTION, {"type": "websocket.receive"})]


def test_a_message_may_be_any_mapping() -> None:
    hooks = Hooks()
    assert hooks.receiver().take(CONNECTION, UserDict(text="a")) is None
    assert hooks.calls == [("handle", CONNECTION, "A")]


@pytest.mark.parametrize(
    "frame",
    ["a" * 9, "é" * 9, "日" * 9, "😀" * 9, "\ud800" * 9, "aé日😀\udfff", "a" * 8 + "é", b"a" * 9, b"\xff" * 9],
    ids=["ascii", "latin", "ucs2", "ucs4", "lone-surrogate", "mixed", "last-not-ascii", "bytes", "no-utf8"],
)
@pytest.mark.parametrize("over", [0, 1], ids=["at-the-limit", "one-over"])
def test_the_limit_counts_bytes_of_utf8(frame: str | bytes, over: int) -> None:
    hooks = Hooks()
    size = len(frame.encode("utf-8", "surrogatepass")) if isinstance(frame, str) else len(frame)
    receiver = hooks.receiver(text=isinstance(frame, str), limit=size - over, dispatch=hooks.handle)
    assert receiver.take(CONNECTION, {"text": frame, "bytes": frame}) is None
    assert hooks.calls == [("refuse_size", CONNECTION, size) if over else ("handle", CONNECTION, frame)]


def test_a_message_over_the_limit_is_not_even_looked_at() -> None:
    hooks = Hooks()
    receiver = hooks.receiver(limit=4)
    receiver.take(CONNECTION, text_of("wrong"))
    receiver.table = None
    receiver.take(CONNECTION, text_of("interrupt"))
    assert hooks.calls == [("refuse_size", CONNECTION, 5), ("refuse_size", CONNECTION, 9)]


def test_what_cannot_be_validated_is_refused() -> None:
    hooks = Hooks()
    assert hooks.receiver().take(CONNECTION, text_of("wrong")) is None
    ((name, websocket, frame, error),) = hooks.calls
    assert (name, websocket, frame) == ("refuse", CONNECTION, "wrong")
    assert isinstance(error, ValueError)


def test_an_interrupt_during_validation_goes_up() -> None:
    hooks = Hooks()
    with pytest.raises(KeyboardInterrupt):
        hooks.receiver().take(CONNECTION, text_of("interrupt"))
    assert hooks.calls == []


def test_a_message_without_a_handler_is_refused_with_its_class() -> None:
    hooks = Hooks()
    assert hooks.receiver().take(CONNECTION, text_of("number")) is None
    ((name, _, frame, error),) = hooks.calls
    assert (name, frame) == ("refuse", "number")
    assert isinstance(error, UnclaimedMessageError)
    assert "float" in str(error)


def test_an_error_of_the_refusal_goes_up() -> None:
    async def refuse(websocket: str, frame: Any, error: Exception | None) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        Hooks().receiver(refuse=refuse).take(CONNECTION, text_of("wrong"))


def test_the_table_is_prepared_when_there_is_none() -> None:
    hooks = Hooks()
    tables: list[DispatchTable[Any] | None] = [None, hooks.receiver().table]
    receiver = hooks.receiver(prepare=lambda: tables.pop(0))
    receiver.table = None
    receiver.take(CONNECTION, text_of("one"))
    receiver.take(CONNECTION, text_of("two"))
    receiver.take(CONNECTION, text_of("three"))
    assert tables == []
    assert hooks.calls == [
        ("refuse", CONNECTION, "one", None),
        ("handle", CONNECTION, "TWO"),
        ("handle", CONNECTION, "THREE"),
    ]


def test_a_dispatcher_gets_the_frame_in_place_of_table_and_handlers() -> None:
    hooks = Hooks()
    receiver = hooks.receiver(dispatch=hooks.handle)
    receiver.table = None
    assert receiver.take(CONNECTION, text_of("wrong")) is None
    assert hooks.calls == [("handle", CONNECTION, "wrong")]
