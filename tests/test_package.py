"""The package as it is installed: one place says its version, and its import is quick."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires, version
from math import inf
from pathlib import Path

import fastws

ROOT = Path(__file__).parent.parent
MOST_MILLISECONDS = 60

# Not every FastAPI imports asyncio; every server does.
MEASURE = """
import time
import asyncio, fastapi
before = time.process_time()
import fastws
print((time.process_time() - before) * 1000)
"""


def test_the_version_is_that_of_pyproject_and_stands_nowhere_else() -> None:
    (declared,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version("fastws-router") == declared
    assert not hasattr(fastws, "__version__")


def test_nothing_but_three_packages_is_needed() -> None:
    needed = {re.split(r"[^\w-]", line)[0] for line in requires("fastws-router") or () if "extra ==" not in line}
    assert needed == {"fastapi", "pydantic", "orjson"}


def test_the_import_adds_little_to_that_of_fastapi(tmp_path: Path) -> None:
    # The time of the process alone, of the quickest: a busy machine is no slow import.  The first compiles to bytecode.
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    took: list[float] = []
    while len(took) < 5 and min(took, default=inf) > MOST_MILLISECONDS:
        run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, env=env)
        took.append(float(run.stdout))
    assert min(took) <= MOST_MILLISECONDS, took
