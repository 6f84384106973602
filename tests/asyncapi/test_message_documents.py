"""Handlers, replies and callbacks in the document."""

from __future__ import annotations

from typing import Any

import pytest
from document_message_apps import OldPing
from documents import get_document, get_examples, get_operation, get_payload


def test_a_handler_receives_and_replies() -> None:
    document = get_document("plain")
    assert get_operation(document, "ws_on_ping") == ("receive", ["Ping"], [])
    assert get_operation(document, "ws_on_move") == ("receive", ["Move"], ["Moved"])
    assert document["operations"]["ws_on_ping"]["title"] == "on_ping"
    assert document["operations"]["ws_on_ping"]["summary"] == "Answered with a **pong**."
    assert document["operations"]["ws_on_ping"]["description"].endswith("At once.")
    assert {*document["channels"]["ws"]["messages"]} == {"Ping", "Move", "Moved"}
    assert {*document["components"]["messages"]} == {"Ping", "Move", "Moved"}


def test_messages_are_described_by_their_models() -> None:
    ping = get_document("plain")["components"]["messages"]["Ping"]
    assert (ping["name"], ping["title"], ping["contentType"]) == ("Ping", "Ping", "application/json")
    assert ping["summary"] == "Ask whether the server is awake."
    assert get_examples(get_document("plain"), "Ping") == [{"type": "ping"}]
    payload = get_payload(get_document("plain"), "Move")
    assert payload["required"] == ["type", "x"]
    assert payload["properties"]["y"]["default"] == 0


def test_a_union_is_received_as_its_members() -> None:
    document = get_document("discriminated")
    assert get_operation(document, "Game_on_either") == ("receive", ["Ping", "Move"], ["Pong"])
    assert get_operation(document, "Game_on_rejected") == ("receive", ["Rejected"], [])


@pytest.mark.parametrize(
    ("number", "replies"),
    [
        (0, ["Pong"]),
        (1, ["Moved", "Rejected"]),
        (2, ["Pong"]),
        (8, ["Moved", "Rejected"]),
        (9, []),
    ],
)
def test_replies_are_the_models_that_are_declared(number: int, replies: list[str]) -> None:
    document = get_document("replies")
    assert get_operation(document, f"Replies_answer_{number}") == ("receive", [f"Ask{number}"], replies)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, {"type": "array"}),
        (4, {"type": "integer"}),
        (5, {}),
        (6, {"type": "string"}),
        (7, {"type": "object", "additionalProperties": {"type": "number"}}),
        (10, {"enum": ["yes", "no"]}),
        (11, {"type": "array", "minItems": 2, "maxItems": 2, "items": [{"type": "integer"}, {"type": "string"}]}),
    ],
)
def test_a_reply_that_is_no_model_is_a_message_of_its_schema(number: int, expected: dict[str, Any]) -> None:
    document = get_document("replies")
    _, _, (reply,) = get_operation(document, f"Replies_answer_{number}")
    payload = get_payload(document, reply)
    assert {key: payload.get(key) for key in expected} == expected


def test_a_reply_of_a_model_or_something_else_is_two_messages() -> None:
    document = get_document("replies")
    _, _, replies = get_operation(document, "Replies_answer_12")
    assert "Pong" in replies
    assert [get_payload(document, reply)["type"] for reply in replies] == ["integer", "object"]


def test_a_reply_without_aliases_is_described_as_it_is_on_the_wire() -> None:
    document = get_document("replies_by_name")
    assert get_operation(document, "Names_on_ping") == ("receive", ["Ping"], ["Team", "Moved"])
    assert get_operation(document, "Names_on_move") == ("receive", ["Move"], ["Team-by-name", "Moved"])
    schemas, messages = document["components"]["schemas"], document["components"]["messages"]
    assert list(schemas["Team"]["properties"]) == ["type", "teamLead"]
    assert list(schemas["Person"]["properties"]) == ["fullName"]
    assert list(schemas["Team-by-name"]["properties"]) == ["type", "team_lead"]
    assert list(schemas["Person-by-name"]["properties"]) == ["full_name"]
    assert messages["Team-by-name"]["name"] == "Team"
    assert messages["Team"]["examples"][0]["payload"]["teamLead"] == {"fullName": "Ann"}
    assert messages["Team-by-name"]["examples"][0]["payload"]["team_lead"] == {"full_name": "Ann"}


def test_the_items_of_a_stream_are_the_replies() -> None:
    document = get_document("streams")
    assert get_operation(document, "Streams_count") == ("receive", ["Count"], ["Moved", "Rejected"])
    assert get_operation(document, "Streams_count_or_not") == ("receive", ["CountOrNot"], ["Pong"])
    _, _, (number,) = get_operation(document, "Streams_count_slowly")
    assert get_payload(document, number)["type"] == "integer"
    for operation in document["operations"].values():
        assert operation["reply"]["x-stream"] is True
    assert "x-stream" not in get_document("plain")["operations"]["ws_on_move"]["reply"]


