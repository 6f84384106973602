"""The validator of the console says what Python's says, of every keyword that pydantic writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator
from playwright.sync_api import Browser
from servers import run_server

from browser.browsing import Visit

Errors = list[dict[str, str]]
Judge = Callable[[Any, Any, Any], Errors]

ROOT = {
    "components": {
        "schemas": {
            "Node": {
                "type": "object",
                "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Node"}},
                "required": ["value"],
            },
            "a/b~c": {"type": "string"},
            "100%": {"type": "boolean"},
            "Cat": {
                "type": "object",
                "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
                "required": ["kind", "lives"],
            },
            "Dog": {
                "type": "object",
                "properties": {"kind": {"const": "dog"}, "name": {"type": "string"}},
                "required": ["kind", "name"],
            },
        }
    }
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


# A schema, what it accepts, and what it refuses.
CASES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "true": (True, [1, None, {}], []),
    "false": (False, [], [1, None, {}]),
    "string": ({"type": "string"}, ["", "a"], [1, None, [], {}, True]),
    "integer": ({"type": "integer"}, [0, -1, 2**40, 1.0], [1.5, "1", True, None]),
    "number": ({"type": "number"}, [0, 1.5], ["1", False]),
    "boolean": ({"type": "boolean"}, [True, False], [0, "true", None]),
    "null": ({"type": "null"}, [None], [0, False, ""]),
    "array": ({"type": "array"}, [[], [1]], [{}, "[]"]),
    "object": ({"type": "object"}, [{}, {"a": 1}], [[], None, "{}"]),
    "types": ({"type": ["integer", "null"]}, [1, None], ["1", 1.5]),
    "enum": (
        {"enum": ["a", 1, None, [1], {"a": 1}]},
        ["a", 1, None, [1], {"a": 1}],
        ["b", 2, [], [1, 2], {"a": 2}, {"b": 1}],
    ),
    "const": ({"const": {"a": [1]}}, [{"a": [1]}], [{"a": [2]}, {"a": [1], "b": 1}, None]),
    "const null": ({"const": None}, [None], [0, False]),
    "required": ({"required": ["a", "b"]}, [{"a": 1, "b": 2}, []], [{}, {"a": 1}]),
    "required, a name of Object": ({"required": ["constructor"]}, [{"constructor": 1}], [{}]),
    "properties": ({"properties": {"a": {"type": "integer"}}}, [{}, {"a": 1}, {"b": ""}, 1], [{"a": ""}]),
    "properties, a name of Object": (
        {"properties": {"a": {}}, "additionalProperties": False},
        [{"a": 1}],
        [{"toString": 1}],
    ),
    "no additionalProperties": ({"properties": {"a": {}}, "additionalProperties": False}, [{}, {"a": 1}], [{"b": 1}]),
    "additionalProperties": (
        {"properties": {"a": {}}, "additionalProperties": {"type": "string"}},
        [{"a": 1, "b": ""}],
        [{"b": 1}],
    ),
    "patternProperties": (
        {"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False},
        [{"x1": 1}, {}],
        [{"x1": ""}, {"y": 1}],
    ),
    "propertyNames": ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
    "sizes": ({"minProperties": 1, "maxProperties": 2}, [{"a": 1}, [], 1], [{}, {"a": 1, "b": 2, "c": 3}]),
    "minimum": ({"minimum": 1}, [1, 1.5, "0"], [0.9, -1]),
    "maximum": ({"maximum": 1}, [1, -1], [1.1]),
    "exclusive": ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5], [0, 1]),
    "multipleOf": ({"multipleOf": 3}, [0, 3, -6, "4"], [1, 4.5]),
    "lengths": ({"minLength": 2, "maxLength": 3}, ["ab", "abc", "é😀", 1], ["", "a", "abcd"]),
    "pattern": ({"pattern": "^a+$"}, ["a", "aa", 1], ["", "ab", "ba"]),
    "pattern anywhere": ({"pattern": "b"}, ["abc"], ["ac"]),
    "items": ({"items": {"type": "integer"}}, [[], [1, 2], "x"], [["a"], [1, None]]),
    "tuple": (
        {"items": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
        [[1, "a"]],
        [[1], ["a", 1], [1, "a", 2]],
    ),
    "tuple with a rest": (
        {"items": [{"type": "integer"}], "additionalItems": {"type": "null"}},
        [[1, None], []],
        [[1, 2], [None]],
    ),
    "tuple and nothing else": ({"items": [{"type": "integer"}], "additionalItems": False}, [[1]], [[1, 2]]),
    "prefixItems": (
        {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
        [[1, "a"], [1], []],
        [["a"], [1, 2]],
    ),
    "prefixItems and nothing else": ({"prefixItems": [{}], "items": False}, [[1], []], [[1, 2]]),
    "counts": ({"minItems": 1, "maxItems": 2}, [[1], [1, 2], {}], [[], [1, 2, 3]]),
    "uniqueItems": (
        {"uniqueItems": True},
        [[], [1, 2], [{"a": 1}, {"a": 2}]],
        [[1, 1], [{"a": 1}, {"a": 1}], [[1], [1]]],
    ),
    "allOf": ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, [3], [2, "a"]),
    "anyOf": ({"anyOf": [{"type": "integer"}, {"minLength": 2}]}, [1, "ab"], ["a"]),
    "anyOf, both": ({"anyOf": [{"type": "integer"}, {"minimum": 0}]}, [1, -1], [-1.5]),
    "optional": ({"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]}, ["ab", None], ["abc", 1]),
    "oneOf": ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, [2, 3], [6, 1]),
    "not": ({"not": {"type": "null"}}, [1, "a"], [None]),
    "tagged": (
        {"oneOf": [ref("Cat"), ref("Dog")]},
        [{"kind": "cat", "lives": 9}],
        [{"kind": "cat"}, {"kind": "cow"}, {"kind": "dog", "lives": 9}],
    ),
    "reference": (ref("Node"), [{"value": 1}], [{}, 1]),
    "recursion": (
        ref("Node"),
        [{"value": 1, "next": {"value": 2, "next": {"value": 3}}}],
        [{"value": 1, "next": {"value": 2, "next": {}}}],
    ),
    "reference with a slash": (ref("a~1b~0c"), ["x"], [1]),
    "reference in allOf": ({"allOf": [ref("Node")], "description": "x"}, [{"value": 1}], [{"value": "1"}]),
    "nothing of ours": ({"title": "x", "discriminator": "kind", "x-anything": 1}, [1, None, "a"], []),
}

FORMATS: dict[str, tuple[list[str], list[str]]] = {
    "date": (["2026-02-28", "2024-02-29"], ["2026-02-30", "2026-2-3", "28.2.2026", ""]),
    "time": (["23:59:59", "00:00:00Z", "12:30:00.5+01:00"], ["24:00:00", "12:60:00", "12"]),
    "date-time": (
        ["2026-02-28T12:00:00Z", "2026-02-28 12:00:00.123+01:00", "2026-02-28T12:00:00"],
        ["2026-02-28", "2026-02-28T25:00:00Z", "x"],
    ),
    "email": (["ann@example.com"], ["ann", "ann@", "@example.com", "a b@example.com"]),
    "uuid": (["00000000-0000-4000-8000-00000000000A"], ["00000000", "g0000000-0000-4000-8000-000000000000"]),
    "uri": (["https://example.com/x", "urn:a:b"], ["example.com", "/x", "a b:c"]),
    "ipv4": (["192.0.2.1"], ["192.0.2", "192.0.2.256", "::1"]),
    "of somebody else": (["anything"], []),
}


@pytest.fixture(scope="module")
def judge(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """What the console finds wrong with a value, as the module says it in the browser."""
    with run_server("browser.console_app:app", tmp_path_factory.mktemp("server") / "log") as server:
        page = browser.new_page()
        page.goto(f"http://{server.address}/asyncapi")
        script = "async ([schema, value, root]) => (await import('/asyncapi/schema.js')).validate(schema, value, root)"

        def validate(schema: Any, value: Any, root: Any = ROOT) -> Errors:
            errors: Errors = page.evaluate(script, [schema, value, root])
            return errors

        yield validate
        page.close()


def make_oracle(schema: Any) -> Validator:
    """Python's validator, of the draft that has the keywords of a schema."""
    text = str(schema)
    draft = jsonschema.Draft202012Validator if "prefixItems" in text else jsonschema.Draft7Validator
    # Beside the definitions, that references find them.
    whole = schema if isinstance(schema, bool) else {**ROOT, "allOf": [schema]}
    return draft(whole)


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_python_says(judge: Judge, name: str) -> None:
    schema, accepted, refused = CASES[name]
    oracle = make_oracle(schema)
    for value in accepted:
        assert (judge(schema, value, ROOT), oracle.is_valid(value)) == ([], True), value
    for value in refused:
        assert (judge(schema, value, ROOT) != [], oracle.is_valid(value)) == (True, False), value


