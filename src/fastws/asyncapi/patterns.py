"""Regular expressions: which are read alike everywhere, and texts that match them, the shortest and the simplest."""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

# What `re` reads patterns with: not documented, and moved in Python 3.11.
_MOVED: Final = sys.version_info >= (3, 11)
constants: Any = importlib.import_module("re._constants" if _MOVED else "sre_constants")
parser: Any = importlib.import_module("re._parser" if _MOVED else "sre_parse")

# What stands for any character, and for those of a category.
_ANY: Final = "x"
_CATEGORIES: Final = {
    constants.CATEGORY_DIGIT: "0",
    constants.CATEGORY_NOT_DIGIT: "x",
    constants.CATEGORY_SPACE: " ",
    constants.CATEGORY_NOT_SPACE: "x",
    constants.CATEGORY_WORD: "x",
    constants.CATEGORY_NOT_WORD: "-",
}
_CANDIDATES: Final = "xa0A_- .:/@!" + "".join(map(chr, range(33, 127))) + "é"

# What Rust or Python have, and JavaScript has not: inline flags, comments, names in the way of Python, anchors of the whole
# text, classes of POSIX, groups that are never tried again.
_DIALECT: Final = re.compile(r"(?<!\\)(?:\\\\)*(?:\(\?(?:[a-zA-Z-]+[:)]|P|#|>)|\\[AzZ]|\[\[:)")


def is_read_everywhere(pattern: str) -> bool:
    """Whether a pattern, which pydantic reads with Rust or with Python, means the same where JSON schemas are read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the pattern may mean one day
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return _DIALECT.search(pattern) is None


def match_pattern(pattern: str, fewest: int = 0, most: int | None = None) -> str | None:
    """Return a text that a pattern matches, `None` where none is found.

    Parameters:
        pattern: As `re` reads it, anchored or not.
        fewest: How long the text is at least.
        most: How long it is at most, `None` for any length.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the pattern may mean one day
            parsed = parser.parse(pattern)
            compiled = re.compile(pattern)
        for repeats in (1, 0, max(fewest, 1)):
            text = _write(parsed, repeats)
            # What is not anchored may go on.
            for candidate in (text, text + _ANY * (fewest - len(text))):
                if compiled.search(candidate) and fewest <= len(candidate) <= (most or len(candidate)):
                    return candidate
    except (re.error, KeyError, OverflowError, RecursionError):
        pass  # a dialect of its own, or something that has no simple example
    return None


def _write(parsed: Any, repeats: int) -> str:
    """Return a text for a parsed pattern, in which what may be repeated is, so many times if it can be."""
    return "".join(_WRITERS[operator](argument, repeats) for operator, argument in parsed)


def _repeat(argument: Any, repeats: int) -> str:
    low, high, part = argument
    return _write(part, repeats) * int(min(max(low, repeats), high))


def _choose(argument: Any, _repeats: int) -> str:
    """Return a character of a set."""
    negated = argument[0][0] is constants.NEGATE
    for operator, value in argument:
        if negated or operator is constants.NEGATE:
            continue
        if operator is constants.LITERAL:
            return chr(value)
        if operator is constants.RANGE:
            return chr(value[0])
        return _CATEGORIES[value]
    return next((one for one in _CANDIDATES if not any(_holds(item, one) for item in argument[1:])), "")


def _holds(item: Any, character: str) -> bool:
    operator, value = item
    if operator is constants.LITERAL:
        return bool(ord(character) == value)
    if operator is constants.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    return _CATEGORIES[value] == character


_WRITERS: Final[Mapping[Any, Callable[[Any, int], str]]] = {
    constants.LITERAL: lambda argument, _: chr(argument),
    constants.NOT_LITERAL: lambda argument, _: next(one for one in _CANDIDATES if ord(one) != argument),
    constants.ANY: lambda _argument, _: _ANY,
    constants.AT: lambda _argument, _: "",
    constants.ASSERT: lambda _argument, _: "",
    constants.ASSERT_NOT: lambda _argument, _: "",
    constants.IN: _choose,
    constants.BRANCH: lambda argument, repeats: _write(argument[1][0], repeats),
    constants.SUBPATTERN: lambda argument, repeats: _write(argument[-1], repeats),
    constants.MAX_REPEAT: _repeat,
    constants.MIN_REPEAT: _repeat,
}
