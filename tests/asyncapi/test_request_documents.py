"""Routes of requests in the document."""

from __future__ import annotations

from typing import Any

import pytest
from document_checks import validate
from document_register import APPS
from document_walks import Document
from documents import get_document, get_examples, get_message, get_operation, get_payload
from fastapi.testclient import TestClient


def find_route(name: str, route: str) -> str:
    """Return the operation of a route."""
    operations = get_document(name)["operations"].items()
    (found,) = [key for key, operation in operations if operation["title"] == route]
    return str(found)


def read_request(name: str, route: str) -> dict[str, Any]:
    """Return the fields of the request to a route."""
    document = get_document(name)
    _, (message,), _ = get_operation(document, find_route(name, route))
    fields: dict[str, Any] = get_payload(document, message)["properties"]
    return fields


def read_reply(name: str, route: str) -> dict[str, Any]:
    """Return the fields of the reply of a route."""
    document = get_document(name)
    _, _, (message, _) = get_operation(document, find_route(name, route))
    fields: dict[str, Any] = get_payload(document, message)["properties"]
    return fields


def test_each_route_is_an_operation_with_a_reply_and_an_error() -> None:
    document = get_document("untyped_requests")
    (channel,) = document["channels"].values()
    assert channel["x-router"] == "SocketRouter"
    name = find_route("untyped_requests", "math/sum")
    action, (request,), (reply, error) = get_operation(document, name)
    assert action == "receive"
    assert (name, request, reply, error) == ("ws_math_sum", "math_sum.request", "math_sum.reply", "error.reply")
    assert document["operations"][name]["summary"] == "Add numbers up."
    for message in (request, reply, error):
        assert get_message(document, message)["correlationId"] == {"location": "$message.payload#/uuid"}


def test_a_request_names_its_route() -> None:
    fields = read_request("untyped_requests", "math/sum")
    assert fields["route"]["const"] == "math/sum"
    assert {*fields} == {"uuid", "route", "headers", "payload"}
    assert fields["payload"]["items"] == {"type": "integer"}
    (example,) = get_examples(get_document("untyped_requests"), "math_sum.request")
    assert isinstance(example, dict)
    assert (example["uuid"], example["route"]) == (1, "math/sum")


def test_the_error_is_described_once() -> None:
    document = get_document("typed_requests")
    errors = [message for message in document["components"]["messages"] if "error" in message]
    assert errors == ["ws.error.reply"]
    fields = get_payload(document, "error.reply")["properties"]
    assert fields["status"]["minimum"] == 400
    assert "Message" in fields["payload"]["anyOf"][0]["properties"]


def test_types_of_requests_are_their_schemas() -> None:
    assert read_request("typed_requests", "orders/new")["payload"] == {"$ref": "#/components/schemas/Order"}
    assert read_reply("typed_requests", "orders/new")["payload"] == {"$ref": "#/components/schemas/Receipt"}
    assert read_request("typed_requests", "orders/trace")["headers"] == {"$ref": "#/components/schemas/Trace"}
    assert read_request("typed_requests", "orders/list")["headers"]["additionalProperties"] == {"type": "integer"}
    assert read_reply("typed_requests", "orders/list")["payload"]["type"] == "array"
    assert read_request("typed_requests", "orders/result")["payload"]["type"] == "integer"


def get_required(name: str, route: str) -> set[str]:
    document = get_document(name)
    _, (message,), _ = get_operation(document, find_route(name, route))
    return {*get_payload(document, message)["required"]}


def test_what_a_request_may_leave_out_is_not_required() -> None:
    assert get_required("typed_requests", "orders/new") == {"uuid", "route", "payload"}
    assert get_required("typed_requests", "orders/trace") == {"uuid", "route", "headers"}
    assert get_required("typed_requests", "orders/result") == {"uuid", "route"}
    assert get_required("typed_requests", "orders/list") == {"uuid", "route"}
    assert get_required("untyped_requests", "echo") == {"uuid", "route"}


def test_hooks_have_the_last_word() -> None:
    document = get_document("hooks_of_requests")
    assert list(document["operations"]) == ["ws_local", "ws_value", "ws_hydrated", "ws_PING"]
    # What is dehydrated is not what the handler is annotated with.
    assert read_reply("hooks_of_requests", "hydrated").get("payload", {}) in ({}, True)


def test_routes_of_all_names_are_told_apart() -> None:
    document = get_document("odd_routes")
    titles = [operation["title"] for operation in document["operations"].values()]
    assert len(titles) == len(document["operations"]) == 14
    requests = [get_operation(document, name)[1] for name in document["operations"]]
    routes = [get_payload(document, message)["properties"]["route"]["const"] for (message,) in requests]
    assert sorted(routes) == sorted(set(routes))
    assert {"a/b", "a_b", "A/B", "", " ", "größe", "日本", "#/channels"} < {*routes}


def test_a_router_that_is_mounted_in_all_ways_has_the_same_messages_everywhere() -> None:
    document = get_document("mounts_of_requests")
    messages = {"where.request", "where.reply", "error.reply", "PING", "PONG"}
    assert [{*channel["messages"]} for channel in document["channels"].values()] == [messages] * 5


def test_heartbeats_are_documented() -> None:
    document = get_document("no_routes")
    assert list(document["operations"]) == ["ws_PING"]
    assert get_operation(document, "ws_PING") == ("receive", ["PING"], ["PONG"])
    assert get_examples(document, "PING") == [{"uuid": 1, "route": "PING"}]


@pytest.mark.parametrize("name", ["untyped_requests", "typed_requests", "odd_routes", "bound_handlers", "no_routes"])
def test_examples_of_requests_are_answered_as_documented(name: str) -> None:
    document = get_document(name)
    (channel,) = document["channels"].values()
    asked = []
    with TestClient(APPS[name]()).websocket_connect(channel["address"]) as websocket:
        for operation in document["operations"]:
            _, (message,), replies = get_operation(document, operation)
            for example in get_examples(document, message):
                websocket.send_json(example)
                answer = websocket.receive_json()
                assert answer["uuid"] == 1
                assert answer.get("status") not in {400, 500}, (message, example, answer)
                assert list_accepting(document, replies, answer) != [], (message, example, answer)
                asked.append(operation)
    assert {*asked} == {*document["operations"]}


def list_accepting(document: Document, keys: list[str], value: object) -> list[str]:
    """Return the messages that a frame may be."""
    return [key for key in keys if not list(validate(document, get_message(document, key)["payload"], value))]


@pytest.mark.parametrize(
    "text",
    [
        '{"uuid":1,"route":"nowhere"}',
        '{"uuid":"one","route":"orders/new"}',
        "no JSON",
        '{"uuid":1,"route":"orders/trace","headers":{"trace":"t"}}',
    ],
    ids=["no route", "invalid payload", "no request", "a status of the handler's"],
)
def test_requests_that_fail_are_answered_as_documented(text: str) -> None:
    document = get_document("typed_requests")
    with TestClient(APPS["typed_requests"]()).websocket_connect("/ws") as websocket:
        websocket.send_text(text)
        answer = websocket.receive_json()
    assert answer["status"] >= 400
    assert list_accepting(document, [*document["channels"]["ws"]["messages"]], answer) == ["error.reply"]
