"""What the page on performance shows of the figures: its plots, and the blocks that stand between its marks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from contenders import (
    ALONE,
    BY_HAND,
    CHANX,
    DISCRIMINATED,
    ECHO,
    FASTWS,
    FASTWS_INFERRED,
    LITESTAR,
    NEWEST,
    OBSERVABLE,
    ORIGINAL,
    REQUESTS_BY_HAND,
    RIVALS,
    SMART,
    SOCKET_ROUTER,
    SOCKETIO,
    WS_ROUTER,
    WS_ROUTER_INFERRED,
)
from figures import PARSE, SERVER, WHOLE, Figures, Series, Summary
from plots import Bar, Line, draw_bars, draw_lines, show

COUNTS: Final = (2, 10, 50, 200)
SERVER_COUNTS: Final = (10, 50)
MANY: Final = 64

NOTHING: Final = "-"
LINE: Final = 120

OURS: Final = (FASTWS, FASTWS_INFERRED)
PARSERS: Final = (ALONE, *OURS, DISCRIMINATED, BY_HAND, SMART)
APPS: Final = (*OURS, ALONE, DISCRIMINATED, BY_HAND, SMART, WS_ROUTER, WS_ROUTER_INFERRED)
SERVERS: Final = (
    (ECHO, NEWEST),
    *((name, NEWEST) for name in (*OURS, DISCRIMINATED, BY_HAND, SMART, WS_ROUTER, WS_ROUTER_INFERRED)),
    *((name, RIVALS) for name in (LITESTAR, CHANX, SOCKETIO)),
)
SAME_VERSION: Final = (*OURS, WS_ROUTER, WS_ROUTER_INFERRED)
REQUESTS: Final = (SOCKET_ROUTER, REQUESTS_BY_HAND, OBSERVABLE)

HUES: Final = {
    FASTWS: "ours",
    FASTWS_INFERRED: "ours",
    WS_ROUTER: "rival",
    WS_ROUTER_INFERRED: "rival",
    BY_HAND: "other",
}

ENVIRONMENT_NAMES: Final = {
    NEWEST: "the newest FastAPI",
    ORIGINAL: "the last FastAPI that `fastapi-ws-router` runs on",
    RIVALS: "other libraries",
}


def draw_plots(figures: Figures) -> dict[str, str]:
    """Return the plots by the names of their files."""
    plots = {"models.svg": draw_models(figures)}
    for in_flight in (MANY, 1):
        plots[f"server-{in_flight}.svg"] = draw_server(figures, in_flight)
    return plots


def list_models(figures: Figures) -> list[int]:
    """Return the numbers of models for which there are figures in process."""
    return [count for count in COUNTS if figures.find(WHOLE, NEWEST, FASTWS, count)]


def draw_models(figures: Figures) -> str:
    places = list_models(figures)
    lines = []
    for name in (WS_ROUTER_INFERRED, WS_ROUTER, BY_HAND, FASTWS_INFERRED):
        found = [figures.find(WHOLE, NEWEST, name, count) for count in places]
        values = tuple(one.cost.middle for one in found if one is not None)
        if len(values) == len(places):
            lines.append(Line(name.removesuffix(" by hand"), HUES[name], values))
    told = "; ".join(f"{line.name}: {', '.join(show(value) for value in line.values)}" for line in lines)
    return draw_lines(
        "What a message costs, by the number of models",
        "µs in process, from the frame to its reply; both scales are logarithmic; lower is better",
        f"With {', '.join(map(str, places))} models, in microseconds: {told}.",
        places,
        lines,
    )


def draw_server(figures: Figures, in_flight: int) -> str:
    bars = []
    for name, environment in SERVERS:
        found = find_server(figures, name, environment, 10, in_flight)
        if found is not None:
            bars.append(Bar(name, HUES.get(name, "plain"), found.cost.middle, found.cost.low, found.cost.high))
    bars.sort(key=lambda bar: bar.value)
    told = "; ".join(f"{bar.name}: {show(bar.value)}" for bar in bars)
    flight = "one message" if in_flight == 1 else f"{in_flight} messages"
    return draw_bars(
        "What a message costs the server",
        f"µs of CPU time on uvicorn, 10 models, {flight} in flight; lower is better",
        f"In microseconds: {told}.",
        bars,
    )


def find_server(figures: Figures, name: str, environment: str, models: int, in_flight: int) -> Series | None:
    """Return what a message cost on a server; the echo has no models."""
    return figures.find(SERVER, environment, name, None if name == ECHO else models, in_flight)


def show_cost(found: Series | None) -> str:
    """Return a cost and the middle half of its rounds."""
    return NOTHING if found is None else show_summary(found.cost)


def show_summary(summary: Summary) -> str:
    return f"{show(summary.middle)} ({show(summary.low)} to {show(summary.high)})"


def show_ratio(found: Series | None, base: Series | None) -> str:
    return NOTHING if found is None or base is None else f"{found.over(base).middle:.2f}"


def list_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table whose first column is text and whose others are numbers."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def make_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(list_rows(head, rows))


def make_counts_table(figures: Figures, measure: str, environment: str, names: Sequence[str], base: str) -> str:
    """Return costs in process: a row for each contender, a column for each number of models."""
    head = ["µs a message", *(f"{count} models" for count in COUNTS), f"times {base}, 10 models"]
    rows = []
    for name in names:
        costs = [show_cost(figures.find(measure, environment, name, count)) for count in COUNTS]
        found, floor = (figures.find(measure, environment, one, 10) for one in (name, base))
        rows.append([name, *costs, show_ratio(found, floor)])
    return make_table(head, rows)


def make_server_table(figures: Figures, contenders: Sequence[tuple[str, str]]) -> str:
    """Return CPU times of servers; the ratio is that to fastws with a discriminator in the same environment's group."""
    head = ["µs of CPU a message"]
    head += [f"{count} models, {in_flight} in flight" for in_flight in (MANY, 1) for count in SERVER_COUNTS]
    head.append(f"times {FASTWS}, 10 models, {MANY} in flight")
    rows = []
    for name, environment in contenders:
        home = ORIGINAL if environment == ORIGINAL else NEWEST
        found = [
            find_server(figures, name, environment, count, in_flight)
            for in_flight in (MANY, 1)
            for count in SERVER_COUNTS
        ]
        base = figures.find(SERVER, home, FASTWS, 10, MANY)
        rows.append([name, *map(show_cost, found), show_ratio(found[0], base)])
    return make_table(head, rows)


