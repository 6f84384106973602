"""Measure everything and write docs/performance.md, its plots and its figures.

``--quick``, or FASTWS_BENCH=quick, takes a few seconds and writes figures that mean nothing beside the others, into
``build/performance``; ``--into`` writes elsewhere; ``--check`` measures nothing and says whether page, plots and figures
agree.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contenders import ENVIRONMENTS, NEWEST, ORIGINAL, list_contenders
from figures import Figures, Series, read_figures, write_figures
from on_servers import ROOT, find_python, measure
from page import draw_plots, fill_page
from report import name_processor

HERE: Final = Path(__file__).parent
DOCS: Final = ROOT / "docs"
QUICK_DOCS: Final = ROOT / "build" / "performance"

PAGE: Final = "performance.md"
FIGURES: Final = "performance/figures.json"


@dataclass(frozen=True)
class Method:
    """How much is measured.

    Attributes:
        counts: The numbers of models in process.
        rounds: How many rounds there are in process,
        seconds: and for how long at most, in each environment.
        server_counts: The numbers of models on servers.
        server_rounds: How many rounds there are on servers,
        server_seconds: and for how long at most, with each number of messages in flight.
        messages: How many messages a turn on a server has, by how many of them are in flight.
    """

    counts: tuple[int, ...] = (2, 10, 50, 200)
    rounds: int = 61
    seconds: float = 45
    server_counts: tuple[int, ...] = (10, 50)
    server_rounds: int = 61
    server_seconds: float = 160
    messages: tuple[tuple[int, int], ...] = ((64, 1200), (1, 500))


QUICK: Final = Method(counts=(2, 10), rounds=3, server_counts=(10,), server_rounds=2, messages=((64, 200), (1, 100)))


def tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def run_script(environment: str, script: str, *arguments: object) -> Any:
    """Run a script of this folder in an environment and return what it prints."""
    command = [str(find_python(environment)), str(HERE / script), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure_inside(environment: str, method: Method) -> list[Series]:
    tell(f"in process, {ENVIRONMENTS[environment]}, up to {method.rounds} rounds of {method.counts} models")
    found = run_script(environment, "inside.py", environment, method.rounds, method.seconds, *method.counts)
    return [Series(**{**one, "microseconds": tuple(one["microseconds"])}) for one in found]


def measure_load() -> list[float]:
    """Return the load averages of 1, 5 and 15 minutes, where the system has them."""
    return [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else []


def take_figures(method: Method, *, quick: bool) -> Figures:
    """Measure everything, in the environments that there are."""
    environments = [name for name in ENVIRONMENTS if find_python(name).is_file()]
    taken = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    load: dict[str, list[float]] = {"before": measure_load()}
    series: list[Series] = []
    for environment in (NEWEST, ORIGINAL):
        if environment in environments:
            series += measure_inside(environment, method)
    load["between"] = measure_load()
    contenders = [one for one in list_contenders(method.server_counts) if one.environment in environments]
    series += measure(contenders, dict(method.messages), method.server_rounds, method.server_seconds, tell)
    load["after"] = measure_load()
    return Figures(
        taken=taken,
        quick=quick,
        machine={
            "processor": name_processor(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "load": load,
        },
        method={
            "messages": {str(in_flight): count for in_flight, count in method.messages},
        },
        environments={name: run_script(name, "environment.py") for name in environments},
        series=tuple(series),
    )


def list_files(docs: Path, template: str) -> dict[Path, str]:
    """Return what page and plots have to be, by their places, with the figures that are there."""
    figures = read_figures(docs / FIGURES)
    plots = {docs / "performance" / name: plot for name, plot in draw_plots(figures).items()}
    return {docs / PAGE: fill_page(template, figures), **plots}


def check(docs: Path) -> int:
    """Print which files do not agree with the figures, and return how many they are."""
    expected = list_files(docs, (docs / PAGE).read_text(encoding="utf-8"))
    wrong = [path for path, text in expected.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in wrong:
        print(f"{path} does not agree with {FIGURES}")
    return len(wrong)


def publish(docs: Path, make_figures: Callable[[], Figures] | None) -> None:
    """Write page and plots, and the figures, if there are new ones."""
    (docs / "performance").mkdir(parents=True, exist_ok=True)
    if make_figures is not None:
        write_figures(make_figures(), docs / FIGURES)
    for path, text in list_files(docs, (DOCS / PAGE).read_text(encoding="utf-8")).items():
        path.write_text(text, encoding="utf-8")
        tell(f"wrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few seconds, and figures that mean nothing")
    parser.add_argument("--into", type=Path, help="the folder to write into")
    parser.add_argument("--check", action="store_true", help="only compare the page and the plots with the figures")
    parser.add_argument("--render", action="store_true", help="only write the page and the plots again")
    options = parser.parse_args()
    quick = options.quick or os.environ.get("FASTWS_BENCH") == "quick"
    docs = options.into or (QUICK_DOCS if quick else DOCS)
    if options.check:
        raise SystemExit(check(docs))
    method = QUICK if quick else Method()
    publish(docs, None if options.render else lambda: take_figures(method, quick=quick))


if __name__ == "__main__":
    main()
