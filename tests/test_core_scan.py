"""The scanner: which tag it finds in which text.  What it finds is a hint, so nothing here need be valid JSON."""

from __future__ import annotations

import pytest

from fastws._core import STEPS, WINDOW, DispatchTable


def refuse(text: str | bytes) -> object:
    raise AssertionError("the scan validates nothing")


def make_table(*tags: str | int, key: str = "type", other_key: str | None = None) -> DispatchTable[str | int]:
    """Return a table whose handlers are the tags themselves."""
    return DispatchTable(
        union=refuse,
        classes={},
        key=key.encode(),
        other_key=None if other_key is None else other_key.encode(),
        integer=isinstance(tags[0], int),
        entries=[(str(tag).encode(), refuse, None, tag) for tag in tags],
    )


STRINGS = make_table("a", "b", "é", "")
INTEGERS = make_table(0, 1, -1, 12, 9223372036854775807)

Row = tuple[str, str | bytes, str | None]

ROWS: list[Row] = [
    ("tag first", '{"type":"a","x":1}', "a"),
    ("tag last", '{"x":1,"type":"b"}', "b"),
    ("the first of two keys", '{"type":"a","x":1,"type":"b"}', "a"),
    ("the first is unknown", '{"type":"c","x":1,"type":"b"}', None),
    ("an escaped key behind", '{"type":"a","\\u0074ype":"b"}', "a"),
    ("an escaped key before", '{"\\u0074ype":"b","type":"a"}', "a"),
    ("an escaped key alone", '{"\\u0074ype":"a"}', None),
    ("an escaped tag", '{"type":"\\u0061"}', None),
    ("an escaped tag, then a plain one", '{"type":"\\u0061","type":"b"}', None),
    ("an escaped quote in the key", '{"\\"type":"b","type":"a"}', "a"),
    ("an escaped quote in the tag", '{"type":"a\\"","x":1}', None),
    ("a backslash that ends a string", '{"s":"\\\\","type":"a"}', "a"),
    ("a backslash that does not", '{"s":"\\\\\\"","type":"a"}', "a"),
    ("in a nested object", '{"n":{"type":"b"},"type":"a"}', "a"),
    ("only in a nested object", '{"n":{"type":"b"}}', None),
    ("in an array", '{"n":[{"type":"b"},["type","b"]],"type":"a"}', "a"),
    ("as a value", '{"k":"type","type":"a"}', "a"),
    ("in a string", '{"s":"\\"type\\":\\"b\\",","type":"a"}', "a"),
    ("brackets in a string", '{"s":"}],{[","type":"a"}', "a"),
    ("key with a space", '{"type ":"a"}', None),
    ("key in capitals", '{"Type":"a"}', None),
    ("key with an escaped NUL", '{"type\\u0000":"a"}', None),
    ("key with a raw NUL", '{"type\x00":"a"}', None),
    ("key with a zero-width space", '{"type\u200b":"a"}', None),
    ("key that begins alike", '{"typ":"b","types":"b","type":"a"}', "a"),
    ("tag with a space", '{"type":"a "}', None),
    ("tag in capitals", '{"type":"A"}', None),
    ("tag with a raw NUL", '{"type":"a\x00"}', None),
    ("tag longer than any", '{"type":"aaaaaaaaaaaaaaaa"}', None),
    ("empty tag", '{"type":""}', ""),
    ("accented tag", '{"type":"é"}', "é"),
    ("accented tag, decomposed", '{"type":"e\u0301"}', None),
    ("accented tag in UTF-8", '{"type":"é"}'.encode(), "é"),
    ("accented tag in Latin-1", '{"type":"é"}'.encode("latin-1"), None),
    ("white space", ' \t\r\n{ \t\r\n"type" \t\r\n: \t\r\n"a" \t\r\n} \t\r\n', "a"),
    ("white space around others", '{ "x" : [ 1 , { } ] , "type" : "a" }', "a"),
    ("BOM", '\ufeff{"type":"a"}', None),
    ("BOM in bytes", b'\xef\xbb\xbf{"type":"a"}', None),
    ("vertical tab", '{\x0b"type":"a"}', None),
    ("form feed", '{"type"\x0c:"a"}', None),
    ("no-break space", '{"type":\xa0"a"}', None),
    ("line separator", '\u2028{"type":"a"}', None),
    ("lone surrogate escape", '{"x":"\\ud800","type":"a"}', "a"),
    ("lone surrogate in str", '{"x":"\ud800","type":"a"}', None),
    ("invalid UTF-8", b'{"x":"\xff\xfe","type":"a"}', "a"),
    ("overlong UTF-8 in the key", b'{"\xc1\xb4ype":"a"}', None),
    ("overlong UTF-8 in the tag", b'{"type":"\xc1\xa1"}', None),
    ("UTF-16", '{"type":"a"}'.encode("utf-16-le"), None),
    ("NaN and Infinity", '{"x":NaN,"y":-Infinity,"type":"a"}', "a"),
    ("comment before", '/**/{"type":"a"}', None),
    ("comment inside", '{/**/"type":"a"}', None),
    ("comment behind", '{"type":"a"}//', "a"),
    ("trailing comma", '{"type":"a",}', "a"),
    ("leading comma", '{,"type":"a"}', None),
    ("trailing garbage", '{"type":"a"}}garbage', "a"),
    ("second document", '{"type":"a"}{"type":"b"}', "a"),
    ("truncated behind the tag", '{"type":"a"', "a"),
    ("missing colon", '{"type" "a"}', None),
    ("missing value", '{"x":,"type":"a"}', "a"),
    ("brackets that do not match", '{"x":[},"type":"a"}', "a"),
    ("object closed before", '{"x":1},"type":"a"}', None),
    ("array closed before", '{"x":1],"type":"a"}', None),
    ("key without quotes", '{type:"a"}', None),
    ("key in single quotes", "{'type':'a'}", None),
    ("number for a key", '{1:1,"type":"a"}', None),
    ("nesting of 25", '{"x":' + "[" * 25 + "]" * 25 + ',"type":"a"}', "a"),
    ("nesting of 1,000", '{"x":' + '{"a":' * 400 + "[" * 600 + "]" * 600 + "}" * 400 + ',"type":"a"}', None),
    ("nesting without end", '{"x":' + "[" * 1_000_000, None),
    ("integer tag", '{"type":1}', None),
    ("null tag", '{"type":null}', None),
    ("object tag", '{"type":{"type":"a"}}', None),
    ("array tag", '{"type":["a"]}', None),
    ("null", "null", None),
    ("number", "1", None),
    ("string", '"a"', None),
    ("array", "[]", None),
    ("object in an array", '[{"type":"a"}]', None),
    ("empty object", "{}", None),
    ("empty", "", None),
    ("white space only", " \n", None),
]

