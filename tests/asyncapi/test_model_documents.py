"""Schemas and examples of messages in the document."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from document_register import APPS
from documents import get_document, get_examples, get_operation, get_payload
from fastapi import FastAPI
from pydantic import TypeAdapter

from fastws import WSRouter
from fastws._fastapi import walk_routes


def test_every_kind_of_model_is_a_message() -> None:
    document = get_document("kinds_of_models")
    messages = document["components"]["messages"]
    for name, type_ in (("Point", "object"), ("Line", "object"), ("Draw", "object"), ("Numbers", "array")):
        assert messages[name]["title"] == name
        assert get_payload(document, name)["type"] == type_
    assert messages["Draw"]["summary"] == "Draw something."
    assert "summary" not in messages["Point"]  # what dataclasses write there themselves is no description
    points = get_payload(document, "Line")["properties"]["points"]
    assert points["items"] == [{"$ref": "#/components/schemas/Point"}] * 2
    assert (points["minItems"], points["maxItems"]) == (2, 2)


def test_fields_go_by_the_names_that_they_have_on_the_wire() -> None:
    document = get_document("aliases")
    _, (received,), (sent,) = get_operation(document, "ws_on_0")
    assert received != sent
    assert {*get_payload(document, received)["properties"]} == {"Type", "First", "2nd", "in", "fourth"}
    assert {*get_payload(document, sent)["properties"]} >= {"Type", "First", "2nd", "out"}
    assert get_examples(document, received)[0].keys() >= {"Type", "First", "2nd", "in"}
    assert document["components"]["messages"][received]["title"] == "Aliased"


def test_generic_models_are_called_so_that_they_can_be() -> None:
    document = get_document("generics")
    titles = [message["title"] for message in document["components"]["messages"].values()]
    assert "Page[Item]" in titles
    assert all("[" not in name for name in document["components"]["messages"])
    assert len(document["components"]["messages"]) == 3


def test_recursive_models_refer_to_themselves() -> None:
    document = get_document("nested_and_recursive")
    tree = get_payload(document, "Tree-Input")
    assert tree["properties"]["branches"]["items"]["$ref"].startswith("#/components/schemas/Tree")
    (example,) = get_examples(document, "Forest")
    assert isinstance(example, dict)
    assert len(example["trees"]) == 2
    assert "examples" not in document["components"]["messages"]["Endless"]


def test_models_of_one_name_are_two_messages() -> None:
    document = get_document("same_names")
    found = {name: get_payload(document, name)["properties"] for name in document["components"]["messages"]}
    texts = [name for name, properties in found.items() if "text" in properties]
    pitches = [name for name, properties in found.items() if "pitch" in properties]
    assert (len(texts), len(pitches), len(found)) == (1, 1, 4)
    titles = [document["components"]["messages"][name]["title"] for name in (*texts, *pitches)]
    assert titles == ["Note", "Note"]


def test_a_model_that_differs_by_direction_is_two_messages() -> None:
    document = get_document("both_directions")
    assert get_operation(document, "ws_on_0") == ("receive", ["Save-Input"], ["Account-Output", "Save-Output"])
    assert get_operation(document, "ws_on_1") == ("receive", ["Account-Input"], ["Account-Output", "Save-Output"])
    received, sent = (get_payload(document, f"Account-{mode}") for mode in ("Input", "Output"))
    assert "required" not in received
    assert {*sent["required"]} >= {"rich"}
    assert get_payload(document, "Save-Output")["properties"]["account"] == {
        "$ref": "#/components/schemas/Account-Output"
    }
    assert document["components"]["messages"]["Account-Output"]["title"] == "Account"


def test_enums_are_their_values() -> None:
    document = get_document("enums_and_numbers")
    properties = get_payload(document, "Paint")["properties"]
    assert properties["code"]["const"] == 1
    assert document["components"]["schemas"]["Level"]["enum"] == [1, 2]
    assert get_payload(document, "Repaint")["properties"]["code"]["enum"] == [2, 3]
    _, _, (level,) = get_operation(document, "ws_on_0")
    assert get_examples(document, level) in ([1], [2])


def test_constraints_are_in_the_schema() -> None:
    properties = get_payload(get_document("constraints"), "Constrained-Input")["properties"]
    assert "pattern" not in properties["loose"]  # no JavaScript would read it
    assert (properties["age"]["minimum"], properties["age"]["exclusiveMaximum"]) == (18, 130)
    assert properties["code"]["pattern"] == r"^[A-Z]{3}-\d{2}$"
    assert properties["some"]["minItems"] == 3
    assert get_payload(get_document("constraints"), "Constrained-Input")["additionalProperties"] is False


def test_optional_fields_may_be_null_and_examples_leave_that_out() -> None:
    document = get_document("kinds_of_fields")
    (name,) = get_operation(document, "ws_on_0")[1]
    properties = get_payload(document, name)["properties"]
    assert {"type": "null"} in properties["must_be_there"]["anyOf"]
    assert properties["id"]["format"] == "uuid"
    assert properties["unique"]["uniqueItems"] is True


def test_a_discriminator_inside_of_a_message_is_the_name_of_a_field() -> None:
    document = get_document("nested_unions")
    assert get_payload(document, "Adopt")["properties"]["pet"]["discriminator"] == "pet"
    assert get_payload(document, "Adopt")["properties"]["pet"]["description"] == "Whom"
    assert get_operation(document, "ws_on_0")[2] == ["Cat", "Dog"]


def test_what_serializers_write_is_what_is_sent() -> None:
    document = get_document("serializers")
    _, _, replies = get_operation(document, "ws_on_0")
    measured, folded = (get_payload(document, reply) for reply in replies)
    assert measured["properties"]["seconds"]["type"] == "string"
    assert measured["properties"]["time"]["description"] == "How long it took"
    assert get_examples(document, replies[0]) == [{"type": "measured", "seconds": "1 s", "time": "PT1S"}]
    assert folded["type"] == "array"
    (received,) = get_operation(document, "ws_on_1")[1]
    assert get_payload(document, received)["type"] == "object"


def test_examples_of_models_come_before_what_is_made_up() -> None:
    document = get_document("examples_of_models")
    texts = [{"type": "with-examples", "text": text} for text in ("one", "two")]
    assert get_examples(document, "WithExamples") == texts
    (example,) = get_examples(document, "WithFieldExamples")
    assert example == {"type": "with-field-examples", "text": "tea", "when": "2020-02-02T00:00:00Z"} | (
        {"cups": 4} if "cups" in example else {}
    )


def test_examples_that_are_not_valid_are_left_out() -> None:
    document = get_document("examples_of_models")
    assert get_examples(document, "WithInvalidExamples") == [{"type": "some", "count": 3}]


def test_examples_with_null_are_left_out_of_the_document() -> None:
    document = get_document("examples_of_models")
    assert get_examples(document, "WithOldExample") == [{"type": "old", "text": "string"}]
    assert get_examples(document, "WithNullExample") == [{"type": "null", "text": "string"}]


# Nobody can give one.
WITHOUT_EXAMPLE: dict[str, set[str]] = {"nested_and_recursive": {"Endless"}}


@pytest.mark.parametrize("name", list(APPS))
def test_messages_have_examples(name: str) -> None:
    messages = get_document(name).get("components", {}).get("messages", {})
    without = {key for key, message in messages.items() if not message.get("examples")}
    # Replies that nobody declares, and one with a `null` in it.
    without = {key for key in without if not key.endswith((".reply", ".PONG"))}
    assert without == WITHOUT_EXAMPLE.get(name, set())


def list_models(app: FastAPI) -> list[Any]:
    """Return the models that the routers of an app receive."""
    routers = [getattr(getattr(served, "endpoint", None), "__self__", None) for _, served in walk_routes(app.routes)]
    return [model for router in routers if isinstance(router, WSRouter) for model in router.mapping]


@pytest.mark.parametrize("name", [name for name in APPS if list_models(APPS[name]())])
def test_examples_of_received_messages_are_accepted(name: str) -> None:
    # By pydantic itself, which knows more than the schema says.
    document = get_document(name)
    models = [TypeAdapter(model) for model in list_models(APPS[name]())]
    received = {key for one in document["operations"] for key in get_operation(document, one)[1]}
    sent = {key for one in document["operations"] for key in get_operation(document, one)[2]}
    sends = [one for one, operation in document["operations"].items() if operation["action"] == "send"]
    sent |= {key for one in sends for key in get_operation(document, one)[1]}
    assert received
    for key in sorted(received - sent):
        for example in get_examples(document, key):
            text = json.dumps(example)
            assert any(is_accepted(model, text) for model in models), (key, text)


def is_accepted(model: TypeAdapter[Any], text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            model.validate_json(text)
        except ValueError:
            return False
    return True
