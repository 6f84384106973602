"""Examples of messages: those of their models, else made up from their schemas; each has to be valid."""

from __future__ import annotations

import json
import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic_core import to_jsonable_python

from fastws._inspect import name_of
from fastws.asyncapi.patterns import match_pattern
from fastws.asyncapi.schemas import PLACE, Payload, Schema, Schemas, is_unfit

logger = logging.getLogger("fastws")

_FORMATS: Final = {
    "base64": "ZXhhbXBsZQ==",
    "base64url": "ZXhhbXBsZQ==",
    "binary": "example",
    "byte": "ZXhhbXBsZQ==",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT1H",
    "email": "user@example.com",
    "hostname": "example.com",
    "idn-email": "user@example.com",
    "ipv4": "192.0.2.1",
    "ipv4network": "192.0.2.0/24",
    "ipv4interface": "192.0.2.1/24",
    "ipv6": "2001:db8::1",
    "ipv6network": "2001:db8::/32",
    "ipv6interface": "2001:db8::1/32",
    "ipvanyaddress": "192.0.2.1",
    "ipvanyinterface": "192.0.2.1/24",
    "ipvanynetwork": "192.0.2.0/24",
    "json-string": "{}",
    "multi-host-uri": "https://example.com/",
    "name-email": "user@example.com",
    "path": "example.txt",
    "file-path": "example.txt",
    "directory-path": "examples",
    "regex": "^example$",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "3f2b8c1e-7d4a-4f6b-9c0d-1e2f3a4b5c6d",
    "uuid1": "58e0a7d7-eebc-11d8-9669-0800200c9a66",
    "uuid3": "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "uuid4": "3f2b8c1e-7d4a-4f6b-9c0d-1e2f3a4b5c6d",
    "uuid5": "886313e1-3b8a-5372-9b90-0c9aee199e5d",
}

# How deep objects go that nobody needs: where models refer to each other, each level has many times as many.
_DEPTHS: Final = (7, 4, 3, 2)

# How many values an example has at most.
_MOST: Final = 1000


class _NoExampleError(Exception):
    """There is none to be made."""


class _TooLargeError(Exception):
    """Nobody would read it."""


def list_examples(payload: Payload, schemas: Schemas) -> list[Any]:
    """Return examples of a type: its own that are valid, else one that was made up; none where that finds none.

    They hold no `null`, which AsyncAPI does not take for a value.
    """
    if payload.adapter is None:
        return []
    own = schemas.resolve(payload.schema).get("examples", [])
    made = list(_make(payload, schemas))
    least = made[-1] if made else None
    valid = [example for example in (_check(payload, one, least) for one in own) if example is not None]
    if len(valid) < len(own):
        logger.warning("%d examples of %s are not valid, and left out", len(own) - len(valid), name_of(payload.type))
    if valid:
        return valid
    for example in (_check(payload, one, least) for one in made):
        if example is not None:
            return [example]
    # What goes out need not be what would come in: it is made of that.
    fit = [example for example in made if not is_unfit(example)]
    return (_list_written(payload, least) or fit[:1]) if payload.mode == "serialization" else []


def _make(payload: Payload, schemas: Schemas) -> Iterator[Any]:
    """Return an example with all that may be in it, and one with what has to be."""
    for depths in (_DEPTHS, (0,)):
        for deepest in depths:
            try:
                yield _Maker(schemas, deepest=deepest).start(payload.schema)
            except _TooLargeError:
                continue
            except Exception:  # noqa: BLE001  (a schema may hold whatever the program has added to it)
                break
            break


def _list_written(payload: Payload, least: Any) -> list[Any]:
    """Return examples of what goes out, made of what would come in."""
    schemas = Schemas()
    coming = schemas.add(payload.type, "validation")
    schemas.build()
    written = [_check(payload, example, least) for example in list_examples(coming, schemas)]
    return [example for example in written if example is not None]


def _check(payload: Payload, example: Any, least: Any) -> Any:
    """Return an example as it is on the wire, but without `null`; `None` where pydantic does not take it.

    Parameters:
        payload: The type.
        example: The example.
        least: One with what has to be in it.
    """
    if payload.adapter is None or is_unfit(example):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is deprecated, which has examples nevertheless
            value = payload.adapter.validate_json(json.dumps(example))
            if payload.mode == "validation":
                return example
            written = payload.adapter.dump_python(value, mode="json", by_alias=payload.by_alias, warnings=False)
    except Exception:  # noqa: BLE001  (validators and serializers are the program's own)
        return None
    filled = _fill(to_jsonable_python(written), least)
    return None if is_unfit(filled) else filled


def _fill(value: Any, least: Any) -> Any:
    """Return a value without the fields that are `null`, but with those of the least in their places."""
    if value is None:
        return least
    if isinstance(value, dict):
        filled = {key: _fill(one, least.get(key) if isinstance(least, dict) else None) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one is not None}
    return value


