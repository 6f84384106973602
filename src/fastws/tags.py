"""Which fields of a model are tags: literals that tell its messages from those of every other model.

Read from pydantic's core schema, never from decorators or ``model_fields``: what the schema says is what pydantic runs.
Two readers stand here.  :func:`read_tags` is strict, because the fast path rests on it: whatever it does not know makes
a model ineligible.  :func:`read_discriminator` is lenient: it only finds what can be called an error at registration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, EnumMeta
from typing import Any, Final

Schema = Mapping[str, Any]

# A wider integer is not what pydantic's literal looks up first.
_INTEGERS: Final = range(-(2**63), 2**63)

# What may stand in a node of the schema without changing which texts the model accepts (pydantic 2.7 to 2.14).  A key
# that is not listed may mean anything, so it makes the model ineligible.
_COMMON: Final = frozenset({"type", "ref", "metadata", "serialization"})
_FIELD: Final = _COMMON | {
    "schema",
    "validation_alias",
    "serialization_alias",
    "serialization_exclude",
    "serialization_exclude_if",
    "frozen",
}
_FIELDS: Final = _COMMON | {"computed_fields", "strict", "extra_behavior", "extras_schema", "populate_by_name"}
_MODEL: Final = _COMMON | {"cls", "generic_origin", "schema", "post_init", "revalidate_instances", "strict", "frozen"}
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "definitions": _COMMON | {"schema", "definitions"},
    "definition-ref": _COMMON | {"schema_ref"},
    "function-after": _COMMON | {"function", "schema"},
    "model": _MODEL | {"custom_init", "root_model", "extra_behavior", "config"},
    "model-fields": _FIELDS | {"fields", "model_name", "extras_keys_schema", "from_attributes"},
    "model-field": _FIELD,
    "dataclass": _MODEL | {"fields", "cls_name", "slots", "config"},
    "dataclass-args": _FIELDS | {"fields", "dataclass_name", "collect_init_only"},
    "dataclass-field": _FIELD | {"name", "kw_only", "init", "init_only"},
    "typed-dict": _FIELDS | {"fields", "cls", "cls_name", "total", "config"},
    "typed-dict-field": _FIELD | {"required"},
    "default": _COMMON
    | {"schema", "default", "default_factory", "default_factory_takes_data"}
    | {"on_error", "validate_default", "copy_default", "strict"},
    "literal": _COMMON | {"expected"},
}


class IneligibleError(Exception):
    """A model, or one of its fields, that the fast path has to leave to the union; says why."""


@dataclass(frozen=True)
class Tag:
    """A field whose literal values tell one model from another.

    Attributes:
        name: The field's name in the model.
        key: Its one spelling in the JSON.
        values: Its JSON values, all `str` or all `int`.
    """

    name: str
    key: str
    values: tuple[str | int, ...]

    @property
    def kind(self) -> type:
        return type(self.values[0])


def read_tags(schema: Schema, names: Collection[str] | None = None) -> dict[str, Tag]:
    """Return the tags of a model, by field name, from its core schema.

    Parameters:
        schema: The core schema of the model.
        names: The fields to look at; `None` for all of them.

    Raises:
        IneligibleError: The model could accept a text whose tag is none of its literals, or might, for all that the
            schema shows.
    """
    fields, by_name = _find_fields(schema)
    tags: dict[str, Tag] = {}
    for name in fields if names is None else names:
        field = fields.get(name)
        if field is None:
            continue
        try:
            _check_keys(field)
            if field.get("init") is False or field.get("init_only"):
                raise IneligibleError("is not read from the message")
            key = _read_key(name, field, by_name=by_name)
            tags[name] = Tag(name, key, _read_values(field["schema"]))
        except IneligibleError:
            continue
    return tags


def _check_keys(node: Schema) -> None:
    known = _KNOWN.get(node["type"])
    if known is None:
        raise IneligibleError(f"is validated by a {node['type']!r} step")
    if not node.keys() <= known:
        raise IneligibleError(f"is validated with {', '.join(sorted(node.keys() - known))}")


def _find_fields(schema: Schema) -> tuple[Mapping[str, Schema], bool]:
    """Walk to the fields of a model; with them, whether they are read by name where they have an alias."""
    definitions: dict[str, Schema] = {}
    while True:
        _check_keys(schema)
        match schema["type"]:
            case "definitions":
                definitions |= {definition["ref"]: definition for definition in schema["definitions"]}
                schema = schema["schema"]
            case "definition-ref":
                schema = definitions[schema["schema_ref"]]
            case "function-after":
                # It runs on what was accepted, so it can only accept less.
                schema = schema["schema"]
            case "model" | "dataclass" | "typed-dict":
                break
            case other:
                raise IneligibleError(f"is validated by a {other!r} step")
    if schema.get("custom_init"):
        raise IneligibleError("overrides __init__")
    config = schema.get("config") or {}
    holder = schema if schema["type"] == "typed-dict" else schema["schema"]
    if schema.get("root_model") or holder["type"] not in {"model-fields", "dataclass-args", "typed-dict"}:
        raise IneligibleError(f"is validated by a {holder['type']!r} step")
    _check_keys(holder)
    by_name = config.get("validate_by_alias") is False or any(
        node.get(key) for node in (config, holder) for key in ("populate_by_name", "validate_by_name")
    )
    return _fields_by_name(holder), by_name


def _read_key(name: str, field: Schema, *, by_name: bool) -> str:
    alias = field.get("validation_alias", name)
    if not isinstance(alias, str):
        raise IneligibleError("has several aliases")
    if by_name and alias != name:
        # Pydantic's tagged union looks for the alias alone, the model for the name as well or instead.
        raise IneligibleError("is read by name where it has an alias")
    return alias


def _read_values(schema: Schema) -> tuple[str | int, ...]:
    while True:
        _check_keys(schema)
        match schema["type"]:
            case "default":
                if schema.get("on_error", "raise") != "raise":
                    raise IneligibleError("accepts any value, and replaces it by its default")
                schema = schema["schema"]
            case "function-after":
                schema = schema["schema"]
            case "literal":
                break
            case other:
                raise IneligibleError(f"is validated by a {other!r} step")
    values = tuple(dict.fromkeys(_plain_value(value) for value in schema["expected"]))
    if len({type(value) for value in values}) != 1:
        raise IneligibleError("mixes strings and integers")
    return values


def _plain_value(value: object) -> str | int:
    """Return the JSON value of a literal, which must be the only one that it accepts."""
    if isinstance(value, Enum):
        value = _enum_value(value)
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise IneligibleError("has a lone surrogate in its value") from None
        return value
    if type(value) is int and value in _INTEGERS:
        return value
    raise IneligibleError(f"has a value of the type {type(value).__name__}")


def _enum_value(member: Enum) -> object:
    """Return the value of an enum's member, unless the enum may take other values for the same member."""
    cls = type(member)
    value = member.value
    if (
        type(cls) is not EnumMeta
        or getattr(cls._missing_, "__func__", None) is not getattr(Enum._missing_, "__func__", None)
        or cls.__eq__ not in {object.__eq__, str.__eq__, int.__eq__}
        or cls.__hash__ not in {Enum.__hash__, str.__hash__, int.__hash__}
        or [key for key, found in cls._value2member_map_.items() if found is member] != [value]
    ):
        raise IneligibleError(f"is of the enum {cls.__name__}, which may accept more than its members' values")
    for kind in (str, int):
        # `class E(str, Enum)` may hold one string and be equal to another.
        differs: Any = kind.__ne__
        if isinstance(member, kind) and (type(value) is not kind or differs(member, value)):
            raise IneligibleError(f"is of the enum {cls.__name__}, whose members differ from their values")
    return value


