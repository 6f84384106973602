"""The public corpus of JSON that parsers disagree on: whatever it holds, fastws answers as pydantic's union does.

Every text of it stands alone, behind the tag, before it, in its place and as a key; whole, and cut off at every byte.
It is the JSONTestSuite of Nicolas Seriot, a copy of which, with its licence, lies in ``corpus/json-test-suite``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from model_sets import A_AND_B, ONE_AND_TWO, A, B, Int0, Int1, ModelSet
from oracle import Oracle, build_table, compare

from fastws._core import WINDOW

CORPUS: Final = Path(__file__).parent / "corpus" / "json-test-suite" / "test_parsing"

TEXTS: Final[dict[str, bytes]] = {
    **{path.stem: path.read_bytes() for path in sorted(CORPUS.glob("*.json"))},
    # The two that are large, and easily made.
    "n_structure_100000_opening_arrays": b"[" * 100_000,
    "n_structure_open_array_object": b'[{"":' * 50_000 + b"\n",
}

STRINGS: Final = ModelSet("strings", (A, B), A_AND_B)
INTEGERS: Final = ModelSet("integers", (Int0, Int1), ONE_AND_TWO)

SETS: Final = {
    "inferred": (STRINGS, None),
    "declared": (STRINGS, "type"),
    "integers": (INTEGERS, None),
}
PAIRS: Final = {
    name: (models, Oracle(models, field), build_table(models, field)) for name, (models, field) in SETS.items()
}


def place(text: bytes, tag: bytes) -> Iterator[bytes]:
    """Put a text of the corpus around a message's tag."""
    yield text
    yield b'{"type":%s,"x":1,"junk":%s}' % (tag, text)
    yield b'{"junk":%s,"x":1,"type":%s}' % (text, tag)
    yield b'{"type":%s,"x":1}' % text
    yield b'{%s:1,"x":1,"type":%s}' % (text, tag)


def spell(text: bytes) -> Iterator[str | bytes]:
    """Give a text in every kind that it can have."""
    yield text
    try:
        yield text.decode()
    except UnicodeDecodeError:
        # What is no UTF-8 has a `str` still, from a client that was careless.
        yield text.decode("utf-8", "surrogateescape")


def cut(text: bytes) -> Iterator[bytes]:
    """Cut a text off everywhere; a long one where the scan might notice."""
    ends = {*range(min(len(text), 600)), *range(WINDOW - 20, min(len(text), WINDOW + 20))}
    ends.update(range(max(0, len(text) - 20), len(text)))
    return (text[:end] for end in sorted(ends))


def differences(name: str, texts: Iterator[bytes]) -> list[str]:
    models, oracle, table = PAIRS[name]
    compared = ((text, compare(oracle, table, models, text)) for written in set(texts) for text in spell(written))
    return [f"{text!r:.300}: {difference}" for text, difference in compared if difference]


def tag_of(name: str) -> bytes:
    return b"1" if name == "integers" else b'"a"'


each_set = pytest.mark.parametrize("name", SETS)
each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def test_the_corpus_is_there() -> None:
    assert len(TEXTS) == 318


@each_set
@each_text
def test_whole_texts_are_answered_as_the_union_answers_them(name: str, text: bytes) -> None:
    assert differences(name, place(text, tag_of(name))) == []


@each_set
@each_text
def test_every_prefix_is_answered_as_the_union_answers_it(name: str, text: bytes) -> None:
    if len(text) > 10_000:
        text = text[: 2 * WINDOW]  # a prefix of it, and then the same again
    cuts = (part for placed in place(text, tag_of(name)) for part in cut(placed))
    assert differences(name, cuts) == []
