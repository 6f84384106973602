"""What a message leaves behind in memory: nothing; and what is left of a table that nobody holds: nothing either."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from leaks import CALLS, copy, grow
from model_sets import A, B
from pydantic import BaseModel, field_validator
from typing_extensions import TypedDict

from fastws import messages
from fastws._core import DispatchTable
from fastws.messages import build_messages

Text = str | bytes | bytearray


class Raises(BaseModel):
    """A member whose validator raises what is no validation error."""

    type: Literal["raises"]
    x: int = 0

    @field_validator("x")
    @classmethod
    def refuse(cls, value: int) -> int:
        raise LookupError("no such message")


class Row(TypedDict):
    type: Literal["row"]


class Thing:
    """Stands for a handler."""


MEMBERS: Final = (A, B, Raises, Row)
with pytest.MonkeyPatch.context() as patch:
    # Planned for the fast path with versions of pydantic, too, that are not trusted with it.
    patch.setattr(messages, "CONSISTENT", True)
    TABLES: Final = {
        name: build_messages({member: Thing() for member in MEMBERS}, discriminator=field).table
        for name, field in {"inferred": None, "declared": "type"}.items()
    }

VALID: Final = '{"type":"a","x":1}'
ROWS: Final = {
    "valid": VALID,
    "invalid": '{"type":"a","x":"one"}',
    "unknown tag": '{"type":"c","x":1}',
    "tagged tier": '{"\\u0074ype":"a","x":1}',
    "union tier": '{"type":"a","x":1,"type":"b"}',
    "raising validator": '{"type":"raises","x":1}',
    "TypedDict": '{"type":"row"}',
    "claimed": '{"\\u0074ype":"row"}',
    "no object": "[1",
}


FORMS: Final[dict[str, Callable[[], Text]]] = {
    "str": lambda: copy(VALID),
    "Latin-1": lambda: copy('{"type":"a","x":1,"y":"é"}'),
    "UCS-2": lambda: copy('{"type":"a","x":1,"y":"日"}'),
    "UCS-4": lambda: copy('{"type":"a","x":1,"y":"😀"}'),
    "surrogate": lambda: copy('{"type":"a","x":1,"y":"\ud800"}'),
    "bytes": lambda: copy(VALID).encode(),
    "bytearray": lambda: bytearray(VALID.encode()),
}


def check(table: DispatchTable[Thing], function: Callable[[Any], object], make: Callable[[], object]) -> None:
    handlers = [table.peek(f'{{"type":"{tag}"}}') for tag in ("a", "b", "raises", "row")]
    assert None not in handlers  # or nothing here would be on the fast path
    # Not `None`, which stands in for a missing tier: everybody holds it, and from Python 3.12 on it is not counted.
    tiers = [tier for tier in (table.union, table.tagged, table.claim) if tier is not None]
    watched = [table, *tiers, table.key, *handlers, *MEMBERS, make()]
    references, size = grow(function, make, watched)
    assert (references, max(size, 0) < CALLS) == ([0] * len(watched), True), size


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
@pytest.mark.parametrize("text", ROWS.values(), ids=ROWS.keys())
def test_messages_leave_nothing_behind(table: DispatchTable[Thing], text: str) -> None:
    check(table, table.route, lambda: text)


@pytest.mark.parametrize("method", ["route", "peek"])
@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_texts_of_every_kind_leave_nothing_behind(method: str, make: Callable[[], Text]) -> None:
    table = TABLES["inferred"]
    check(table, getattr(table, method), make)


# In a process of its own: how much memory a process holds depends on all that it did before.
TABLES_COME_AND_GO: Final = """
import os
from pathlib import Path
from fastws._core import DispatchTable

ENTRIES = [(b"tag%d" % i, str, str, i) for i in range(1000)]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def build(count):
    for _ in range(count):
        DispatchTable(union=str, classes={str: 1}, key=b"t", entries=ENTRIES)
        try:
            DispatchTable(union=str, classes={}, key=b"t", entries=ENTRIES + ENTRIES[:1])
        except ValueError:
            pass

build(20)
before = resident()
build(500)
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell how much a process holds")
def test_a_table_gives_its_slots_back() -> None:
    result = subprocess.run([sys.executable, "-c", TABLES_COME_AND_GO], capture_output=True, text=True, check=True)
    # The slots of all of them together are 90 MB.
    assert int(result.stdout) < 9_000_000