def make_requests_table(figures: Figures) -> str:
    head = ["µs of CPU a request", f"{MANY} in flight", "1 in flight", f"times {SOCKET_ROUTER}, {MANY} in flight"]
    rows = []
    for name in REQUESTS:
        many, one = (figures.find(SERVER, NEWEST, name, None, in_flight) for in_flight in (MANY, 1))
        base = figures.find(SERVER, NEWEST, SOCKET_ROUTER, None, MANY)
        rows.append([name, show_cost(many), show_cost(one), show_ratio(many, base)])
    return make_table(head, rows)


def make_control_table(figures: Figures) -> str:
    """Return what the same application costs in each environment: it should not matter to it."""
    head = ["µs of CPU a message", f"{MANY} in flight", "1 in flight", f"times the first, {MANY} in flight"]
    rows = []
    for environment, name in ENVIRONMENT_NAMES.items():
        many, one = (figures.find(SERVER, environment, ECHO, None, in_flight) for in_flight in (MANY, 1))
        base = figures.find(SERVER, NEWEST, ECHO, None, MANY)
        rows.append([f"{ECHO}, beside {name}", show_cost(many), show_cost(one), show_ratio(many, base)])
    return make_table(head, rows)


def list_headlines(figures: Figures) -> Iterator[str]:
    """Yield what a hurried reader should know, each a line of a list."""
    if figures.quick:
        yield "- These figures come from a run of a few seconds and mean nothing."
    places = list_models(figures)
    first, last = places[0], places[-1]
    for how, ours, theirs in (
        ("without", FASTWS_INFERRED, WS_ROUTER_INFERRED),
        ("with", FASTWS, WS_ROUTER),
    ):
        costs = [figures.find(WHOLE, NEWEST, name, count) for name in (ours, theirs) for count in (first, last)]
        shown = [NOTHING if one is None else show(one.cost.middle) for one in costs]
        yield (
            f"- In process, {how} a discriminator: fastws {shown[0]} µs a message with {first} models and {shown[1]} µs with "
            f"{last}; fastapi-ws-router {shown[2]} µs and {shown[3]} µs."
        )
    base = figures.find(SERVER, NEWEST, FASTWS, 10, MANY)
    yield (
        f"- On a server, with 10 models and {MANY} messages in flight: fastws "
        f"{NOTHING if base is None else show(base.cost.middle)} µs of CPU time a message. In multiples of that: "
        f"{'; '.join(list_multiples(figures, base))}."
    )


