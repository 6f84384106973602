"""The console, in a real browser and against a real server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from servers import run_server

from browser.browsing import Visit, open_entry

APP = "browser.console_app:app"


def read_name(entry: Locator) -> str:
    return entry.locator("b").inner_text()


def test_two_kinds_of_messages_and_an_invalid_one(console: Visit) -> None:
    page = console.page
    expect(page).to_have_title("Tea house")
    console.choose_channel("Desk")
    page.get_by_label("table*").fill("by the door")
    expect(page.locator("#address")).to_have_text(re.compile(r"^ws://127\.0\.0\.1:\d+/desk/by%20the%20door$"))
    page.get_by_label("name", exact=True).fill("Ann & Bob")
    expect(page.locator("#address")).to_contain_text("?name=Ann%20%26%20Bob")
    console.connect()
    welcome = console.entries("in").first
    expect(welcome.locator("b")).to_have_text("Welcome")
    assert json.loads(open_entry(welcome)) == {"type": "welcome", "table": "by the door", "name": "Ann & Bob"}

    console.choose("Order")
    console.write('{"type": "order", "drink": "coffee", "count": 2}')
    console.send()
    expect(console.entries("in").nth(1).locator("b")).to_have_text("Ordered")
    console.choose("Leave")
    console.write('{"type": "leave", "tip": 1.5}')
    page.keyboard.press("Control+Enter")
    bill = console.entries("in").nth(2)
    expect(bill.locator("b")).to_have_text("Bill")
    assert json.loads(open_entry(bill))["total"] == 6.5
    assert [read_name(entry) for entry in console.entries("out").all()] == ["Order", "Leave"]
    expect(page.locator(".entry.odd")).to_have_count(0)

    console.choose("Order")
    console.write('{"type": "order", "drink": "beer", "count": 0}')
    errors = page.locator("#errors")
    expect(errors).to_contain_text('/drink must be "tea" | "coffee" | "water"')
    expect(errors).to_contain_text("/count must be at least 1")
    console.send()
    expect(errors).to_be_focused()
    expect(console.entries("out")).to_have_count(2)
    console.send_anyway()
    expect(console.entries("out").nth(2)).to_contain_text("invalid")
    mistake = console.entries("in").nth(3)
    expect(mistake.locator("b")).to_have_text("Mistake")
    assert json.loads(open_entry(mistake))["code"] == "invalid-message"


def test_what_is_no_json_can_be_sent_as_well(console: Visit) -> None:
    console.choose_channel("Desk")
    console.connect()
    console.write("{not json")
    expect(console.page.locator("#errors")).to_contain_text("No JSON")
    console.send_anyway()
    expect(console.entries("in").nth(1).locator("b")).to_have_text("Mistake")


def test_frames_that_are_not_documented_are_marked(console: Visit) -> None:
    console.choose_channel("Desk")
    console.connect()
    console.choose("Misbehave")
    console.send()
    odd = console.page.locator(".entry.in.odd")
    expect(odd).to_have_count(3)
    assert "<img src=x" in open_entry(odd.nth(0))
    expect(odd.nth(0)).to_contain_text("none of the documented messages")
    open_entry(odd.nth(1))
    expect(odd.nth(1)).to_contain_text("It is not valid as Ordered:")
    expect(odd.nth(1)).to_contain_text("/number must be of the type integer")
    assert open_entry(odd.nth(2)) == "ff 00 62 69 6e 61 72 79"
    expect(odd.nth(2)).to_contain_text("A binary frame.")
    expect(console.page.locator(".entry.in").first).not_to_have_class(re.compile("odd"))


def test_requests_are_numbered_and_joined_to_their_replies(console: Visit) -> None:
    page = console.page
    console.choose_channel("stock")
    console.connect()
    console.choose("articles/find")
    sent = json.loads(page.locator("#editor").input_value())
    assert (sent["uuid"], sent["route"]) == (1, "articles/find")
    console.send()
    reply = console.entries("in").nth(0)
    expect(reply).to_contain_text(re.compile(r"#1 after \d+\.\d ms"))
    assert json.loads(page.locator("#editor").input_value())["uuid"] == 2
    console.choose("articles/count")
    console.send()
    expect(console.entries("in").nth(1)).to_contain_text(re.compile(r"#2 after \d+\.\d ms"))
    assert json.loads(open_entry(console.entries("in").nth(1)))["payload"] == 42

    console.choose("PING")
    console.send()
    expect(console.entries("in").nth(2).locator("b")).to_have_text("PONG")
    expect(console.entries("in").nth(2)).to_contain_text("#3 after")

    # An id of one's own is left as it is, and found as well.
    console.choose("articles/find")
    request = json.loads(page.locator("#editor").input_value())
    assert request["uuid"] == 4
    console.write(json.dumps({**request, "uuid": "mine", "payload": {"article": "", "limit": 500}}))
    expect(page.locator("#errors")).to_contain_text("/payload/article must have 1 or more characters")
    console.send_anyway()
    refused = console.entries("in").nth(3)
    expect(refused).to_contain_text("#mine after")
    assert json.loads(open_entry(refused))["status"] == 400
    expect(page.locator(".entry.in.odd")).to_have_count(0)


def test_the_form_and_the_text_are_one(console: Visit) -> None:
    page = console.page
    console.choose_channel("Desk")
    console.connect()
    console.choose("Order")
    page.get_by_role("button", name="Form").click()
    page.get_by_label("drink").select_option("water")
    page.get_by_label("count").fill("99")
    expect(page.locator("#form")).to_contain_text("must be at most 12")
    page.get_by_label("count").fill("3")
    page.get_by_label("note").fill("no ice")
    page.get_by_label("lines").fill('[{"article": "cake", "count": 0}]')
    expect(page.locator("#errors")).to_contain_text("/lines/0/count must be at least 1")
    page.get_by_label("lines").fill("[")
    expect(page.locator("#form")).to_contain_text("is no JSON")
    page.get_by_label("lines").fill('[{"article": "cake"}]')
    page.get_by_role("button", name="Form").click()
    order = {"type": "order", "drink": "water", "count": 3, "note": "no ice", "lines": [{"article": "cake"}]}
    assert json.loads(page.locator("#editor").input_value()) == order
    console.write(json.dumps({**order, "count": 5}))
    page.get_by_role("button", name="Form").click()
    expect(page.get_by_label("count")).to_have_value("5")
    page.get_by_label("count").press("Control+Enter")
    expect(console.entries("in").nth(1).locator("b")).to_have_text("Ordered")


def test_the_form_of_a_request_reaches_into_its_payload(console: Visit) -> None:
    page = console.page
    console.choose_channel("stock")
    console.connect()
    console.choose("articles/find")
    page.get_by_role("button", name="Form").click()
    page.get_by_label("article*").fill("cup")
    page.get_by_label("limit").fill("2")
    page.get_by_label("limit").press("Control+Enter")
    assert json.loads(open_entry(console.entries("in").first))["payload"] == {"articles": ["cup 0", "cup 1"]}
    expect(page.get_by_label("uuid")).to_have_value("2")
    # The reader stays in his field.
    page.get_by_label("limit").press("Control+Enter")
    expect(page.get_by_label("limit")).to_be_focused()
    expect(console.entries("in").nth(1)).to_contain_text("#2 after")
    expect(page.get_by_label("uuid")).to_have_value("3")
    expect(page.get_by_label("article*")).to_have_value("cup")


def test_a_lost_server_is_seen_and_one_can_connect_again(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    with run_server(APP, tmp_path / "first") as server:
        visit.open(f"http://{server.address}/asyncapi#channel=Desk")
        visit.connect()
        expect(visit.entries("in")).to_have_count(1)
    # It restarts, uvicorn says; one that is killed says nothing.
    expect(visit.status()).to_contain_text("Closed with 1012")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(visit.entries("event").last).to_contain_text("No connection to")
    expect(visit.status()).to_have_text("No connection")

    with run_server(APP, tmp_path / "second", port=server.port):
        visit.connect()
        expect(visit.entries("in")).to_have_count(2)
        page.get_by_label("Reconnect when lost").check()
    expect(visit.status()).to_contain_text("Trying again in")
    with run_server(APP, tmp_path / "third", port=server.port):
        expect(visit.status()).to_have_text("Connected", timeout=20_000)
        expect(visit.entries("in")).to_have_count(3)
        page.get_by_role("button", name="Disconnect").click()
        expect(visit.status()).to_have_text("Not connected")
    # The browser itself reports attempts that failed; there is nothing else.
    assert [text for text in visit.complaints if "ERR_CONNECTION_REFUSED" not in text] == []


def test_the_log_is_filtered_copied_and_cleared(console: Visit) -> None:
    page = console.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.choose_channel("Desk")
    console.connect()
    console.send()
    console.choose("Leave")
    console.send()
    expect(console.entries("in")).to_have_count(3)
    visible = page.locator(".entry:visible")
    expect(visible).to_have_count(6)
    page.get_by_label("Filter by text").fill("BILL")
    expect(visible).to_have_count(1)
    page.get_by_label("Filter by text").fill("")
    page.get_by_label("Show", exact=True).select_option("Sent")
    expect(visible).to_have_count(2)
    page.locator("#log-copy").click()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [re.sub(r"^[\d:.]+ ", "", line).split()[:2] for line in lines if line[:2].isdigit()] == [
        ["sent", "Order"],
        ["sent", "Leave"],
    ]
    page.get_by_label("Show", exact=True).select_option("All")
    bill = console.entries("in").last
    assert open_entry(bill).startswith('{\n  "type"')
    page.get_by_label("Show as").select_option("Raw")
    raw = bill.locator("pre").inner_text()
    assert raw.startswith('{"type":"bill"')
    bill.get_by_role("button", name="Copy").click()
    expect(bill.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == raw
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".entry")).to_have_count(0)
    expect(page.get_by_text("Nothing yet")).to_be_visible()


def test_a_flood_is_bounded_and_the_reader_is_left_where_he_scrolled(console: Visit) -> None:
    page = console.page
    console.choose_channel("Desk")
    console.connect()
    console.choose("Flood")
    console.write('{"type": "flood", "count": 5000}')
    console.send()
    expect(page.locator("#log-total")).to_contain_text(
        re.compile(r"^1000 entries, 4\d\d\d older ones dropped$"), timeout=20_000
    )
    expect(page.locator(".entry")).to_have_count(1000)
    expect(console.entries("in").last).to_contain_text("4999")
    at_end = "list => list.scrollHeight - list.scrollTop - list.clientHeight < 5"
    log = page.locator("#log-list")
    assert log.evaluate(at_end)
    log.evaluate("list => { list.scrollTop = 300; }")
    expect(page.locator("#log-latest")).to_be_visible()
    console.write('{"type": "flood", "count": 10}')
    console.send()
    expect(page.locator("#log-latest")).to_have_text("11 new ↓")
    assert not log.evaluate(at_end)
    page.locator("#log-latest").click()
    assert log.evaluate(at_end)
    expect(page.locator("#log-latest")).to_be_hidden()


def test_binary_frames_go_to_a_router_that_takes_them(console: Visit) -> None:
    console.choose_channel("Bytes")
    expect(console.page.locator("#frames")).to_have_value("binary")
    console.connect()
    console.send()
    answer = console.entries("in").first
    expect(answer.locator("b")).to_have_text("Ordered")
    open_entry(answer)
    expect(answer).to_contain_text("A binary frame.")


def test_query_cookie_subprotocol_and_token(console: Visit) -> None:
    page = console.page
    console.choose_channel("Vault")
    expect(page.locator("#settings")).to_contain_text("The server reads headers: x-trace. Browsers cannot set headers")
    page.get_by_label("level*").select_option("high")
    page.get_by_label("access_token").fill("s3 cret")
    page.get_by_label("session*").fill("not a cookie;")
    expect(page.locator("#settings")).to_contain_text("has a character that no cookie may have")
    page.get_by_label("session*").fill("c00kie")
    page.get_by_label("Subprotocols").fill("v2, v1")
    page.get_by_label("Token", exact=True).fill("t0ken")
    page.get_by_label("How the token is sent").select_option("as subprotocol")
    expect(page.locator("#address")).to_have_text(re.compile(r"/vault/high\?access_token=•••$"))
    console.connect()
    expect(console.entries("event")).to_contain_text("subprotocol v1")
    seen = json.loads(open_entry(console.entries("in").first))
    assert seen == {"type": "seen", "token": "s3 cret", "session": "c00kie", "protocols": ["v2", "v1", "t0ken"]}
    # Nothing that is secret is kept, or shown before the server says it.
    kept = page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href])")
    assert "v2, v1" in kept
    said = console.entries("event").inner_text() + page.locator("#address").inner_text()
    for secret in ("s3", "c00kie", "t0ken"):
        assert secret not in kept
        assert secret not in said


@pytest.mark.parametrize(("place", "name"), [("as query parameter", "access_token"), ("as cookie", "session")])
def test_a_token_is_sent_where_one_says(console: Visit, place: str, name: str) -> None:
    page = console.page
    console.choose_channel("Vault")
    page.get_by_label("access_token").fill("" if name == "access_token" else "a")
    page.get_by_label("session*").fill("" if name == "session" else "b")
    page.get_by_label("Token", exact=True).fill("t0ken")
    page.get_by_label("How the token is sent").select_option(place)
    page.get_by_label("Name of the parameter").fill(name)
    console.connect()
    seen = json.loads(open_entry(console.entries("in").first))
    assert "t0ken" in (seen["token"], seen["session"])
    assert seen["protocols"] == []


def test_what_was_filled_in_is_remembered_in_this_tab(console: Visit) -> None:
    page = console.page
    console.choose_channel("Desk")
    page.get_by_label("table*").fill("corner")
    page.get_by_label("name", exact=True).fill("Ann")
    console.choose_channel("stock")
    assert page.url.endswith("#channel=stock")
    page.reload()
    expect(page.get_by_label("Channel")).to_have_value("stock")
    page.go_back()
    expect(page.get_by_label("Channel")).to_have_value("Desk")
    expect(page.get_by_label("table*")).to_have_value("corner")
    expect(page.get_by_label("name", exact=True)).to_have_value("Ann")
    page.get_by_label("table*").fill("")
    expect(page.locator("#missing")).to_have_text("Missing: table")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_disabled()


def test_one_can_disconnect_whatever_is_written_meanwhile(console: Visit) -> None:
    page = console.page
    console.choose_channel("Desk")
    console.connect()
    page.get_by_label("table*").fill("")
    expect(page.get_by_role("button", name="Reconnect")).to_be_disabled()
    page.get_by_role("button", name="Disconnect").click()
    expect(console.status()).to_have_text("Not connected")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_disabled()
