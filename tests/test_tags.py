"""Which fields of a model are tags, and what keeps a field or a model from it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import hostile_sets as hostile
import hostile_tags as tags
import model_sets as ordinary
import pytest
import shape_sets as shapes
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, TypeAdapter, create_model
from pydantic_core import core_schema

from fastws.tags import Discriminator, IneligibleError, Tag, read_discriminator, read_tags


def schema_of(model: Any) -> Any:
    return TypeAdapter(model).core_schema


def with_tag(annotation: Any, **options: Any) -> Any:
    """Return a model with such a tag."""
    return create_model("Message", type=(annotation, Field(**options)))


@pytest.mark.parametrize(
    ("model", "tag"),
    [
        pytest.param(ordinary.A, Tag("type", "type", ("a",)), id="model"),
        pytest.param(ordinary.AliasA, Tag("type", "t", ("a",)), id="alias"),
        pytest.param(ordinary.SameAliasA, Tag("type", "type", ("a",)), id="alias is name"),
        pytest.param(ordinary.GeneratedA, Tag("type", "TYPE", ("a",)), id="alias generator"),
        pytest.param(with_tag(Literal["a"], serialization_alias="t"), Tag("type", "type", ("a",)), id="serialization"),
        pytest.param(ordinary.Int1, Tag("type", "type", (1, -1)), id="integers"),
        pytest.param(ordinary.ManyA, Tag("type", "type", ("a", "aa", "aaa")), id="many"),
        pytest.param(with_tag(Literal["a", "b", "a"]), Tag("type", "type", ("a", "b")), id="one twice"),
        pytest.param(ordinary.StrEnumA, Tag("type", "type", ("a",)), id="str enum"),
        pytest.param(ordinary.IntEnumOne, Tag("type", "type", (1,)), id="int enum"),
        pytest.param(ordinary.IntEnumTwo, Tag("type", "type", (2,)), id="use_enum_values"),
        pytest.param(ordinary.DefaultA, Tag("type", "type", ("a",)), id="default"),
        pytest.param(with_tag(Literal["a"], default_factory=lambda: "a"), Tag("type", "type", ("a",)), id="factory"),
        pytest.param(with_tag(Literal["a"], frozen=True, title="T"), Tag("type", "type", ("a",)), id="frozen"),
        pytest.param(shapes.AfterA, Tag("type", "type", ("a",)), id="after validators"),
        pytest.param(shapes.DictA, Tag("type", "type", ("a",)), id="typed dict"),
        pytest.param(shapes.DictB, Tag("type", "type", ("b",)), id="typed dict, not total"),
        pytest.param(shapes.DataA, Tag("type", "type", ("a",)), id="dataclass"),
        pytest.param(shapes.DataB, Tag("type", "type", ("b",)), id="pydantic dataclass"),
        pytest.param(shapes.GenericA[int], Tag("type", "type", ("a",)), id="generic"),
        pytest.param(shapes.GenericData[int], Tag("type", "type", ("a",)), id="generic dataclass"),
        pytest.param(shapes.NodeB, Tag("type", "type", ("b",)), id="recursive"),
        pytest.param(shapes.DeferredA, Tag("type", "type", ("a",)), id="defer_build"),
        pytest.param(shapes.NotedB, Tag("type", "type", ("b",)), id="annotated"),
        pytest.param(Annotated[ordinary.A, AfterValidator(repr)], Tag("type", "type", ("a",)), id="after the model"),
        pytest.param(hostile.OwnNewB, Tag("type", "type", ("b",)), id="__new__"),
        pytest.param(with_tag(Literal[""], alias=""), Tag("type", "", ("",)), id="empty"),
    ],
)
def test_a_tag_is_read_from_the_schema(model: Any, tag: Tag) -> None:
    assert read_tags(schema_of(model)) == {"type": tag}


def test_a_model_may_have_several() -> None:
    assert {name: tag.values for name, tag in read_tags(schema_of(ordinary.VersionedA)).items()} == {
        "version": (1,),
        "kind": ("message",),
        "type": ("a",),
    }


@pytest.mark.parametrize(("values", "kind"), [(("a",), str), ((1, 2), int)])
def test_the_kind_of_a_tag(values: tuple[str | int, ...], kind: type) -> None:
    assert Tag("type", "type", values).kind is kind


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        pytest.param(hostile.BeforeModelA, "is validated by a 'function-before' step", id="before"),
        pytest.param(hostile.WrapModelA, "is validated by a 'function-wrap' step", id="wrap"),
        pytest.param(hostile.BeforeDataA, "is validated by a 'function-before' step", id="before, dataclass"),
        pytest.param(hostile.WrappedSchemaA, "is validated by a 'function-before' step", id="schema"),
        pytest.param(hostile.InheritedSchemaA, "is validated by a 'function-before' step", id="inherited schema"),
        pytest.param(hostile.InnerSchemaA, "is validated by a 'json-or-python' step", id="json or python"),
        pytest.param(hostile.OwnInitA, "overrides __init__", id="init"),
        pytest.param(hostile.InheritedInitA, "overrides __init__", id="inherited init"),
        pytest.param(RootModel[int], "is validated by a 'int' step", id="root model"),
        pytest.param(shapes.RootA, "is validated by a 'model' step", id="root model of a model"),
        pytest.param(shapes.TAGGED_UNION, "is validated by a 'tagged-union' step", id="tagged union"),
        pytest.param(shapes.PLAIN_UNION, "is validated by a 'union' step", id="union"),
        pytest.param(list[int], "is validated by a 'list' step", id="list"),
        pytest.param(dict[str, int], "is validated by a 'dict' step", id="dict"),
        pytest.param(None, "is validated by a 'none' step", id="none"),
    ],
)
def test_models_that_are_not_eligible(model: Any, reason: str) -> None:
    with pytest.raises(IneligibleError, match=f"^{re.escape(reason)}$"):
        read_tags(schema_of(model))


class Floating(float, Enum):
    ONE = 1.0


class TextMember(str):
    __slots__ = ()


class OfTextMember(TextMember, Enum):
    A = "a"


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(with_tag(str), id="str"),
        pytest.param(with_tag(str, pattern="^a$"), id="pattern"),
        pytest.param(hostile.BeforeStarA, id="before, all fields"),
        pytest.param(tags.BeforeTagA, id="before"),
        pytest.param(tags.WrapTagA, id="wrap"),
        pytest.param(tags.PlainTagA, id="plain"),
        pytest.param(tags.UseDefaultA, id="before, default"),
        pytest.param(tags.OnErrorA, id="default on error"),
        pytest.param(tags.OmitA, id="omit on error"),
        pytest.param(tags.ChainA, id="chain"),
        pytest.param(tags.LaxA, id="lax or strict"),
        pytest.param(tags.JsonA, id="json or python"),
        pytest.param(tags.NullableA, id="nullable"),
        pytest.param(tags.UnionA, id="union"),
        pytest.param(tags.RootTagA, id="root model"),
        pytest.param(tags.BareKindA, id="enum"),
        pytest.param(tags.MissingKindA, id="enum with _missing_"),
        pytest.param(tags.EqualA, id="enum with __eq__"),
        pytest.param(tags.ContentA, id="enum whose content is not its value"),
        pytest.param(tags.CalledLiteralA, id="enum with a metaclass"),
        pytest.param(tags.FlagOne, id="flag"),
        pytest.param(with_tag(Literal[Floating.ONE]), id="enum of floats"),
        pytest.param(with_tag(Literal[OfTextMember.A]), id="enum of a subclass of str"),
        pytest.param(tags.TextA, id="subclass of str"),
        pytest.param(tags.TrueOne, id="bool"),
        pytest.param(with_tag(Literal["a", True]), id="bool beside str"),
        pytest.param(with_tag(Literal[1, False]), id="bool beside int"),
        pytest.param(with_tag(Literal["a", 1]), id="str and int"),
        pytest.param(tags.NoneA, id="None"),
        pytest.param(tags.BytesA, id="bytes"),
        pytest.param(ordinary.ChoicesA, id="alias choices"),
        pytest.param(ordinary.PathA, id="alias path"),
        pytest.param(ordinary.PopulateA, id="populate_by_name"),
        pytest.param(hostile.ByNameA, id="populate_by_name, inherited"),
        pytest.param(hostile.ByNameDictA, id="populate_by_name, typed dict"),
        pytest.param(hostile.ByNameDataB, id="populate_by_name, dataclass"),
        pytest.param(hostile.NoInitA, id="init=False"),
        pytest.param(hostile.NoInitPydanticA, id="init=False, pydantic"),
        pytest.param(hostile.InitVarA, id="InitVar"),
    ],
)
def test_fields_that_are_no_tags(model: Any) -> None:
    assert read_tags(schema_of(model)) == {}


@pytest.mark.skipif(ordinary.PYDANTIC < (2, 11), reason="new in pydantic 2.11")
@pytest.mark.parametrize(
    "config",
    [ConfigDict(validate_by_name=True), ConfigDict(validate_by_name=True, validate_by_alias=False)],
    ids=["both", "name only"],
)
def test_a_tag_that_is_read_by_name_has_no_alias(config: ConfigDict) -> None:
    class Message(BaseModel):
        model_config = config
        type: Literal["a"] = Field(alias="t")
        kind: Literal["b"]

    assert read_tags(schema_of(Message)) == {"kind": Tag("kind", "kind", ("b",))}


@pytest.mark.parametrize("value", ["\ud800", 2**63, -(2**63) - 1], ids=["lone surrogate", "wide", "wide, negative"])
def test_values_that_not_every_pydantic_builds(value: object) -> None:
    literal = core_schema.model_field(core_schema.literal_schema([value]))
    schema = core_schema.model_schema(ordinary.A, core_schema.model_fields_schema({"type": literal}))
    assert read_tags(schema) == {}


def node_of(schema: Any, path: list[Any]) -> Any:
    for step in path:
        schema = schema[step]
    return schema


@pytest.mark.parametrize(
    ("model", "path"),
    [
        pytest.param(ordinary.A, [], id="model"),
        pytest.param(ordinary.A, ["schema"], id="model-fields"),
        pytest.param(shapes.DataA, [], id="dataclass"),
        pytest.param(shapes.DataA, ["schema"], id="dataclass-args"),
        pytest.param(shapes.DictA, [], id="typed-dict"),
        pytest.param(Annotated[ordinary.A, AfterValidator(repr)], [], id="function-after"),
        pytest.param(shapes.NodeB, [], id="definitions"),
        pytest.param(shapes.NodeB, ["schema"], id="definition-ref"),
    ],
)
def test_what_a_later_pydantic_adds_to_a_model_makes_it_ineligible(model: Any, path: list[Any]) -> None:
    schema = copy.deepcopy(schema_of(model))
    node_of(schema, path)["unheard_of"] = True
    with pytest.raises(IneligibleError, match="is validated with unheard_of"):
        read_tags(schema)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        pytest.param(ordinary.A, ["schema", "fields", "type"], id="model-field"),
        pytest.param(ordinary.A, ["schema", "fields", "type", "schema"], id="literal"),
        pytest.param(ordinary.DefaultA, ["schema", "fields", "type", "schema"], id="default"),
        pytest.param(shapes.DataA, ["schema", "fields", 0], id="dataclass-field"),
        pytest.param(shapes.DictA, ["fields", "type"], id="typed-dict-field"),
    ],
)
def test_what_a_later_pydantic_adds_to_a_field_makes_it_no_tag(model: Any, path: list[Any]) -> None:
    schema = copy.deepcopy(schema_of(model))
    node_of(schema, path)["unheard_of"] = True
    assert read_tags(schema) == {}


@pytest.mark.parametrize(
    ("model", "alias", "values"),
    [
        pytest.param(ordinary.A, "type", ("a",), id="model"),
        pytest.param(ordinary.AliasA, "t", ("a",), id="alias"),
        pytest.param(ordinary.ChoicesA, None, ("a",), id="alias choices"),
        pytest.param(ordinary.StrEnumA, "type", ("a",), id="enum"),
        pytest.param(ordinary.DefaultA, "type", ("a",), id="default"),
        pytest.param(shapes.NodeB, "type", ("b",), id="recursive"),
        pytest.param(shapes.DictA, "type", ("a",), id="typed dict"),
        pytest.param(shapes.DataA, "type", ("a",), id="dataclass"),
        pytest.param(shapes.RootA, "type", ("a",), id="root model"),
        pytest.param(hostile.BeforeModelA, "type", ("a",), id="before"),
        pytest.param(hostile.WrapModelA, "type", ("a",), id="wrap"),
        pytest.param(tags.TrueOne, "type", (True,), id="bool"),
        pytest.param(tags.NoneA, "type", ("a", None), id="None"),
        pytest.param(with_tag(Literal["a"] | Literal["b", "c"]), "type", ("a", "b", "c"), id="union"),
        pytest.param(tags.RootTagA, "type", (), id="root model for a tag"),
    ],
)
def test_a_discriminator_is_read_from_the_schema(model: Any, alias: str | None, values: tuple[object, ...]) -> None:
    assert read_discriminator(schema_of(model), "type") == Discriminator(alias, values)


@pytest.mark.parametrize("model", [shapes.TAGGED_UNION, shapes.PLAIN_UNION, None, list[int]], ids=str)
def test_discriminators_that_only_pydantic_knows(model: Any) -> None:
    assert read_discriminator(schema_of(model), "type") is None


def test_a_discriminator_that_is_not_there() -> None:
    with pytest.raises(LookupError, match="kind"):
        read_discriminator(schema_of(ordinary.A), "kind")


@pytest.mark.parametrize(
    ("model", "step"),
    [
        (with_tag(str), "str"),
        (tags.BeforeTagA, "function-before"),
        (tags.PlainTagA, "function-plain"),
        (tags.NullableA, "nullable"),
        (tags.AliasedBareA, "enum"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_discriminator_that_is_no_literal(model: Any, step: str) -> None:
    with pytest.raises(TypeError, match=step):
        read_discriminator(schema_of(model), "type")


@pytest.mark.parametrize("read", [read_tags, lambda schema: read_discriminator(schema, "type")], ids=["tags", "one"])
def test_a_schema_is_left_as_it_was(read: Callable[[Any], object]) -> None:
    schema = schema_of(shapes.NodeB)
    before = repr(schema)
    read(schema)
    assert repr(schema) == before
