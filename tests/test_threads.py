"""Threads: messages are routed by many while models are registered, and tables built and dropped, by others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from model_sets import A, B, make_models
from pydantic import ValidationError
from starlette.websockets import WebSocket

from fastws import WSRouter
from fastws._core import DispatchTable
from fastws.handlers import describe_handler
from fastws.messages import build_messages


@contextmanager
def quick_switches() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


async def handle(websocket: WebSocket, message: Any) -> None:
    """Do nothing."""


@pytest.mark.parametrize("discriminator", [None, "type"], ids=["inferred", "declared"])
def test_eight_threads_route_while_another_registers(discriminator: str | None) -> None:
    router = WSRouter(discriminator=discriminator)
    router.receive(A)(handle)
    router.receive(B)(handle)
    late = make_models(20)
    done = Event()

    def route(thread: int) -> int:
        calls = 0
        while not done.is_set() or calls < 1000:
            calls += 1
            assert router.parse(f'{{"type":"a","x":{calls}}}') == A(type="a", x=calls)
            with pytest.raises(ValidationError):
                router.parse(b'{"type":"%d"}' % thread)
        return calls

    def register() -> None:
        try:
            for i, model in enumerate(late):
                router.receive(model)(handle)
                assert isinstance(router.parse(f'{{"type":"m{i}"}}'), model)
        finally:
            done.set()

    with quick_switches(), ThreadPoolExecutor(9) as threads:
        readers = [threads.submit(route, i) for i in range(8)]
        threads.submit(register).result()
        assert min(reader.result() for reader in readers) >= 1000
    assert [type(router.parse(f'{{"type":"m{i}"}}')) for i in range(len(late))] == list(late)


def test_a_model_is_not_lost_that_is_registered_during_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    router = WSRouter()
    router.receive(A)(handle)
    other = Thread(target=lambda: router.receive(B)(handle))

    def build(*args: Any, **others: Any) -> Any:
        if other.ident is None:
            other.start()
            other.join(0.2)  # or it waits until the build is done, which is as good
        return build_messages(*args, **others)

    monkeypatch.setattr("fastws.registry.build_messages", build)
    router.parse('{"type":"a","x":1}')
    other.join()
    assert router.parse('{"type":"b","x":1}') == B(type="b", x=1)


def test_a_model_that_is_registered_while_documents_are_made_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    router = WSRouter()
    router.receive(A)(handle)
    other = Thread(target=lambda: router.receive(B)(handle))

    def describe(*args: Any, **others: Any) -> Any:
        if other.ident is None:
            other.start()
            other.join(0.2)
        return describe_handler(*args, **others)

    monkeypatch.setattr("fastws.registry.describe_handler", describe)
    assert [handler.model for handler in router.describe().handlers] == [A]
    other.join()
    assert [handler.model for handler in router.describe().handlers] == [A, B]


def test_eight_threads_route_while_tables_come_and_go() -> None:
    def accept(text: object) -> list[object]:
        return [text]

    def build() -> DispatchTable[int]:
        return DispatchTable(
            union=accept, classes={}, key=b"t", entries=[(b"%d" % i, accept, None, i) for i in range(100)]
        )

    tables = [build()]

    def work(first: int) -> bool:
        for i in range(20_000):
            text = b'{"t":"%d"}' % (i % 100)
            if i % 100 == first:
                tables[0] = build()
            if tables[0].route(text) != (i % 100, [text]):
                return False
        return True

    with quick_switches(), ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(8)))