INTEGER_ROWS: list[Row] = [
    ("plain", '{"type":1}', "1"),
    ("before a comma", '{"type":12,"x":1}', "12"),
    ("before white space", '{"type": 1\n}', "1"),
    ("zero", '{"type":0}', "0"),
    ("negative", '{"type":-1}', "-1"),
    ("widest", '{"type":9223372036854775807}', "9223372036854775807"),
    ("one wider", '{"type":9223372036854775808}', None),
    ("leading zero", '{"type":01}', None),
    ("negative zero", '{"type":-0}', None),
    ("plus", '{"type":+1}', None),
    ("two minuses", '{"type":--1}', None),
    ("minus alone", '{"type":-}', None),
    ("fraction", '{"type":1.0}', None),
    ("exponent", '{"type":1e0}', None),
    ("letter behind", '{"type":1x}', None),
    ("bracket behind", '{"type":1]}', None),
    ("vertical tab behind", '{"type":1\x0b}', None),
    ("at the end", '{"type":1', None),
    ("at the end, with white space", '{"type":1 ', "1"),
    ("string", '{"type":"1"}', None),
    ("true", '{"type":true}', None),
    ("null", '{"type":null}', None),
    ("nothing", '{"type":}', None),
    ("unknown", '{"type":2}', None),
    ("long", '{"type":' + "1" * 5000 + "}", None),
]


