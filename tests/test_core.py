"""The dispatch table: looking tags up, validating, handing back, and what it leaves behind."""

from __future__ import annotations

import gc
import importlib.machinery
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from leaks import CALLS, collecting_only_what_comes, grow

from fastws import _core
from fastws._core import DispatchTable

Text = str | bytes


class Message:
    """What the validators of these tests make of a text."""

    def __init__(self, text: object) -> None:
        self.text = text


class Other(Message):
    pass


def refuse(text: object) -> Message:
    raise ValueError("refused")


class Recorder:
    """A validator that accepts, and notes that it was called."""

    def __init__(self, name: str, calls: list[str], make: Callable[[Any], object] = Message) -> None:
        self.name = name
        self.calls = calls
        self.make = make

    def __call__(self, text: Text) -> Any:
        self.calls.append(self.name)
        return self.make(text)


def build(
    calls: list[str],
    *,
    member: Callable[[Any], object] = Message,
    tagged: Callable[[Any], object] = Message,
    union: Callable[[Any], object] = Message,
    **others: Any,
) -> DispatchTable[str]:
    """Return a table with the tag `a`, whose three tiers note that they were called."""
    return DispatchTable(
        union=Recorder("union", calls, union),
        make_tagged=lambda: Recorder("tagged", calls, tagged),
        key=b"type",
        entries=[(b"a", Recorder("member", calls, member), Message, "handler")],
        **{"classes": {Message: "handler"}, **others},
    )


A = '{"type":"a"}'
UNKNOWN = '{"type":"z"}'
# The scan does not read a tag that is spelled with escapes.
UNREAD = '{"type":"\\u0061"}'


def test_the_core_is_compiled() -> None:
    assert str(_core.__file__).endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))


@pytest.mark.parametrize(
    ("text", "tiers", "calls"),
    [
        pytest.param(A, {}, ["member"], id="the member accepts"),
        pytest.param(A, {"member": refuse}, ["member", "union"], id="the member refuses"),
        pytest.param(UNREAD, {}, ["tagged"], id="the tagged union accepts"),
        pytest.param(UNREAD, {"tagged": refuse}, ["tagged", "union"], id="the tagged union refuses"),
        pytest.param(UNKNOWN, {}, ["union"], id="the tagged union would look for the same tag"),
    ],
)
def test_the_tiers_are_tried_in_order(text: str, tiers: dict[str, Any], calls: list[str]) -> None:
    called: list[str] = []
    handler, message = build(called, **tiers).route(text)
    assert (handler, message.text, called) == ("handler", text, calls)


@pytest.mark.parametrize("text", [A, UNKNOWN, UNREAD])
def test_the_error_is_that_of_the_union(text: str) -> None:
    def judge(text: object) -> object:
        raise LookupError("the union")

    with pytest.raises(LookupError, match="the union") as caught:
        build([], member=refuse, tagged=refuse, union=judge).route(text)
    assert caught.value.__context__ is None


def test_what_is_no_exception_is_not_swallowed() -> None:
    def interrupt(text: object) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([], member=interrupt).route(A)


def test_a_table_without_entries_asks_the_union() -> None:
    table: DispatchTable[str] = DispatchTable(union=Message, classes={Message: "handler"})
    assert (table.peek(A), table.route(A)[0], table.tagged, table.key) == (None, "handler", None, b"")


# Both pairs are equal in all 32 bits of FNV-1a.
COLLIDING = [b"costarring", b"liquid", b"declinate", b"macallums"]


def hash_bytes(text: bytes) -> int:
    digest = 2166136261
    for byte in text:
        digest = (digest ^ byte) * 16777619 % 2**32
    return digest


def numbered() -> Iterator[bytes]:
    yield from (b"tag%d" % i for i in range(1_000_000))


