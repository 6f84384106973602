"""Types as JSON schemas: of both directions at once, in the dialect of AsyncAPI, which is draft 7."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import PydanticInvalidForJsonSchema, PydanticUserError, TypeAdapter
from pydantic_core import to_jsonable_python

from fastws._inspect import name_of
from fastws.asyncapi.patterns import is_read_everywhere
from fastws.models import adapt

logger = logging.getLogger("fastws")

Mode = Literal["validation", "serialization"]
Schema = dict[str, Any]

PLACE: Final = "#/components/schemas/"

# What is behind the name of a schema whose fields do not go by their aliases: there may be one whose fields do.
_BY_NAME: Final = "-by-name"

# Where schemas stand in a schema: alone, in a list, or by names that are the program's own.
_SCHEMAS: Final = frozenset({
    "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames",
    "then", "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
_LISTS: Final = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
_MAPPINGS: Final = frozenset({
    "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
})  # fmt: skip

# Where values stand, which are looked at one by one.
_VALUES: Final = frozenset({"const", "default", "enum", "example", "examples"})


class Payload:
    """A type that stands in messages.

    Attributes:
        type: The type.
        mode: Whether it comes in (`validation`) or goes out (`serialization`).
        by_alias: Whether its fields go by their aliases.
        adapter: What validates and serialises it; `None` where it cannot be built, or there is no schema for it.
        schema: Its JSON schema, once all have been built.
    """

    def __init__(self, type_: Any, mode: Mode, *, by_alias: bool) -> None:
        self.type = type_
        self.mode: Mode = mode
        self.by_alias = by_alias
        self.adapter = _adapt(type_)
        self.schema: Schema = {}

    @property
    def component(self) -> str | None:
        """The name of the schema that it has to itself, `None` where it has none."""
        reference = self.schema.get("$ref", "")
        return reference.removeprefix(PLACE) if len(self.schema) == 1 and reference.startswith(PLACE) else None


class Schemas:
    """The types of a document, which pydantic describes all at once: it then finds names for them that do not clash.

    Attributes:
        components: The schemas that others refer to, by their names, once all have been built.
    """

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._payloads: dict[Any, Payload] = {}

    def add(self, type_: Any, mode: Mode, *, by_alias: bool = True) -> Payload:
        """Return the type as part of the document."""
        key = (mode, by_alias, type_)
        try:
            hash(key)
        except TypeError:  # as of an `Annotated` with a list in it; what is found by its id is kept
            key = (mode, by_alias, id(type_))
        if key not in self._payloads:
            self._payloads[key] = Payload(type_, mode, by_alias=by_alias)
        return self._payloads[key]

    def build(self) -> None:
        """Describe all types that were added."""
        payloads = [payload for payload in self._payloads.values() if payload.adapter is not None]
        try:
            self._describe(payloads)
        except PydanticInvalidForJsonSchema:
            self._describe([payload for payload in payloads if _can_be_described(payload)])

    def _describe(self, payloads: Sequence[Payload]) -> None:
        by_name = [payload for payload in payloads if not payload.by_alias and _has_aliases(payload)]
        self.components = self._describe_alike([payload for payload in payloads if payload not in by_name])
        if by_name:
            self.components |= self._describe_alike(by_name, by_alias=False, suffix=_BY_NAME)

    def _describe_alike(
        self, payloads: Sequence[Payload], *, by_alias: bool = True, suffix: str = ""
    ) -> dict[str, Schema]:
        """Describe types whose fields all go by their aliases, or all do not; return what their schemas refer to."""
        inputs: Any = [(number, payload.mode, payload.adapter) for number, payload in enumerate(payloads)]
        template = f"{PLACE}{{model}}{suffix}"
        schemas, definitions = TypeAdapter.json_schemas(inputs, by_alias=by_alias, ref_template=template)
        for number, payload in enumerate(payloads):
            payload.schema = to_asyncapi(_to_json(schemas[number, payload.mode]))
        found = definitions.get("$defs", {})
        return {f"{name}{suffix}": to_asyncapi(_to_json(schema)) for name, schema in found.items()}

    def resolve(self, schema: Schema) -> Schema:
        """Return what a schema refers to, itself where it refers to nothing."""
        while schema.get("$ref", "").startswith(PLACE):
            schema = self.components[schema["$ref"].removeprefix(PLACE)]
        return schema


def _to_json(schema: Any) -> Any:
    """Return a schema without objects of Python, which programs may have added to it, as in examples of a model."""
    return to_jsonable_python(schema, fallback=str)


def _adapt(type_: Any) -> TypeAdapter[Any] | None:
    try:
        adapter = adapt(type_)
    except (PydanticUserError, TypeError):
        adapter = None
    if adapter is None:
        logger.warning("%s cannot be described: pydantic has nothing for it, or not yet", name_of(type_))
    return adapter


def _has_aliases(payload: Payload) -> bool:
    adapter: Any = payload.adapter
    return bool(adapter.json_schema(mode=payload.mode, by_alias=False) != adapter.json_schema(mode=payload.mode))


def _can_be_described(payload: Payload) -> bool:
    """Whether there is a JSON schema for a type, which is marked else; one without would spoil those of all others."""
    try:
        if payload.adapter is not None:
            payload.adapter.json_schema(mode=payload.mode)
    except PydanticInvalidForJsonSchema as error:
        logger.warning("%s has no JSON schema: %s", name_of(payload.type), error)
        payload.adapter = None
        return False
    return True


def to_asyncapi(schema: Any) -> Any:
    """Return a schema that pydantic has written (2020-12) in the dialect of AsyncAPI 3, without any `null`."""
    if not isinstance(schema, Mapping):
        return schema  # `true` and `false` are schemas, too
    written: Schema = {}
    for key, value in schema.items():
        if key in _LISTS and isinstance(value, list):
            written[key] = [to_asyncapi(one) for one in value]
        elif key in _MAPPINGS and isinstance(value, Mapping):
            written[key] = {name: to_asyncapi(one) for name, one in value.items()}
        elif key in _SCHEMAS:
            written[key] = to_asyncapi(value)
        elif key in _VALUES or not is_unfit(value):
            written[key] = value
    _rewrite_values(written)
    _rewrite_items(written)
    if isinstance(written.get("discriminator"), Mapping):
        written["discriminator"] = written["discriminator"].get("propertyName")
    # Draft 7 ignores whatever stands beside a reference.
    if "$ref" in written and len(written) > 1:
        written = {"allOf": [{"$ref": written.pop("$ref")}, *written.pop("allOf", ())], **written}
    return {key: value for key, value in written.items() if value is not None and not _is_infinite(value)}


def _rewrite_values(schema: Schema) -> None:
    """Say `null` by the type of that name; leave out defaults and examples that hold one, and patterns of other dialects."""
    if "const" in schema and schema["const"] is None:
        del schema["const"]
        schema["type"] = "null"
    values = schema.get("enum")
    if isinstance(values, list) and None in values:
        rest = [value for value in values if value is not None]
        kind = schema.pop("type", None)
        del schema["enum"]
        schema["anyOf"] = [{"enum": rest, **({} if kind in {None, "null"} else {"type": kind})}, {"type": "null"}]
    examples = schema.pop("examples", [])
    if "example" in schema:  # a word of OpenAPI's
        examples = [schema.pop("example"), *(examples if isinstance(examples, list) else ())]
    left = [example for example in examples if not is_unfit(example)] if isinstance(examples, list) else []
    if left:
        schema["examples"] = left
    if "default" in schema and is_unfit(schema["default"]):
        del schema["default"]
    if isinstance(schema.get("pattern"), str) and not is_read_everywhere(schema["pattern"]):
        del schema["pattern"]


def _rewrite_items(schema: Schema) -> None:
    if "prefixItems" in schema:
        rest = schema.pop("items", None)
        schema["items"] = schema.pop("prefixItems")
        if rest is not None:
            schema["additionalItems"] = rest


def is_unfit(value: Any) -> bool:
    """Whether a value cannot stand in a document: for a `None` in it, or a number that JSON has no word for.

    Or for what is called like a reference: AsyncAPI's tools follow those in examples, too.
    """
    pending = [value]
    while pending:
        part = pending.pop()
        if part is None or _is_infinite(part):
            return True
        if isinstance(part, Mapping):
            if "$ref" in part:
                return True
            pending += part.values()
        elif isinstance(part, list | tuple):
            pending += part
    return False


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def inline(schema: Any, definitions: Mapping[str, Any], within: frozenset[str] = frozenset()) -> Any:
    """Return a schema with what it refers to in the place of the references; anything, where that would have no end."""
    if isinstance(schema, list):
        return [inline(one, definitions, within) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    reference = schema.get("$ref")
    rest = {key: inline(value, definitions, within) for key, value in schema.items() if key != "$ref"}
    if isinstance(rest.get("allOf"), list) and len(rest["allOf"]) == 1:
        # A reference and what stands beside it, as pydantic has written them up to 2.8.
        rest = {**rest.pop("allOf")[0], **rest}
    if not isinstance(reference, str):
        return rest
    name = reference.rpartition("/")[2]
    found = {} if name in within else inline(definitions.get(name, {}), definitions, within | {name})
    return {**found, **rest}
