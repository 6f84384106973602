"""The chat among the examples, in its own page and from the console."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from servers import Server, run_server

from browser.browsing import Visit


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("examples.chat:app", tmp_path_factory.mktemp("server") / "log") as server:
        yield server


def enter(browser: Browser, server: Server, room: str, name: str) -> Page:
    page = browser.new_page()
    page.goto(f"http://{server.address}/")
    page.get_by_label("Room").fill(room)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Name").press("Enter")
    expect(page.locator("#present")).to_contain_text(name)
    return page


def test_what_one_says_the_other_hears(browser: Browser, server: Server) -> None:
    ann, bob = enter(browser, server, "attic", "ann"), enter(browser, server, "attic", "bob")
    expect(ann.locator("#present")).to_have_text("Here: ann, bob")
    for speaker, listener, text in ((ann, bob, "hello"), (bob, ann, "<b>hi</b>")):
        speaker.get_by_label("Message", exact=True).fill(text)
        speaker.get_by_role("button", name="Send").click()
        expect(listener.locator("#log li").last).to_contain_text(text)
        expect(speaker.locator("#log li").last).to_contain_text(text)
    bob.close()
    expect(ann.locator("#present")).to_have_text("Here: ann")
    ann.close()


def test_the_chat_is_driven_from_the_console(visit: Visit, browser: Browser, server: Server) -> None:
    ann = enter(browser, server, "cellar", "ann")
    page = visit.page
    visit.open(f"http://{server.address}/asyncapi")
    expect(page).to_have_title("Chat")
    page.get_by_label("room*").fill("cellar")
    page.get_by_label("name", exact=True).fill("console")
    visit.connect()
    expect(ann.locator("#present")).to_have_text("Here: ann, console")
    expect(visit.entries("in").last.locator("b")).to_have_text("Present")

    visit.choose("Say")
    visit.write(json.dumps({"type": "say", "text": "from the console"}))
    visit.send()
    expect(ann.locator("#log li").last).to_have_text("consolefrom the console")
    expect(visit.entries("in").last.locator("b")).to_have_text("Said")
    visit.choose("Rename")
    page.get_by_role("button", name="Form").click()
    page.get_by_label("name*").fill("robot")
    visit.send()
    expect(ann.locator("#present")).to_have_text("Here: ann, robot")

    ann.get_by_label("Message", exact=True).fill("and back")
    ann.get_by_label("Message", exact=True).press("Enter")
    expect(visit.entries("in").last).to_contain_text("and back")
    page.get_by_role("button", name="Form").click()
    visit.write("nonsense")
    visit.send_anyway()
    expect(visit.entries("in").last.locator("b")).to_have_text("Problem")
    expect(page.locator(".entry.in.odd")).to_have_count(0)
    visit.shoot("chat")
    assert visit.complaints == []
    assert visit.origins == {f"http://{server.address}"}
    ann.close()
