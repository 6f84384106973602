"""Documents and frames that mean no good, or make no sense: the console shows them as text, or says what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect
from servers import Server, run_server

from browser.browsing import Visit

EVIL = "<img src=x onerror=\"alert('xss')\"><script>alert('xss')</script>&amp;{{7*7}}${7*7}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("browser.console_app:app", tmp_path_factory.mktemp("server") / "log") as server:
        yield server


def serve_document(visit: Visit, server: Server, document: Any) -> None:
    """Open the console with another document than the application's: what no application of ours would make."""
    text = document if isinstance(document, str) else json.dumps(document)

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=text)

    visit.page.route("**/asyncapi.json", answer)
    visit.open(f"http://{server.address}/asyncapi")


def make_document(schema: Any, *, example: Any = None, **channel: Any) -> dict[str, Any]:
    """A document with one channel, the desk, and one message."""
    message = {"title": "Message", "payload": schema, "examples": [{"payload": example if example is not None else {}}]}
    operation = {
        "action": "receive",
        "channel": {"$ref": "#/channels/desk"},
        "messages": [{"$ref": "#/channels/desk/messages/m"}],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "T", "version": "1"},
        "channels": {"desk": {"address": "/desk/x", "messages": {"m": message}, **channel}},
        "operations": {"send": operation},
    }


def replace_texts(value: Any, text: str) -> Any:
    """Return a document in which every text that people write is another one."""
    if isinstance(value, dict):
        written = {"title", "description", "summary", "version"}
        return {
            key: text if key in written and isinstance(inner, str) else replace_texts(inner, text)
            for key, inner in value.items()
        }
    return [replace_texts(inner, text) for inner in value] if isinstance(value, list) else value


def test_texts_of_the_document_are_text(visit: Visit, server: Server) -> None:
    page = visit.page
    real = page.request.get(f"http://{server.address}/asyncapi.json").json()
    serve_document(visit, server, replace_texts(real, EVIL))
    expect(page.locator("h1")).to_contain_text(EVIL)
    for channel in ("Desk", "Vault", "stock"):
        visit.choose_channel(channel)
        expect(page.locator(".choice").first).to_contain_text(EVIL)
        for choice in page.locator(".choice").all():
            choice.click()
            for summary in page.locator("#schema summary").all():
                summary.click()
            page.get_by_role("button", name="Form").click()
            page.get_by_role("button", name="Form").click()
    assert page.locator("main img, main script, header img").count() == 0
    assert visit.complaints == []
    assert visit.origins == {f"http://{server.address}"}


def test_names_and_values_of_the_document_are_text(visit: Visit, server: Server) -> None:
    page = visit.page
    evil = EVIL.replace("{", "(").replace("}", ")")  # braces are parameters of an address
    names = {evil: {"type": "string", "default": evil, "examples": [evil, evil]}, "choice": {"enum": [evil]}}
    schema = {"type": "object", "properties": names, "required": [evil, "choice"]}
    query = {"type": "object", "properties": names, "required": [evil]}
    document = make_document(
        schema,
        example={evil: evil},
        title=evil,
        address=f"/desk/{{{evil}}}",
        parameters={evil: {"enum": [evil], "description": evil}},
        bindings={"ws": {"query": query, "headers": query}},
    )
    serve_document(visit, server, {**document, "servers": {"s": {"host": evil, "protocol": "javascript"}}})
    page.get_by_role("button", name="Form").click()
    expect(page.locator("#form")).to_contain_text(evil)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(visit.entries("event").first).to_contain_text("Cannot connect")
    assert page.locator("main img, main script").count() == 0
    assert visit.complaints == []


