"""Texts that match a regular expression."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastws.asyncapi.patterns import is_read_everywhere, match_pattern

PATTERNS = [
    r"^[A-Z]{3}$",
    r"^\d{4}-\d{2}$",
    r"^(a|b)+[^x]$",
    r"^\+?[1-9]\d{1,14}$",
    r"^[a-z][a-z0-9_-]{2,30}$",
    r"^(?P<scheme>https?)://\w+",
    r"^(?!-)\S+$",
    r"^[^a-z]$",
    r"^[^\d\s]$",
    r"^[\w-]+@[\w-]+\.[a-z]{2,}$",
    r"^.{5}$",
    r"^[\s]?x*?\W$",
    r"^[\d]$",
    r"^[^\x00-\x7f]+$",
    r"colou?r",
    "",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_made_matches(pattern: str) -> None:
    text = match_pattern(pattern)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(", r"^(?!.)x$", r"^(\w)\1$", r"^[^\x00-\U0010ffff]$"])
def test_where_nothing_is_found_there_is_none(pattern: str) -> None:
    assert match_pattern(pattern) is None


@pytest.mark.parametrize(("fewest", "most"), [(5, None), (0, 2), (3, 3)])
def test_the_length_is_kept(fewest: int, most: int | None) -> None:
    text = match_pattern("^[a-z]*$", fewest, most)
    assert text is not None
    assert fewest <= len(text) <= (most or len(text))


def test_what_is_not_anchored_may_go_on() -> None:
    assert match_pattern("abc", 6) == "abcxxx"


@given(st.text(alphabet="ab01[]()^$.*+?{}|\\dws-,", max_size=12))
def test_no_pattern_raises_and_what_is_made_matches(pattern: str) -> None:
    text = match_pattern(pattern)
    if text is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert re.search(pattern, text)


@pytest.mark.parametrize(
    "pattern", [r"^[A-Z]{3}-\d{2}$", r"a(?:b|c)(?=d)", r"\\A", r"\[\[:", r"\(?i\)", "é+", r"[\w.-]+@[\w.-]+"]
)
def test_most_patterns_are_read_everywhere(pattern: str) -> None:
    assert is_read_everywhere(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?i)a",
        r"^(?i)a",
        r"(?i:a)",
        r"(?P<name>a)",
        r"(?#why)a",
        r"(?>a)b",
        r"\Aa\Z",
        r"a\z",
        r"\\\Aa",
        r"\p{L}",
        r"[[:alpha:]]",
        "(",
        "a{2,1}",
    ],
)
def test_patterns_of_other_dialects_are_not(pattern: str) -> None:
    assert not is_read_everywhere(pattern)
