"""The exceptions: all of one kind, and each with a code that programs can rely on."""

from __future__ import annotations

from fastws import errors
from fastws.errors import FastWSError


def test_every_error_is_one_of_ours_and_has_a_code_of_its_own() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert FastWSError in found
    assert [one for one in found if not issubclass(one, FastWSError)] == []
    codes = [vars(one).get("code") for one in found if issubclass(one, FastWSError)]
    assert None not in codes
    assert len({*codes}) == len(codes)
