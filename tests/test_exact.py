"""JSON is read as pydantic reads it, with orjson or without it: the same value to the last bit, or neither reads it.

A quarter of ``FASTWS_FUZZ`` is the number of mutated texts (30,000 by default), ``FASTWS_SEED`` the seed, which every
failure prints.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_sets import READS_ESCAPES
from pydantic_core import from_json
from test_corpus import TEXTS

from fastws import _exact
from fastws._exact import load_json

pytestmark = pytest.mark.skipif(not READS_ESCAPES, reason="pydantic before 2.7.3 reads escapes wrongly")

TESTS: Final = Path(__file__).parent
MUTATIONS: Final = int(os.environ.get("FASTWS_FUZZ", "120000")) // 4
SEED: Final = os.environ.get("FASTWS_SEED", "0")


def read(text: str) -> str:
    """Return what we make of a text, so that `1`, `1.0` and `True` differ, and `NaN` is like `NaN`."""
    try:
        return repr(load_json(text))
    except ValueError:
        return "no JSON"


def expect(text: str) -> str:
    """Return what pydantic makes of it; what has no UTF-8 is no text to it."""
    try:
        return repr(from_json(text))
    except (ValueError, TypeError):
        return "no JSON"


def decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "surrogateescape")


CORPUS: Final = {name: decode(text) for name, text in TEXTS.items()}


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
def test_the_corpus_is_read_as_pydantic_reads_it(text: str) -> None:
    around = [text, f'{{"uuid":1,"payload":{text}}}', f'[{text},"{text}"]', f'{{{text}:"\\\\","":"{text}\\\\"}}']
    assert [read(each) for each in around] == [expect(each) for each in around]


def nest(depth: int, opening: str, closing: str, inner: str = "") -> str:
    return opening * depth + inner + closing * depth


NUMBERS: Final = [
    *("0", "-0", "-0.0", "0e0", "-0e-0", "00", "01", "+1", "-", "1.", ".5", "1e", "1e+", "0x10", "1_0", "--1"),
    *("123456789012345678", "-123456789012345678", "1234567890123456789", "-1234567890123456789"),
    *(str(2**63 + offset) for offset in (-1, 0, 1)),
    *(str(-(2**63) + offset) for offset in (-1, 0, 1)),
    *(str(2**64 + offset) for offset in (-1, 0, 1)),
    *("9" * 18, "9" * 19, "9" * 20, "1" + "0" * 18, "1" + "0" * 19, "0" * 19, "-" + "9" * 20),
    *("1" * 4300, "1" * 4301, "-" + "1" * 4300, "-" + "1" * 4301, "1" * 5000, "1" * 5000 + ".5", "0." + "1" * 5000),
    # As many digits, in pieces.
    *("123456789.012345678", "123456789012345678.9", "1.234567890123456789", "1e0000000000000000001"),
    *("123456789012345678e1", "123456789012345678e-9", "1234567890.1234567890e12", "1e0123456789012345678"),
    *("9007199254740993", "9007199254740993.0", "9007199254740992.99999999999999999"),
    *("1e400", "-1e400", "1e-400", "-1e-400", "1e99999999999999999999", "1e-99999999999999999999", "1E5", "1.0e+05"),
    *("1.7976931348623157e308", "1.7976931348623159e308", "2.2250738585072011e-308", "5e-324", "2e-324", "3e-324"),
    *("0.1", "0.30000000000000004", "7.2057594037927933e16", "6.5e-1", "100000000000000016777215"),
    *("NaN", "-NaN", "nan", "Infinity", "-Infinity", "+Infinity", "Inf", "inf", "NaNN", "Infinit"),
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:24] + f" ({len(number)})" * (len(number) > 24))
def test_numbers_are_read_as_pydantic_reads_them(number: str) -> None:
    around = [
        number,
        f"[{number}]",
        f'{{"a":{number},"b":[-{number}]}}',
        f' {number} ,"',
        f'"{number}"',
        f'["\\"",{number}]',
    ]
    assert [read(text) for text in around] == [expect(text) for text in around]


SHAPES: Final = {
    "arrays": ("[", "]", ""),
    "arrays of one": ("[", "]", "1"),
    "objects": ('{"a":', "}", "1"),
    "both": ('[{"a":', "}]", "[]"),
    "behind another": ('[[],{"a":[]},', "]", "{}"),
    "brackets in strings": ('["]]}}",', "]", '"[[[{{{"'),
    "escaped quotes": ('["\\"]",', "]", '"\\\\"'),
    "objects at the end": ('{"[":"{","a":', "}", "{}"),
}


@pytest.mark.parametrize("depth", [99, 100, 101, 198, 199, 200, 201, 202, 203, 255, 256, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize(("opening", "closing", "inner"), SHAPES.values(), ids=SHAPES.keys())
def test_what_is_nested_is_read_as_deep_as_pydantic_reads_it(
    opening: str, closing: str, inner: str, depth: int
) -> None:
    text = nest(depth, opening, closing, inner)
    around = [text, f'{{"payload":{text}}}', f"[{text},{text}]", text[:-1], text + closing[-1]]
    assert [read(each) for each in around] == [expect(each) for each in around]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # Orjson makes a float of the first, and reads five times as deep as the second.
        pytest.param("[18446744073709551616]", [2**64], id="an integer beyond 64 bits"),
        pytest.param('["[",' * 201 + "]" * 201, "no JSON", id="too deep"),
        pytest.param("[" * 500 + "]" * 500, "no JSON", id="much too deep"),
        pytest.param('["' + "[" * 500 + '"]', ["[" * 500], id="brackets in a string"),
        pytest.param('["' + "1" * 500 + '"]', ["1" * 500], id="digits in a string"),
        pytest.param("[" + "[]," * 500 + "1]", [[]] * 500 + [1], id="one after another"),
        pytest.param("1e400", float("inf"), id="beyond the floats"),
    ],
)
def test_what_orjson_reads_in_another_way(text: str, value: object) -> None:
    assert read(text) == (value if value == "no JSON" else repr(value))


STRINGS: Final = {
    "escape at the end": '"\\\\"',
    "escapes at the end": '"a\\\\\\\\"',
    "quote at the end": '"\\""',
    "quotes at the end": '["\\"\\"","\\\\\\""]',
    "open escape": '"\\',
    "open escaped quote": '"\\"',
    "open behind an escape": '"\\\\',
    "open": '"a',
    "quote alone": '"',
    "NUL": '"\x00"',
    "escaped NUL": '"\\u0000"',
    "control character": '"\x1f"',
    "DEL": '"\x7f"',
    "tab": '"\t"',
    "every escape": '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u0041"',
    "no escape": '"\\x41"',
    "short escape": '"\\u12"',
    "escape in capitals": '"\\U0041"',
    "pair": '"\\ud83d\\ude00"',
    "pair in capitals": '"\\uD83D\\uDE00"',
    "first half": '"\\ud83d"',
    "second half": '"\\ude00"',
    "halves in the wrong order": '"\\ude00\\ud83d"',
    "two first halves": '"\\ud83d\\ud83d\\ude00"',
    "half and a letter": '"\\ud83da"',
    "half and an escape": '"\\ud83d\\n"',
    "half as a key": '{"\\ud83d":1}',
    "raw half": '"\ud83d"',
    "raw half as a key": '{"\ude00":1}',
    "raw half outside": "[1]\ud83d",
    "raw half and an escaped one": '"\ud83d\\ude00"',
    "beyond 16 bits": '"\U0001f600"',
    "Latin-1": '"é"',
    "Greek": '"λ"',
    "key that stands twice": '{"a":1,"b":2,"a":3}',
    "key that stands twice, escaped": '{"a":1,"\\u0061":[2]}',
    "empty key": '{"":1}',
    "long key": '{"' + "k" * 100 + '":"' + "v" * 100 + '"}',
    "line separators": '"\u2028\u2029"',
    "not a character": '"\uffff\ufdd0"',
}
TEXTS_ALONE: Final = {
    "empty": "",
    "space": " ",
    "spaces": " \t\r\n",
    "spaces around": " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 ] \t\r\n",
    "vertical tab": "\x0b1",
    "form feed": "1\x0c",
    "no-break space": "\xa01",
    "BOM": "\ufeff1",
    "BOM alone": "\ufeff",
    "BOM behind": "[1]\ufeff",
    "NUL": "\x00",
    "NUL behind": "1\x00",
    "comment": "[1/**/]",
    "trailing comma": "[1,]",
    "trailing comma in an object": '{"a":1,}',
    "leading comma": "[,1]",
    "two texts": "1 2",
    "two objects": "{}{}",
    "closing bracket": "]",
    "closing brackets, then opening": "]]]" + "[" * 250 + "]" * 250,
    "brackets that do not match": "[}",
    "true": "true",
    "True": "True",
    "null": "null",
    "none": "None",
    "nul": "nul",
    "single quotes": "['a']",
    "key without quotes": "{a:1}",
    "key that is none": "{1:1}",
    "no colon": '{"a" 1}',
    "no value": '{"a":}',
    "everything": '{"a":[1,-2.5e3,true,false,null,"é\\n",{},[],{"b":{}}],"c":NaN}',
}


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_strings_are_read_as_pydantic_reads_them(text: str) -> None:
    around = [
        text,
        f"[{text}]",
        f'[{text},"{{"]',
        f'{{"a":[{text},1],"b":{text}}}',
        f"{text}{text}",
        f"{text}]",
        text[:-1],
    ]
    # Behind so many characters, the search for the next quote goes by sixteen or 64 bytes.
    around += [f'["{"x" * size}",{text},"{"[" * 250}"]' for size in range(0, 80, 7)]
    assert [read(each) for each in around] == [expect(each) for each in around]


@pytest.mark.parametrize("text", TEXTS_ALONE.values(), ids=TEXTS_ALONE.keys())
def test_odd_texts_are_read_as_pydantic_reads_them(text: str) -> None:
    assert read(text) == expect(text)


@pytest.mark.parametrize("text", ["[1]", "[" + "1" * 30 + "]"], ids=["orjson", "pydantic"])
def test_a_subclass_of_a_text(text: str) -> None:
    class Text(str):
        __slots__ = ()

    assert load_json(Text(text)) == json.loads(text)


@pytest.mark.parametrize("text", [b"1", bytearray(b"1"), None, 1, ["1"]], ids=type)
def test_what_is_no_text_is_an_error(text: Any) -> None:
    with pytest.raises(TypeError):
        load_json(text)


words = st.text('[]{}":,\\0123456789.eE+-ntu fals\x00é\ud83d\ude00NaInity', max_size=80)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.integers(-(10**25), 10**25),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(words)
def test_any_text(text: str) -> None:
    assert read(text) == expect(text)


@settings(max_examples=200, deadline=None)
@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_any_value(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read(text) == expect(text)


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 40))
def test_any_float(number: float, digits: int) -> None:
    texts = [repr(number), f"{number:.{digits}e}", f"{number:.{digits}g}", f"{number:.{digits}f}"]
    assert [read(text) for text in texts] == [expect(text) for text in texts]


PIECES: Final = (
    *('"', '\\"', "\\\\", "\\", "[", "]", "{", "}", '{"a":', '[{"":', ",", ":", " ", "\n", "\x00", "\ufeff", "é", "😀"),
    *("1" * 17, "9" * 18, "9" * 19, "0", ".", "e", "E-", "-", "NaN", "-Infinity", "null", "true", "1e400", "\ud800"),
    *("\\ud800", "\\udc00", "\\u0061", '"a":1', "[" * 199, "]" * 199, "[" * 200, "]" * 200, "1" * 4299, "x" * 70),
)


class Mutator:
    """Makes texts out of those of the corpus and others.

    Parameters:
        random: Where chance comes from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        alone = [text for text in (*CORPUS.values(), *STRINGS.values(), *TEXTS_ALONE.values()) if len(text) < 2000]
        valid = [text for text in (*alone, *NUMBERS) if expect(text) != "no JSON"]
        self.texts = [*alone, *valid * 8, *(nest(size, "[", "]") for size in (199, 200, 201))]

    def make(self) -> str:
        text = self.random.choice(self.texts)
        for _ in range(self.random.randrange(1, 5)):
            place = self.random.randrange(len(text) + 1)
            before, after = text[:place], text[place:]
            chance = self.random.random()
            if chance < 0.1:
                text = before + self.random.choice(PIECES) + after
            elif chance < 0.15:
                text = before + after[self.random.randrange(1, 4) :]
            elif chance < 0.5:
                text = f"[{text},{self.random.choice(self.texts)}]"
            elif chance < 0.7:
                text = f'{{"a":{text},"b":"{self.random.choice(PIECES)}"}}'
            elif chance < 0.95:
                text = text.replace(self.random.choice("019ab"), self.random.choice(PIECES), 1)
            else:
                text = before
        return text


