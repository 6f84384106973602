"""Texts that are almost messages: valid ones, reordered, doubled, escaped, cut off and scribbled over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from random import Random
from typing import Final

from fastws._core import STEPS, WINDOW

Pair = tuple[str, str]

# What else may stand where a tag is expected, as raw JSON; some of it is none.
ODD_VALUES: Final = (
    *('"a"', '"b"', '"A"', '"a "', '"a\\u0000"', '"\\u0061"', '"\\ud800"', '"1"', '""', '"a\u200b"', '"é"', '"type"'),
    *(
        "1",
        "1.0",
        "1e0",
        "10e-1",
        "-0",
        "0",
        "01",
        "+1",
        "1.",
        "-",
        "2",
        "true",
        "false",
        "null",
        "True",
        "'a'",
        "a",
        "",
    ),
    *("NaN", "Infinity", "-Infinity", "9007199254740993", "9007199254740992.0", "1" * 400, "1" * 4301, "1e400"),
    *("[]", "{}", '["a"]', '{"type":"a"}', '[{"type":"b"}]', "[}", "{]"),
)
# Members of an object that a careless scanner takes for the tag.
DECOYS: Final[tuple[Pair, ...]] = (
    ('"n"', '{"type":"b","t":"b"}'),
    ('"n"', '[{"type":"a"},{"type":"b"}]'),
    ('"k"', '"type"'),
    ('"s"', '"\\"type\\":\\"b\\","'),
    ('"s"', '"}],{["'),
    ('"s"', '"\\\\"'),
    ('"s"', '"\\'),
    ('"\\"type"', '"b"'),
    ('"type "', '"b"'),
    ('"Type"', '"b"'),
    ('"type\\u0000"', '"b"'),
    ('"\\u0074ype"', '"b"'),
    ('"\\u0074"', '"b"'),
    ('"type"', '"b"'),
    ('"t"', '"a"'),
    ('"kind"', '"a"'),
    ('"x"', "NaN"),
    ('"x"', "1.0"),
    ('"x"', '"1"'),
    ('"x"', "null"),
    ('"y"', "[-Infinity]"),
    # A `str` has one, two or four bytes for each character, by the widest of them.
    ('"ÿ"', '"é"'),
    ('"日"', '{"type":"本"}'),
    ('"😀"', '["type","😀"]'),
    ("type", '"a"'),
    ("1", '"a"'),
)
SPACES: Final = ("", "", "", " ", "\n", "\t", "\r\n", "  ")
BAD_SPACES: Final = ("\x0b", "\x0c", "\u00a0", "\u2028", "\ufeff", "\x00", "//c\n", "/*c*/", "#c\n")
TAILS: Final = ("}", "]", ",", " x", "{}", '{"type":"a"}', "\x00", "null", '"', "//c", "\n\n", "\ufeff")
ODD_TEXTS: Final = (
    "",
    " ",
    "null",
    "[]",
    "{}",
    "1",
    '"a"',
    "true",
    '[{"type":"a"}]',
    "{",
    "[",
    '"',
    "{,}",
    "NaN",
    "{{}}",
)
SCRIBBLES: Final = tuple('{}[]:,"\\ \n0123ab\ud800\x00é\u2028')


def escape(token: str) -> str:
    """Spell every character of a JSON string as an escape."""
    units = json.loads(token).encode("utf-16-be", "surrogatepass").hex()
    return '"' + "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)) + '"'


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


class TextMaker:
    """Makes texts around examples.

    Parameters:
        examples: Messages to start from.
        key: The tag's key.
        random: Where chance comes from.
    """

    def __init__(self, examples: Iterable[Mapping[str, object]], key: str, random: Random) -> None:
        self.random = random
        self.examples: list[list[Pair]] = []
        for example in examples:
            for ascii_only in (True, False):
                dump = partial(json.dumps, ensure_ascii=ascii_only)
                self.examples.append([(dump(name), dump(value)) for name, value in example.items()])
        self.key = json.dumps(key, ensure_ascii=False)
        self.keys = (self.key, self.key, escape(self.key), '"type"', self.key[:-1] + ' "')
        tags = {value for example in self.examples for name, value in example if json.loads(name) == key}
        escaped = [escape(tag) for tag in sorted(tags) if tag.startswith('"')]
        self.tags = sorted(tags) * 6 + escaped + [tag.upper() for tag in sorted(tags)] + list(ODD_VALUES)

    def make(self) -> str | bytes | bytearray:
        """Return the next text: half of them as `str`, the others as bytes."""
        chance = self.random.random()
        text = self._scribble(self._join(self._change(self._choose()))) if chance < 0.98 else self._pick(ODD_TEXTS)
        if self.random.random() < 0.5:
            return text
        data = text.encode("utf-8", "surrogatepass")
        if data and self.random.random() < 0.05:
            data = self._flip(data)
        return data if self.random.random() < 0.8 else bytearray(data)

    def _pick(self, choices: tuple[str, ...] | list[str]) -> str:
        return choices[int(self.random.random() * len(choices))]

    def _choose(self) -> list[Pair]:
        return list(self.examples[int(self.random.random() * len(self.examples))])

    def _place(self, pairs: list[Pair]) -> int:
        return int(self.random.random() * (len(pairs) + 1))

    def _change(self, pairs: list[Pair]) -> list[Pair]:
        """Change the members of the object: none of them, or up to three times."""
        while self.random.random() < 0.6:
            chance = self.random.random()
            place = self._place(pairs)
            if chance < 0.35:
                pairs.insert(place, (self._pick(self.keys), self._pick(self.tags)))
            elif chance < 0.5:
                pairs = [(name, self._pick(self.tags) if name == self.key else value) for name, value in pairs]
            elif chance < 0.6:
                pairs = [(escape(name) if name == self.key else name, value) for name, value in pairs]
            elif chance < 0.75:
                pairs.insert(place, DECOYS[int(self.random.random() * len(DECOYS))])
            elif chance < 0.82:
                del pairs[place : place + 1]
            elif chance < 0.9:
                self.random.shuffle(pairs)
            elif chance < 0.96:
                pairs += self._choose()
            elif chance < 0.97:
                pairs.insert(place, ('"deep"', nest(198 + int(self.random.random() * 4))))
            elif chance < 0.985:
                # Past the scanner's window, or just at its end.
                pairs.insert(place, ('"long"', f'"{"x" * (WINDOW - 100 + int(self.random.random() * 200))}"'))
            else:
                # Past the last of its steps, or just there.
                escapes = r"\\" * (STEPS - 20 + int(self.random.random() * 20))
                pairs.insert(place, ('"many"', f'"{escapes}"'))
        return pairs

    def _join(self, pairs: list[Pair]) -> str:
        if self.random.random() < 0.7:
            return "{" + ",".join([f"{name}:{value}" for name, value in pairs]) + "}"
        a, b, c, d = (self._pick(SPACES) for _ in range(4))
        return f"{a}{{{b}" + f"{c},{d}".join([f"{name}{b}:{a}{value}" for name, value in pairs]) + f"{c}}}{d}"

    def _scribble(self, text: str) -> str:
        """Damage one text in six."""
        chance = self.random.random() * 6
        place = int(self.random.random() * (len(text) + 1))
        before, after = text[:place], text[place:]
        if chance < 0.25:
            text = before
        elif chance < 0.4:
            text += self._pick(TAILS)
        elif chance < 0.55:
            text = before + self._pick(BAD_SPACES) + after
        elif chance < 0.6:
            text = "\ufeff" + text
        elif chance < 0.8:
            text = before + self._pick(SCRIBBLES) + after[1:]
        elif chance < 1:
            text = before + after[1:]
        return text

    def _flip(self, data: bytes) -> bytes:
        place = int(self.random.random() * len(data))
        return data[:place] + bytes([int(self.random.random() * 256)]) + data[place + 1 :]
