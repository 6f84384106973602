"""Who claims which value of the discriminator, so that a clash is an error at the decorator."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from fastws._inspect import name_of
from fastws.errors import DuplicateTagError, InvalidDiscriminatorError
from fastws.models import Loaded
from fastws.tags import Discriminator, read_discriminator


@dataclass(frozen=True)
class Claims:
    """What models claim of the discriminator.

    Attributes:
        owners: The model of each value. The value stands behind its type, because `1` and `True` are equal in Python and
            two values in JSON.
        aliases: The key in the JSON of each model.
    """

    owners: dict[tuple[type, object], Any] = field(default_factory=dict)
    aliases: dict[Any, str] = field(default_factory=dict)


class TagRegister:
    """The values of the discriminator that are taken.

    Parameters:
        discriminator: The name of the field that tells the models apart.

    Raises:
        InvalidDiscriminatorError: It is no name.
    """

    def __init__(self, discriminator: str) -> None:
        if not isinstance(discriminator, str) or not discriminator:
            raise InvalidDiscriminatorError(f"discriminator is the name of a field, not {discriminator!r}.")
        self.discriminator = discriminator
        self._claims = Claims()

    def check(self, members: Mapping[Any, Loaded | None], registered: Container[Any]) -> Claims:
        """Return what models claim, to be handed to :meth:`add` when they are registered.

        Parameters:
            members: The message models, with what pydantic has built for them; `None` leaves one to pydantic, which
                checks it when the table is built.
            registered: The models that have handlers; what others claimed once is free again.

        Raises:
            InvalidDiscriminatorError: A model lacks the discriminator, it is no literal, or its alias is not that of
                the models before.
            DuplicateTagError: Two models have the same value.
        """
        claims = Claims()
        for model, loaded in members.items():
            found = None if loaded is None else self._read(model, loaded)
            if found is not None:
                self._claim_alias(model, found, claims, registered)
                self._claim_values(model, found, claims, registered)
        return claims

    def add(self, claims: Claims) -> None:
        """Note the claims of models that were registered."""
        self._claims.owners.update(claims.owners)
        self._claims.aliases.update(claims.aliases)

    def _read(self, model: Any, loaded: Loaded) -> Discriminator | None:
        name = self.discriminator
        remedy = f'Declare it as `{name}: Literal["..."]`, or leave `discriminator` out of the router.'
        try:
            return read_discriminator(loaded.schema, name)
        except LookupError:
            raise InvalidDiscriminatorError(f"{name_of(model)} has no field {name!r}. {remedy}") from None
        except TypeError as error:
            raise InvalidDiscriminatorError(
                f"The field {name!r} of {name_of(model)} is no literal (pydantic validates it by a {error.args[0]!r} "
                f"step). {remedy}"
            ) from None

    def _claim_alias(self, model: Any, found: Discriminator, claims: Claims, registered: Container[Any]) -> None:
        name = self.discriminator
        if found.alias is None:
            raise InvalidDiscriminatorError(f"The field {name!r} of {name_of(model)} has several aliases. Give it one.")
        held = ((owner, alias) for owner, alias in self._claims.aliases.items() if owner in registered)
        # They all have the same, so that the first is enough to look at.
        owner, alias = next(chain(held, claims.aliases.items()), (model, found.alias))
        if found.alias != alias:
            raise InvalidDiscriminatorError(
                f"The field {name!r} is {found.alias!r} in the JSON of {name_of(model)} and {alias!r} in that of "
                f"{name_of(owner)}. Give both the same alias."
            )
        claims.aliases[model] = found.alias

    def _claim_values(self, model: Any, found: Discriminator, claims: Claims, registered: Container[Any]) -> None:
        for value in found.values:
            claim = (type(value), value)
            held = self._claims.owners.get(claim)
            owner = claims.owners.setdefault(claim, held if held is not None and held in registered else model)
            if owner is not model:
                raise clash(model, owner, self.discriminator, value)


def clash(model: Any, owner: Any, discriminator: str, value: object) -> DuplicateTagError:
    """Return the error for two models with the same tag."""
    return DuplicateTagError(
        f"{name_of(model)} and {name_of(owner)} both claim {discriminator}={value!r}. Give each model a value of its own."
    )
