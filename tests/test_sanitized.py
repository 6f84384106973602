"""The sanitized build is what its tests run on: installed, and compiled with the checks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fastws import _call, _core, _envelope, _exact, _receive

pytestmark = pytest.mark.skipif("FASTWS_SANITIZE" not in os.environ, reason="asks for `make sanitize`")


MODULES = (_call, _core, _envelope, _exact, _receive)
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))


@each_module
def test_the_installed_core_is_tested(module: ModuleType) -> None:
    assert Path(str(module.__file__)).is_relative_to(sys.prefix)


@each_module
@pytest.mark.parametrize("symbol", ["__asan_report_load", "__ubsan_handle"])
def test_the_core_is_sanitized(module: ModuleType, symbol: str) -> None:
    assert symbol.encode() in Path(str(module.__file__)).read_bytes()
