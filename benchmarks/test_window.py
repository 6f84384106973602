"""The measurement behind WINDOW and STEPS of the core: how far to look for a tag before pydantic takes over.

Each table is one shape of text with the tag behind so many bytes.  The floor is the right model's own validator; the
peek is the router's table; the tagged tier is the same table without a scan, which is what a message costs whose tag is
out of reach, less the scan that did not find it.  The window should end where the peek stops being the cheaper of the
two for the dearest shapes, and the steps where it does for those with a quote or a bracket at every few bytes.

Both constants are fixed when the core is built: to see the peek beyond them, build it with larger ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import FLOOR, adapt_discriminated, adapt_smart, validate_alone
from workload import FILLERS, get_models, make_far

from fastws._core import DispatchTable
from fastws.messages import build_messages

pytestmark = pytest.mark.benchmark(max_time=0.1)

# The dearest union to fall back to, and the cheapest.
SETS = {"smart union of 200": (200, None), "tagged union of 2": (2, "type")}
NAMES = [FLOOR, "peek", "tagged tier"]


@cache
def list_tiers(kind: str) -> dict[str, Callable[[str], Any]]:
    count, discriminator = SETS[kind]
    models = get_models(count)
    handlers = dict.fromkeys(models, print)
    union = adapt_discriminated(models) if discriminator else adapt_smart(models)
    tier: DispatchTable[Any] = DispatchTable(
        union=union.validator.validate_json,
        classes=handlers,
        make_tagged=lambda: adapt_discriminated(models).validator.validate_json,
        entries=(),
    )
    return {
        FLOOR: validate_alone(models[0]),
        "peek": build_messages(handlers, discriminator=discriminator).table.route,
        "tagged tier": tier.route,
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("shape", FILLERS)
@pytest.mark.parametrize("size", [250, 500, 1000, 2000, 4000, 8000])
def test_window(benchmark: BenchmarkFixture, size: int, shape: str, kind: str, name: str) -> None:
    benchmark.group = f"tag behind {size} bytes of {shape}, {kind}"
    benchmark(list_tiers(kind)[name], make_far(shape, size))
