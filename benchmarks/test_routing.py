"""What it costs to find the model of a message and to validate it, against pydantic alone.

``pytest benchmarks --benchmark-only`` prints a table for each number of models.  Compare within a table, and medians
only: the machine drifts between them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Union

import pytest
from pydantic import BaseModel, Field, TypeAdapter, create_model
from pytest_benchmark.fixture import BenchmarkFixture

from fastws.messages import build_messages


def make_model(kind: str) -> type[BaseModel]:
    tag: Any = Literal[kind]
    return create_model("Model", type=(tag, ...), x=(int, ...), y=(str, ...), z=(float, ...))


def make_contenders(models: list[type[BaseModel]]) -> dict[str, Callable[[str], Any]]:
    union: Any = Union[tuple(models)]  # noqa: UP007
    handlers = dict.fromkeys(models, print)
    return {
        "floor: the right model alone": TypeAdapter(models[-1]).validator.validate_json,
        "fastws, inferred": build_messages(handlers).table.route,
        "fastws, discriminator": build_messages(handlers, discriminator="type").table.route,
        "pydantic, discriminated union": TypeAdapter(Annotated[union, Field(discriminator="type")]).validate_json,
        "pydantic, smart union": TypeAdapter(union).validate_json,
    }


CONTENDERS = {count: make_contenders([make_model(f"kind{i}") for i in range(count)]) for count in (2, 10, 50)}


@pytest.mark.parametrize("name", CONTENDERS[2])
@pytest.mark.parametrize("count", CONTENDERS)
def test_small_object(benchmark: BenchmarkFixture, count: int, name: str) -> None:
    benchmark.group = f"{count} models"
    text = f'{{"type":"kind{count - 1}","x":1,"y":"hello","z":1.5}}'
    benchmark(CONTENDERS[count][name], text)
