"""The page on performance shows its figures, and the report that writes both runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PLOTS = ["models.svg", "server-64.svg", "server-1.svg"]
SVG = "{http://www.w3.org/2000/svg}"


def publish(*options: object) -> subprocess.CompletedProcess[str]:
    """Run the report."""
    command = [sys.executable, str(ROOT / "benchmarks" / "publish.py"), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def load_series(docs: Path) -> list[dict[str, Any]]:
    series: list[dict[str, Any]] = json.loads((docs / "performance" / "figures.json").read_text())["series"]
    return series


def copy_report(docs: Path) -> None:
    shutil.copy(DOCS / "performance.md", docs)
    shutil.copytree(DOCS / "performance", docs / "performance")


def test_page_and_plots_are_those_of_the_published_figures() -> None:
    result = publish("--check")
    assert (result.returncode, result.stdout) == (0, "")


def test_a_figure_that_is_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    copy_report(tmp_path)
    figures = tmp_path / "performance" / "figures.json"
    data = json.loads(figures.read_text())
    for one in data["series"]:
        if one["contender"] == "chanx":
            one["microseconds"] = [1.0] * len(one["microseconds"])
    figures.write_text(json.dumps(data))
    result = publish("--check", "--into", tmp_path)
    assert result.returncode == 3, result.stderr
    assert [Path(line.split()[0]).name for line in result.stdout.splitlines()] == [
        "performance.md",
        "server-64.svg",
        "server-1.svg",
    ]


def test_every_cost_on_a_server_stands_in_the_page() -> None:
    page = (DOCS / "performance.md").read_text()
    servers = [one for one in load_series(DOCS) if one["measure"] == "server"]
    assert len(servers) > 50
    for one in servers:
        cost = median(one["microseconds"])
        shown = f"{cost:.2f}" if cost < 10 else f"{cost:.1f}" if cost < 100 else f"{cost:.0f}"
        rows = [line for line in page.splitlines() if line.startswith(f"| {one['contender']}")]
        assert any(f"| {shown} (" in row for row in rows), one


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_small_and_says_in_words_what_it_shows(name: str) -> None:
    path = DOCS / "performance" / name
    assert path.stat().st_size < 10_000
    root = ET.fromstring(path.read_text())
    title, description = (root.find(f"{SVG}{kind}") for kind in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert description.text is not None
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert title.text in words
    assert "fastapi-ws-router: " in description.text
    assert any("fastapi-ws-router" in (word or "") for word in words)


@pytest.mark.bench
@pytest.mark.timeout(300)
def test_the_report_runs_and_agrees_with_itself(tmp_path: Path) -> None:
    result = publish("--quick", "--into", tmp_path)
    assert result.returncode == 0, result.stderr
    environments = {(one["measure"], one["environment"]) for one in load_series(tmp_path)}
    assert environments == {
        ("parse", "newest"),
        ("whole", "newest"),
        ("whole", "original"),
        *(("server", environment) for environment in ("newest", "original", "rivals")),
    }
    assert "mean nothing" in (tmp_path / "performance.md").read_text()
    assert sorted(path.name for path in (tmp_path / "performance").glob("*.svg")) == sorted(PLOTS)
    checked = publish("--check", "--into", tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "")
