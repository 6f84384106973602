"""The reference view: the official viewer, from npm, served by the application itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect
from servers import Server, run_server

from browser.browsing import Visit
from browser.console_app import VIEWER


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("browser.console_app:app", tmp_path_factory.mktemp("server") / "log") as server:
        yield server


def test_the_viewer_shows_the_document(visit: Visit, server: Server) -> None:
    assert VIEWER.is_dir(), "there is no viewer; `make test-browser` fetches it"
    page = visit.page
    visit.open(f"http://{server.address}/asyncapi")
    page.get_by_role("link", name="Reference").click()
    assert page.url.endswith("/asyncapi#reference")
    reference = page.frame_locator("#reference")
    # Both files are those whose hashes are checked in production.
    expect(reference.locator("h1")).to_have_text("Tea house 1.2.0", timeout=30_000)
    for text in ("/desk/{table}", "Order something to the table.", "The kitchen starts at once.", "articles/find"):
        expect(reference.get_by_text(text).first).to_be_attached()
    assert "Liberation" in reference.locator("body").evaluate("body => getComputedStyle(body).fontFamily")
    visit.shoot("reference")
    page.get_by_role("link", name="Console").click()
    expect(page.locator("#panes")).to_be_visible()
    expect(page.locator("#reference")).to_be_hidden()
    page.go_back()
    expect(page.locator("#reference")).to_be_visible()
    assert visit.complaints == []
    assert visit.origins == {f"http://{server.address}"}


def test_without_the_viewer_it_says_what_to_do(visit: Visit, server: Server) -> None:
    page = visit.page
    page.route("**/viewer/**", lambda route: route.abort("internetdisconnected"))
    page.goto(f"http://{server.address}/asyncapi#reference")
    reference = page.frame_locator("#reference")
    expect(reference.locator("body")).to_contain_text("could not be loaded from /viewer/browser/standalone/index.js")
    expect(reference.locator("body")).to_contain_text("asyncapi_js_url")
    visit.shoot("reference-offline")


def test_a_viewer_that_is_another_one_is_not_run(visit: Visit, server: Server) -> None:
    def forge(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body="document.title = 'forged'")

    page = visit.page
    page.route("**/viewer/**", forge)
    page.goto(f"http://{server.address}/asyncapi/reference")
    expect(page.locator("body")).to_contain_text("could not be loaded")
    expect(page).to_have_title("Tea house")


def test_a_document_that_is_missing_is_said_to_be(visit: Visit, server: Server) -> None:
    page = visit.page
    page.route("**/asyncapi.json", lambda route: route.fulfill(status=401))
    page.goto(f"http://{server.address}/asyncapi/reference")
    expect(page.locator("body")).to_contain_text("The document could not be loaded: the server answered 401.")