@pytest.mark.parametrize("name", FORMATS)
def test_formats(judge: Judge, name: str) -> None:
    accepted, refused = FORMATS[name]
    for text in accepted:
        assert judge({"format": name}, text, ROOT) == [], text
    for text in refused:
        assert judge({"format": name}, text, ROOT) != [], text
    assert judge({"format": name}, 1, ROOT) == []


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        ({"required": ["a/b"]}, {}, {"/a~1b": "is missing"}),
        (
            ref("Node"),
            {"value": 1, "next": {"value": "x"}},
            {"/next/value": "must be of the type integer, and is string"},
        ),
        ({"items": {"minimum": 3}}, [4, 1], {"/1": "must be at least 3"}),
        ({"additionalProperties": False}, {"~": 1}, {"/~0": "is no property of it"}),
        ({"type": "integer"}, "a", {"": "must be of the type integer, and is string"}),
        # Which form was meant shows in its tag.
        ({"oneOf": [ref("Cat"), ref("Dog")]}, {"kind": "dog"}, {"/name": "is missing"}),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, {"kind": "cow"}, {"": "fits none of its 2 forms"}),
        (
            {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]},
            "abc",
            {"": "must have 2 or fewer characters"},
        ),
    ],
)
def test_errors_say_where_and_what(judge: Judge, schema: Any, value: Any, found: dict[str, str]) -> None:
    assert {error["path"]: error["message"] for error in judge(schema, value, ROOT)} == found


