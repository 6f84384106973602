"""What a client is told of an error: bounded, without its input and without the text of an exception."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticKnownError

# So many errors are told at most; where there are more than `_LISTED`, only how many, because pydantic makes all or none.
MOST_ERRORS: Final = 10
_LISTED: Final = 40

# The longest name and the longest text, in characters; and the deepest path to an error.
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 200
_LONGEST_TAGS: Final = 100
_DEEPEST: Final = 12

# What stands in for a name that the client has made up.
_UNNAMED: Final = "?"

# What is told of JSON in other words than of Python objects; and what its parser tells, which quotes nothing.
_OF_JSON: Final = frozenset({
    "Input should be a valid array",
    "Input should be a valid duration",
    "Input should be an array or an object",
    "Input should be an object",
    "Input should be null",
})  # fmt: skip
_OF_PARSER: Final = re.compile(r"Invalid JSON: [^\"]{1,100} at line \d{1,9} column \d{1,9}")

# What the template of an error may be filled with: limits and names of the schema, and lengths.  Everything else may quote the
# input, or an exception.
_HARMLESS: Final = frozenset({
    "actual_length",
    "class",
    "class_name",
    "decimal_places",
    "discriminator",
    "expected",
    "expected_schemes",
    "expected_version",
    "field_type",
    "ge",
    "gt",
    "le",
    "lt",
    "max_digits",
    "max_length",
    "min_length",
    "multiple_of",
    "pattern",
    "tz_expected",
    "whole_digits",
})  # fmt: skip


def list_details(error: ValidationError, names: Container[str] = ()) -> list[dict[str, Any]]:
    """Return what a client may know of why its message is not valid.

    Parameters:
        error: What pydantic raised.
        names: The names of the schema, such as those of fields; all others in the paths to the errors are the client's.

    Returns:
        At most ten errors, each with its `type`, `loc` and `msg` as in a response of FastAPI; a single one that says how
        many there are where there are too many to look at.
    """
    count = error.error_count()
    if count > _LISTED:
        return [{"type": "too_many_errors", "loc": [], "msg": f"{count} errors"}]
    return _trim(error.errors(include_url=False, include_input=False), names)


def list_parameter_details(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a client may know of why the parameters of its connection are not valid.

    Parameters:
        errors: As FastAPI lists them: the first two names in their paths are where a parameter stands and its own; the
            latter is the client's where the program does not know it.
    """
    names = {part for error in errors for part in error["loc"][: 1 if error["type"] == "extra_forbidden" else 2]}
    return _trim(errors, names)


def summarize(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return in a word what is wrong with the parameters of a connection: `query.limit: int_parsing`, say."""
    first = list_parameter_details(errors)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"


def _trim(errors: Sequence[Mapping[str, Any]], names: Container[str]) -> list[dict[str, Any]]:
    return [
        {
            "type": (kind := error["type"][:_LONGEST_NAME]),
            "loc": _trim_path(error, names),
            "msg": _trim_text(kind, error),
        }
        for error in errors[:MOST_ERRORS]
    ]


def _trim_path(error: Mapping[str, Any], names: Container[str]) -> list[str | int]:
    return [
        part if isinstance(part, int) or (part in names and len(part) <= _LONGEST_NAME) else _UNNAMED
        for part in error["loc"][:_DEEPEST]
    ]


def _trim_text(kind: str, error: Mapping[str, Any]) -> str:
    text: str = error["msg"]
    if kind == "json_invalid":
        return text if _OF_PARSER.fullmatch(text) else _name_kind(kind)
    known = _spell(kind, error.get("ctx"))
    if known is None:
        return _name_kind(kind)
    return text if text in _OF_JSON else known


@functools.lru_cache(maxsize=256)
def _name_kind(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


def _spell(kind: str, context: Mapping[str, Any] | None) -> str | None:
    """Return the text of an error of pydantic's own; `None` for another, and for one that may quote something."""
    if context is None:
        return _spell_known(kind)
    if kind == "union_tag_invalid":
        return _spell_tags(context.get("discriminator"), context.get("expected_tags"))
    if not _HARMLESS.issuperset(context):
        return None
    try:
        return _spell_known(kind, *context.items())
    except TypeError:  # what cannot be hashed is not pydantic's
        return None


def _spell_tags(discriminator: object, tags: object) -> str | None:
    """Return which tags there are, where they are few; pydantic's own text also quotes the one that came."""
    if not isinstance(discriminator, str) or not isinstance(tags, str):
        return None
    told = tags if len(tags) <= _LONGEST_TAGS else "the expected tags"
    return f"{discriminator[:_LONGEST_NAME]} should be one of {told}"


@functools.lru_cache(maxsize=256)
def _spell_known(kind: Any, *context: tuple[str, Any]) -> str | None:
    # Not the text of the error itself: a validator of the program's own may have raised it under a name of pydantic's.
    try:
        return PydanticKnownError(kind, dict(context) or None).message()[:_LONGEST_TEXT]
    except (KeyError, TypeError):  # no kind of pydantic's, or one that carries something else
        return None
