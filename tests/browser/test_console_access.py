"""The console for everybody: with the keyboard, with a name for each control, on each width and in the dark."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect
from servers import Server

from browser.browsing import Visit, open_entry


def test_everything_can_be_done_with_the_keyboard(console: Visit) -> None:
    page = console.page
    focused = "document.activeElement.id || document.activeElement.name || document.activeElement.hash"
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused))
        if seen[-1] == "log-list":
            break
        ring = page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement.closest('label') ?? document.body).outlineStyle"
        )
        assert "solid" in ring or "auto" in ring, seen
    order = [
        "#console",
        "#reference",
        "channel",
        "connect",
        "automatic",
        "message",
        "view",
        "editor",
        "log-search",
        "log-list",
    ]
    assert [name for name in dict.fromkeys(seen) if name in order] == order
    page.locator("#connect").focus()
    page.keyboard.press("Enter")
    expect(console.status()).to_have_text("Connected")
    page.locator("input[name=message]:checked").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#editor")).to_have_value(re.compile("leave"))
    page.locator("#editor").focus()
    page.keyboard.press("Control+Enter")
    expect(console.entries("in").last.locator("b")).to_have_text("Bill")
    console.entries("in").last.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(console.entries("in").last.locator("pre")).to_be_visible()


def test_every_control_has_a_name(console: Visit) -> None:
    console.choose_channel("Vault")
    nameless = console.page.evaluate("""[...document.querySelectorAll("input, select, textarea, button")].filter((control) =>
        !control.closest("[hidden]") && !(control.labels?.length || control.ariaLabel || control.textContent.trim())).map((control) => control.outerHTML)""")
    assert nameless == []


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("light", 1440, "light"),
        ("dark", 1440, "dark"),
        ("two-panes", 900, "light"),
        ("narrow", 360, "light"),
        ("narrow-dark", 360, "dark"),
    ],
)
def test_it_fits(browser: Browser, server: Server, name: str, width: int, scheme: Literal["light", "dark"]) -> None:
    """On screens of each width, and with pictures for people to look at."""
    with browser.new_context(
        viewport={"width": width, "height": 900 if width > 360 else 780}, color_scheme=scheme
    ) as context:
        visit = Visit(context.new_page())
        visit.open(f"http://{server.address}/asyncapi#channel=Desk")
        visit.page.get_by_label("table*").fill("window")
        visit.connect()
        visit.send()
        visit.choose("Misbehave")
        visit.send()
        visit.choose("Leave")
        visit.send()
        expect(visit.entries("in").last.locator("b")).to_have_text("Bill")
        visit.choose("Order")
        visit.write('{\n  "type": "order",\n  "drink": "beer",\n  "count": 2,\n  "lines": []\n}')
        visit.send_anyway()
        expect(visit.entries("in").last.locator("b")).to_have_text("Mistake")
        open_entry(visit.page.locator(".entry.in.odd").nth(1))
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        visit.shoot(name, full=width == 360)
        visit.choose_channel("stock")
        visit.connect()
        visit.choose("articles/find")
        visit.page.get_by_role("button", name="Form").click()
        visit.page.get_by_label("article*").fill("cup")
        visit.send()
        expect(visit.entries("in").last).to_contain_text("after")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        visit.shoot(f"{name}-form", full=width == 360)
        assert visit.complaints == []
