"""A request that is read in one pass, because its route has types, is what it would be if it were read twice.

The fast path peeks at the route and validates the text once; the slow one reads the text without types, and then
validates it again.  A quarter of ``FASTWS_FUZZ`` is the number of comparisons (30,000 by default), ``FASTWS_SEED`` the seed, which
every failure prints.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Annotated, Any, Final, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_fuzz import TextMaker, escape
from pydantic import AfterValidator, BaseModel, BeforeValidator
from typing_extensions import TypedDict

from fastws import SocketRouter
from fastws._call import Planned
from fastws._core import STEPS, WINDOW, DispatchTable
from fastws._envelope import Envelope
from fastws.messages import CONSISTENT

COMPARISONS: Final = int(os.environ.get("FASTWS_FUZZ", "120000")) // 4
SEED: Final = os.environ.get("FASTWS_SEED", "0")


class Item(BaseModel):
    name: str
    size: float = 1.5


class Headers(BaseModel):
    token: int


class Row(TypedDict):
    number: int


@dataclass
class Point:
    x: int


class Path(str, Enum):
    ENUM = "of/an/enum"


def stumble(value: object) -> object:
    if value == "stumble":
        raise LookupError("the program's own")
    return value


async def take_item(ws: object, headers: Any, payload: Item) -> None: ...


async def take_item_or_nothing(ws: object, headers: Any, payload: Item | None) -> None: ...


async def take_default(ws: object, headers: Any, payload: int = 5) -> None: ...


async def take_point(ws: object, headers: Headers, payload: Point) -> None: ...


async def take_headers(ws: object, headers: dict[str, int], payload: Any) -> None: ...


async def take_headers_of_any_kind(ws: object, headers: list[int] | Row | Any, payload: list[int]) -> None: ...


async def take_list_of_headers(ws: object, headers: list[int] | str | int | None, payload: Any) -> None: ...


async def take_row(ws: object, headers: Row | None, payload: Row | list[Row]) -> None: ...


async def take_what_stumbles(ws: object, headers: Any, payload: Annotated[str, BeforeValidator(stumble)]) -> None: ...


async def take_literal(ws: object, headers: Any, payload: Literal["a", 1]) -> None: ...


async def take_anything(ws: object, headers: Any, payload: Any) -> None: ...


ROUTES: Final[dict[str, Any]] = {
    "item": take_item,
    "maybe": take_item_or_nothing,
    "default": take_default,
    "point": take_point,
    "headers": take_headers,
    "any": take_headers_of_any_kind,
    "list": take_list_of_headers,
    "row": take_row,
    "stumbles": take_what_stumbles,
    "literal": take_literal,
    "größe": take_item,
    'quo"te\n': take_item,
    "": take_item,
    "ping": take_item,
    Path.ENUM: take_item,
    "untyped": take_anything,
    "untyped/too": take_anything,
}


class Connection:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send_text(self, data: str) -> None:
        self.sent.append(data)


class Paths:
    """A router's table, and the same without what makes it fast."""

    def __init__(self) -> None:
        router = SocketRouter()
        for path, handler in ROUTES.items():
            router.route(path)(handler)
        self.fast = router._build_table()
        self.slow = DispatchTable(union=self.fast.union, classes={Envelope: Planned()})
        self.plans = {id(route.plan): path for path, route in router.routes.items()}

    def show(self, table: DispatchTable[Any], text: str) -> str:
        """Return what becomes of a request, spelled so that `1`, `1.0` and `True` differ."""
        handler, envelope = table.route(text)
        assert isinstance(envelope, Envelope)
        plan: Any = envelope.plan
        assert isinstance(handler, Planned)
        route = self.plans.get(id(plan))
        if route is not None:
            return repr(("handled by", route, envelope.uuid, envelope.headers, envelope.payload))
        connection = Connection()
        with suppress(StopIteration):
            plan(connection, envelope).send(None)
        return repr(("answered", envelope.uuid, connection.sent))

    def differ(self, text: str) -> tuple[str, str] | None:
        """Return what both make of a request where they differ."""
        fast, slow = self.show(self.fast, text), self.show(self.slow, text)
        return None if fast == slow else (fast, slow)


PATHS: Final = Paths()


