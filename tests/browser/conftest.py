"""A real browser, where there is what drives one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import Server, run_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from browser.browsing import Visit

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# `make test-browser` installs it; who runs other tests need not.
if find_spec("playwright") is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    path = os.environ.get("FASTWS_CHROMIUM") or shutil.which("chromium")
    assert path, "there is no chromium: `apt-get install chromium`, or say in FASTWS_CHROMIUM where one is"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A visitor of his own, with nothing kept from others."""
    from browser.browsing import Visit  # noqa: PLC0415

    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(10_000)
        yield Visit(context.new_page())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application whose console most tests look at; some modules have another."""
    with run_server("browser.console_app:app", tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture
def console(visit: Visit, server: Server) -> Iterator[Visit]:
    """The console of a server, which loads nothing from elsewhere and has nothing to complain of."""
    visit.open(f"http://{server.address}/asyncapi")
    yield visit
    assert visit.complaints == []
    assert visit.origins == {f"http://{server.address}"}
