"""Messages as AsyncAPI has them, each named after its model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fastws._inspect import is_class
from fastws.asyncapi.examples import list_examples
from fastws.asyncapi.schemas import PLACE, Payload, Schema, Schemas


class Message(Protocol):
    """A message of a channel.

    Its names are known, and it can be written, once the schemas have been built.
    """

    @property
    def name(self) -> str:
        """What the channel calls it."""
        ...

    @property
    def component(self) -> str:
        """What the document calls it."""
        ...

    def write(self, schemas: Schemas) -> dict[str, Any]:
        """Return the message as AsyncAPI has it."""
        ...


class ModelMessage:
    """A message that is a model, or any other type.

    Parameters:
        payload: The type.
        channel: The name of the channel.
        otherwise: The name of the message where the type has none.
    """

    def __init__(self, payload: Payload, channel: str, otherwise: str) -> None:
        self._payload = payload
        self._channel = channel
        self._otherwise = otherwise

    @property
    def name(self) -> str:
        return self._payload.component or self._otherwise

    @property
    def component(self) -> str:
        return self._payload.component or f"{self._channel}.{self._otherwise}"

    def write(self, schemas: Schemas) -> dict[str, Any]:
        schema = schemas.resolve(self._payload.schema)
        type_ = self._payload.type
        name = type_.__name__ if self._payload.component and is_class(type_) else self.name
        examples = list_examples(self._payload, schemas)
        return _write(
            name,
            self._payload.schema,
            title=schema.get("title", name),
            description=schema.get("description", ""),
            deprecated=bool(schema.get("deprecated")),
            examples=examples,
        )


class EnvelopeMessage:
    """A message that no model describes whole: the request to a route, its reply, an error.

    Parameters:
        channel: The name of the channel.
        name: The name of the message.
        title: Its title.
        description: What it is.
        parts: What it holds: schemas, or types that are described later.
        required: What of it has to be there.
        example: The values of an example, those of the types left out; `None` where none can be made.
        has_id: Whether it holds an id by which a reply is matched.
    """

    def __init__(
        self,
        channel: str,
        name: str,
        *,
        title: str,
        description: str,
        parts: Mapping[str, Schema | Payload],
        required: Sequence[str],
        example: Mapping[str, Any] | None = None,
        has_id: bool = True,
    ) -> None:
        self.name = name
        self.component = f"{channel}.{name}"
        self._title = title
        self._description = description
        self._parts = parts
        self._required = list(required)
        self._example = example
        self._has_id = has_id

    def write(self, schemas: Schemas) -> dict[str, Any]:
        properties = {name: part.schema if isinstance(part, Payload) else part for name, part in self._parts.items()}
        schemas.components[self.component] = {
            "title": self._title,
            "type": "object",
            "properties": properties,
            "required": self._required,
        }
        message = _write(
            self.name,
            {"$ref": f"{PLACE}{self.component}"},
            title=self._title,
            description=self._description,
            examples=self._list_examples(schemas),
        )
        return {**message, "correlationId": {"location": "$message.payload#/uuid"}} if self._has_id else message

    def _list_examples(self, schemas: Schemas) -> list[Any]:
        if self._example is None:
            return []
        made = [dict(self._example)]
        for name, part in self._parts.items():
            # What the headers may hold stands in the schema; a request that can do without them is the simpler example.
            if not isinstance(part, Payload) or (name == "headers" and name not in self._required):
                continue
            values = list_examples(part, schemas)
            if values:
                made = [{**example, name: value} for example in made for value in values]
            elif name in self._required:
                return []
        return made


def _write(
    name: str, payload: Schema, *, title: str, description: str, deprecated: bool = False, examples: list[Any]
) -> dict[str, Any]:
    """Return a message as AsyncAPI has it."""
    message = {
        "name": name,
        "title": title,
        **describe(description),
        "contentType": "application/json",
        "payload": payload,
        "examples": [
            {"name": f"example {number}" if len(examples) > 1 else "example", "payload": example}
            for number, example in enumerate(examples, start=1)
        ],
        "deprecated": deprecated,
    }
    return {key: value for key, value in message.items() if value not in ([], False)}


def describe(text: str | None) -> dict[str, str]:
    """Return the summary and the description that a text holds: its first paragraph, and all of it where there is more."""
    text = (text or "").partition("\f")[0].strip()
    first = " ".join(text.partition("\n\n")[0].split())
    return ({"summary": first} if first else {}) | ({"description": text} if text != first else {})


def make_slug(text: str) -> str:
    """Return a text as part of a name: letters, digits, underscores and hyphens of ASCII."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_") or "_"


def make_unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, whatever the case of its letters, and take it."""
    unique, number = name, 1
    while unique.lower() in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique.lower())
    return unique
