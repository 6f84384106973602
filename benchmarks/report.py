"""How the benchmarks show what they found: the machine, and a table of ratios against their bars."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from interleaved import Ratios

MANY: Final = 101

PACKAGES: Final = {
    "pydantic": "pydantic",
    "pydantic-core": "pydantic-core",
    "FastAPI": "fastapi",
    "fastws": "fastws-router",
}


@dataclass(frozen=True)
class Bar:
    """What is promised.

    Attributes:
        what: What is compared, and with what.
        limit: The ratio that must not be passed.
        measure: Takes the number of rounds.
        rounds: How many there are.
        at_least: Whether the ratio must reach the limit instead.
    """

    what: str
    limit: float
    measure: Callable[[int], Ratios]
    rounds: int = MANY
    at_least: bool = False


def name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def name_version(name: str, package: str) -> str:
    try:
        return f"{name} {version(package)}"
    except PackageNotFoundError:
        return f"no {name}"


def describe_machine(*others: str) -> str:
    """Return what was measured on; `others` are packages that matter besides those that always do."""
    packages = {**PACKAGES, **{name: name for name in others}}
    versions = ", ".join(name_version(name, package) for name, package in packages.items())
    return f"Python {platform.python_version()}, {versions}, {name_processor()}"


class Table:
    """A table of ratios, printed line by line as they are found.

    Parameters:
        more: The heading of a column behind the others.
    """

    def __init__(self, more: str = "") -> None:
        self._over = 0
        _print_line(("what", "bar", "median", "min-max", "verdict"), more)

    def add(
        self, what: str, found: Ratios, limit: float | None = None, *, at_least: bool = False, more: str = ""
    ) -> None:
        """Print a line.

        Parameters:
            what: What was compared, and with what.
            found: The ratios.
            limit: The bar that the median must not pass, `None` where nothing is promised.
            at_least: Whether the median must reach the bar instead.
            more: What stands in the last column.
        """
        spread = f"{found.least:.3f}-{found.most:.3f}"
        bar = verdict = ""
        if limit is not None:
            kept = found.middle >= limit if at_least else found.middle <= limit
            self._over += not kept
            bar = f"{'>=' if at_least else '<='} {limit:g}"
            verdict = "ok" if kept else "over"
        _print_line((what, bar, f"{found.middle:.3f}", spread, verdict), more)

    def close(self) -> None:
        """Print how many bars were not kept."""
        print(f"{self._over} over their bar" if self._over else "all bars kept")


def _print_line(cells: tuple[str, str, str, str, str], more: str) -> None:
    line = "{:<64} | {:<9} | {:>8} | {:<17} | {:<7}".format(*cells)
    print(f"{line} | {more}" if more else line.rstrip(), flush=True)
