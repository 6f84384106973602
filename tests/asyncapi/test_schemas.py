"""Types as JSON schemas in the dialect of AsyncAPI."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, computed_field

from fastws.asyncapi.schemas import Schemas, inline, is_unfit, to_asyncapi


class Point(BaseModel):
    """A place."""

    x: int
    y: int = 0


class Shown(BaseModel):
    side: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        return self.side**2


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"const": None}, {"type": "null"}),
        ({"enum": [1, None], "title": "T"}, {"title": "T", "anyOf": [{"enum": [1]}, {"type": "null"}]}),
        (
            {"enum": ["a", None], "type": "string"},
            {"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]},
        ),
        ({"type": "integer", "default": None}, {"type": "integer"}),
        ({"type": "array", "default": [None]}, {"type": "array"}),
        ({"default": [1]}, {"default": [1]}),
        ({"default": float("nan"), "maximum": float("inf"), "minimum": 0}, {"minimum": 0}),
        ({"examples": [None, 1, {"a": None}]}, {"examples": [1]}),
        ({"examples": {"a": {"value": 1}}}, {}),
        ({"example": 1}, {"examples": [1]}),
        ({"example": 1, "examples": [2]}, {"examples": [1, 2]}),
        ({"pattern": "^a$"}, {"pattern": "^a$"}),
        ({"pattern": "(?i)a", "minLength": 1}, {"minLength": 1}),
        ({"$ref": "#/a"}, {"$ref": "#/a"}),
        ({"$ref": "#/a", "title": "A"}, {"allOf": [{"$ref": "#/a"}], "title": "A"}),
        ({"$ref": "#/a", "allOf": [{}]}, {"allOf": [{"$ref": "#/a"}, {}]}),
        ({"prefixItems": [{}, {"const": None}]}, {"items": [{}, {"type": "null"}]}),
        ({"prefixItems": [{}], "items": False}, {"items": [{}], "additionalItems": False}),
        ({"discriminator": {"propertyName": "type", "mapping": {"a": "#/a"}}}, {"discriminator": "type"}),
        ({"description": None, "title": "T"}, {"title": "T"}),
        ({"x-hint": {"icon": None}, "x-unit": "s"}, {"x-unit": "s"}),
        ({"dependencies": {"a": {"$ref": "#/a"}, "b": ["c"]}}, {"dependencies": {"a": {"$ref": "#/a"}, "b": ["c"]}}),
        (True, True),
    ],
)
def test_a_schema_is_written_in_the_dialect(written: Any, expected: Any) -> None:
    assert to_asyncapi(written) == expected
    nested = {
        "properties": {"default": written, "const": written},
        "items": written,
        "anyOf": [written],
        "additionalProperties": written,
    }
    translated = {
        "properties": {"default": expected, "const": expected},
        "items": expected,
        "anyOf": [expected],
        "additionalProperties": expected,
    }
    assert to_asyncapi(nested) == translated


def test_values_are_not_taken_for_schemas() -> None:
    schema = {"const": {"$ref": "x", "title": "no title"}, "enum": [{"prefixItems": []}]}
    assert to_asyncapi(schema) == schema


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, True),
        ([{"a": [None]}], True),
        ({"a": [float("nan")]}, True),
        ([{"$ref": "a"}], True),
        (["$ref"], False),
        ({"a": [0, "", False]}, False),
    ],
)
def test_what_no_document_can_hold_is_found_wherever_it_is(value: object, expected: bool) -> None:
    assert is_unfit(value) is expected


def test_what_is_referred_to_is_put_in_its_place() -> None:
    definitions = {"A": {"type": "object", "properties": {"a": {"$ref": "#/x/A"}}}, "B": {"enum": [1]}}
    schema = {"anyOf": [{"$ref": "#/x/A"}, {"$ref": "#/x/B", "title": "B"}]}
    assert inline(schema, definitions) == {
        "anyOf": [{"type": "object", "properties": {"a": {}}}, {"enum": [1], "title": "B"}]
    }


def test_what_stands_beside_a_reference_in_an_old_way_is_put_there_too() -> None:
    schema = {"allOf": [{"$ref": "#/x/B"}], "description": "Which?"}
    assert inline(schema, {"B": {"title": "B", "enum": [1]}}) == {"title": "B", "enum": [1], "description": "Which?"}


def test_a_type_has_one_schema_where_both_directions_are_alike() -> None:
    schemas = Schemas()
    coming, going = schemas.add(Point, "validation"), schemas.add(Point, "serialization")
    schemas.build()
    assert (coming.component, going.component) == ("Point", "Point")
    assert list(schemas.components) == ["Point"]
    assert schemas.resolve(coming.schema)["description"] == "A place."


def test_a_type_has_two_where_they_differ() -> None:
    schemas = Schemas()
    coming, going = schemas.add(Shown, "validation"), schemas.add(Shown, "serialization")
    schemas.build()
    assert (coming.component, going.component) == ("Shown-Input", "Shown-Output")


def test_a_type_is_described_once() -> None:
    schemas = Schemas()
    assert schemas.add(Point, "validation") is schemas.add(Point, "validation")


def test_a_type_without_a_hash_has_its_place_too() -> None:
    schemas = Schemas()
    payload = schemas.add(Annotated[int, Field(json_schema_extra={"x-unit": "s"}), []], "validation")
    schemas.build()
    assert (payload.schema, payload.component) == ({"type": "integer", "x-unit": "s"}, None)


@pytest.mark.parametrize("type_", [Callable[[], int], "Undefined"])
def test_what_has_no_schema_spoils_no_other(type_: Any, caplog: pytest.LogCaptureFixture) -> None:
    schemas = Schemas()
    point, other = schemas.add(Point, "validation"), schemas.add(type_, "validation")
    with caplog.at_level(logging.WARNING, "fastws"):
        schemas.build()
    assert (point.component, other.schema, other.component) == ("Point", {}, None)


def test_no_types_make_no_schemas() -> None:
    schemas = Schemas()
    schemas.build()
    assert schemas.components == {}


def test_a_literal_of_none_is_no_null() -> None:
    schemas = Schemas()
    payload = schemas.add(Literal["a", None], "validation")
    schemas.build()
    assert payload.schema["anyOf"][1] == {"type": "null"}