@pytest.mark.skipif(not CONSISTENT, reason="pydantic is older than 2.11")
@pytest.mark.parametrize("path", [path for path in ROUTES if "untyped" not in path and path.isprintable()])
@pytest.mark.parametrize("key", ["route", "path"])
def test_every_route_with_types_is_fast(key: str, path: str) -> None:
    text = json.dumps({"uuid": 1, key: path}, ensure_ascii=False)
    assert isinstance(PATHS.fast.peek(text), Planned)
    assert PATHS.slow.peek(text) is None


@pytest.mark.skipif(not CONSISTENT, reason="pydantic is older than 2.11")
@pytest.mark.parametrize(("payload", "expected"), [(1, 1), (-1, 1)], ids=["valid", "refused"])
def test_a_request_is_validated_once(payload: int, expected: int) -> None:
    seen: list[int] = []

    def refuse_negative(number: int) -> int:
        seen.append(number)
        if number < 0:
            raise ValueError("negative")
        return number

    router = SocketRouter()

    async def take(ws: object, headers: Any, payload: Any) -> None: ...

    take.__annotations__["payload"] = Annotated[int, AfterValidator(refuse_negative)]
    router.route("take")(take)
    router._build_table().route(f'{{"uuid":1,"route":"take","payload":{payload}}}')
    assert seen == [payload] * expected


@pytest.mark.skipif(CONSISTENT, reason="pydantic is not older than 2.11")
def test_no_route_is_fast_where_pydantic_is_not_consistent() -> None:
    assert PATHS.fast.peek('{"uuid":1,"route":"item"}') is None


