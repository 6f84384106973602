"""What it costs to refuse a message, ours and the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import Parse, list_parsers
from workload import BAD_FIELD, BROKEN_JSON, UNKNOWN_TAG

pytestmark = pytest.mark.benchmark(max_time=0.2)

TEXTS = {"unknown tag": UNKNOWN_TAG, "invalid field": BAD_FIELD, "broken JSON": BROKEN_JSON}
NAMES = list(list_parsers(2))


def refuse_with(parse: Parse) -> Callable[[str], None]:
    def refuse(text: str) -> None:
        try:
            parse(text)
        except Exception:  # noqa: BLE001  (every library has an exception of its own)
            return
        raise AssertionError(text)

    return refuse


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", TEXTS)
@pytest.mark.parametrize("count", [2, 10, 50])
def test_refusal(benchmark: BenchmarkFixture, count: int, error: str, name: str) -> None:
    benchmark.group = f"{error}, {count} models"
    refuse = refuse_with(list_parsers(count)[name])
    benchmark(refuse, TEXTS[error])
