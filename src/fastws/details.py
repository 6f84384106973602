"""What a client is told of an error: bounded, without its input and without the text of an exception."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

# So many errors are told at most; where there are more than `_LISTED`, only how many, because pydantic makes all or none.
MOST_ERRORS: Final = 10
_LISTED: Final = 40

# The longest name and the longest text, in characters; and the deepest path to an error.
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 200
_DEEPEST: Final = 12

# Pydantic's own errors, whose texts come from templates; what stands in for a name that the client has made up.
_KNOWN: Final = frozenset(get_args(ErrorType))
_UNNAMED: Final = "?"

# What such a template may be filled with: limits and names of the schema, and lengths.  Everything else may quote the
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
        errors: As FastAPI lists them: the first two names in their paths are where a parameter stands and its own, except
            for one that the program does not know.
    """
    names = {part for error in errors if error["type"] != "extra_forbidden" for part in error["loc"][:2]}
    return _trim(errors, names)


def summarize(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return in a word what is wrong with the parameters of a connection: `query.limit: int_parsing`, say."""
    first = list_parameter_details(errors)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"


def _trim(errors: Sequence[Mapping[str, Any]], names: Container[str]) -> list[dict[str, Any]]:
    return [
        {"type": error["type"][:_LONGEST_NAME], "loc": _trim_path(error, names), "msg": _trim_text(error)}
        for error in errors[:MOST_ERRORS]
    ]


def _trim_path(error: Mapping[str, Any], names: Container[str]) -> list[str | int]:
    return [
        part if isinstance(part, int) or (part in names and len(part) <= _LONGEST_NAME) else _UNNAMED
        for part in error["loc"][:_DEEPEST]
    ]


def _trim_text(error: Mapping[str, Any]) -> str:
    kind: str = error["type"]
    # What is wrong with the JSON is told by its parser, which names a place and quotes nothing.
    if kind == "json_invalid" or (kind in _KNOWN and _HARMLESS.issuperset(error.get("ctx") or ())):
        text: str = error["msg"]
        return text[:_LONGEST_TEXT]
    return kind.replace("_", " ").capitalize()[:_LONGEST_NAME]
