"""Plots as SVG: text as text, a picture of its own paper, so that it reads on light pages and on dark ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
MARGIN: Final = 24

LIGHT: Final = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "faint": "#59636e",
    "grid": "#d1d9e0",
    "ours": "#1a7f37",
    "rival": "#bc4c00",
    "other": "#0969da",
    "plain": "#818b98",
}
DARK: Final = {
    "paper": "#0d1117",
    "ink": "#f0f6fc",
    "faint": "#9198a1",
    "grid": "#30363d",
    "ours": "#3fb950",
    "rival": "#f0883e",
    "other": "#4493f8",
    "plain": "#6e7681",
}
HUES: Final = ("ours", "rival", "other", "plain")


def list_colours(palette: dict[str, str]) -> Iterator[str]:
    """Yield the rules of a palette; custom properties would be shorter, but not every viewer knows them."""
    yield f".paper {{ fill: {palette['paper']}; }}"
    yield f"text {{ fill: {palette['ink']}; }}"
    yield f".faint {{ fill: {palette['faint']}; }}"
    yield f".grid {{ stroke: {palette['grid']}; }}"
    yield f".spread {{ stroke: {palette['ink']}; }}"
    for hue in HUES:
        yield f".{hue} .line {{ stroke: {palette[hue]}; }}"
        yield f".{hue} .solid {{ fill: {palette[hue]}; }}"


_STYLE: Final = "\n".join(
    [
        "<style>",
        'text { font: 15px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }',
        ".title { font-size: 18px; font-weight: 600; }",
        ".faint { font-size: 14px; }",
        ".strong { font-weight: 600; }",
        ".end { text-anchor: end; }",
        ".middle { text-anchor: middle; }",
        ".grid { stroke-width: 1; }",
        ".line { fill: none; stroke-width: 3; stroke-linejoin: round; }",
        ".spread { stroke-width: 1.5; }",
        *list_colours(LIGHT),
        "@media (prefers-color-scheme: dark) {",
        *list_colours(DARK),
        "}",
        "</style>",
    ]
)


@dataclass(frozen=True)
class Line:
    """A line of a plot.

    Attributes:
        name: What stands at its end.
        hue: The class of its colour: `ours`, `rival`, `other` or `plain`.
        values: Its heights, one for each place.
    """

    name: str
    hue: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Bar:
    """A bar of a plot.

    Attributes:
        name: What stands before it.
        hue: The class of its colour.
        value: Its length.
        low, high: The ends of the middle half of what was measured.
    """

    name: str
    hue: str
    value: float
    low: float
    high: float


def show(value: float) -> str:
    """Return a number as the page shows it: three figures, and no more than one behind the point from ten on."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"  # noqa: PLR2004


def text(x: float, y: float, words: str, kind: str = "") -> str:
    classes = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{classes}>{escape(words)}</text>'


def frame(height: int, title: str, subtitle: str, description: str, shapes: Sequence[str]) -> str:
    """Return a whole picture."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            _STYLE,
            f'<rect width="{WIDTH}" height="{height}" rx="8" class="paper"/>',
            text(MARGIN, 36, title, "title"),
            text(MARGIN, 60, subtitle, "faint"),
            *shapes,
            "</svg>\n",
        ]
    )


# The drawing of lines, inside of it the axes.
HEIGHT: Final = 452
LEFT: Final = 64
RIGHT: Final = 368
TOP: Final = 88
BOTTOM: Final = 388
APART: Final = 22


def list_ticks(least: float, most: float) -> list[float]:
    """Return round numbers around what is shown: 1, 2 and 5 in every decade."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
    low = max((step for step in steps if step <= least), default=steps[0])
    high = min((step for step in steps if step >= most), default=steps[-1])
    return [step for step in steps if low <= step <= high]


def spread_labels(wanted: Sequence[float]) -> list[float]:
    """Return heights for labels that want to stand at these, and must not stand on one another."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = list(wanted)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + APART)
    return placed


def draw_lines(title: str, subtitle: str, description: str, places: Sequence[int], lines: Sequence[Line]) -> str:
    """Draw lines over the number of models, both axes logarithmic, each line with its name and its last value."""
    values = [value for line in lines for value in line.values]
    ticks = list_ticks(min(values), max(values))

    def across(place: float) -> float:
        return LEFT + (RIGHT - LEFT) * math.log(place / places[0]) / math.log(places[-1] / places[0])

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * math.log(value / ticks[0]) / math.log(ticks[-1] / ticks[0])

    shapes = []
    for tick in ticks:
        shapes.append(f'<path class="grid" d="M{LEFT} {up(tick):.1f}H{RIGHT}"/>')
        shapes.append(text(LEFT - 10, up(tick) + 5, f"{tick:g}", "faint end"))
    shapes += [text(across(place), BOTTOM + 24, str(place), "faint middle") for place in places]
    shapes.append(text((LEFT + RIGHT) / 2, BOTTOM + 48, "message models of the router", "faint middle"))
    heights = spread_labels([up(line.values[-1]) + 5 for line in lines])
    for line, height in zip(lines, heights, strict=True):
        points = [(across(place), up(value)) for place, value in zip(places, line.values, strict=True)]
        shapes.append(f'<g class="{line.hue}">')
        shapes.append(f'<path class="line" d="M{" ".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>')
        shapes += [f'<circle class="solid" cx="{x:.1f}" cy="{y:.1f}" r="5"/>' for x, y in points]
        shapes.append(text(RIGHT + 16, height, f"{show(line.values[-1])} µs {line.name}", "solid strong"))
        shapes.append("</g>")
    return frame(HEIGHT, title, subtitle, description, shapes)


# The drawing of bars.
NAMES: Final = 296
LONGEST: Final = WIDTH - 72
PITCH: Final = 34
THICK: Final = 20


def draw_bars(title: str, subtitle: str, description: str, bars: Sequence[Bar]) -> str:
    """Draw bars below one another, each with its name, its value, and the middle half of what was measured."""
    longest = max(bar.high for bar in bars)

    def across(value: float) -> float:
        return NAMES + (LONGEST - NAMES) * value / longest

    shapes = []
    for number, bar in enumerate(bars):
        top = TOP + number * PITCH
        middle = top + THICK / 2
        shapes.append(f'<g class="{bar.hue}">')
        shapes.append(text(NAMES - 12, middle + 5, bar.name, "end strong" if bar.hue == "ours" else "end"))
        shapes.append(
            f'<rect class="solid" x="{NAMES}" y="{top}" width="{across(bar.value) - NAMES:.1f}" height="{THICK}" rx="2"/>'
        )
        shapes.append(f'<path class="spread" d="M{across(bar.low):.1f} {middle:.0f}H{across(bar.high):.1f}"/>')
        shapes.append(text(across(bar.high) + 10, middle + 5, show(bar.value), "strong"))
        shapes.append("</g>")
    return frame(TOP + len(bars) * PITCH + 12, title, subtitle, description, shapes)