class _Maker:
    """Makes up values.

    Parameters:
        schemas: Those that references lead to.
        deepest: In how many models within each other optional properties are made as well; 0 for none at all.
    """

    def __init__(self, schemas: Schemas, *, deepest: int) -> None:
        self._schemas = schemas
        self._deepest = deepest
        self._within: list[str] = []
        self._made = 0

    def start(self, schema: Schema) -> Any:
        """Return a value of a schema that is the type itself, whose examples are not to be had."""
        reference = schema.get("$ref", "")
        if reference:
            self._within.append(reference.removeprefix(PLACE))
        found = self._schemas.resolve(schema)
        return self.make({key: value for key, value in found.items() if key != "examples"})

    def make(self, schema: Any) -> Any:
        """Return a value of any schema."""
        self._made += 1
        if self._made > _MOST:
            raise _TooLargeError
        if not isinstance(schema, Mapping):
            if schema is False:
                raise _NoExampleError
            return "example"
        for value in self._list_given(schema):
            return value
        reference = schema.get("$ref", "")
        if reference:
            return self._follow(reference.removeprefix(PLACE))
        if "allOf" in schema:
            return self.make(self._merge(schema))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._choose(schema, key)
        return self._make_of_kind(schema)

    def _list_given(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        """Return what the schema itself says that it takes."""
        if "const" in schema:
            yield schema["const"]
        yield from schema.get("examples", ())
        if "default" in schema:
            yield schema["default"]
        yield from schema.get("enum", ())

    def _follow(self, name: str) -> Any:
        # Once more within itself would have no end.
        if name in self._within or name not in self._schemas.components:
            raise _NoExampleError
        self._within.append(name)
        try:
            return self.make(self._schemas.components[name])
        finally:
            self._within.pop()

    def _merge(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            found = self._schemas.resolve(part)
            if isinstance(found, Mapping):
                found = self._merge(found) if "allOf" in found else found
                properties = {**found.get("properties", {}), **merged.get("properties", {})}
                required = [*found.get("required", ()), *merged.get("required", ())]
                merged = {**found, **merged, "properties": properties, "required": required}
        # What was said of the place, and not of the value.
        return {key: value for key, value in merged.items() if value not in ({}, [])}

    def _choose(self, schema: Mapping[str, Any], key: str) -> Any:
        rest = {name: value for name, value in schema.items() if name not in {key, "discriminator"}}
        # A pattern last: what matches it need not mean anything.
        for member in sorted(schema[key], key=lambda one: isinstance(one, Mapping) and "pattern" in one):
            if isinstance(member, Mapping) and member.get("type") == "null":
                continue
            try:
                bounds = {name: value for name, value in rest.items() if name not in {"title", "description"}}
                return self.make({**member, **bounds} if bounds and isinstance(member, Mapping) else member)
            except _NoExampleError:
                continue
        raise _NoExampleError

    def _make_of_kind(self, schema: Mapping[str, Any]) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
        make = _KINDS.get(kind)
        if make is None:
            raise _NoExampleError
        return make(self, schema)

    def make_object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        made: dict[str, Any] = {}
        for name, value in schema.get("properties", {}).items():
            needed = name in required
            if not needed and len(self._within) >= self._deepest:
                continue
            try:
                made[name] = self.make(value)
            except _NoExampleError:
                if needed:
                    raise
        fewest = max(schema.get("minProperties", 0), 0 if made or not self._deepest else 1)
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and len(made) < fewest:
            made |= {f"key{number or ''}": self.make(more) for number in range(fewest - len(made))}
        return made

    def make_array(self, schema: Mapping[str, Any]) -> list[Any]:
        items = schema.get("items", {})
        if isinstance(items, list):
            return [self.make(item) for item in items]
        fewest = schema.get("minItems", 0)
        count = min(max(fewest, 1), schema.get("maxItems", max(fewest, 1)))
        try:
            made = [self.make(items) for _ in range(count)]
        except _NoExampleError:
            if fewest:
                raise
            return []
        return _make_different(made) if schema.get("uniqueItems") else made

    def make_string(self, schema: Mapping[str, Any]) -> str:
        fewest, most = schema.get("minLength", 0), schema.get("maxLength")
        if "pattern" in schema:
            text = match_pattern(schema["pattern"], fewest, most)
            if text is None:
                raise _NoExampleError
            return text
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        if "contentSchema" in schema:
            return json.dumps(self.make(schema["contentSchema"]))
        text = "string"
        text = text * math.ceil(fewest / len(text)) if fewest > len(text) else text
        return text[: max(fewest, len("string")) if most is None else min(most, max(fewest, len("string")))]

    def make_integer(self, schema: Mapping[str, Any]) -> int:
        step = schema.get("multipleOf", 1)
        return int(_find_number(schema, step))

    def make_number(self, schema: Mapping[str, Any]) -> float:
        return _find_number(schema, schema.get("multipleOf"))

    def make_boolean(self, _schema: Mapping[str, Any]) -> bool:
        return True


_KINDS: Final[Mapping[str, Callable[[_Maker, Mapping[str, Any]], Any]]] = {
    "object": _Maker.make_object,
    "array": _Maker.make_array,
    "string": _Maker.make_string,
    "integer": _Maker.make_integer,
    "number": _Maker.make_number,
    "boolean": _Maker.make_boolean,
}


def _find_number(schema: Mapping[str, Any], step: float | None) -> float:
    """Return a number within the bounds: 1 where it is, else one near to a bound."""
    low, above = schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf)
    high, below = schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf)
    tried: list[float] = [1, low, high, above + (step or 1), below - (step or 1)]
    tried.append((max(low, above) + min(high, below)) / 2)
    finite = [one for one in tried if math.isfinite(one)]
    if step:
        finite = [turn(one / step) * step for one in finite for turn in (math.ceil, math.floor)]
    for one in finite:
        if low <= one <= high and above < one < below:
            return one
    raise _NoExampleError


def _make_different(values: list[Any]) -> list[Any]:
    if len(values) < 2:  # noqa: PLR2004
        return values
    if all(isinstance(value, str) for value in values):
        return [f"{value}{number}" for number, value in enumerate(values)]
    if all(isinstance(value, int) for value in values):
        return [value + number for number, value in enumerate(values)]
    raise _NoExampleError