def test_mutated_texts() -> None:
    mutator = Mutator(Random(f"{SEED} texts"))
    for i in range(MUTATIONS):
        text = mutator.make()
        assert read(text) == expect(text), f"FASTWS_SEED={SEED}, text {i}: {text!r}"


def test_some_mutated_texts_are_json() -> None:
    mutator = Mutator(Random(0))
    found = [expect(mutator.make()) for _ in range(1000)]
    assert 100 < found.count("no JSON") < 900


WITHOUT: Final = sys.modules.get("orjson", _exact) is None


def test_the_options_say_whether_there_is_orjson() -> None:
    pytest.importorskip("orjson", reason="there is none") if not WITHOUT else None
    assert (_exact.OPTIONS == 0) == WITHOUT


@pytest.mark.skipif(WITHOUT, reason="this is that run")
def test_the_same_without_orjson() -> None:
    # In a process of its own: a compiled module is imported once.  Without what chance makes, which finds where the two
    # parsers differ: here there is but one.
    files = [str(TESTS / name) for name in ("test_exact.py", "test_exact_output.py", "test_json.py")]
    options = ["-q", "-p", "no:cacheprovider", "-k", "not test_any and not test_mutated", *files]
    code = f"import sys; sys.modules['orjson'] = None; import pytest; sys.exit(pytest.main({options!r}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=TESTS.parent)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