def in_one_slot() -> list[bytes]:
    """Return tags that all begin their search in the same slot."""
    tags = (tag for tag in numbered() if hash_bytes(tag) & 0xFF == 7)
    return [next(tags) for _ in range(60)]


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param([b"tag%d" % i for i in range(1000)], id="1,000"),
        pytest.param(COLLIDING, id="equal digests"),
        pytest.param(in_one_slot(), id="one slot"),
        pytest.param([b"", b"x", b"xx", b"xxx"], id="prefixes"),
    ],
)
def test_every_tag_is_found_and_no_other(tags: list[bytes]) -> None:
    table = DispatchTable(union=refuse, classes={}, key=b"t", entries=[(tag, Message, Message, tag) for tag in tags])
    assert [table.peek(b'{"t":"%s"}' % tag) for tag in tags] == tags
    assert [table.peek(b'{"t":"%s"}' % tag) for tag in (b"tag1000", b"xxxx", b"liquids", b"tag")] == [None] * 4


def test_the_collisions_are_some() -> None:
    assert [hash_bytes(COLLIDING[0]), hash_bytes(COLLIDING[2])] == [hash_bytes(COLLIDING[1]), hash_bytes(COLLIDING[3])]


def test_two_entries_may_not_share_a_tag() -> None:
    with pytest.raises(ValueError, match="share the tag b'a'"):
        DispatchTable(
            union=refuse, classes={}, key=b"t", entries=[(b"a", Message, Message, 1), (b"a", Message, Message, 2)]
        )


# In a process of its own: what is not refused may read memory that is not there.
WRONG_ARGUMENTS: Final = """
from fastws._core import DispatchTable

for arguments in (
    {"key": b"t", "entries": [(b"a",)]},
    {"key": b"t", "entries": [(b"a", str, None, 1, 2)]},
    {"key": b"t", "entries": [[b"a", str, None, 1]]},
    {"key": b"t", "entries": [("a", str, None, 1)]},
    {"key": b"t", "entries": [(None, str, None, 1)]},
    {"key": None, "entries": [(b"a", str, None, 1)]},
    {"key": "t", "entries": [(b"a", str, None, 1)]},
    {"key": b"t", "other_key": "u", "entries": [(b"a", str, None, 1)]},
):
    try:
        DispatchTable(union=str, classes={}, **arguments).route('{"t":"a"}')
    except (TypeError, ValueError):
        print("refused", flush=True)
    else:
        print("accepted:", arguments, flush=True)
"""


def test_wrong_arguments_are_refused() -> None:
    result = subprocess.run([sys.executable, "-c", WRONG_ARGUMENTS], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.splitlines()) == (0, ["refused"] * 8), result.stderr


@pytest.mark.parametrize("name", ["union", "tagged", "claim", "classes", "key", "other_key", "integer", "other"])
def test_a_table_cannot_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(build([]), name, None)


def test_a_table_is_not_changed_through_what_it_was_made_of() -> None:
    classes: dict[type, str] = {Message: "handler"}
    table = build([], classes=classes)
    classes[Message] = "other"
    assert table.route(UNKNOWN)[0] == "handler"


class Words(str):
    __slots__ = ()

    def __getitem__(self, key: object) -> str:
        raise AssertionError("the core reads the buffer")


class Octets(bytes):
    def __getitem__(self, key: object) -> Any:
        raise AssertionError("the core reads the buffer")


@pytest.mark.parametrize("text", [A, A.encode(), bytearray(A.encode()), Words(A), Octets(A.encode())], ids=type)
def test_texts_that_are_scanned(text: str | bytes | bytearray) -> None:
    calls: list[str] = []
    table = build(calls)
    assert (table.peek(text), table.route(text)[0], calls) == ("handler", "handler", ["member"])


@pytest.mark.parametrize("text", [memoryview(A.encode()), None, 1, [A], {"type": "a"}, A.encode().hex], ids=type)
def test_what_is_no_text_is_left_to_the_union(text: Any) -> None:
    calls: list[str] = []
    table = build(calls, tagged=refuse)
    assert (table.peek(text), table.route(text)[1].text, calls) == (None, text, ["tagged", "union"])


def test_a_bytearray_is_copied() -> None:
    text = bytearray(A.encode())
    message = build([]).route(text)[1]
    text[:] = b"changed"
    assert message.text == A.encode()


@pytest.mark.parametrize("arguments", [(), (A, A)], ids=["none", "two"])
def test_a_wrong_number_of_arguments(arguments: tuple[str, ...]) -> None:
    with pytest.raises(TypeError):
        build([]).route(*arguments)


