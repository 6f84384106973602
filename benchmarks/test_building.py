"""What it costs to build a dispatch table, and to start with 200 models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from applications import dump, make_loop_app, make_original_app, make_ours, own
from fastapi import FastAPI
from harness import exchange
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import Models, adapt_discriminated, adapt_smart, make_original
from workload import TAG_FIRST, make_models

from fastws.messages import build_messages

# Pydantic keeps what it has built for a model, so every round has models of its own, made outside the clock.
ROUNDS = 7

BUILDERS: dict[str, Callable[[Models], Any]] = {
    "fastws, inferred": lambda models: build_messages(dict.fromkeys(models, print)),
    "fastws, discriminator": lambda models: build_messages(dict.fromkeys(models, print), discriminator="type"),
    "pydantic, discriminated union": adapt_discriminated,
    "pydantic, smart union": adapt_smart,
}


def answer_one(app: FastAPI) -> None:
    """Serve a connection of one message."""
    kinds = [message["type"] for message in exchange(app, [TAG_FIRST])]
    assert kinds[:2] == ["websocket.accept", "websocket.send"]


def start_fastws(models: Models) -> None:
    answer_one(make_ours(models, dump))


def start_by_hand(models: Models) -> None:
    answer_one(make_loop_app(adapt_smart(models).validate_json, dump))


def start_original(models: Models) -> None:
    router = make_original([])
    if router is None:
        pytest.skip("fastapi-ws-router is not installed")
    handler = own(dump)
    for model in models:
        router.receive(model)(handler)
    answer_one(make_original_app(router))


STARTS = {
    "fastws": start_fastws,
    "a loop by hand, smart union": start_by_hand,
    "original router, smart union": start_original,
}


def run_fresh(benchmark: BenchmarkFixture, build: Callable[[Models], Any], count: int) -> None:
    """Time one building a round."""
    pedantic: Callable[..., Any] = benchmark.pedantic
    pedantic(build, setup=lambda: ((make_models(count),), {}), rounds=ROUNDS)


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("count", [10, 50, 200, 1000])
def test_building(benchmark: BenchmarkFixture, count: int, name: str) -> None:
    benchmark.group = f"table building, {count} models"
    run_fresh(benchmark, BUILDERS[name], count)


@pytest.mark.parametrize("name", STARTS)
def test_start(benchmark: BenchmarkFixture, name: str) -> None:
    benchmark.group = "start with 200 models, to the end of a first message"
    run_fresh(benchmark, STARTS[name], 200)
