"""What has to hold for an AsyncAPI document beyond its JSON schema; each check yields what is wrong, as a sentence."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from document_walks import (
    VALUES,
    Document,
    escape,
    list_handshakes,
    list_references,
    list_roots,
    list_schemas,
    list_security,
    resolve,
    walk,
)
from jsonschema import Draft7Validator, Draft202012Validator, SchemaError, ValidationError

SPECIFICATION: Final = Path(__file__).parent / "specification" / "3.0.0.json"

# Of the newest version of JSON schema: pydantic writes formats that draft 7 has no names for.
FORMATS: Final = Draft202012Validator.FORMAT_CHECKER

# Word characters are those of ASCII here, as in the regular expressions of JavaScript.
_NAME: Final = re.compile(r"[\w.\-]+", re.ASCII)

# What a component may be referred to by: the one of schemas from schemas, the one of messages from channels.
_MESSAGE: Final = re.compile(r"#/components/messages/[^/]+")
_SCHEME: Final = re.compile(r"#/components/securitySchemes/[^/]+")
_CHANNEL: Final = re.compile(r"#/channels/[^/]+")


@functools.cache
def load_specification() -> Draft7Validator:
    """Return what validates documents of AsyncAPI 3.0.0."""
    return Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8")), format_checker=FORMATS)


def find_problems(document: Document) -> list[str]:
    """Return what is wrong with a document, by its JSON schema and by our own checks."""
    return [f"{check.__name__}: {problem}" for check in CHECKS for problem in check(document)]


def specification_holds(document: Document) -> Iterator[str]:
    for error in load_specification().iter_errors(document):
        innermost = find_innermost(error)
        yield f"{innermost.json_path}: {innermost.message}"


def is_json(document: Document) -> Iterator[str]:
    """Nothing but what JSON has, and what it was before is what it is after."""
    try:
        if json.loads(json.dumps(document, allow_nan=False)) != document:
            yield "the document changes on its way through JSON"
    except (TypeError, ValueError) as error:
        yield str(error)


def has_no_null(document: Document) -> Iterator[str]:
    for path, value in walk(document):
        if value is None:
            yield f"{path} is null"


def references_resolve(document: Document) -> Iterator[str]:
    for path, reference in list_references(document):
        if not isinstance(reference, str) or not FORMATS.conforms(reference, "uri-reference"):
            yield f"{path}: {reference!r} is no reference"
        elif resolve(document, reference) is None:
            yield f"{path}: {reference} leads nowhere"


def messages_belong_to_their_channels(document: Document) -> Iterator[str]:
    for name, channel in document.get("channels", {}).items():
        for key, message in channel.get("messages", {}).items():
            if not _MESSAGE.fullmatch(message.get("$ref", "")):
                yield f"channel {name}: the message {key} is no reference to a component"
    for name, operation in document.get("operations", {}).items():
        for role, part in (("", operation), ("the reply of ", operation.get("reply"))):
            if part is None:
                continue
            channel = part.get("channel", {}).get("$ref", "")
            if not _CHANNEL.fullmatch(channel):
                yield f"{role}{name} has no channel"
            if not part.get("messages"):
                yield f"{role}{name} has no messages"
            for message in part.get("messages", ()):
                head, _, key = message.get("$ref", "").rpartition("/messages/")
                if head != channel or "/" in key:
                    yield f"{role}{name}: {message.get('$ref')} is no message of {channel}"
            if len({json.dumps(message) for message in part.get("messages", ())}) < len(part.get("messages", ())):
                yield f"{role}{name} has a message twice"


def messages_are_used(document: Document) -> Iterator[str]:
    """Whether each message of a channel is sent or received by somebody."""
    parts = [part for one in document.get("operations", {}).values() for part in (one, one.get("reply", {}))]
    used = {message.get("$ref") for part in parts for message in part.get("messages", ())}
    for name, channel in document.get("channels", {}).items():
        for key in channel.get("messages", {}):
            if f"#/channels/{escape(name)}/messages/{escape(key)}" not in used:
                yield f"channel {name}: no operation has the message {key}"


def parameters_are_declared(document: Document) -> Iterator[str]:
    for name, channel in document.get("channels", {}).items():
        address = channel.get("address", "")
        found = re.findall(r"\{([^}]*)\}", address)
        declared = channel.get("parameters", {})
        for parameter in sorted({*found} ^ {*declared}):
            where = f"not declared, but in {address}" if parameter in found else f"declared, but not in {address}"
            yield f"channel {name}: the parameter {parameter} is {where}"
        for parameter, declaration in declared.items():
            values = [*declaration.get("examples", ()), *([declaration["default"]] if "default" in declaration else [])]
            for value in values if "enum" in declaration else ():
                if value not in declaration["enum"]:
                    yield f"channel {name}: {value!r} is no value of the parameter {parameter}"


def addresses_are_paths(document: Document) -> Iterator[str]:
    for name, channel in document.get("channels", {}).items():
        address = channel.get("address")
        if not isinstance(address, str) or not address.startswith("/") or re.search(r"\{[^}]*:|\?", address):
            yield f"channel {name}: {address!r} is no address"


def names_are_legal(document: Document) -> Iterator[str]:
    for kind, components in document.get("components", {}).items():
        for name in components:
            if not _NAME.fullmatch(name):
                yield f"{name!r} is no name for one of components/{kind}"


def operations_differ(document: Document) -> Iterator[str]:
    """Whether operations can be told apart where case does not count, as in the names of files."""
    for name, count in Counter(name.lower() for name in document.get("operations", {})).items():
        if count > 1:
            yield f"{name} is there {count} times"


def components_are_used(document: Document) -> Iterator[str]:
    """Whether each component is referred to, from outside of the components in the end."""
    components = document.get("components", {})
    waiting = [value for key, value in document.items() if key != "components"]
    seen: set[str] = set()
    while waiting:
        for _, reference in list_references(waiting.pop()):
            match = re.match(r"#/components/[^/]+/[^/]+", reference)
            if match is not None and match[0] not in seen:
                seen.add(match[0])
                waiting.append(resolve(document, match[0]))
    copied = [{**scheme, "scopes": []} for _, scheme in list_security(document) if "scopes" in scheme]
    for kind, named in components.items():
        for name, component in named.items():
            # Of a security scheme of which scopes are asked for, a copy stands where they are.
            if f"#/components/{kind}/{escape(name)}" not in seen and {**component, "scopes": []} not in copied:
                yield f"nothing refers to components/{kind}/{name}"


def security_resolves(document: Document) -> Iterator[str]:
    schemes = list(document.get("components", {}).get("securitySchemes", {}).values())
    for name, scheme in list_security(document):
        reference = scheme.get("$ref", "")
        known = _SCHEME.fullmatch(reference) and resolve(document, reference) is not None
        if not known and {key: value for key, value in scheme.items() if key != "scopes"} not in schemes:
            yield f"{name}: {scheme} is no security scheme"


def schemas_are_valid(document: Document) -> Iterator[str]:
    for path, schema in list_roots(document):
        try:
            Draft7Validator.check_schema(schema, format_checker=FORMATS)
        except SchemaError as error:
            yield f"{path}: {error.message}"


def schemas_are_plain(document: Document) -> Iterator[str]:
    """No siblings of references, which draft 7 ignores, and no discriminators of OpenAPI."""
    for path, schema in list_schemas(document):
        if "$ref" in schema and len(schema) > 1:
            yield f"{path} has something beside its reference: {sorted(schema.keys() - {'$ref'})}"
        if not str(schema.get("$ref", "#/components/schemas/")).startswith("#/components/schemas/"):
            yield f"{path}: {schema['$ref']} is no schema"
        if "discriminator" in schema and not isinstance(schema["discriminator"], str):
            yield f"{path} has a discriminator that is no name of a field"
        for keyword in ("$defs", "prefixItems", "nullable", "example", "unevaluatedProperties", "dependentRequired"):
            if keyword in schema:
                yield f"{path} has {keyword!r}, which is not of draft 7"


def required_are_declared(document: Document) -> Iterator[str]:
    """Whether the schemas of the handshake have what they require."""
    for path, schema in list_handshakes(document):
        if schema.get("type") != "object" or not schema.get("properties"):
            yield f"{path} is no object with properties"
        for name in schema.get("required", ()):
            if name not in schema.get("properties", {}):
                yield f"{path}: {name} is required, but not there"


def examples_are_valid(document: Document) -> Iterator[str]:
    for name, message in document.get("components", {}).get("messages", {}).items():
        for number, example in enumerate(message.get("examples", ())):
            for part in ("payload", "headers"):
                if part in example:
                    for error in validate(document, message.get(part, {}), example[part]):
                        yield f"example {number} of {name}, {error}"


def values_hold_no_references(document: Document) -> Iterator[str]:
    """Nothing that is called like one either: tools of AsyncAPI follow it in examples and defaults, too."""
    schemas = [(path, schema.get(key)) for path, schema in list_schemas(document) for key in VALUES]
    messages = document.get("components", {}).get("messages", {}).items()
    for name, values in [*schemas, *((name, message.get("examples")) for name, message in messages)]:
        for path, value in walk(values, name):
            if isinstance(value, dict) and "$ref" in value:
                yield f"{path} has something that is called like a reference"


def correlations_resolve(document: Document) -> Iterator[str]:
    for name, message in document.get("components", {}).get("messages", {}).items():
        location = message.get("correlationId", {}).get("location")
        if location is None:
            continue
        part, _, field = location.removeprefix("$message.").partition("#/")
        schema = message.get(part, {})
        schema = resolve(document, schema["$ref"]) or {} if "$ref" in schema else schema
        if field not in schema.get("properties", {}):
            yield f"{name}: {location} is in no such message"


def messages_are_described(document: Document) -> Iterator[str]:
    """Whether each message says what it is called and what it holds."""
    for name, message in document.get("components", {}).get("messages", {}).items():
        for key in ("name", "title", "payload"):
            if key not in message:
                yield f"{name} has no {key}"


CHECKS: Final[tuple[Callable[[Document], Iterable[str]], ...]] = (
    specification_holds,
    is_json,
    has_no_null,
    references_resolve,
    messages_belong_to_their_channels,
    messages_are_used,
    messages_are_described,
    parameters_are_declared,
    addresses_are_paths,
    names_are_legal,
    operations_differ,
    components_are_used,
    security_resolves,
    schemas_are_valid,
    schemas_are_plain,
    required_are_declared,
    examples_are_valid,
    values_hold_no_references,
    correlations_resolve,
)


def find_innermost(error: ValidationError) -> ValidationError:
    """Return what is wrong where there are alternatives: in the one that fits best, and not that it is no reference."""
    inner = [one for one in error.context or () if one.validator_value != ["$ref"]]
    return find_innermost(max(inner, key=lambda one: len(one.absolute_path))) if inner else error


def validate(document: Document, schema: Any, value: Any) -> Iterator[str]:
    """Yield what is wrong with a value by a schema of the document, formats included."""
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    schemas = {"schemas": document.get("components", {}).get("schemas", {})}
    # What stands beside a reference is ignored, but can be referred to.
    try:
        for error in Draft7Validator({**schema, "components": schemas}, format_checker=FORMATS).iter_errors(value):
            yield f"{error.json_path}: {error.message}"
    except re.error as error:
        yield f"there is a pattern that is none: {error}"
