"""What the benchmarks measure with: the models and the texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal

from pydantic import BaseModel, create_model

COUNTS: Final = (2, 10, 50, 200, 1000)
KINDS: Final = {"inferred": None, "discriminator": "type"}
FIELDS: Final = '"x":1,"y":"hello","z":1.5'
TAG: Final = '"type":"kind0"'

TAG_FIRST: Final = f"{{{TAG},{FIELDS}}}"
TAG_LAST: Final = f"{{{FIELDS},{TAG}}}"
NO_TAG: Final = f"{{{FIELDS}}}"

UNKNOWN_TAG: Final = TAG_FIRST.replace("kind0", "other")
BAD_FIELD: Final = TAG_FIRST.replace('"x":1', '"x":"one"')
BROKEN_JSON: Final = TAG_FIRST.replace("1.5", "1.5.")

OBJECT: Final = '{"id":1,"at":{"x":1.5,"y":[2,3]}}'

KILO: Final = 1000


def make_models(count: int) -> list[type[BaseModel]]:
    """Make `count` models of the small object, tagged `kind0`, `kind1` and so on."""
    return [_make_model(i) for i in range(count)]


def _make_model(i: int) -> type[BaseModel]:
    tag: Any = Literal[f"kind{i}"]
    return create_model(f"Kind{i}", type=(tag, ...), x=(int, ...), y=(str, ...), z=(float, ...))


@cache
def get_models(count: int) -> list[type[BaseModel]]:
    """Return the same `count` models every time."""
    return make_models(count)


def _repeat(piece: str, size: int, separator: str = "") -> str:
    return separator.join([piece] * max(1, size // (len(piece) + len(separator))))


FILLERS: Final[dict[str, Callable[[int], str]]] = {
    "string": lambda size: f'"{"a" * size}"',
    "escapes": lambda size: f'"{_repeat(chr(92) + "n", size)}"',
    "numbers": lambda size: f"[{_repeat('12345', size, ',')}]",
    "objects": lambda size: f"[{_repeat(OBJECT, size, ',')}]",
}
"""Values of about so many bytes that no model declares."""


def make_far(shape: str, size: int) -> str:
    """Make a text whose tag stands behind a value of about `size` bytes."""
    return f'{{"filler":{FILLERS[shape](size)},{TAG},{FIELDS}}}'


def _make_keys(size: int, length: int) -> str:
    return ",".join(f'"{i:0{length}}":1' for i in range(max(1, size // (length + 5))))


ADVERSARIAL: Final[dict[str, Callable[[int], str]]] = {
    "long keys": lambda size: f"{{{_make_keys(size, size // 8)},{TAG},{FIELDS}}}",
    "many keys": lambda size: f"{{{_make_keys(size, 8)},{TAG},{FIELDS}}}",
    "escapes": lambda size: f'{{"filler":"{_repeat(chr(92) + chr(92) + chr(92) + chr(34), size)}",{TAG},{FIELDS}}}',
    "deep nesting": lambda size: f'{{"filler":{"[" * (size // 2)}{"]" * (size // 2)},{TAG},{FIELDS}}}',
    "tag last": lambda size: f'{{{FIELDS},"filler":{FILLERS["numbers"](size)},{TAG}}}',
    "no tag": lambda size: f'{{{FIELDS},"filler":{FILLERS["objects"](size)}}}',
    "truncated": lambda size: make_far("objects", size)[:size],
    "one huge key": lambda size: f'{{"{"k" * size}":1,{TAG},{FIELDS}}}',
}
"""Texts of about so many bytes that are meant to hurt."""

assert all(json.loads(text)["type"] == "kind0" for text in (TAG_FIRST, TAG_LAST))
