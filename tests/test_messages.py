"""From models to a table: the tag, the reasons against it, the claims, and what is wrong at registration."""

from __future__ import annotations

import logging
import math
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

import hostile_sets as hostile
import hostile_tags as tags
import model_sets as ordinary
import pytest
import shape_sets as shapes
from model_sets import PYDANTIC, A, B, C
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import NotRequired, TypedDict

from fastws import messages
from fastws.claims import Claims, TagRegister
from fastws.errors import DuplicateTagError, InvalidDiscriminatorError, InvalidModelError
from fastws.messages import build_messages
from fastws.models import load

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _consistent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan for the fast path with older versions of pydantic too, although they are not trusted with it."""
    monkeypatch.setattr(messages, "CONSISTENT", True)


def build(*members: Any, **options: Any) -> Any:
    """Return the messages of models whose handlers are their positions."""
    return build_messages({member: i for i, member in enumerate(members)}, **options)


class Version(BaseModel):
    version: Literal[1]


class NoTag(BaseModel):
    x: int


class OtherA(BaseModel):
    type: Literal["a", "z"]


@pytest.mark.parametrize(
    ("members", "options", "strategy"),
    [
        pytest.param((A, B), {}, "by the tag 'type' in the raw JSON", id="inferred"),
        pytest.param((A, B), {"discriminator": "type"}, "by the tag 'type' in the raw JSON", id="declared"),
        pytest.param((ordinary.AliasA, ordinary.AliasB), {}, "by the tag 't' in the raw JSON", id="alias"),
        pytest.param((A, B), {"fast_path": False}, "by pydantic's union, because fast_path is off", id="off"),
        pytest.param((A,), {}, "as the only one", id="one"),
        pytest.param((A,), {"discriminator": "type"}, "as the only one", id="one, declared"),
        pytest.param((A, NoTag), {}, "because NoTag has no literal field that could be its tag", id="no literal"),
        pytest.param((A, Version), {}, "because no literal field is common to all models", id="not common"),
        pytest.param((A, OtherA), {}, "because two models share a value of 'type'", id="overlap"),
        pytest.param((A, ordinary.AliasB), {}, "because the field 'type' has more than one alias", id="aliases"),
        pytest.param(
            (A, ordinary.Int1), {}, "because the values of 'type' are not all strings or all integers", id="kinds"
        ),
        pytest.param(
            (hostile.BeforeModelA, B), {}, "because BeforeModelA is validated by a 'function-before' step", id="before"
        ),
        pytest.param((A, hostile.OwnInitA), {}, "because OwnInitA overrides __init__", id="init"),
        pytest.param((A, list[int]), {}, "because list[int] is validated by a 'list' step", id="list"),
        pytest.param(
            (hostile.WrapModelA, B),
            {"discriminator": "type"},
            "by the tag 'type' in the raw JSON; left to pydantic's union: WrapModelA is validated by a 'function-wrap' step",
            id="left out",
        ),
        pytest.param(
            (tags.MissingKindA, B),
            {"discriminator": "type"},
            "left to pydantic's union: MissingKindA accepts more than the literals of 'type'",
            id="left out for its tag",
        ),
        pytest.param(
            (hostile.OwnInitA, hostile.BeforeModelA),
            {},
            "because OwnInitA overrides __init__",
            id="the first reason",
        ),
        pytest.param(
            (A, ordinary.Int1),
            {"discriminator": "type"},
            "because the values of 'type' are not all strings or all integers",
            id="kinds, declared",
        ),
    ],
)
def test_the_strategy_says_why(members: tuple[Any, ...], options: Any, strategy: str) -> None:
    assert strategy in build(*members, **options).strategy


@pytest.mark.parametrize(
    ("members", "key", "integer"),
    [
        pytest.param((A, B), b"type", False, id="strings"),
        pytest.param((ordinary.Int0, ordinary.Int1), b"type", True, id="integers"),
        pytest.param((ordinary.AccentA, ordinary.AccentB), "größe".encode(), False, id="accents"),
        pytest.param((ordinary.VersionedA, ordinary.VersionedB), b"type", False, id="the field that differs"),
        pytest.param((A, NoTag), b"", False, id="none"),
    ],
)
def test_the_tag_that_is_inferred(members: tuple[Any, ...], key: bytes, integer: bool) -> None:
    table = build(*members).table
    assert (table.key, table.integer) == (key, integer)


def test_one_line_is_logged_when_a_table_is_built(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="fastws"):
        build(A, NoTag)
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("DEBUG", "fastws")
    assert record.getMessage() == (
        "2 message models, told apart by pydantic's union, because NoTag has no literal field that could be its tag"
    )


@pytest.mark.parametrize("discriminator", [None, "type"])
def test_without_the_fast_path_the_union_does_everything(discriminator: str | None) -> None:
    table = build(A, B, discriminator=discriminator, fast_path=False).table
    text = '{"type":"a","x":1}'
    assert (table.peek(text), table.tagged, table.route(text)) == (None, None, (0, A(type="a", x=1)))


def test_a_tag_beyond_the_window_is_found_by_the_tagged_union() -> None:
    table = build(A, B).table
    text = '{"pad":"' + "x" * 5000 + '","x":1,"type":"b"}'
    assert table.tagged is None, "it is built when it is first needed"
    assert (table.peek(text), table.route(text)[0]) == (None, 1)
    assert table.tagged is not None
    assert table.route(text)[0] == 1


def test_the_tagged_union_reads_no_other_key_than_the_models() -> None:
    # By pydantic's rules it would look for the field's name before its alias.
    text = '{"type":"b"}'
    handler, message = build(ordinary.AliasDefaultA, ordinary.AliasDefaultB).table.route(text)
    assert (handler, type(message)) == (0, ordinary.AliasDefaultA)


def test_a_declared_discriminator_is_looked_for_by_its_name_first() -> None:
    with pytest.raises(ValidationError):
        build(ordinary.AliasA, ordinary.AliasB, discriminator="type").table.route('{"type":"b","t":"a","x":1}')


def test_the_errors_are_those_of_the_declared_union() -> None:
    with pytest.raises(ValidationError) as caught:
        build(A, B).table.route('{"type":"a","x":"no"}')
    assert [error["loc"] for error in caught.value.errors()] == [("A", "x"), ("B", "type"), ("B", "x")]


class FloatDict(TypedDict):
    x: float


class IntDict(TypedDict):
    x: int


class TaggedDict(TypedDict):
    type: Literal["a"]
    x: NotRequired[float]


class Stamped(BaseModel):
    type: Literal["a"]
    id: uuid.UUID = Field(default_factory=uuid.uuid4)


@dataclass(eq=False)
class Identity(Generic[T]):
    type: Literal["a"]
    x: T


FAST = '{"type":"a","x":1}'
ESCAPED = '{"\\u0074ype":"a","x":1}'
NOT_A_NUMBER = '{"\\u0074ype":"a","x":NaN}'


@pytest.mark.parametrize(
    ("members", "text", "handler"),
    [
        pytest.param((B, TaggedDict), FAST, 1, id="typed dict, found"),
        pytest.param((B, TaggedDict), ESCAPED, 1, id="typed dict, not found"),
        pytest.param((B, TaggedDict), NOT_A_NUMBER, 1, id="typed dict, not equal to itself"),
        pytest.param((TaggedDict,), NOT_A_NUMBER, 0, id="one typed dict, not equal to itself"),
        pytest.param((FloatDict, IntDict), '{"x":1}', 1, id="typed dicts, the exact one"),
        pytest.param((FloatDict, IntDict), '{"x":1.5}', 0, id="typed dicts, the only one"),
        pytest.param((IntDict, FloatDict), '{"x":1}', 0, id="typed dicts, the first"),
        pytest.param((B, Annotated[Stamped, "note"]), FAST, 1, id="annotated, found"),
        pytest.param((B, Annotated[Stamped, "note"]), ESCAPED, 1, id="annotated, never twice the same"),
        pytest.param((B, shapes.NamedA), ESCAPED, 1, id="type alias"),
        pytest.param((B, Identity[int]), ESCAPED, 1, id="generic dataclass without __eq__"),
        pytest.param((C, shapes.TAGGED_UNION), FAST, 1, id="nested tagged union"),
        pytest.param((B, dict[str, int]), '{"z":1}', 1, id="plain dict"),
        pytest.param((hostile.OtherClassA, C), '{"type":"a","x":2}', None, id="nobody's class"),
        pytest.param((hostile.OtherClassA, B), '{"type":"a","x":2}', 1, id="another's class"),
        pytest.param((hostile.OtherClassA, B), '{"\\u0074ype":"a","x":2}', 1, id="another's class, not found"),
    ],
)
@pytest.mark.parametrize("fast_path", [True, False], ids=["fast", "slow"])
def test_whose_message_it_is(members: tuple[Any, ...], text: str, handler: int | None, fast_path: bool) -> None:
    assert build(*members, fast_path=fast_path).table.route(text)[0] == handler


def test_a_claimed_message_is_the_one_of_the_union() -> None:
    assert math.isnan(build(TaggedDict, B).table.route(NOT_A_NUMBER)[1]["x"])


@pytest.mark.parametrize(
    ("model", "words"),
    [
        pytest.param(NoTag, ["NoTag has no field 'type'", 'type: Literal["..."]'], id="no field"),
        pytest.param(tags.AliasedBareA, ["'type' of AliasedBareA is no literal", "'enum'", "Literal"], id="enum"),
        pytest.param(tags.BeforeTagA, ["BeforeTagA", "'function-before'", "Literal"], id="before"),
        pytest.param(ordinary.ChoicesA, ["'type' of ChoicesA has several aliases", "Give it one"], id="choices"),
        pytest.param(ordinary.AliasB, ["'t' in the JSON of AliasB", "'type' in that of A", "same alias"], id="alias"),
    ],
)
def test_a_model_without_the_discriminator(model: Any, words: list[str]) -> None:
    register = TagRegister("type")
    register.add(register.check({A: load(A)}, ()))
    with pytest.raises(InvalidDiscriminatorError) as caught:
        register.check({model: load(model)}, {A})
    assert [word for word in words if word not in str(caught.value)] == []
    assert (caught.value.code, isinstance(caught.value, ValueError)) == ("invalid-discriminator", True)


@pytest.mark.parametrize(
    "model", [OtherA, ordinary.StrEnumA, hostile.BeforeModelA, shapes.DictA], ids=lambda model: model.__name__
)
def test_two_models_with_one_value(model: Any) -> None:
    register = TagRegister("type")
    register.add(register.check({A: load(A)}, ()))
    with pytest.raises(
        DuplicateTagError, match=rf"^{model.__name__} and A both claim type='a'\. Give each model"
    ) as caught:
        register.check({model: load(model)}, {A})
    assert caught.value.code == "duplicate-tag"


def test_two_models_with_one_value_registered_together() -> None:
    register = TagRegister("type")
    with pytest.raises(DuplicateTagError, match="OtherA and A both claim type='a'"):
        register.check({A: load(A), OtherA: load(OtherA)}, ())


def test_one_and_true_are_two_values() -> None:
    register = TagRegister("type")
    register.add(register.check({tags.IntegerOne: load(tags.IntegerOne)}, ()))
    claims = register.check({tags.TrueOne: load(tags.TrueOne)}, {tags.IntegerOne})
    assert claims.owners == {(bool, True): tags.TrueOne}


def test_what_is_only_checked_is_not_claimed() -> None:
    register = TagRegister("type")
    first = register.check({A: load(A)}, ())
    assert register.check({A: load(A)}, ()) == first


@pytest.mark.parametrize("model", [shapes.TAGGED_UNION, None], ids=["nested union", "None"])
def test_what_only_pydantic_knows_is_not_claimed(model: Any) -> None:
    assert TagRegister("type").check({model: load(model)}, ()) == Claims()


class Plain:
    pass


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("A", id="a name"),
        pytest.param(print, id="a function"),
        pytest.param(lambda message: None, id="a lambda"),
        pytest.param(Plain, id="a class"),
        pytest.param(Plain(), id="an object"),
        pytest.param(1, id="a number"),
    ],
)
def test_what_is_no_message_model(model: Any) -> None:
    with pytest.raises(InvalidModelError, match="is no message model: pass a pydantic model") as caught:
        load(model)
    assert (caught.value.code, isinstance(caught.value, TypeError)) == ("invalid-model", True)


class Later(BaseModel):
    type: Literal["later"]
    item: Unheard  # type: ignore[name-defined]  # noqa: F821


class LaterDict(TypedDict):
    type: Literal["later"]
    item: Unheard  # type: ignore[name-defined]  # noqa: F821


@dataclass
class LaterData:
    type: Literal["later"]
    item: Unheard  # type: ignore[name-defined]  # noqa: F821


class LaterDeferred(Later):
    model_config = ConfigDict(defer_build=True)


UNDEFINED = [Later, LaterDict, LaterData, LaterDeferred]


@pytest.mark.parametrize("model", UNDEFINED, ids=lambda model: model.__name__)
def test_a_model_that_is_not_complete_is_checked_later(model: Any) -> None:
    assert (load(model), TagRegister("type").check({model: load(model)}, ())) == (None, Claims())


@pytest.mark.parametrize("model", UNDEFINED, ids=lambda model: model.__name__)
def test_a_table_is_not_built_of_what_is_not_complete(model: Any) -> None:
    with pytest.raises(InvalidModelError, match=f"{model.__name__} refers to a type that is not defined"):
        build(A, model)


def test_a_model_that_was_completed_takes_the_fast_path() -> None:
    class Item(BaseModel):
        x: int

    class Waiting(BaseModel):
        type: Literal["waiting"]
        item: Missing  # type: ignore[name-defined]  # noqa: F821

    assert load(Waiting) is None
    Waiting.model_rebuild(_types_namespace={"Missing": Item})
    assert build(A, Waiting).table.peek('{"type":"waiting"}') == 1


def test_two_completed_models_with_one_value_are_named_when_the_table_is_built() -> None:
    # Neither was complete at its decorator; pydantic takes an enum and a string for two values.
    with pytest.raises(ValueError, match=r"(?=.*\bA\b)(?=.*PlainKindA).*'a'"):
        build(A, tags.PlainKindA, discriminator="type")


def test_one_schema_under_two_names_is_an_error() -> None:
    # Pydantic lets it pass, because both members have the same schema.
    with pytest.raises(ValueError, match=r"(?=.*\bA\b).*'a'"):
        build(A, Annotated[A, "again"], B, discriminator="type")


@pytest.mark.parametrize("model", [A, shapes.DictA, shapes.DataA, shapes.NotedB, shapes.DeferredA], ids=str)
def test_a_model_is_loaded(model: Any) -> None:
    loaded = load(model)
    assert loaded is not None
    # Before 2.10 there are functions in it that are made anew each time.
    assert PYDANTIC < (2, 10) or loaded.schema == TypeAdapter(model).core_schema
    text = '{"type":"b","x":1}' if model is shapes.NotedB else '{"type":"a","x":1}'
    assert loaded.validate(text) == TypeAdapter(model).validate_json(text)


def test_a_pydantic_that_reads_doubled_keys_in_two_ways_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "CONSISTENT", False)
    found = build(A, B)
    assert found.table.peek('{"type":"a","x":1}') is None
    assert found.table.tagged is None
    assert found.strategy.endswith("is older than 2.11")


def test_a_member_that_is_part_of_another_is_an_error() -> None:
    nested = Annotated[Annotated[A, "note"] | C, Field(discriminator="type")]
    with pytest.raises(DuplicateTagError, match=r"Two of .*A, B claim the same messages.*Register one"):
        build(nested, A, B, discriminator="type")


def test_whatever_is_no_class_of_its_own_is_asked_for() -> None:
    found = build(A, Any)
    assert found.table.route('{"type":"a","x":1}') == (0, A(type="a", x=1))
    assert found.table.route("[1]") == (1, [1])
