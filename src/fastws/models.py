"""A message model as pydantic sees it: what it accepts, and what validates it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError

from fastws._inspect import describe, is_class, name_of, split_union
from fastws.errors import InvalidModelError


@dataclass(frozen=True)
class Loaded:
    """What pydantic has built for a model.

    Attributes:
        schema: The core schema of the model.
        validate: The bound `validate_json` of its own `SchemaValidator`.
    """

    schema: Mapping[str, Any]
    validate: Callable[[str | bytes], Any]


def load(model: Any) -> Loaded | None:
    """Return what pydantic has built for a message model, `None` where it cannot be built yet.

    Raises:
        InvalidModelError: Pydantic cannot validate such a thing.
    """
    if is_class(model) and issubclass(model, BaseModel) and model.__pydantic_complete__:
        # What a `TypeAdapter` would look up too, at ten times the cost.
        return Loaded(model.__pydantic_core_schema__, model.__pydantic_validator__.validate_json)
    # Pydantic takes a string for a type, and a function for something to call.
    if isinstance(model, str | BaseModel) or inspect.isroutine(model):
        raise _no_model(model)
    try:
        adapter = adapt(model)
    except (PydanticUserError, TypeError) as error:
        raise _no_model(model) from error
    return None if adapter is None else Loaded(adapter.core_schema, adapter.validator.validate_json)


def adapt(type_: Any) -> TypeAdapter[Any] | None:
    """Return what validates and serialises the values of a type, `None` where it refers to one that is not defined yet.

    Raises:
        PydanticUserError, TypeError: Pydantic knows no such type.
    """
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(type_)
        adapter.core_schema["type"]  # a model that is not complete has a stand-in here, which raises when looked at
    except NameError:  # `PydanticUndefinedAnnotation` is one, but pydantic 2.7 lets a plain one through
        return None
    except PydanticUserError as error:
        if error.code == "class-not-fully-defined":
            return None
        raise
    return adapter


def load_members(model: Any) -> dict[Any, Loaded | None]:
    """Return what pydantic has built for a model, or for each member of a union.

    Raises:
        InvalidModelError: Pydantic cannot validate one of them.
    """
    return {member: load(member) for member in split_union(model)}


def load_complete(model: Any) -> Loaded:
    """Return what pydantic has built for a message model.

    Raises:
        InvalidModelError: A forward reference of the model is still undefined.
    """
    loaded = load(model)
    if loaded is None:
        name = name_of(model)
        remedy = (
            f"; if it came after the model, call `{name}.model_rebuild()`" if hasattr(model, "model_rebuild") else ""
        )
        raise InvalidModelError(f"{name} refers to a type that is not defined. Define it{remedy}.")
    return loaded


def _no_model(model: Any) -> InvalidModelError:
    what = describe(model) if inspect.isroutine(model) else repr(model)
    return InvalidModelError(
        f"{what} is no message model: pass a pydantic model, a dataclass or a TypedDict, as in `@router.receive(Model)`."
    )


def makes_instances(model: Any) -> bool:
    """Whether the class of a validated message says which model it is; a `TypedDict` becomes a plain `dict`."""
    return is_class(model) and (issubclass(model, BaseModel) or is_dataclass(model))


# What of a core schema does not describe a message: values and functions of the program's own.
_OPAQUE: Final = frozenset(
    {"config", "default", "default_factory", "function", "metadata", "ref", "schema_ref", "serialization"}
)


def collect_names(schema: object) -> set[str]:
    """Return the names that a core schema gives to what it describes: fields, aliases, tags, classes and kinds of values.

    They are all that can stand in the path to an error and is not the message's own.
    """
    names: set[str] = set()
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, Mapping):
            names.update(key for key in part if isinstance(key, str))
            pending += [value for key, value in part.items() if key not in _OPAQUE]
        elif isinstance(part, list | tuple):
            pending += part
        elif isinstance(part, str):
            names.add(part)
        elif is_class(part):
            names.add(str(getattr(part, "__name__", "")))
    return names