ITEM: Final = '"payload":{"name":"tea"}'
PAD: Final = '"pad":"' + "x" * WINDOW + '"'
TEXTS: Final = {
    "valid": '{"uuid":1,"route":"item",' + ITEM + "}",
    "invalid": '{"uuid":1,"route":"item","payload":{"name":1}}',
    "payload first": "{" + ITEM + ',"route":"item","uuid":1}',
    "both spellings, the same": '{"uuid":1,"track_id":2,"route":"item","path":"item",' + ITEM + "}",
    "both spellings, two routes": '{"uuid":1,"route":"item","path":"maybe","payload":null}',
    "both spellings, two routes, the other way": '{"uuid":1,"path":"item","route":"maybe","payload":null}',
    "both spellings, one untyped": '{"uuid":1,"route":"item","path":"untyped","payload":null}',
    "both spellings, one unknown": '{"uuid":1,"route":"item","path":"unknown","payload":null}',
    "both spellings, one null": '{"uuid":1,"route":"item","path":null,' + ITEM + "}",
    "both spellings of the id, one null": '{"uuid":1,"track_id":null,"route":"item",' + ITEM + "}",
    "both spellings of the id, the other null": '{"uuid":null,"track_id":1,"route":"item",' + ITEM + "}",
    "route that stands twice": '{"uuid":1,"route":"item",' + ITEM + ',"route":"headers"}',
    "route that stands twice, untyped": '{"uuid":1,"route":"item",' + ITEM + ',"route":"untyped"}',
    "route that stands twice, escaped": '{"uuid":1,"route":"item",' + ITEM + ',"rout\\u0065":"maybe"}',
    "payload that stands twice": '{"uuid":1,"route":"item",' + ITEM + ',"payload":{"name":"milk"}}',
    "headers that stand twice": '{"uuid":1,"route":"item","headers":{"a":1,"b":2},"headers":{"b":1,"a":2,"b":3},'
    + ITEM
    + "}",
    "headers, first none": '{"uuid":1,"route":"headers","headers":[],"headers":{"a":1}}',
    "headers, last none": '{"uuid":1,"route":"headers","headers":{"a":1},"headers":[]}',
    "PING behind": '{"uuid":1,"route":"item","path":"PING",' + ITEM + "}",
    "PING before": '{"uuid":[],"path":"PING","route":"item",' + ITEM + "}",
    "escaped route": '{"uuid":1,"route":"it\\u0065m",' + ITEM + "}",
    "escapes in a route": '{"uuid":1,"route":"quo\\"te\\n",' + ITEM + "}",
    "route in UTF-8": '{"uuid":1,"route":"größe",' + ITEM + "}",
    "route in capitals": '{"uuid":1,"route":"ITEM",' + ITEM + "}",
    "empty route": '{"uuid":1,"route":"",' + ITEM + "}",
    "route of an enum": '{"uuid":1,"route":"of/an/enum",' + ITEM + "}",
    "route that is a number": '{"uuid":1,"route":1,' + ITEM + "}",
    "route far behind": '{"uuid":1,' + PAD + "," + ITEM + ',"route":"item"}',
    "route behind much": '{"uuid":1,"pad":[' + "[]," * STEPS + "[]]," + ITEM + ',"route":"item"}',
    "route in the payload": '{"uuid":1,"payload":{"route":"item","name":"a"},"route":"row"}',
    "large id": '{"uuid":' + "9" * 4300 + ',"route":"item",' + ITEM + "}",
    "too large an id": '{"uuid":' + "9" * 4301 + ',"route":"item",' + ITEM + "}",
    "no id": '{"route":"item",' + ITEM + "}",
    "id that is no scalar": '{"uuid":[1],"route":"item",' + ITEM + "}",
    "id that is a fraction": '{"uuid":1.5,"route":"item",' + ITEM + "}",
    "id that is a float": '{"uuid":-0.0,"route":"item",' + ITEM + "}",
    "id that is true": '{"uuid":true,"route":"item",' + ITEM + "}",
    "id that is NaN": '{"uuid":NaN,"route":"item",' + ITEM + "}",
    "id that is infinite": '{"uuid":1e400,"route":"item",' + ITEM + "}",
    "headers that are null": '{"uuid":1,"route":"item","headers":null,' + ITEM + "}",
    "headers that are an array": '{"uuid":1,"route":"item","headers":[],' + ITEM + "}",
    "headers that are an array, as they may": '{"uuid":1,"route":"list","headers":[1]}',
    "headers that are a text, as they may": '{"uuid":1,"route":"list","headers":"a"}',
    "headers that are null, as they may": '{"uuid":1,"route":"list","headers":null}',
    "headers that are missing, as they may": '{"uuid":1,"route":"list"}',
    "headers of no type": '{"uuid":1,"route":"any","headers":3,"payload":[1]}',
    "headers of a model": '{"uuid":1,"route":"point","headers":{"token":"1"},"payload":{"x":1}}',
    "headers of a model, missing": '{"uuid":1,"route":"point","payload":{"x":1}}',
    "payload of another kind": '{"uuid":1,"route":"point","headers":{"token":1},"payload":[1]}',
    "payload that is missing": '{"uuid":1,"route":"item"}',
    "payload that is missing, as it may": '{"uuid":1,"route":"maybe"}',
    "payload with a default": '{"uuid":1,"route":"default"}',
    "payload with a default, null": '{"uuid":1,"route":"default","payload":null}',
    "validator that raises": '{"uuid":1,"route":"stumbles","payload":"stumble"}',
    "literal": '{"uuid":1,"route":"literal","payload":1.0}',
    "NaN in the payload": '{"uuid":1,"route":"item","payload":{"name":"a","size":NaN}}',
    "surrogate in the payload": '{"uuid":1,"route":"item","payload":{"name":"\\ud800"}}',
    "surrogate in what is not read": '{"uuid":1,"route":"item","x":"\\ud800",' + ITEM + "}",
    "raw surrogate": '{"uuid":1,"route":"item","x":"\ud800",' + ITEM + "}",
    "deep in what is not read": '{"uuid":1,"route":"item","x":' + "[" * 199 + "]" * 199 + "," + ITEM + "}",
    "too deep in what is not read": '{"uuid":1,"route":"item","x":' + "[" * 202 + "]" * 202 + "," + ITEM + "}",
    "no such route": '{"uuid":1,"route":"unknown",' + ITEM + "}",
    "cut off": '{"uuid":1,"route":"item",' + ITEM,
    "two texts": '{"uuid":1,"route":"item",' + ITEM + "}{}",
    "white space": ' {\n"route" :\t"item" , "uuid" : 1 , ' + ITEM + " } ",
    "vertical tab": '{"uuid":1,\x0b"route":"item",' + ITEM + "}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_both_paths_agree(text: str) -> None:
    assert PATHS.differ(text) is None


IDS: Final[tuple[Any, ...]] = (
    0,
    1,
    -1,
    2**63,
    2**70,
    True,
    False,
    1.0,
    1.5,
    "a",
    "",
    "é",
    None,
    [],
    [1],
    {},
    {"uuid": 1},
)
HEADERS: Final[tuple[Any, ...]] = (
    None,
    {},
    {"token": 1},
    {"token": "x"},
    {"a": 1, "b": [None]},
    [],
    [1],
    "h",
    0,
    False,
    {"number": 1},
)
PAYLOADS: Final[tuple[Any, ...]] = (
    *(None, 0, 1, 5.5, "a", "stumble", [], [1], [{"number": 2}], {}, {"name": "tea"}, {"name": "é", "size": 2}),
    *({"name": 1}, {"x": 1}, {"x": "y"}, {"number": 2**70}, {"name": "tea", "size": 10**30}, True, {"route": "item"}),
)


# What a route takes, so that many requests are valid.
VALID: Final[dict[str, Any]] = {
    **{path: {"name": "tea", "size": 2} for path in ("item", "maybe", "größe", "", "ping", "of/an/enum")},
    "default": 7,
    "point": {"x": 1},
    "any": [1, 2],
    "row": {"number": 2**70},
    "stumbles": "a",
    "literal": 1,
}


def make_examples(random: Random, count: int) -> Iterator[dict[str, object]]:
    """Make requests, most of them of routes that there are, some under both spellings."""
    routes = [*(path.value if isinstance(path, Path) else path for path in ROUTES), "PING", "unknown", "list", *VALID]
    for _ in range(count):
        route, valid = random.choice(routes), random.random() < 0.6
        members: list[tuple[str, object]] = [
            (random.choice(["uuid", "track_id"]), 1 if valid else random.choice(IDS)),
            (random.choice(["route", "path"]), route),
        ]
        if valid or random.random() < 0.6:
            members.append(("headers", {"token": 1, "number": 2} if valid else random.choice(HEADERS)))
        if valid or random.random() < 0.9:
            members.append(("payload", VALID.get(route) if valid else random.choice(PAYLOADS)))
        if random.random() < 0.2:
            members.append((random.choice(["route", "path"]), random.choice(routes)))
        if random.random() < 0.2:
            members.append((random.choice(["uuid", "track_id"]), random.choice(IDS)))
        random.shuffle(members)
        yield dict(members)


@pytest.mark.parametrize("key", ["route", "path"])
def test_mutated_requests(key: str) -> None:
    random = Random(f"{SEED} {key}")
    for batch in range(COMPARISONS // 2000 + 1):
        maker = TextMaker(make_examples(random, 100), key, random)
        for i in range(1000):
            made = maker.make()
            text = made if isinstance(made, str) else made.decode("utf-8", "surrogateescape")
            assert PATHS.differ(text) is None, f"FASTWS_SEED={SEED}, {key}, text {i} of batch {batch}: {text!r}"


@pytest.mark.skipif(not CONSISTENT, reason="pydantic is older than 2.11")
def test_many_mutated_requests_are_fast() -> None:
    random = Random(0)
    maker = TextMaker(make_examples(random, 100), "route", random)
    texts = [text for text in (maker.make() for _ in range(2000)) if isinstance(text, str)]
    shown = [PATHS.show(PATHS.fast, text) for text in texts]
    handled = sum(
        PATHS.fast.peek(text) is not None and "handled" in row for text, row in zip(texts, shown, strict=True)
    )
    refused = sum(
        PATHS.fast.peek(text) is not None and "Data check" in row for text, row in zip(texts, shown, strict=True)
    )
    assert (handled > 100, refused > 100) == (True, True), (handled, refused)


keys = st.sampled_from(["uuid", "track_id", "route", "path", "headers", "payload", "Route", "x"])
routes = st.sampled_from([*VALID, *map(str, ROUTES), "PING", "item", "item", "item", "list", "unknown"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | routes
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=6)
members = st.one_of(
    st.tuples(st.sampled_from(["uuid", "track_id"]), st.sampled_from(IDS) | st.integers()),
    st.tuples(st.sampled_from(["route", "path"]), routes),
    st.tuples(st.just("headers"), st.sampled_from(HEADERS) | anything),
    st.tuples(st.just("payload"), st.sampled_from(PAYLOADS) | anything),
    st.tuples(keys, anything),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(members, max_size=8), st.booleans(), st.sets(st.integers(0, 7)))
def test_any_members(pairs: list[tuple[str, object]], ascii_only: bool, escaped: set[int]) -> None:
    names = [escape(json.dumps(name)) if i in escaped else json.dumps(name) for i, (name, _) in enumerate(pairs)]
    values = [json.dumps(value, ensure_ascii=ascii_only) for _, value in pairs]
    text = "{" + ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True)) + "}"
    assert PATHS.differ(text) is None
