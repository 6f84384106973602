"""What it costs to find the model of a message and to validate it, ours and the others.

``pytest benchmarks --benchmark-only`` prints a table for each number of models and each place of the tag.  Compare within
a table, and medians only: the machine drifts between them.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import FLOOR, list_dispatchers, list_parsers, route_with, validate_alone
from workload import COUNTS, FILLERS, KILO, NO_TAG, TAG_FIRST, TAG_LAST, get_models, make_far

from fastws.messages import build_messages

pytestmark = pytest.mark.benchmark(max_time=0.2)

PLACES = {"tag first": TAG_FIRST, "tag last": TAG_LAST}
NAMES = list(list_parsers(2))
ROUTERS = list(list_dispatchers(2))

SCANS = {
    "tag first": TAG_FIRST,
    "tag last": TAG_LAST,
    "tag far": make_far("string", KILO),
    "tag out of reach": make_far("string", 10 * KILO),
    "no tag": NO_TAG,
}


@pytest.mark.parametrize("place", SCANS)
def test_scan(benchmark: BenchmarkFixture, place: str) -> None:
    benchmark.group = "scan alone, 10 models"
    benchmark(build_messages(dict.fromkeys(get_models(10), print)).table.peek, SCANS[place])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("count", COUNTS)
def test_route(benchmark: BenchmarkFixture, count: int, place: str, name: str) -> None:
    benchmark.group = f"route, {count} models, {place}"
    benchmark(list_parsers(count)[name], PLACES[place])


@pytest.mark.parametrize("name", ROUTERS)
@pytest.mark.parametrize("count", COUNTS)
def test_dispatcher(benchmark: BenchmarkFixture, count: int, name: str) -> None:
    benchmark.group = f"route and call the handler, {count} models, tag first"
    benchmark(list_dispatchers(count)[name], TAG_FIRST)


@pytest.mark.parametrize("name", ["fastws, inferred", "fastws, discriminator", FLOOR])
@pytest.mark.parametrize("shape", FILLERS)
@pytest.mark.parametrize("kilobytes", [1, 100])
def test_far_tag(benchmark: BenchmarkFixture, kilobytes: int, shape: str, name: str) -> None:
    benchmark.group = f"tag behind {kilobytes} KB of {shape}, 10 models"
    parsers = {
        FLOOR: validate_alone(get_models(10)[0]),
        "fastws, inferred": route_with(get_models(10)),
        "fastws, discriminator": route_with(get_models(10), "type"),
    }
    benchmark(parsers[name], make_far(shape, kilobytes * KILO))
