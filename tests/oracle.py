"""Pydantic's union as the oracle: what it answers to a text, and how fastws differs from it.

One difference is allowed: members that a smart union would merely try do not run, so exceptions of theirs that are no
validation errors do not happen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Union, get_origin

from model_sets import ModelSet
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

from fastws import messages
from fastws._core import DispatchTable
from fastws.messages import build_messages

Text = str | bytes | bytearray


def build_union(members: tuple[Any, ...], discriminator: str | None) -> TypeAdapter[Any]:
    union: Any = Union[members]  # noqa: UP007  (there is no other way to make one of a tuple)
    return TypeAdapter(Annotated[union, Field(discriminator=discriminator)] if discriminator else union)


def makes_instances(member: Any) -> bool:
    return isinstance(member, type) and get_origin(member) is None and not is_typeddict(member)


def label(member: int, message: object) -> tuple[int, object]:
    return member, message


class Oracle:
    """Pydantic's union, and which of its members it took."""

    def __init__(self, models: ModelSet, discriminator: str | None) -> None:
        self.validate = build_union(models.members, discriminator).validate_json
        self.classes = {member: i for i, member in enumerate(models.members) if makes_instances(member)}
        labelled = tuple(
            Annotated[member, AfterValidator(partial(label, i))] for i, member in enumerate(models.members)
        )
        self.validate_labelled = build_union(labelled, discriminator).validate_json
        self.alone = [TypeAdapter(member).validate_json for member in models.members]

    def handler_of(self, text: Text, message: object) -> int | None:
        """Return the handler of the class, else that of the member that matched."""
        if type(message) in self.classes:
            return self.classes[type(message)]
        if len(self.classes) == len(self.alone):
            return None
        if not messages.CONSISTENT and isinstance(outcome(self.validate_labelled, text), Exception):
            return None  # older versions of pydantic do not even agree with themselves on a doubled key
        member: int = self.validate_labelled(text)[0]
        return None if member in self.classes.values() else member

    def accepted_by_one(self, text: Text) -> bool:
        return sum(not isinstance(outcome(validate, text), Exception) for validate in self.alone) == 1


def build_table(models: ModelSet, discriminator: str | None) -> DispatchTable[int]:
    return build_messages({member: i for i, member in enumerate(models.members)}, discriminator=discriminator).table


def outcome(function: Callable[[Any], Any], text: Text) -> Any:
    try:
        return function(text)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other side must raise it too)
        return error


def fields_set(message: object) -> set[str] | None:
    return message.model_fields_set if isinstance(message, BaseModel) else None


def same_error(expected: Exception, actual: object) -> bool:
    if type(expected) is not type(actual):
        return False
    if not isinstance(expected, ValidationError) or not isinstance(actual, ValidationError):
        return True
    wanted, found = (error.errors(include_url=False) for error in (expected, actual))
    # NaN is not equal to itself; exceptions of validators stand in the context.
    return expected.error_count() == actual.error_count() and (wanted == found or repr(wanted) == repr(found))


def compare(oracle: Oracle, table: DispatchTable[int], models: ModelSet, text: Text) -> str | None:
    """Return how fastws and the union differ on a text, `None` where they do not."""
    expected = outcome(oracle.validate, text)
    actual = outcome(table.route, text)
    if isinstance(expected, Exception):
        same = same_error(expected, actual)
        if not same and models.raises and not isinstance(expected, ValidationError):
            same = isinstance(actual, tuple) and oracle.accepted_by_one(text)
        return None if same else f"the union raises {expected!r:.300}, fastws gives {actual!r:.300}"
    if isinstance(actual, Exception):
        return f"the union gives {expected!r:.300}, fastws raises {actual!r:.300}"
    handler, message = actual
    # Equality is not enough: 1 == 1.0 == True, and NaN is not equal to itself.
    same = type(message) is type(expected) and fields_set(message) == fields_set(expected)
    if not same or repr(message) != repr(expected):
        return f"the union gives {expected!r}, fastws {message!r}"
    wanted = oracle.handler_of(text, expected)
    return (
        None if handler == wanted else f"{message!r} is of the member {wanted}, fastws takes the handler of {handler}"
    )