@pytest.mark.parametrize(
    ("text", "make", "handler"),
    [
        pytest.param(A, Message, "handler", id="found, its own class"),
        pytest.param(A, Other, "other", id="found, another's class"),
        pytest.param(A, str, None, id="found, nobody's class"),
        pytest.param(UNREAD, Message, "handler", id="not found, a class"),
        pytest.param(UNREAD, Other, "other", id="not found, another class"),
        pytest.param(UNREAD, str, None, id="not found, nobody's class"),
    ],
)
def test_the_handler_is_that_of_the_exact_class(text: str, make: Any, handler: str | None) -> None:
    table = build([], member=make, tagged=make, classes={Message: "handler", Other: "other"})
    assert table.route(text)[0] == handler


def test_an_entry_without_a_class_has_a_handler_of_its_own() -> None:
    entries: list[Any] = [(b"a", lambda text: {}, None, "handler")]
    table = DispatchTable(union=refuse, classes={Other: "other"}, key=b"type", entries=entries)
    assert table.route(A) == ("handler", {})


@pytest.mark.parametrize("tier", ["tagged", "union"])
def test_the_claim_is_asked_about_unknown_classes(tier: str) -> None:
    def claim(text: Text, message: object) -> str:
        return f"claimed {text!r} {message!r}"

    tagged: Callable[[Any], object] = refuse if tier == "union" else str.upper
    table = build([], tagged=tagged, union=str.upper, claim=claim)
    assert table.route(UNREAD)[0] == f"claimed {UNREAD!r} {UNREAD.upper()!r}"


def test_the_claim_is_not_asked_about_known_classes() -> None:
    def claim(text: Text, message: object) -> str:
        raise AssertionError("not asked")

    assert build([], claim=claim).route(UNKNOWN)[0] == "handler"


def test_a_claim_may_raise() -> None:
    def claim(text: Text, message: object) -> str:
        raise LookupError("the claim")

    with pytest.raises(LookupError, match="the claim"):
        build([], tagged=str.upper, claim=claim).route(UNREAD)


class Handler:
    """An end of a reference cycle that tells of its own."""

    def __init__(self, ended: list[bool]) -> None:
        self.ended = ended
        self.table: object = None

    def __del__(self) -> None:
        self.ended.append(True)


@pytest.mark.parametrize("place", ["union", "make_tagged", "claim", "classes", "entries"])
def test_a_table_in_a_cycle_is_collected(place: str) -> None:
    ended: list[bool] = []
    with collecting_only_what_comes():
        handler = Handler(ended)
        arguments: dict[str, Any] = {"union": refuse, "classes": {}, "key": b"t", "entries": [(b"b", str, None, 1)]}
        wrapped = {"classes": {Message: handler}, "entries": [(b"a", refuse, None, handler)]}
        arguments[place] = wrapped.get(place, handler)
        handler.table = DispatchTable(**arguments)
        del handler, arguments, wrapped
        gc.collect()
    assert ended == [True]


@pytest.mark.parametrize("text", [A, UNKNOWN, UNREAD, "{", A.encode(), bytearray(A.encode())], ids=repr)
@pytest.mark.parametrize("member", [Message, refuse], ids=["valid", "invalid"])
def test_references_and_memory_stay_flat(text: Any, member: Any) -> None:
    handler: Any = object()
    table: DispatchTable[object] = DispatchTable(
        union=refuse, classes={Message: handler}, key=b"type", entries=[(b"a", member, Message, handler)]
    )

    def ask(text: Any) -> None:
        try:
            table.route(text)
        except ValueError:
            table.peek(text)

    watched = [handler, table, text, member, Message, table.key]
    references, size = grow(ask, lambda: text, watched)
    assert (references, max(size, 0) < CALLS) == ([0] * len(watched), True), size


def test_four_threads_share_a_table() -> None:
    tags = [b"tag%d" % i for i in range(50)]
    table = DispatchTable(
        union=refuse, classes={}, key=b"t", entries=[(tag, lambda text: [text], None, tag) for tag in tags]
    )

    def work(first: int) -> int:
        texts = [(tag, b'{"x":%d,"t":"%s"}' % (first, tag)) for tag in tags]
        return sum(table.route(text) == (tag, [text]) for tag, text in texts * 100)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(4))) == [5000] * 4
