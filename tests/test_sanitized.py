"""The sanitized build is what its tests run on: installed, and compiled with the checks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fastws import _core

pytestmark = pytest.mark.skipif("FASTWS_SANITIZE" not in os.environ, reason="asks for `make sanitize`")


def test_the_installed_core_is_tested() -> None:
    assert Path(_core.__file__).is_relative_to(sys.prefix)


@pytest.mark.parametrize("symbol", ["__asan_report_load1", "__ubsan_handle"])
def test_the_core_is_sanitized(symbol: str) -> None:
    assert symbol.encode() in Path(_core.__file__).read_bytes()
