"""Nothing of a message is in the frame that refuses it, however long the message is and whatever is wrong with it."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quoting_models import FIELDS, MARKER, QUOTING, SETS, answer, make_router

ROUTERS: Final = {name: make_router(name) for name in SETS}

KEYS: Final = [MARKER, f"{MARKER}\n", "type", "number", "child", "x", "left", "m7", "f7", *FIELDS]
NAMES: Final = [func.__name__ for func in QUOTING]
TAGS: Final = ["everything", "quotes", "before", "whole", "m7", MARKER, "a"]


def values() -> st.SearchStrategy[Any]:
    """Return JSON with the marker in keys and values, in all forms that are nearly something else."""
    marked = [
        MARKER,
        MARKER * 50,
        f"http://{MARKER}:x/",
        f"2026-13-{MARKER}",
        f"1{MARKER}",
        f'["{MARKER}"]',
        f"{MARKER}é\0",
    ]
    scalars = (
        st.sampled_from([*marked, *TAGS, "", 0, -1, 10**30, 1.5, True, None]) | st.integers() | st.text(max_size=3)
    )
    keys = st.sampled_from([*KEYS, *NAMES])
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


def messages() -> st.SearchStrategy[str]:
    """Return JSON that often is an object with a known tag, and sometimes is cut off."""
    members = st.dictionaries(st.sampled_from([*KEYS, *NAMES]), values(), max_size=8)
    tagged = st.builds(lambda tag, rest: {**rest, "type": tag}, st.sampled_from(TAGS), members)
    texts = st.builds(
        lambda value, pretty: json.dumps(value, indent=pretty), tagged | values(), st.sampled_from([None, 1])
    )
    return texts | st.builds(lambda text, place: text[:place], texts, st.integers(1, 200))


# Making a text takes longer than asking all routers about it.
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=messages())
def test_the_marker_is_in_no_frame(text: str) -> None:
    frames = {name: answer(router, text) for name, router in ROUTERS.items()}
    assert [name for name, frame in frames.items() if frame is not None and MARKER.encode() in frame] == []


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "value",
    [
        MARKER,
        f"http://{MARKER} /",
        [MARKER],
        {MARKER: MARKER},
        [[{MARKER: [MARKER]}]],
        MARKER * 1000,
        {"number": MARKER},
    ],
    ids=["text", "url", "list", "object", "nested", "long", "inner"],
)
def test_no_type_lets_it_through(field: str, value: Any) -> None:
    frame = answer(ROUTERS["declared"], json.dumps({"type": "everything", field: value}))
    assert frame is None or MARKER.encode() not in frame


@pytest.mark.parametrize("func", QUOTING)
@pytest.mark.parametrize("tag", ["quotes", "before"])
@pytest.mark.parametrize("name", ["inferred", "declared"])
def test_no_validator_lets_it_through(name: str, tag: str, func: Any) -> None:
    frame = answer(ROUTERS[name], json.dumps({"type": tag, func.__name__: MARKER}))
    assert frame is not None
    assert MARKER.encode() not in frame


SEED: Final = Random(0)

# A million bytes of something wrong, as the members of an object.
MEGABYTES: Final[dict[str, str]] = {
    "many-items": json.dumps({"type": "everything", "items": [MARKER] * 100_000}),
    "long-string": json.dumps({"type": "everything", "integer": MARKER * 150_000}),
    "long-string-escaped": json.dumps({"type": "everything", "integer": f"{MARKER}é" * 75_000}),
    "long-items": json.dumps({"type": "everything", "items": [MARKER * 4000] * 40}),
    "deep": '{"type":"everything","integer":' + "[" * 500_000 + f'"{MARKER}"',
    "deep-enough": '{"type":"everything","inner":' + '{"number":1,"child":' * 150 + f'"{MARKER * 6000}"' + "}" * 151,
    "long-key": json.dumps({"type": "everything", MARKER * 150_000: 1}),
    "long-keys": json.dumps({"type": "everything", **{f"{number}{MARKER * 3000}": 1 for number in range(40)}}),
    "many-keys": json.dumps({"type": "everything", **{f"{MARKER}{number}": 1 for number in range(60_000)}}),
    "dict-keys": json.dumps({"type": "everything", "by_name": {f"{n}{MARKER * 3000}": MARKER for n in range(40)}}),
    "unknown-tag": json.dumps({"type": MARKER * 150_000}),
    "tag-of-another-kind": json.dumps({"type": [MARKER] * 100_000}),
    "quoted": json.dumps({"type": "quotes", **{func.__name__: MARKER * 14_000 for func in QUOTING[:-1]}}),
    "cut-off": json.dumps({"type": "everything", "text": MARKER * 150_000})[:-1],
    "no-json": MARKER * 150_000,
    "no-object": json.dumps(MARKER * 150_000),
    "numbers": json.dumps({"type": "everything", "integer": [1] * 300_000}),
    "digits": '{"type":"everything","integer":' + "7" * 1_000_000 + "}",
}


@pytest.mark.parametrize("text", MEGABYTES.values(), ids=MEGABYTES.keys())
@pytest.mark.parametrize("name", ["inferred", "declared", "union", "many-declared", "without-tags"])
@pytest.mark.parametrize("binary", [False, True], ids=["text", "bytes"])
def test_a_million_bytes_are_answered_with_few(name: str, text: str, binary: bool) -> None:
    frame = answer(ROUTERS[name], text.encode() if binary else text)
    assert frame is not None
    assert MARKER.encode() not in frame


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"nobody","x":12345}',
        '{"typo":"m7","f7":"1234"}',
        '{"type":"m7","f7":"xxxx"}',
        '{"type":"m7","f7":"xxxx"',
    ],
    ids=["unknown-tag", "no-tag", "wrong-field", "cut-off"],
)
@pytest.mark.parametrize("name", ["many", "many-declared"])
def test_few_bytes_against_many_models_are_answered_with_few(name: str, text: str) -> None:
    frame = answer(ROUTERS[name], text)
    assert frame is not None
    assert len(frame) < 250


def test_errors_in_any_number_are_answered_with_ten_or_with_how_many() -> None:
    counts = [SEED.randrange(1, 100) for _ in range(50)]
    told = []
    for count in counts:
        frame = answer(
            ROUTERS["declared"], json.dumps({"type": "everything", "by_name": {str(n): "x" for n in range(count)}})
        )
        assert frame is not None
        told.append([error["type"] for error in json.loads(frame)["detail"]])
    assert told == [["int_parsing"] * min(count, 10) if count <= 40 else ["too_many_errors"] for count in counts]
