"""Who claims which value of the discriminator, so that a clash is an error at the decorator."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from fastws._inspect import name_of
from fastws.errors import DuplicateTagError, InvalidDiscriminatorError
from fastws.models import Loaded
from fastws.tags import Discriminator, read_discriminator

Claims = Mapping[tuple[type, object], Any]


class TagRegister:
    """The values of the discriminator that are taken.

    Parameters:
        discriminator: The name of the field that tells the models apart.
    """

    def __init__(self, discriminator: str) -> None:
        self.discriminator = discriminator
        self._claims: dict[tuple[type, object], Any] = {}
        self._alias: tuple[str, Any] | None = None

    def check(
        self, model: Any, loaded: Loaded | None, pending: Claims, registered: Container[Any] | None = None
    ) -> Claims:
        """Return what a model claims, to be handed to :meth:`add` when it is registered.

        Parameters:
            model: The message model.
            loaded: What pydantic has built for it; `None` leaves the model to pydantic, which checks it when the table is built.
            pending: What the models claim that are about to be registered with it.
            registered: The models that have handlers, where what others claimed once is free again; `None` for all that
                were added.

        Raises:
            InvalidDiscriminatorError: The model lacks the discriminator, it is no literal, or its alias is not that
                of the models before.
            DuplicateTagError: Another model has the same value.
        """
        found = self._read(model, loaded)
        # `1` and `True` are equal in Python and two values in JSON.
        claims = {(type(value), value): model for value in (found.values if found else ())}
        for claim in claims:
            owner = pending.get(claim, self._claims.get(claim))
            if owner is not None and (registered is None or claim in pending or owner in registered):
                raise clash(model, owner, self.discriminator, claim[1])
        return claims

    def add(self, claims: Claims) -> None:
        """Note the claims of a model that was registered."""
        self._claims.update(claims)

    def _read(self, model: Any, loaded: Loaded | None) -> Discriminator | None:
        if loaded is None:
            return None
        name = self.discriminator
        remedy = f'Declare it as `{name}: Literal["..."]`, or leave `discriminator` out of the router.'
        try:
            found = read_discriminator(loaded.schema, name)
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


def clash(model: Any, owner: Any, discriminator: str, value: object) -> DuplicateTagError:
    """Return the error for two models with the same tag."""
    return DuplicateTagError(
        f"{name_of(model)} and {name_of(owner)} both claim {discriminator}={value!r}. Give each model a value of its own."
    )