def test_there_are_never_many_errors(judge: Judge) -> None:
    assert len(judge({"items": {"type": "string"}}, list(range(1000)), ROOT)) == 20


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Round"},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": 1},
        {"allOf": [{"$ref": "#/components/schemas/Round"}, {"$ref": "#/components/schemas/Round"}]},
        {"pattern": "(?P<python>x)"},
        {"anyOf": []},
        {"type": []},
        {"minimum": "x"},
    ],
    ids=str,
)
def test_schemas_that_make_no_sense_end_nothing(judge: Judge, schema: Any) -> None:
    root = {"components": {"schemas": {"Round": {"allOf": [{"$ref": "#/components/schemas/Round"}] * 2}}}}
    assert isinstance(judge(schema, {"a": "x"}, root), list)


def test_deep_values_are_read_as_deep_as_pydantic_reads_them(judge: Judge) -> None:
    value: Any = {"value": "x"}
    for _ in range(60):
        value = {"value": 1, "next": value}
    assert len(judge(ref("Node"), value, ROOT)) == 1


def test_a_key_that_is_a_prototype_is_a_key(judge: Judge, visit: Visit, tmp_path: Path) -> None:
    # Playwright would lose it on the way.
    with run_server("browser.console_app:app", tmp_path / "log") as server:
        visit.open(f"http://{server.address}/asyncapi")
        script = """async (texts) => {
            const { validate } = await import("/asyncapi/schema.js");
            const [schema, value] = texts.map((text) => JSON.parse(text));
            return validate(schema, value, {}).map(({ path }) => path);
        }"""
        schema = '{"properties":{"__proto__":{"type":"integer"}},"required":["__proto__"],"additionalProperties":false}'
        assert visit.page.evaluate(script, [schema, '{"__proto__":"x"}']) == ["/__proto__"]
        assert visit.page.evaluate(script, [schema, '{"__proto__":1}']) == []
        assert visit.page.evaluate(script, [schema, "{}"]) == ["/__proto__"]