def test_what_handlers_and_routers_send_besides() -> None:
    document = get_document("sends")
    assert get_operation(document, "Sends_sends") == ("send", ["Pong", "Moved"], [])
    assert get_operation(document, "Sends_on_ping_sends") == ("send", ["Pong"], [])
    assert get_operation(document, "Sends_on_move_sends") == ("send", ["Moved", "Rejected"], [])
    assert get_operation(document, "Sends_on_move") == ("receive", ["Move"], ["Pong"])
    _, (several,), _ = get_operation(document, "Sends_on_count_sends")
    assert get_payload(document, several)["items"] == {"$ref": "#/components/schemas/Pong"}
    assert get_operation(get_document("nothing_received"), "ws_sends") == ("send", ["Pong"], [])


def test_binary_routers_are_marked() -> None:
    (channel,) = get_document("binary")["channels"].values()
    assert channel["x-frames"] == "binary"
    assert get_operation(get_document("binary"), "ws_on_ping") == ("receive", ["Ping"], [])


def test_a_dispatcher_of_its_own_has_the_messages_of_its_mapping() -> None:
    document = get_document("custom_dispatcher")
    assert get_operation(document, "ws_left") == ("receive", ["Ping"], [])
    assert get_operation(document, "ws_nowhere") == ("receive", ["Move"], [])


def test_what_is_deprecated_says_so() -> None:
    document = get_document("described")
    messages = document["components"]["messages"]
    (channel,) = document["channels"].values()
    assert channel["x-deprecated"] is True
    assert [tag["name"] for tag in channel["tags"]] == ["live", "game"]
    old, retired = messages["OldPing"], messages["RetiredPing"]
    assert retired["deprecated"] is True
    # Not every pydantic says so of a class.
    assert old.get("deprecated") == OldPing.model_json_schema().get("deprecated")
    assert retired["title"] == "A ping of the past"
    assert get_payload(document, "OldPing")["properties"]["volume"]["deprecated"] is True
    assert "deprecated" not in get_document("plain")["components"]["messages"]["Ping"]


def test_docstrings_are_descriptions_up_to_a_form_feed() -> None:
    operations = get_document("described")["operations"]
    (operation,) = [one for one in operations.values() if one["title"] == "on_old_ping"]
    assert operation["summary"] == "Say it again."
    assert operation["description"].endswith('* Ünïcödé, "quotes" and <tags>.')
    assert [tag["name"] for tag in operation["tags"]] == ["live", "game"]


def test_handlers_of_one_name_are_told_apart() -> None:
    document = get_document("two_handlers_of_one_name")
    messages = [message for name in document["operations"] for message in get_operation(document, name)[1]]
    assert messages == ["Ping", "Move", "Rejected", "Moved"]


def test_names_that_no_component_can_have_are_changed() -> None:
    document = get_document("strange_names")
    (channel,) = document["channels"].values()
    assert channel["title"] == "Größe / Ø #1 {x}"
    messages = document["components"]["messages"].values()
    assert {message["title"] for message in messages} >= {"Größe", "What is / this #1?"}
    titles = [operation["title"] for operation in document["operations"].values()]
    assert {"größe", "strange"} <= {*titles}
    (strange,) = [message for message in messages if message["title"] == "What is / this #1?"]
    (example, *_) = strange["examples"]
    assert example["payload"]["a/b~c d"] == "strange"


def test_what_a_handler_depends_on_is_asked_for_in_the_handshake() -> None:
    document = get_document("reply_options")
    (channel,) = document["channels"].values()
    assert channel["bindings"]["ws"]["query"]["properties"]["limit"]["minimum"] == 1
    assert get_operation(document, "ws_on_ping") == ("receive", ["Ping"], ["Aliased-by-name"])


def test_each_message_has_an_operation_and_each_operation_its_channel() -> None:
    document = get_document("models_used_twice")
    assert get_operation(document, "ws_on_pong") == ("receive", ["Pong"], ["Pong"])
    assert get_operation(document, "ws_on_pong_sends") == ("send", ["Pong"], [])
    assert get_operation(document, "ws_sends") == ("send", ["Pong", "Moved"], [])


def test_the_chat_is_documented() -> None:
    document = get_document("chat")
    (channel,) = document["channels"].values()
    assert channel["address"] == "/ws/{room}"
    assert channel["parameters"]["room"]["description"] == "The room to join"
    assert channel["bindings"]["ws"]["query"]["properties"]["name"]["default"] == "guest"
    assert get_operation(document, "Chat_say") == ("receive", ["Say"], [])
    assert get_operation(document, "Chat_say_sends") == ("send", ["Said"], [])
    assert get_operation(document, "Chat_rename_sends") == ("send", ["Renamed", "Present"], [])
    assert get_operation(document, "Chat_sends") == ("send", ["Present", "Problem"], [])


def test_the_notes_are_documented() -> None:
    document = get_document("notes")
    (channel,) = document["channels"].values()
    assert {*channel["bindings"]["ws"]["query"]["properties"]} == {"token", "limit"}
    assert get_operation(document, "ws_add") == ("receive", ["Add"], ["Note"])
    assert get_operation(document, "ws_read") == ("receive", ["Read"], ["Word"])
    assert document["operations"]["ws_read"]["reply"]["x-stream"] is True
    assert get_operation(get_document("streaming"), "ws_ask") == ("receive", ["Ask"], ["Word", "Done", "Busy"])
