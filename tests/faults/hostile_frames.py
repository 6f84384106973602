"""Frames that nobody sends in earnest: the JSON corpus, and what pydantic's union makes odd answers to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parent.parent / "corpus" / "json-test-suite" / "test_parsing"

# Larger than what servers take unasked.
LARGE: Final = 10 * 1024 * 1024

VALID: Final = '{"type":"echo","n":1}'


def read_corpus() -> Iterator[bytes]:
    """Yield the texts of the corpus."""
    yield from (path.read_bytes() for path in sorted(CORPUS.glob("*.json")))
    # The two that are large, and easily made.
    yield b"[" * 100_000
    yield b'[{"":' * 50_000 + b"\n"


def place_corpus() -> Iterator[bytes]:
    """Yield messages that have the texts of the corpus in a field that nothing reads."""
    for text in read_corpus():
        yield b'{"type":"echo","n":1,"junk":' + text + b"}"


def make_oddities() -> Iterator[str]:
    """Yield texts to which JSON parsers, unions and peeks at a tag give different answers."""
    yield from ["", " ", "[]", "{}", "1", "null", "true", '"echo"', "-", '"', "\x00", "\ufeff", "[" + VALID + "]"]
    # Tags that come twice, escaped, in the wrong place, in the wrong type, or in one that only looks the same.
    yield '{"type":"echo","n":1,"type":"stop"}'
    yield '{"type":"stop","n":1,"type":"echo"}'
    yield '{"type":"echo","n":1,"\\u0074ype":"stop"}'
    yield '{"\\u0074ype":"echo","n":1}'
    yield '{"type":"\\u0065cho","n":1}'
    yield '{"deeper":{"type":"stop"},"type":"echo","n":1}'
    yield '{"deeper":[{"type":"stop"}],"type":"echo","n":1}'
    yield '{"key":"type","type":"echo","n":1}'
    yield '{"text":"\\"type\\":\\"stop\\"","type":"echo","n":1}'
    yield from (
        f'{{"{key}":"echo","n":1}}' for key in ("type ", " type", "Type", "type\\u0000", "type\u200b", "", "ty")
    )
    yield from (f'{{"type":"{tag}","n":1}}' for tag in ("echo ", "Echo", "echo\\u0000", "\u200becho", "", "ech"))
    yield from (f'{{"type":{tag},"n":1}}' for tag in ("1", "null", "true", '["echo"]', '{"type":"echo"}', "echo", ""))
    # Space that is none in JSON.
    yield from (space + VALID for space in ("\ufeff", "\x0b", "\x0c", "\xa0", "\u2028", "\u3000", " \t\r\n"))
    yield from (VALID + space for space in ("\ufeff", "\x0b", "\x0c", "\xa0", "\u2028", "\u3000", " \t\r\n", "\x00"))
    # Surrogates that lack their other half, or come in the wrong order; characters of every width.
    yield from (f'{{"type":"echo","n":1,"text":"{text}"}}' for text in ("\\ud800", "\\udc00\\ud800", "\\ud83d\\ude42"))
    yield from (f'{{"type":"{text}","n":1}}' for text in ("\\ud800", "\\ud83d\\ude42", "é", "\u2028", "\U0010ffff"))
    yield '{"\\udc00":1,"type":"echo","n":1}'
    yield from (
        f'{{"type":"echo","n":1,"text":"{text}"}}' for text in ("\x00", "\x1f", "\\u0000", "\x7f", "\ufffe", "🙂")
    )
    # Numbers that are none, or too large.
    numbers = [
        "NaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-0",
        "1.0",
        "1.5",
        "1e0",
        "01",
        "0x1",
        "+1",
        ".1",
        "1.",
    ]
    numbers += ["9" * 4300, "9" * 4301, "1" + "0" * 100_000, "1e" + "9" * 1000, "true", "null", '"1"', "[]", "{}", "-"]
    yield from (f'{{"type":"echo","n":{number}}}' for number in numbers)
    yield from (f'{{"type":"echo","n":1,"junk":{number}}}' for number in numbers)
    # What comes twice, too much, or is not JSON.
    yield '{"type":"echo","n":1,"n":2}'
    yield '{"type":"echo","n":1,"n":"x"}'
    yield from (VALID + rest for rest in (",", "}", VALID, "\n" + VALID, "//", "/**/", "x", "1", "null"))
    yield from (
        '{"type":"echo","n":1,}',
        "{'type':'echo','n':1}",
        '{type:"echo",n:1}',
        '{"type":"echo" "n":1}',
        "/**/" + VALID,
    )
    yield from (VALID[:end] for end in range(len(VALID)))
    yield from (VALID[start:] for start in range(1, len(VALID)))
    # As deep as pydantic goes, a level more, and deeper than any stack.
    for depth in (199, 200, 201, 100_000):
        yield f'{{"type":"echo","n":1,"junk":{"[" * depth}{"]" * depth}}}'
        yield f'{{"junk":{"[" * depth}{"]" * depth},"type":"echo","n":1}}'
        yield '{"type":' * depth + VALID + "}" * depth
    # Large ones: valid with the tag at the start and at the end, and nothing at all.
    yield f'{{"type":"echo","n":1,"junk":"{"x" * LARGE}"}}'
    yield f'{{"junk":"{"é" * (LARGE // 2)}","type":"echo","n":1}}'
    yield "x" * LARGE
