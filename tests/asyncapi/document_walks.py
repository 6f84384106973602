"""Ways through an AsyncAPI document: to everything, to its references, to its schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

Document = dict[str, Any]

# Where schemas stand in schemas: alone, in a list, under names.
_SCHEMA: Final = ("additionalItems", "additionalProperties", "contains", "else", "if", "not", "propertyNames", "then")
_SCHEMAS: Final = ("allOf", "anyOf", "oneOf")
_NAMED_SCHEMAS: Final = ("$defs", "definitions", "dependencies", "patternProperties", "properties")

# What programs choose the names in, and where values stand that are none of the document.
_NAMED: Final = (
    *_NAMED_SCHEMAS,
    *("channels", "messages", "operations", "parameters", "schemas", "securitySchemes", "servers"),
)
VALUES: Final = ("const", "default", "enum", "examples")


def escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def resolve(document: Document, reference: str) -> Any:
    """Return what a reference leads to, `None` where there is nothing."""
    if not reference.startswith("#/"):
        return None
    value: Any = document
    for part in unquote(reference[2:]).split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return None
    return value


def walk(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Yield everything in a document, with its path."""
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from walk(item, f"{path}.{key}")


def list_references(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield the references in a part of a document, with their paths; not what only looks like one in an example."""
    stack = [("$", part, False)]
    while stack:
        path, value, named = stack.pop()
        if isinstance(value, list):
            stack += [(f"{path}.{number}", item, False) for number, item in enumerate(value)]
        elif isinstance(value, dict):
            if "$ref" in value and not named:
                yield path, value["$ref"]
            inner = value.items() if named else [one for one in value.items() if one[0] not in VALUES]
            stack += [(f"{path}.{key}", item, not named and key in _NAMED) for key, item in inner]


def list_handshakes(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the schemas of what a handshake has."""
    for name, channel in document.get("channels", {}).items():
        binding = channel.get("bindings", {}).get("ws", {})
        for kind in ("query", "headers"):
            if kind in binding:
                yield f"{kind} of {name}", binding[kind]
        if "x-cookies" in channel:
            yield f"cookies of {name}", channel["x-cookies"]


def list_roots(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the schemas that stand in no other, with their paths."""
    components = document.get("components", {})
    for name, schema in components.get("schemas", {}).items():
        yield f"schemas.{name}", schema
    for name, message in components.get("messages", {}).items():
        for part in ("payload", "headers"):
            if part in message:
                yield f"{part} of {name}", message[part]
    yield from list_handshakes(document)


def list_schemas(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all schemas but `true` and `false`, with their paths."""
    stack = list(list_roots(document))
    while stack:
        path, schema = stack.pop()
        if not isinstance(schema, dict):
            continue
        yield path, schema
        inner = [(key, schema[key]) for key in _SCHEMA if key in schema]
        inner += [(f"{key}.{name}", one) for key in _NAMED_SCHEMAS for name, one in schema.get(key, {}).items()]
        items = schema.get("items", [])
        lists = [(key, schema.get(key, [])) for key in _SCHEMAS]
        lists.append(("items", items if isinstance(items, list) else [items]))
        inner += [(f"{key}.{number}", one) for key, ones in lists for number, one in enumerate(ones)]
        stack += [(f"{path}.{key}", one) for key, one in inner]


def list_security(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what operations and servers require, with their names."""
    for name, part in (*document.get("operations", {}).items(), *document.get("servers", {}).items()):
        for scheme in part.get("security", ()):
            yield name, scheme