@pytest.mark.parametrize(("text", "tag"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_tag_that_is_a_string_is_found(text: str | bytes, tag: str | None) -> None:
    assert STRINGS.peek(text) == tag


@pytest.mark.parametrize(
    "row", [row for row in ROWS if isinstance(row[1], str) and "\ud800" not in row[1]], ids=lambda row: str(row[0])
)
def test_str_and_bytes_and_bytearray_are_scanned_alike(row: Row) -> None:
    text = str(row[1])
    assert [STRINGS.peek(text.encode()), STRINGS.peek(bytearray(text, "utf-8"))] == [row[2], row[2]]


@pytest.mark.parametrize(("text", "tag"), [row[1:] for row in INTEGER_ROWS], ids=[row[0] for row in INTEGER_ROWS])
def test_a_tag_that_is_an_integer_is_found(text: str, tag: str | None) -> None:
    assert INTEGERS.peek(text) == (None if tag is None else int(tag))


@pytest.mark.parametrize(
    "key", ["", "größe", "日本", "a b", "k" * 300], ids=["empty", "latin", "kanji", "space", "long"]
)
def test_the_key_may_be_any_text(key: str) -> None:
    table = make_table("a", key=key)
    assert table.peek(f'{{"x":1,"{key}":"a"}}') == "a"
    assert table.peek(f'{{"x":1,"{key}!":"a"}}') is None


@pytest.mark.parametrize("key", ['"', "\\", "\n", 'a"b'], ids=["quote", "backslash", "newline", "quote inside"])
def test_a_key_that_json_escapes_is_left_to_pydantic(key: str) -> None:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert make_table("a", key=key).peek(f'{{"{escaped}":"a"}}') is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param('{"type":"a"}', "a", id="the key"),
        pytest.param('{"kind":"a"}', "a", id="the other key"),
        pytest.param('{"type":"a","kind":"b"}', "a", id="both"),
        pytest.param('{"kind":"b","type":"a"}', "b", id="both, the other first"),
        pytest.param('{"x":1,"kind":"b","y":{},"type":"a"}', "b", id="both, behind others"),
        pytest.param('{"kind":"b","kind":"a"}', "b", id="the other key twice"),
        pytest.param('{"kind":"c","type":"a"}', None, id="the first is unknown"),
        pytest.param('{"kind":null,"type":"a"}', None, id="the first is no string"),
        pytest.param('{"kind":"\\u0061","type":"b"}', None, id="the first is escaped"),
        pytest.param('{"\\u006bind":"a","type":"b"}', "b", id="an escaped key before"),
        pytest.param('{"\\u0074ype":"a","kind":"b"}', "b", id="an escaped key before the other"),
        pytest.param('{"\\u006bind":"a"}', None, id="an escaped key alone"),
        pytest.param('{"kin":"a","kinds":"a","Kind":"a"}', None, id="keys that begin alike"),
        pytest.param('{"n":{"kind":"a"},"k":"kind"}', None, id="in a nested object, and as a value"),
        pytest.param('{"":"a"}', None, id="an empty key"),
    ],
)
def test_the_first_of_two_keys_counts(text: str, tag: str | None) -> None:
    table = make_table("a", "b", key="type", other_key="kind")
    assert (table.peek(text), table.peek(text.encode()), table.other_key) == (tag, tag, b"kind")


@pytest.mark.parametrize("other_key", ["k", "größe", "type ", "typ", "k" * 300])
def test_two_keys_may_differ_in_length(other_key: str) -> None:
    table = make_table("a", "b", key="type", other_key=other_key)
    texts = [f'{{"{other_key}":"a","type":"b"}}', f'{{"type":"b","{other_key}":"a"}}', f'{{"{other_key}!":"a"}}']
    assert [table.peek(text) for text in texts] == ["a", "b", None]


@pytest.mark.parametrize(("key", "other_key"), [("type", ""), ("", "type")])
def test_a_key_may_be_empty(key: str, other_key: str) -> None:
    table = make_table("a", "b", key=key, other_key=other_key)
    texts = ['{"":"a"}', '{"type":"b"}', '{"":"a","type":"b"}', '{"type":"b","":"a"}', '{" ":"a"}', '{"t":"a"}']
    assert [table.peek(text) for text in texts] == ["a", "b", "a", "b", None, None]


def test_there_may_be_no_other_key() -> None:
    table = make_table("a", "b")
    assert (table.other_key, table.peek('{"":"b","kind":"b","None":"b","type":"a"}')) == (None, "a")


