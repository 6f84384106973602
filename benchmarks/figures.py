"""The figures of the report: what was measured, and what the page says of it; kept as JSON, every round of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

FORMAT: Final = 1

# What was measured.
PARSE: Final = "parse"
WHOLE: Final = "whole"
SERVER: Final = "server"

MICRO: Final = 1e6
DIGITS: Final = 3


@dataclass(frozen=True)
class Summary:
    """What many rounds say.

    Attributes:
        middle: Their median.
        low, high: The ends of their middle half.
    """

    middle: float
    low: float
    high: float


def summarise(values: Sequence[float]) -> Summary:
    """Summarise the values of many rounds, or of a single one."""
    if len(values) == 1:
        return Summary(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Summary(median(values), low, high)


@dataclass(frozen=True)
class Series:
    """What a message cost with one contender.

    Attributes:
        measure: What was measured: `parse`, `whole` or `server`.
        environment: Where.
        contender: Whose cost it is.
        models: How many kinds of messages it knows, `None` where there are none.
        in_flight: How many messages were under way at a time, `None` where there is no server.
        microseconds: The cost of a message in each round.
    """

    measure: str
    environment: str
    contender: str
    models: int | None
    in_flight: int | None
    microseconds: tuple[float, ...]

    @property
    def cost(self) -> Summary:
        """What a message costs, in microseconds."""
        return summarise(self.microseconds)

    def over(self, base: Series) -> Summary:
        """How many times the cost of another, round by round: they took turns in each."""
        pairs = zip(self.microseconds, base.microseconds, strict=True)
        return summarise([ours / theirs for ours, theirs in pairs])


def convert(seconds: Iterable[float]) -> tuple[float, ...]:
    """Return costs in microseconds."""
    return tuple(round(MICRO * cost, DIGITS) for cost in seconds)


@dataclass(frozen=True)
class Figures:
    """Everything that was measured in one run.

    Attributes:
        taken: When, in UTC.
        quick: Whether it was so short that the figures mean nothing.
        machine: What it ran on, and what else was going on there.
        method: How many rounds and messages there were.
        environments: What was installed in each.
        series: The costs.
    """

    taken: str
    quick: bool
    machine: dict[str, Any]
    method: dict[str, Any]
    environments: dict[str, dict[str, str]]
    series: tuple[Series, ...]

    def find(
        self,
        measure: str,
        environment: str,
        contender: str,
        models: int | None = None,
        in_flight: int | None = None,
    ) -> Series | None:
        """Return what was measured of a contender, `None` where it was not."""
        wanted = (measure, environment, contender, models, in_flight)
        return next((one for one in self.series if _name(one) == wanted), None)


def _name(one: Series) -> tuple[str, str, str, int | None, int | None]:
    return one.measure, one.environment, one.contender, one.models, one.in_flight


def write_figures(figures: Figures, path: Path) -> None:
    """Write the figures, each series in a line."""
    head = {"format": FORMAT, **asdict(figures)}
    series = head.pop("series")
    lines = ",\n".join(f"    {json.dumps(one)}" for one in series)
    text = json.dumps(head, indent=2).removesuffix("\n}")
    path.write_text(f'{text},\n  "series": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


def read_figures(path: Path) -> Figures:
    """Read what :func:`write_figures` has written."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.pop("format") != FORMAT:
        raise ValueError(f"{path} has another format")
    series = tuple(Series(**{**one, "microseconds": tuple(one["microseconds"])}) for one in data.pop("series"))
    return Figures(**data, series=series)
