"""A real browser, where there is what drives one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