def test_frames_are_text(visit: Visit, server: Server) -> None:
    page = visit.page
    visit.open(f"http://{server.address}/asyncapi#channel=Desk")
    page.get_by_label("table*").fill("<img src=x onerror=alert(2)>")
    page.get_by_label("name", exact=True).fill("<script>alert(3)</script>")
    visit.connect()
    visit.choose("Misbehave")
    visit.send()
    expect(visit.entries("in")).to_have_count(4)
    for entry in page.locator(".entry summary").all():
        entry.click()
    expect(page.locator("#log-list")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log-list img, #log-list script").count() == 0
    assert visit.complaints == []
    assert visit.origins == {f"http://{server.address}"}


def test_a_prototype_is_a_property_like_others(visit: Visit, server: Server) -> None:
    page = visit.page
    schema = '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"a":{"type":"integer"}}}'
    document = json.dumps(make_document("SCHEMA", example="EXAMPLE"))
    document = document.replace('"SCHEMA"', schema).replace('"EXAMPLE"', '{"__proto__":"x","a":1}')
    serve_document(visit, server, document)
    page.get_by_role("button", name="Form").click()
    expect(page.get_by_label("__proto__")).to_have_value("x")
    expect(page.get_by_label("constructor")).to_have_value("")
    page.get_by_label("__proto__").fill("y")
    page.get_by_label("constructor").fill("z")
    page.get_by_role("button", name="Form").click()
    text = page.locator("#editor").input_value()
    assert json.loads(text) == {"__proto__": "y", "a": 1, "constructor": "z"}
    assert page.evaluate("({}).polluted === undefined && ({}).a === undefined")
    assert visit.complaints == []


def test_a_schema_that_holds_itself_is_opened_step_by_step(visit: Visit, server: Server) -> None:
    page = visit.page
    node = {
        "type": "object",
        "properties": {
            "next": {"$ref": "#/components/schemas/Node"},
            "again": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        },
    }
    rounds = {"Round": {"$ref": "#/components/schemas/Round"}, "All": {"allOf": [{"$ref": "#/components/schemas/All"}]}}
    document = make_document(
        {"type": "object", "properties": {name: {"$ref": f"#/components/schemas/{name}"} for name in ("Node", *rounds)}}
    )
    serve_document(visit, server, {**document, "components": {"schemas": {"Node": node, **rounds}}})
    for level in range(4):
        page.locator("#schema summary").nth(level).click()
        expect(page.locator("#schema summary").nth(level + 1)).to_be_visible()
    page.get_by_role("button", name="Form").click()
    expect(page.get_by_label("Node")).to_be_visible()
    visit.connect()
    visit.page.get_by_role("button", name="Form").click()
    visit.write('{"Node": {"next": {"next": 1}}, "Round": 1, "All": 1}')
    expect(page.locator("#errors")).to_have_text("/Node/next/next must be of the type object, and is integer")
    assert visit.complaints == []


def test_200_messages_are_searched(visit: Visit, server: Server) -> None:
    page = visit.page
    names = [f"Message{number}" for number in range(200)]
    messages = {name: {"title": name, "summary": f"About {name}", "payload": {"type": "object"}} for name in names}
    channel = {"$ref": "#/channels/many"}
    operations = {
        name: {"action": "receive", "channel": channel, "messages": [{"$ref": f"#/channels/many/messages/{name}"}]}
        for name in names
    }
    serve_document(
        visit,
        server,
        {
            "asyncapi": "3.0.0",
            "channels": {"many": {"address": "/many", "messages": messages}},
            "operations": operations,
        },
    )
    expect(page.locator(".choice")).to_have_count(200)
    page.get_by_label("Find a message").fill("about message19")
    expect(page.locator(".choice").filter(visible=True)).to_have_count(11)
    page.get_by_text("Message199", exact=True).click()
    expect(page.locator("#editor")).to_have_value("{}")
    assert visit.complaints == []


def test_a_channel_without_messages_takes_any_text(visit: Visit, server: Server) -> None:
    page = visit.page
    serve_document(visit, server, {"asyncapi": "3.0.0", "channels": {"desk": {"address": "/desk/x"}}})
    expect(page.get_by_text("No messages are documented here")).to_be_visible()
    visit.connect()
    visit.write("anything at all")
    visit.send()
    expect(visit.entries("out")).to_contain_text("anything at all")
    expect(visit.entries("in")).to_have_count(2)
    assert visit.complaints == []


def test_one_of_several_servers_is_chosen(visit: Visit, server: Server) -> None:
    page = visit.page
    here = {"host": server.address, "protocol": "ws"}
    servers = {"other": {"host": "other.example", "protocol": "wss", "pathname": "/v1/"}, "here": here}
    serve_document(visit, server, {**make_document({}), "servers": servers})
    expect(page.locator("#address")).to_have_text("wss://other.example/v1/desk/x")
    # The document was forged: the application knows of no other server, and its policy lets no socket go there.
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(visit.status()).to_have_text("Connecting …")
    page.get_by_role("button", name="Cancel").click()
    assert any("Content Security Policy" in complaint for complaint in visit.complaints)
    page.get_by_label("Server").select_option(f"ws://{server.address}")
    visit.connect()
    expect(visit.entries("in").first).to_contain_text("welcome")


def test_a_parameter_that_stands_in_an_address_twice_is_asked_for_once(visit: Visit, server: Server) -> None:
    serve_document(visit, server, make_document({}, address="/tenants/{id}/rooms/{id}", parameters={"id": {}}))
    visit.page.get_by_label("id*").fill("a/b")
    expect(visit.page.locator("#address")).to_have_text(re.compile(r"/tenants/a%2Fb/rooms/a%2Fb$"))
    assert visit.complaints == []


def test_a_tag_that_is_left_out_need_not_be_there(visit: Visit, server: Server) -> None:
    document = make_document({})
    loose = {"type": "object", "properties": {"kind": {"const": "welcome"}}, "required": ["table"]}
    document["channels"]["desk"]["messages"]["loose"] = {"title": "Loose", "payload": loose}
    channel = {"$ref": "#/channels/desk"}
    sends = {"action": "send", "channel": channel, "messages": [{"$ref": "#/channels/desk/messages/loose"}]}
    document["operations"]["sends"] = sends
    serve_document(visit, server, document)
    visit.connect()
    expect(visit.entries("in").first.locator("b")).to_have_text("Loose")


NO_SENSE: dict[str, Any] = {
    "null": None,
    "list": [],
    "old": {"asyncapi": "2.6.0"},
    "no JSON": "<html>",
    "empty": "",
}


@pytest.mark.parametrize("name", NO_SENSE)
def test_what_is_no_document_is_said_to_be_none(visit: Visit, server: Server, name: str) -> None:
    serve_document(visit, server, NO_SENSE[name] if name in {"no JSON", "empty"} else json.dumps(NO_SENSE[name]))
    expect(visit.page.get_by_role("alert")).to_contain_text(
        "The document could not be loaded. What the server sent is no"
    )
    expect(visit.page.locator("#panes")).to_be_hidden()
    assert visit.complaints == []


ODD: dict[str, Any] = {
    "parts that are lists": {"asyncapi": "3.0.0", "info": [], "servers": [], "channels": {"a": []}, "operations": [1]},
    "nulls": {
        "asyncapi": "3.0.0",
        "info": None,
        "channels": {"a": None, "b": {"address": None}},
        "operations": {"o": None},
    },
    "references to nowhere": {
        "asyncapi": "3.0.0",
        "channels": {"a": {"$ref": "#/nowhere"}, "b": {"$ref": "#/channels/b"}},
        "operations": {"o": {"channel": {"$ref": "#/channels/c"}, "messages": [{}]}},
    },
    "nothing": {"asyncapi": "3.0.0"},
}


@pytest.mark.parametrize("name", ODD)
def test_documents_that_make_no_sense_have_no_channels(visit: Visit, server: Server, name: str) -> None:
    serve_document(visit, server, ODD[name])
    expect(visit.page.get_by_role("alert")).to_contain_text("There are no channels yet")
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "Are you signed in?"), (403, "You may not read it."), (404, "answered 404"), (500, "Its log says why.")],
)
def test_a_document_that_is_refused(visit: Visit, server: Server, status: int, words: str) -> None:
    visit.page.route("**/asyncapi.json", lambda route: route.fulfill(status=status, body="{}"))
    visit.open(f"http://{server.address}/asyncapi")
    expect(visit.page.get_by_role("alert")).to_contain_text(f"The server answered {status}.")
    expect(visit.page.get_by_role("alert")).to_contain_text(words)


def test_a_server_that_is_gone(visit: Visit, tmp_path: Path) -> None:
    with run_server("browser.console_app:app", tmp_path / "log") as server:
        visit.page.route("**/asyncapi.json", lambda route: route.abort())
        visit.open(f"http://{server.address}/asyncapi")
        expect(visit.page.get_by_role("alert")).to_have_text(
            "The document could not be loaded. The server cannot be reached."
        )


def test_a_page_of_another_origin_cannot_frame_the_console(visit: Visit, server: Server) -> None:
    page = visit.page
    page.goto(f"http://localhost:{server.port}/openapi.json")
    frame = "address => document.body.append(Object.assign(document.createElement('iframe'), { src: address }))"
    with page.expect_event("requestfailed") as failed:
        page.evaluate(frame, f"http://{server.address}/asyncapi")
    assert failed.value.failure == "net::ERR_BLOCKED_BY_RESPONSE"
