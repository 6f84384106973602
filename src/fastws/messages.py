"""From the registered models to a dispatch table: which field is the tag, who qualifies for the fast path, the union."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, Generic, TypeVar, Union

from pydantic import VERSION, AfterValidator, BaseModel, Field, TypeAdapter
from pydantic.errors import PydanticUserError

from fastws._core import DispatchTable
from fastws._inspect import describe, is_class, name_of
from fastws.errors import DuplicateTagError, InvalidDiscriminatorError, InvalidModelError
from fastws.tags import Discriminator, IneligibleError, Tag, read_discriminator, read_tags

logger = logging.getLogger("fastws")

# Before 2.11, which of the values counts of a key that stands twice depends on how often pydantic has looked it up: a
# union may read the same message differently from its member alone, and nobody can foresee the union's answer.
CONSISTENT = tuple(int(part) for part in VERSION.split(".")[:2]) >= (2, 11)

HandlerT = TypeVar("HandlerT")


def build_adapter(model: Any) -> TypeAdapter[Any] | None:
    """Return what validates a message model, `None` where it cannot be built yet.

    Raises:
        InvalidModelError: Pydantic cannot validate such a thing.
    """
    # Pydantic takes a string for a type, and a function for something to call.
    if isinstance(model, str | BaseModel) or inspect.isroutine(model):
        raise _no_model(model)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(model)
        adapter.core_schema["type"]  # a model that is not complete has a stand-in here, which raises when looked at
    except NameError:  # `PydanticUndefinedAnnotation` is one, but pydantic 2.7 lets a plain one through
        return None
    except (PydanticUserError, TypeError) as error:
        if getattr(error, "code", None) == "class-not-fully-defined":
            return None
        raise _no_model(model) from error
    return adapter


def _no_model(model: Any) -> InvalidModelError:
    what = describe(model) if inspect.isroutine(model) else repr(model)
    return InvalidModelError(
        f"{what} is no message model: pass a pydantic model, a dataclass or a TypedDict, as in `@router.receive(Model)`."
    )


def read_schema(model: Any) -> Mapping[str, Any] | None:
    """Return the core schema of a message model, `None` where it cannot be built yet.

    Raises:
        InvalidModelError: Pydantic cannot validate such a thing.
    """
    adapter = build_adapter(model)
    return adapter and adapter.core_schema


Claims = Mapping[tuple[type, object], Any]


class TagRegister:
    """Who claims which value of the discriminator, so that a clash is an error at the decorator.

    Parameters:
        discriminator: The name of the field that tells the models apart.
    """

    def __init__(self, discriminator: str) -> None:
        self.discriminator = discriminator
        self._claims: dict[tuple[type, object], Any] = {}
        self._alias: tuple[str, Any] | None = None

    def check(
        self, model: Any, schema: Mapping[str, Any] | None, pending: Claims, registered: Container[Any] | None = None
    ) -> Claims:
        """Return what a model claims, to be handed to :meth:`add` when it is registered.

        Parameters:
            model: The message model.
            schema: Its core schema; `None` leaves the model to pydantic, which checks it when the table is built.
            pending: What the models claim that are about to be registered with it.
            registered: The models that have handlers, where what others claimed once is free again; `None` for all that
                were added.

        Raises:
            InvalidDiscriminatorError: The model lacks the discriminator, it is no literal, or its alias is not that
                of the models before.
            DuplicateTagError: Another model has the same value.
        """
        found = self._read(model, schema)
        # `1` and `True` are equal in Python and two values in JSON.
        claims = {(type(value), value): model for value in (found.values if found else ())}
        for claim in claims:
            owner = pending.get(claim, self._claims.get(claim))
            if owner is not None and (registered is None or claim in pending or owner in registered):
                raise _clash(model, owner, self.discriminator, claim[1])
        return claims

    def add(self, claims: Claims) -> None:
        """Note the claims of a model that was registered."""
        self._claims.update(claims)

    def _read(self, model: Any, schema: Mapping[str, Any] | None) -> Discriminator | None:
        if schema is None:
            return None
        name = self.discriminator
        remedy = f'Declare it as `{name}: Literal["..."]`, or leave `discriminator` out of the router.'
        try:
            found = read_discriminator(schema, name)
        except LookupError:
            raise InvalidDiscriminatorError(f"{name_of(model)} has no field {name!r}. {remedy}") from None
        except TypeError as error:
            raise InvalidDiscriminatorError(
                f"The field {name!r} of {name_of(model)} is no literal (pydantic validates it by a {error.args[0]!r} "
                f"step). {remedy}"
            ) from None
        if found is None:
            return None
        if found.alias is None:
            raise InvalidDiscriminatorError(f"The field {name!r} of {name_of(model)} has several aliases. Give it one.")
        alias, owner = self._alias = self._alias or (found.alias, model)
        if found.alias != alias:
            raise InvalidDiscriminatorError(
                f"The field {name!r} is {found.alias!r} in the JSON of {name_of(model)} and {alias!r} in that of "
                f"{name_of(owner)}. Give both the same alias."
            )
        return found


def _clash(model: Any, owner: Any, discriminator: str, value: object) -> DuplicateTagError:
    return DuplicateTagError(
        f"{name_of(model)} and {name_of(owner)} both claim {discriminator}={value!r}. Give each model a value of its own."
    )


@dataclass(frozen=True)
class Messages(Generic[HandlerT]):
    """The messages of a router, ready to be routed.

    Attributes:
        table: The dispatch table.
        handlers: The handler of each model.
        strategy: How the messages are told apart, and what keeps them from the fast path, for people.
    """

    table: DispatchTable[HandlerT]
    handlers: Mapping[Any, HandlerT]
    strategy: str


def build_messages(
    handlers: Mapping[Any, HandlerT], *, discriminator: str | None = None, fast_path: bool = True
) -> Messages[HandlerT]:
    """Build the dispatch table for message models.

    Parameters:
        handlers: The handler of each model; at least one.
        discriminator: The field that tells the models apart, `None` to infer it.
        fast_path: Whether to look for the tag in the raw text at all.

    Raises:
        InvalidModelError: A forward reference of a model is still undefined.
        pydantic.PydanticUserError: Pydantic cannot build the union.
    """
    adapters = {model: _need_adapter(model) for model in handlers}
    classes = {model: handler for model, handler in handlers.items() if makes_instances(model)}
    tags, strategy = _plan(adapters, discriminator, fast_path=fast_path)
    entries = [
        (
            value.encode() if isinstance(value, str) else b"%d" % value,
            adapters[model].validator.validate_json,
            model if makes_instances(model) else None,
            handlers[model],
        )
        for value, model in _list_owners(tags).items()
    ]
    tag = next(iter(tags.values()), None)
    union = _build_union(handlers, discriminator)
    # The tagged union looks for the name as well as for the alias, the models for the alias alone.
    tagged = _build_union(handlers, tag.name) if tag and not discriminator and tag.key == tag.name else None
    table = DispatchTable(
        union=union.validator.validate_json,
        classes=classes,
        tagged=tagged and tagged.validator.validate_json,
        key=tag.key.encode() if tag else b"",
        integer=tag is not None and tag.kind is int,
        entries=entries,
        claim=None if len(classes) == len(handlers) else _Claim(handlers, discriminator),
    )
    logger.debug("%d message models, told apart %s", len(handlers), strategy)
    return Messages(table, dict(handlers), strategy)


def _need_adapter(model: Any) -> TypeAdapter[Any]:
    adapter = build_adapter(model)
    if adapter is None:
        name = name_of(model)
        remedy = (
            f"; if it came after the model, call `{name}.model_rebuild()`" if hasattr(model, "model_rebuild") else ""
        )
        raise InvalidModelError(f"{name} refers to a type that is not defined. Define it{remedy}.")
    return adapter


def _plan(
    adapters: Mapping[Any, TypeAdapter[Any]], discriminator: str | None, *, fast_path: bool
) -> tuple[dict[Any, Tag], str]:
    """Return the tags of the models on the fast path, and in words how messages are told apart."""
    if len(adapters) == 1:
        return {}, "as the only one"
    if not fast_path:
        return {}, "by pydantic's union, because fast_path is off"
    if not CONSISTENT:
        return {}, f"by pydantic's union, because pydantic {VERSION} is older than 2.11"
    try:
        tags, left_out = _choose_tags(adapters, discriminator)
    except IneligibleError as reason:
        return {}, f"by pydantic's union, because {reason}"
    strategy = f"by the tag {next(iter(tags.values())).key!r} in the raw JSON"
    return tags, f"{strategy}; left to pydantic's union: {', '.join(left_out)}" if left_out else strategy


def _list_owners(tags: Mapping[Any, Tag]) -> dict[str | int, Any]:
    """Return the model of each value."""
    owners: dict[str | int, Any] = {}
    for model, tag in tags.items():
        for value in tag.values:
            if value in owners:
                raise _clash(model, owners[value], tag.name, value)
            owners[value] = model
    return owners


def makes_instances(model: Any) -> bool:
    """Whether the class of a validated message says which model it is; a `TypedDict` becomes a plain `dict`."""
    return is_class(model) and (issubclass(model, BaseModel) or is_dataclass(model))


def _build_union(models: Mapping[Any, object], discriminator: str | None) -> TypeAdapter[Any]:
    """Build the union of the models; of one alone, for which pydantic takes no discriminator, its own validator."""
    union: Any = Union[tuple(models)]  # noqa: UP007  (there is no other way to make one of a tuple)
    return TypeAdapter(
        Annotated[union, Field(discriminator=discriminator)] if discriminator and len(models) > 1 else union
    )


class _Claim(Generic[HandlerT]):
    """Find the member that a message belongs to whose class does not say it: a `TypedDict`, an alias of a type.

    Asks pydantic: the same union once more, whose members hand back their handlers instead of their messages.
    """

    def __init__(self, handlers: Mapping[Any, HandlerT], discriminator: str | None) -> None:
        marked = {
            model if makes_instances(model) else Annotated[model, AfterValidator(_Mark(handler))]: None
            for model, handler in handlers.items()
        }
        try:
            self._validate = _build_union(marked, discriminator).validator.validate_json
        except (PydanticUserError, TypeError) as error:
            # Pydantic puts up with two members that are equal, but then nobody can say whose the message is.
            names = ", ".join(name_of(model) for model in handlers)
            raise DuplicateTagError(
                f"Two of {names} claim the same messages ({error}). Register one of them."
            ) from None

    def __call__(self, text: str | bytes, message: object) -> HandlerT | None:  # noqa: ARG002
        try:
            mark = self._validate(text)
        except Exception as error:  # noqa: BLE001  (a validator may raise anything, also when it is run again)
            logger.debug("%s while looking for the member that matched", type(error).__name__)
            return None
        return mark.handler if isinstance(mark, _Mark) else None


class _Mark(Generic[HandlerT]):
    """Stands for whatever a member was validated to."""

    def __init__(self, handler: HandlerT) -> None:
        self.handler = handler

    def __call__(self, message: object) -> _Mark[HandlerT]:  # noqa: ARG002
        return self


def _choose_tags(
    adapters: Mapping[Any, TypeAdapter[Any]], discriminator: str | None
) -> tuple[dict[Any, Tag], list[str]]:
    """Return the tag of each model that qualifies for the fast path, and which models do not, with the reason.

    Raises:
        IneligibleError: None does; says why.
    """
    if discriminator is None:
        return _infer_tags(adapters), []
    tags: dict[Any, Tag] = {}
    left_out: list[str] = []
    for model, adapter in adapters.items():
        try:
            found = read_tags(adapter.core_schema)
        except IneligibleError as reason:
            left_out.append(f"{name_of(model)} {reason}")
            continue
        tag = found.get(discriminator)
        if tag is None:
            left_out.append(f"{name_of(model)} accepts more than the literals of {discriminator!r}")
        elif tag.key != tag.name:
            # Pydantic's tagged union looks for the name first, and only then for the alias.
            left_out.append(f"{name_of(model)} has an alias for {discriminator!r}")
        else:
            tags[model] = tag
    # The union looks the tag up by its own rules, so what it leaves out does no harm; but one kind of value only.
    kinds = {type(value) for adapter in adapters.values() for value in _iter_values(adapter, discriminator)}
    if not kinds <= {str} and not kinds <= {int}:
        raise IneligibleError(f"the values of {discriminator!r} are not all strings or all integers")
    if not tags:
        raise IneligibleError(", ".join(left_out))
    return tags, left_out


def _iter_values(adapter: TypeAdapter[Any], discriminator: str) -> Iterator[object]:
    found = read_discriminator(adapter.core_schema, discriminator)
    return iter(found.values if found else ())


def _infer_tags(adapters: Mapping[Any, TypeAdapter[Any]]) -> dict[Any, Tag]:
    """Return the tags of the one field that tells all the models apart.

    Every model has to qualify: a smart union may prefer the one that does not, for any message.
    """
    tags: dict[Any, dict[str, Tag]] = {}
    for model, adapter in adapters.items():
        try:
            tags[model] = read_tags(adapter.core_schema)
        except IneligibleError as error:
            raise IneligibleError(f"{name_of(model)} {error}") from None
        if not tags[model]:
            raise IneligibleError(f"{name_of(model)} has no literal field that could be its tag")
    reason = "no literal field is common to all models"
    for name in next(iter(tags.values())):
        chosen = {model: found[name] for model, found in tags.items() if name in found}
        if len(chosen) < len(tags):
            continue
        values = [value for tag in chosen.values() for value in tag.values]
        if len({tag.key for tag in chosen.values()}) > 1:
            reason = f"the field {name!r} has more than one alias"
        elif len({tag.kind for tag in chosen.values()}) > 1:
            reason = f"the values of {name!r} are not all strings or all integers"
        elif len(set(values)) < len(values):
            reason = f"two models share a value of {name!r}"
        else:
            return chosen
    raise IneligibleError(reason)