@dataclass(frozen=True)
class Discriminator:
    """What a model says of the router's discriminator, read as pydantic reads it.

    Attributes:
        alias: The key in the JSON, or `None` where it has more than one.
        values: Its values; those of enums are the members' values.
    """

    alias: str | None
    values: tuple[object, ...]


def read_discriminator(schema: Schema, name: str) -> Discriminator | None:
    """Return what a model says of the field `name`, `None` where only pydantic can tell.

    Raises:
        LookupError: The model has no such field.
        TypeError: The field is no literal.
    """
    holder = _unwrap(schema, _MODEL_STEPS)
    if holder["type"] not in {"model-fields", "dataclass-args", "typed-dict"}:
        return None
    fields = _fields_by_name(holder)
    if name not in fields:
        raise LookupError(name)
    alias = fields[name].get("validation_alias", name)
    values = tuple(_iter_literals(fields[name]["schema"]))
    return Discriminator(alias if isinstance(alias, str) else None, values)


# The steps that pydantic looks through for the discriminator: around a model, and around the field itself.
_MODEL_STEPS: Final = frozenset({"function-before", "function-wrap", "function-after", "model", "dataclass"})
_FIELD_STEPS: Final = frozenset({"function-after", "default"})


def _unwrap(schema: Schema, steps: frozenset[str]) -> Schema:
    definitions: dict[str, Schema] = {}
    while True:
        if schema["type"] == "definitions":
            definitions |= {definition["ref"]: definition for definition in schema["definitions"]}
        elif schema["type"] == "definition-ref" and schema["schema_ref"] in definitions:
            schema = definitions[schema["schema_ref"]]
            continue
        elif schema["type"] not in steps:
            return schema
        schema = schema["schema"]


def _iter_literals(schema: Schema) -> Iterator[object]:
    schema = _unwrap(schema, _FIELD_STEPS)
    match schema["type"]:
        case "literal":
            for value in schema["expected"]:
                yield value.value if isinstance(value, Enum) else value
        case "none":
            yield None
        case "union":
            for choice in schema["choices"]:
                yield from _iter_literals(choice[0] if isinstance(choice, tuple) else choice)
        case "model" | "definition-ref":
            return  # a `RootModel` of literals, perhaps; pydantic knows when it builds the union
        case _:
            raise TypeError(schema["type"])


def _fields_by_name(holder: Schema) -> Mapping[str, Schema]:
    fields = holder["fields"]
    # A dataclass has a list of them, the others a dict.
    return {field["name"]: field for field in fields} if isinstance(fields, list) else fields
