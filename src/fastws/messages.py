"""From the registered models to a dispatch table: which field is the tag, who qualifies for the fast path, the union."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar, Union

from pydantic import VERSION, AfterValidator, Field, TypeAdapter
from pydantic.errors import PydanticUserError

from fastws._core import DispatchTable
from fastws._inspect import name_of
from fastws.claims import clash
from fastws.errors import DuplicateTagError
from fastws.models import Loaded, collect_names, load_complete, makes_instances
from fastws.tags import IneligibleError, Tag, read_discriminator, read_tags

logger = logging.getLogger("fastws")

# Before 2.11, which of the values counts of a key that stands twice depends on how often pydantic has looked it up: a
# union may read the same message differently from its member alone, and nobody can foresee the union's answer.
CONSISTENT: Final = tuple(int(part) for part in VERSION.split(".")[:2]) >= (2, 11)

HandlerT = TypeVar("HandlerT")


@dataclass(frozen=True)
class Messages(Generic[HandlerT]):
    """The messages of a router, ready to be routed.

    Attributes:
        table: The dispatch table.
        handlers: The handler of each model.
        strategy: How the messages are told apart, and what keeps them from the fast path, for people.
        models: What pydantic has built for each model.
    """

    table: DispatchTable[HandlerT]
    handlers: Mapping[Any, HandlerT]
    strategy: str
    models: Mapping[Any, Loaded]

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The names of fields, tags and models, which may be told to a client."""
        return frozenset().union(*(collect_names(loaded.schema) for loaded in self.models.values()))


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
    models = {model: load_complete(model) for model in handlers}
    classes = {model: handler for model, handler in handlers.items() if makes_instances(model)}
    tags, strategy = _plan(models, discriminator, fast_path=fast_path)
    entries = [
        (
            value.encode() if isinstance(value, str) else b"%d" % value,
            models[model].validate,
            model if model in classes else None,
            handlers[model],
        )
        for value, model in _list_owners(tags).items()
    ]
    tag = next(iter(tags.values()), None)
    # The tagged union looks for the name as well as for the alias, the models for the alias alone.
    inferred = tag.name if tag and not discriminator and tag.key == tag.name else None
    table = DispatchTable(
        union=_build_union(handlers, discriminator),
        classes=classes,
        make_tagged=(lambda: _build_union(handlers, inferred)) if inferred else None,
        key=tag.key.encode() if tag else b"",
        integer=tag is not None and tag.kind is int,
        entries=entries,
        claim=None if len(classes) == len(handlers) else _Claim(handlers, discriminator),
    )
    logger.debug("%d message models, told apart %.500s", len(handlers), strategy)
    return Messages(table, dict(handlers), strategy, models)


def _plan(models: Mapping[Any, Loaded], discriminator: str | None, *, fast_path: bool) -> tuple[dict[Any, Tag], str]:
    """Return the tags of the models on the fast path, and in words how messages are told apart."""
    if len(models) == 1:
        return {}, "as the only one"
    if not fast_path:
        return {}, "by pydantic's union, because fast_path is off"
    if not CONSISTENT:
        return {}, f"by pydantic's union, because pydantic {VERSION} is older than 2.11"
    try:
        tags, left_out = _choose_tags(models, discriminator)
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
                raise clash(model, owners[value], tag.name, value)
            owners[value] = model
    return owners


def _build_union(models: Mapping[Any, object], discriminator: str | None) -> Callable[[str | bytes], Any]:
    """Build the union of the models; of one alone, for which pydantic takes no discriminator, its own validator."""
    union: Any = Union[tuple(models)]  # noqa: UP007  (there is no other way to make one of a tuple)
    if discriminator and len(models) > 1:
        union = Annotated[union, Field(discriminator=discriminator)]
    adapter: TypeAdapter[Any] = TypeAdapter(union)
    return adapter.validator.validate_json


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
            self._validate = _build_union(marked, discriminator)
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


def _choose_tags(models: Mapping[Any, Loaded], discriminator: str | None) -> tuple[dict[Any, Tag], list[str]]:
    """Return the tag of each model that qualifies for the fast path, and which models do not, with the reason.

    Raises:
        IneligibleError: None does; says why.
    """
    if discriminator is None:
        return _infer_tags(models), []
    tags: dict[Any, Tag] = {}
    left_out: list[str] = []
    kinds: set[type] = set()
    for model, loaded in models.items():
        try:
            tag = read_tags(loaded.schema, [discriminator]).get(discriminator)
            if tag is None:
                raise IneligibleError(f"accepts more than the literals of {discriminator!r}")
            kinds.add(tag.kind)
            if tag.key != tag.name:
                # Pydantic's tagged union looks for the name first, and only then for the alias.
                raise IneligibleError(f"has an alias for {discriminator!r}")
            tags[model] = tag
        except IneligibleError as reason:
            left_out.append(f"{name_of(model)} {reason}")
            found = read_discriminator(loaded.schema, discriminator)
            kinds.update(type(value) for value in (found.values if found else ()))
    # The union looks the tag up by its own rules, so what it leaves out does no harm; but one kind of value only.
    if not kinds <= {str} and not kinds <= {int}:
        raise IneligibleError(f"the values of {discriminator!r} are not all strings or all integers")
    if not tags:
        raise IneligibleError(", ".join(left_out))
    return tags, left_out


def _infer_tags(models: Mapping[Any, Loaded]) -> dict[Any, Tag]:
    """Return the tags of the one field that tells all the models apart.

    Every model has to qualify: a smart union may prefer the one that does not, for any message.
    """
    tags: dict[Any, dict[str, Tag]] = {}
    common: Collection[str] | None = None
    for model, loaded in models.items():
        try:
            tags[model] = read_tags(loaded.schema, common)
            if not tags[model] and not read_tags(loaded.schema):
                raise IneligibleError("has no literal field that could be its tag")
        except IneligibleError as error:
            raise IneligibleError(f"{name_of(model)} {error}") from None
        common = tags[model].keys()
    reason = "no literal field is common to all models"
    for name in common or ():
        chosen = {model: found[name] for model, found in tags.items()}
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