def test_two_keys_may_have_integers() -> None:
    table = make_table(1, 2, key="type", other_key="kind")
    texts = ['{"kind":1,"type":2}', '{"type":2,"kind":1}', '{"kind":"1","type":2}', '{"kind":1.0,"type":2}']
    assert [table.peek(text) for text in texts] == [1, 2, None, None]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param('{"type":"aa","x":1}', '{"type":"aa"', id="first"),
        pytest.param(
            ' {"x" : [1, {"y": "\\"]"}], "type" : "aa"} ', ' {"x" : [1, {"y": "\\"]"}], "type" : "aa"', id="last"
        ),
        pytest.param('{"é\\\\":"\\\\","type":"aa"}', '{"é\\\\":"\\\\","type":"aa"', id="escapes"),
        pytest.param('{"\\u0074ype":"aa","n":{"type":"aa"}}', None, id="never"),
    ],
)
def test_a_prefix_has_the_tag_only_when_the_tag_is_complete(text: str, end: str | None) -> None:
    table = make_table("aa", "a", "")
    found = [table.peek(text[:size]) for size in range(len(text) + 1)]
    assert found == [None if end is None or size < len(end) else "aa" for size in range(len(text) + 1)]


def test_a_prefix_has_the_integer_only_when_something_stands_behind_it() -> None:
    text = '{"type":12,"x":1}'
    found = [INTEGERS.peek(text[:size].encode()) for size in range(len(text) + 1)]
    assert found == [12 if size >= len('{"type":12,') else None for size in range(len(text) + 1)]


def pad(head: str, tail: str, size: int) -> str:
    """Return `{head}`, spaces and `{tail}`, of `size` bytes in all."""
    return head + " " * (size - len(head.encode()) - len(tail.encode())) + tail


@pytest.mark.parametrize(("size", "tag"), [(WINDOW - 1, "a"), (WINDOW, "a"), (WINDOW + 1, None)])
def test_the_window_ends_behind_a_string(size: int, tag: str | None) -> None:
    assert STRINGS.peek(pad("{", '"type":"a"', size) + ',"x":1}') == tag


@pytest.mark.parametrize(("size", "tag"), [(WINDOW - 1, 1), (WINDOW, None), (WINDOW + 1, None)])
def test_the_window_ends_behind_an_integer_and_one_more(size: int, tag: int | None) -> None:
    assert INTEGERS.peek(pad("{", '"type":1', size) + ',"x":1}') == tag


@pytest.mark.parametrize("cut", range(1, len('"type":"a"')))
def test_the_window_may_end_anywhere(cut: int) -> None:
    assert STRINGS.peek(pad("{", '"type":"a"', WINDOW + cut) + "}") is None


def test_the_window_counts_bytes() -> None:
    text = '{"x":"' + "é" * (WINDOW // 2 - 4) + '","type":"a"}'
    assert (len(text) < WINDOW, STRINGS.peek(text)) == (True, None)


# Each is looked at once: the quotes at both ends of a key and of a string, brackets, and escapes.
@pytest.mark.parametrize(
    ("filler", "steps"),
    [('"k":1,', 1), ('"k":"v",', 2), ('"k":[[1],[2]],', 6), ('"k":"\\n\\n",', 4), ('"k":{"l":"v"},', 6)],
    ids=["number", "string", "arrays", "escapes", "object"],
)
def test_the_scan_takes_so_many_steps(filler: str, steps: int) -> None:
    # The tag itself takes two, its key and its value.
    most = (STEPS - 2) // steps
    assert STRINGS.peek("{" + filler * most + '"type":"a"}') == "a"
    assert STRINGS.peek("{" + filler * (most + 1) + '"type":"a"}') is None


@pytest.mark.parametrize("length", range(130))
def test_strings_of_every_length_are_skipped(length: int) -> None:
    assert STRINGS.peek('{"x":"' + "y" * length + '","type":"a"}') == "a"
    assert STRINGS.peek('{"x":"' + "y" * length + '\\"","type":"a"}') == "a"
    assert STRINGS.peek('{"' + "y" * length + '":[' + "1" * length + '],"type":"a"}') == "a"
