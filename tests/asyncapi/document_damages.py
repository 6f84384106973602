"""A document that is right, and what makes it wrong, by the check that has to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from document_walks import Document

SOUND: Document = {
    "asyncapi": "3.0.0",
    "info": {"title": "Rooms", "version": "1"},
    "servers": {
        "default": {"host": "a.example", "protocol": "wss", "security": [{"$ref": "#/components/securitySchemes/Key"}]}
    },
    "channels": {
        "a/b": {
            "address": "/rooms/{room}",
            "parameters": {"room": {"enum": ["red", "blue"], "default": "red"}},
            "messages": {
                "Say": {"$ref": "#/components/messages/Say"},
                "Said": {"$ref": "#/components/messages/Said"},
            },
            "bindings": {
                "ws": {
                    "bindingVersion": "0.1.0",
                    "query": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
                }
            },
        }
    },
    "operations": {
        "say": {
            "action": "receive",
            "channel": {"$ref": "#/channels/a~1b"},
            "messages": [{"$ref": "#/channels/a~1b/messages/Say"}],
            "reply": {
                "channel": {"$ref": "#/channels/a~1b"},
                "messages": [{"$ref": "#/channels/a~1b/messages/Said"}],
            },
            "security": [{"$ref": "#/components/securitySchemes/Key"}],
        }
    },
    "components": {
        "messages": {
            "Say": {
                "name": "Say",
                "title": "Say",
                "payload": {"$ref": "#/components/schemas/Say"},
                "correlationId": {"location": "$message.payload#/id"},
                "examples": [
                    {"name": "example", "payload": {"id": 1, "at": "2020-02-02T00:00:00Z", "to": {"name": "x"}}}
                ],
            },
            "Said": {"name": "Said", "title": "Said", "payload": {"type": "string"}},
        },
        "schemas": {
            "Say": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "at": {"type": "string", "format": "date-time"},
                    "to": {"description": "To whom", "allOf": [{"$ref": "#/components/schemas/Person"}]},
                    # Fields that are called like keywords.
                    "$ref": {"type": "string"},
                    "discriminator": {"type": "object"},
                    "properties": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
                },
                "required": ["id"],
            },
            "Person": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/components/schemas/Person"}},
            },
        },
        "securitySchemes": {"Key": {"type": "httpApiKey", "in": "query", "name": "key"}},
    },
}


Damage = Callable[[Document], Any]


CASES: list[tuple[str, Damage, str]] = []


def breaks(check: str, problem: str) -> Callable[[Damage], Damage]:
    """Register what makes a document wrong: by which check, and a part of what that says."""

    def register(damage: Damage) -> Damage:
        CASES.append((check, damage, problem))
        return damage

    return register


def schema_of(document: Document, name: str = "Say") -> Any:
    return document["components"]["schemas"][name]


def message_of(document: Document, name: str = "Say") -> Any:
    return document["components"]["messages"][name]


@breaks("specification_holds", "'title' is a required property")
def no_title(document: Document) -> None:
    del document["info"]["title"]


@breaks("specification_holds", "parameters.room: 'schema' does not match any of the regexes")
def parameter_with_a_schema(document: Document) -> None:
    document["channels"]["a/b"]["parameters"]["room"]["schema"] = {"type": "string"}


@breaks("specification_holds", "tokenUrl: 'token' is not a 'uri'")
def relative_token_url(document: Document) -> None:
    flows = {"password": {"tokenUrl": "token", "availableScopes": {}}}
    document["components"]["securitySchemes"]["Key"] = {"type": "oauth2", "flows": flows}


@breaks("is_json", "not JSON serializable")
def set_of_values(document: Document) -> None:
    document["info"]["x-set"] = {1}


@breaks("is_json", "Out of range float values")
def not_a_number(document: Document) -> None:
    schema_of(document)["maximum"] = float("nan")


@breaks("is_json", "changes on its way")
def tuple_of_values(document: Document) -> None:
    schema_of(document)["required"] = ("id",)


@breaks("has_no_null", "$.components.messages.Say.examples.0.payload.to is null")
def null_in_an_example(document: Document) -> None:
    message_of(document)["examples"][0]["payload"]["to"] = None


@breaks("references_resolve", "#/components/schemas/Nobody leads nowhere")
def dangling_reference(document: Document) -> None:
    schema_of(document)["properties"]["to"] = {"$ref": "#/components/schemas/Nobody"}


@breaks("references_resolve", "#/channels/a/b leads nowhere")
def reference_that_is_not_escaped(document: Document) -> None:
    document["operations"]["say"]["channel"]["$ref"] = "#/channels/a/b"


@breaks("references_resolve", "is no reference")
def reference_that_is_no_uri(document: Document) -> None:
    document["channels"]["the room"] = document["channels"].pop("a/b")
    document["operations"]["say"]["channel"]["$ref"] = "#/channels/the room"


@breaks("references_resolve", "#/components/schemas/Person/properties/age leads nowhere")
def reference_in_a_field_called_properties(document: Document) -> None:
    schema_of(document)["properties"]["properties"]["items"]["$ref"] += "/properties/age"


@breaks("messages_belong_to_their_channels", "#/components/messages/Say is no message of #/channels/a~1b")
def operation_with_a_message_of_the_components(document: Document) -> None:
    document["operations"]["say"]["messages"] = [{"$ref": "#/components/messages/Say"}]


@breaks("messages_belong_to_their_channels", "the reply of say: #/channels/other/messages/Said is no message of")
def reply_with_a_message_of_another_channel(document: Document) -> None:
    document["channels"]["other"] = {"address": "/", "messages": {"Said": {"$ref": "#/components/messages/Said"}}}
    document["operations"]["say"]["reply"]["messages"] = [{"$ref": "#/channels/other/messages/Said"}]


@breaks("messages_belong_to_their_channels", "the message Say is no reference to a component")
def message_in_its_channel(document: Document) -> None:
    document["channels"]["a/b"]["messages"]["Say"] = message_of(document)


@breaks("messages_belong_to_their_channels", "say has no messages")
def operation_without_messages(document: Document) -> None:
    del document["operations"]["say"]["messages"]


@breaks("messages_belong_to_their_channels", "say has a message twice")
def message_twice(document: Document) -> None:
    document["operations"]["say"]["messages"] *= 2


@breaks("messages_belong_to_their_channels", "say has no channel")
def operation_with_a_channel_of_the_components(document: Document) -> None:
    document["operations"]["say"]["channel"]["$ref"] = "#/components/messages/Say"


@breaks("messages_are_used", "channel a/b: no operation has the message Said")
def message_of_nobody(document: Document) -> None:
    del document["operations"]["say"]["reply"]


@breaks("messages_are_described", "Said has no name")
def message_without_a_name(document: Document) -> None:
    del message_of(document, "Said")["name"]


@breaks("messages_are_described", "Said has no payload")
def message_without_a_payload(document: Document) -> None:
    del message_of(document, "Said")["payload"]


@breaks("parameters_are_declared", "the parameter room is not declared, but in /rooms/{room}")
def parameter_that_is_not_declared(document: Document) -> None:
    del document["channels"]["a/b"]["parameters"]


@breaks("parameters_are_declared", "the parameter seat is declared, but not in /rooms/{room}")
def parameter_that_is_not_in_the_address(document: Document) -> None:
    document["channels"]["a/b"]["parameters"]["seat"] = {}


@breaks("parameters_are_declared", "'green' is no value of the parameter room")
def default_that_is_no_value(document: Document) -> None:
    document["channels"]["a/b"]["parameters"]["room"]["default"] = "green"


@breaks("addresses_are_paths", "'/files/{room:path}' is no address")
def address_with_a_converter(document: Document) -> None:
    document["channels"]["a/b"]["address"] = "/files/{room:path}"


@breaks("addresses_are_paths", "'/rooms/{room}?name=x' is no address")
def address_with_a_query(document: Document) -> None:
    document["channels"]["a/b"]["address"] += "?name=x"


@breaks("addresses_are_paths", "None is no address")
def no_address(document: Document) -> None:
    del document["channels"]["a/b"]["address"]


@breaks("names_are_legal", "'Page[Item]' is no name for one of components/schemas")
def generic_name(document: Document) -> None:
    document["components"]["schemas"]["Page[Item]"] = {}


@breaks("names_are_legal", "'Größe' is no name for one of components/messages")
def name_beyond_ascii(document: Document) -> None:
    document["components"]["messages"]["Größe"] = message_of(document)


@breaks("operations_differ", "say is there 2 times")
def operations_that_differ_by_case(document: Document) -> None:
    document["operations"]["SAY"] = document["operations"]["say"]


@breaks("components_are_used", "nothing refers to components/schemas/Forgotten")
def forgotten_schema(document: Document) -> None:
    document["components"]["schemas"]["Forgotten"] = {"$ref": "#/components/schemas/Say"}


@breaks("components_are_used", "nothing refers to components/schemas/Ring")
def schema_that_only_it_refers_to(document: Document) -> None:
    ring = {"type": "array", "items": {"$ref": "#/components/schemas/Ring"}}
    document["components"]["schemas"]["Ring"] = ring


@breaks("components_are_used", "nothing refers to components/messages/Gone")
def forgotten_message(document: Document) -> None:
    document["components"]["messages"]["Gone"] = message_of(document)


@breaks("components_are_used", "nothing refers to components/securitySchemes/Users")
def scheme_of_nobody(document: Document) -> None:
    document["components"]["securitySchemes"]["Users"] = {"type": "http", "scheme": "basic"}


@breaks("security_resolves", "say: {'$ref': '#/components/securitySchemes/None'} is no security")
def security_that_is_not_there(document: Document) -> None:
    document["operations"]["say"]["security"] = [{"$ref": "#/components/securitySchemes/None"}]


@breaks("security_resolves", "default: {'Key': []} is no security")
def security_as_in_openapi(document: Document) -> None:
    document["servers"]["default"]["security"] = [{"Key": []}]


@breaks("schemas_are_valid", "schemas.Say: 'text' is not valid under any of the given schemas")
def unknown_type(document: Document) -> None:
    schema_of(document)["type"] = "text"


@breaks("schemas_are_valid", "query of a/b: True is not of type 'array'")
def required_of_another_age(document: Document) -> None:
    document["channels"]["a/b"]["bindings"]["ws"]["query"]["required"] = True


@breaks("schemas_are_valid", "'(' is not a 'regex'")
def broken_pattern(document: Document) -> None:
    schema_of(document)["properties"]["at"]["pattern"] = "("


@breaks("schemas_are_plain", "schemas.Say.properties.to has something beside its reference: ['description']")
def sibling_of_a_reference(document: Document) -> None:
    schema_of(document)["properties"]["to"] = {"description": "To", "$ref": "#/components/schemas/Person"}


@breaks("schemas_are_plain", "schemas.Say.properties.properties.items.0 has something beside its reference")
def sibling_far_inside(document: Document) -> None:
    schema_of(document)["properties"]["properties"]["items"]["title"] = "Somebody"


@breaks("schemas_are_plain", "schemas.Say has a discriminator that is no name of a field")
def discriminator_of_openapi(document: Document) -> None:
    schema_of(document)["discriminator"] = {"propertyName": "type"}


@breaks("schemas_are_plain", "schemas.Say.properties.to has 'prefixItems', which is not of draft 7")
def keyword_of_a_later_draft(document: Document) -> None:
    schema_of(document)["properties"]["to"] = {"prefixItems": [True]}


@breaks("schemas_are_plain", "#/components/messages/Said is no schema")
def payload_that_is_a_message(document: Document) -> None:
    message_of(document)["payload"] = {"$ref": "#/components/messages/Said"}


@breaks("required_are_declared", "query of a/b: token is required, but not there")
def required_and_not_declared(document: Document) -> None:
    document["channels"]["a/b"]["bindings"]["ws"]["query"]["required"].append("token")


@breaks("required_are_declared", "cookies of a/b is no object with properties")
def cookies_without_any(document: Document) -> None:
    document["channels"]["a/b"]["x-cookies"] = {"type": "object"}


@breaks("examples_are_valid", "example 0 of Say, $: 'id' is a required property")
def example_without_a_field(document: Document) -> None:
    del message_of(document)["examples"][0]["payload"]["id"]


@breaks("examples_are_valid", "example 0 of Say, $.at: 'today' is not a 'date-time'")
def example_in_another_format(document: Document) -> None:
    message_of(document)["examples"][0]["payload"]["at"] = "today"


@breaks("examples_are_valid", "example 0 of Say, $.to.name: 1 is not of type 'string'")
def example_behind_a_reference(document: Document) -> None:
    message_of(document)["examples"][0]["payload"]["to"] = {"name": 1}


@breaks("values_hold_no_references", "schemas.Say.properties.at has something")
def reference_in_a_default(document: Document) -> None:
    schema_of(document)["properties"]["at"]["default"] = {"$ref": "x"}


@breaks("values_hold_no_references", "Say.0.payload has something")
def reference_in_an_example(document: Document) -> None:
    message_of(document)["examples"][0]["payload"]["$ref"] = "x"


@breaks("correlations_resolve", "Say: $message.payload#/uuid is in no such message")
def id_that_is_not_there(document: Document) -> None:
    message_of(document)["correlationId"]["location"] = "$message.payload#/uuid"