def list_multiples(figures: Figures, base: Series | None) -> Iterator[str]:
    """Yield what others cost on a server, in multiples of a series."""
    for name, environment in SERVERS:
        if name not in OURS:
            yield f"{name} {show_ratio(find_server(figures, name, environment, 10, MANY), base)}"


def count_rounds(figures: Figures, measure: str) -> str:
    """Return how many rounds there were: fewer where the machine was too busy for all of them."""
    rounds = {len(one.microseconds) for one in figures.series if one.measure == measure}
    return " to ".join(str(number) for number in sorted({min(rounds), max(rounds)}))


def list_circumstances(figures: Figures) -> Iterator[str]:
    """Yield where and when the figures were taken, each a line of a list."""
    machine = figures.machine
    load = machine["load"]
    told = ", ".join(f"{load[when][0]:g} {when}" for when in load if load[when])
    yield f"- Taken {figures.taken}, on {machine['cores']} cores of an {machine['processor']}, {machine['system']}."
    yield f"- Load average over a minute: {told}. The run itself keeps two cores busy; more is somebody else's."
    flights = " and ".join(
        f"{count} messages, {flight} in flight" for flight, count in figures.method["messages"].items()
    )
    yield f"- {count_rounds(figures, WHOLE)} rounds in process; {count_rounds(figures, SERVER)} on servers, in turns of {flights}."
    for environment, versions in figures.environments.items():
        packages = ", ".join(f"{package} {number}" for package, number in versions.items())
        yield f"- For {ENVIRONMENT_NAMES[environment]}: {packages}."


def wrap(line: str) -> str:
    """Return a line of a list as lines no longer than the page's others."""
    return textwrap.fill(line, LINE, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def make_blocks(figures: Figures) -> dict[str, str]:
    """Return what stands between the marks of the page, by their names."""
    same = [(name, ORIGINAL) for name in (ECHO, *SAME_VERSION)]
    return {
        "headlines": "\n".join(map(wrap, list_headlines(figures))),
        "circumstances": "\n".join(map(wrap, list_circumstances(figures))),
        "parse": make_counts_table(figures, PARSE, NEWEST, PARSERS, ALONE),
        "whole": make_counts_table(figures, WHOLE, NEWEST, APPS, FASTWS),
        "servers": make_server_table(figures, SERVERS),
        "same-version-whole": make_counts_table(figures, WHOLE, ORIGINAL, SAME_VERSION, FASTWS),
        "same-version-servers": make_server_table(figures, same),
        "requests": make_requests_table(figures),
        "control": make_control_table(figures),
    }


def fill_page(template: str, figures: Figures) -> str:
    """Return a page with its blocks written anew.

    Raises:
        ValueError: If the place of a block is missing, or is there twice.
    """
    page = template
    for name, block in make_blocks(figures).items():
        begin, end = f"<!-- {name}: by make bench-report -->\n", "<!-- end -->"
        if page.count(begin) != 1:
            raise ValueError(f"the page has {page.count(begin)} places for {name}")
        before, rest = page.split(begin)
        page = f"{before}{begin}{block}\n{rest[rest.index(end) :]}"
    return page
