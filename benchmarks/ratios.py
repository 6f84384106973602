"""Print how fastws keeps its bars: ratios taken in one process, contenders interleaved, the median of the rounds.

``--quick`` takes fewer rounds; words after it choose the bars whose names contain one of them.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
from collections.abc import Callable, Iterator
from contextlib import closing
from time import perf_counter
from typing import Any, Final

import orjson
from applications import (
    answer,
    answer_user,
    dump,
    get_user,
    make_loop_app,
    make_ours,
    make_replying,
    make_theirs,
    send_model,
)
from fastapi import Depends, FastAPI
from harness import count_answers
from interleaved import Ratios, Turn, compare, compare_difference, make_turn
from report import MANY, Bar, Table, describe_machine
from request_applications import (
    ENDS,
    REQUEST,
    dump_with_orjson,
    make_loop_by_hand,
    make_published_app,
    make_socket_app,
)
from rivals import Models, Parse, adapt_discriminated, adapt_smart, route_with, validate_alone, write_match
from workload import (
    ADVERSARIAL,
    BAD_FIELD,
    COUNTS,
    FILLERS,
    KILO,
    KINDS,
    TAG_FIRST,
    TAG_LAST,
    UNKNOWN_TAG,
    get_models,
    make_far,
    make_models,
)

from fastws._core import DispatchTable
from fastws.messages import build_messages

MEGA: Final = KILO * KILO
FEW: Final = 25
QUICK: Final = 7

# Of one connection: long beside the clock, short beside what else the machine does.
MESSAGES: Final = 300


def measure_route(count: int, kind: str, text: str) -> Callable[[int], Ratios]:
    """Measure routing against the right model's own validator."""

    def measure(rounds: int) -> Ratios:
        models = get_models(count)
        floor = make_turn(validate_alone(models[0]), text)
        return compare(floor, make_turn(route_with(models, KINDS[kind]), text), rounds)

    return measure


def list_route_bars() -> Iterator[Bar]:
    for place, text, limit in (("first", TAG_FIRST, 1.14), ("last", TAG_LAST, 1.17)):
        for count in COUNTS:
            for kind in KINDS:
                what = f"route / floor, {count} models, {kind}, tag {place}"
                yield Bar(what, limit, measure_route(count, kind, text))


def measure_far(shape: str, size: int) -> Callable[[int], Ratios]:
    def measure(rounds: int) -> Ratios:
        # The text is made here, because all of them at once would not leave much memory.
        return measure_route(10, "inferred", make_far(shape, size))(rounds)

    return measure


def list_far_bars() -> Iterator[Bar]:
    for name, size, limit, rounds in (
        ("1 KB", KILO, 1.15, MANY),
        ("100 KB", 100 * KILO, 1.05, MANY),
        ("10 MB", 10 * MEGA, 1.05, FEW),
    ):
        for shape in FILLERS:
            what = f"route / floor, 10 models, tag behind {name} of {shape}"
            yield Bar(what, limit, measure_far(shape, size), rounds)


def measure_scan(text: str) -> Callable[[int], Ratios]:
    """Measure the scan without the call: a table without entries goes through the same method and does not scan."""

    def measure(rounds: int) -> Ratios:
        models = get_models(10)
        table = build_messages(dict.fromkeys(models, print)).table
        empty: DispatchTable[Any] = DispatchTable(union=table.union, classes={}, key=table.key)
        floor = make_turn(validate_alone(models[0]), text)
        return compare_difference(floor, make_turn(table.peek, text), make_turn(empty.peek, text), rounds)

    return measure


def measure_growth(call: Parse, shape: str) -> Callable[[int], Ratios]:
    """Measure twice the text against the text, at three sizes; the worst of them counts."""

    def measure(rounds: int) -> Ratios:
        found = []
        for size in (64 * KILO, 256 * KILO, MEGA):
            once, twice = (make_turn(call, ADVERSARIAL[shape](n), refused=True) for n in (size, 2 * size))
            found.append(compare(once, twice, rounds))
        return max(found, key=lambda ratios: ratios.middle)

    return measure


def list_growth_bars() -> Iterator[Bar]:
    table = build_messages(dict.fromkeys(get_models(10), print)).table
    for name, call in (("route", table.route), ("peek", table.peek)):
        for shape in ADVERSARIAL:
            yield Bar(f"{name}, time(2n) / time(n), {shape}", 2.2, measure_growth(call, shape), FEW)


def measure_gain(count: int, kind: str) -> Callable[[int], Ratios]:
    """Measure how many times faster routing is than the union through `TypeAdapter`, which is what users call now."""

    def measure(rounds: int) -> Ratios:
        models = get_models(count)
        union = adapt_discriminated(models) if KINDS[kind] else adapt_smart(models)
        ours = make_turn(route_with(models, KINDS[kind]), TAG_FIRST)
        return compare(ours, make_turn(union.validate_json, TAG_FIRST), rounds)

    return measure


def list_gain_bars() -> Iterator[Bar]:
    for count in COUNTS:
        what = f"TypeAdapter of the discriminated union / route, {count} models"
        yield Bar(what, 1.25, measure_gain(count, "discriminator"), at_least=True)
    for count, limit in ((2, 1.7), (10, 6.0), (50, 25.0), (200, 115.0)):
        what = f"TypeAdapter of the smart union / route, {count} models"
        yield Bar(what, limit, measure_gain(count, "inferred"), at_least=True)


def measure_refusal(kind: str, text: str) -> Callable[[int], Ratios]:
    """Measure an invalid message against the union's own validator, without the wrapper of `TypeAdapter`."""

    def measure(rounds: int) -> Ratios:
        models = get_models(10)
        union = adapt_discriminated(models) if KINDS[kind] else adapt_smart(models)
        alone = make_turn(union.validator.validate_json, text, refused=True)
        return compare(alone, make_turn(route_with(models, KINDS[kind]), text, refused=True), rounds)

    return measure


def list_refusal_bars() -> Iterator[Bar]:
    # An invalid field is over its bar, at 2.0 to 2.3: the member refuses it first, and then the union says why; each costs one.
    for name, text in (("unknown tag", UNKNOWN_TAG), ("invalid field", BAD_FIELD)):
        yield Bar(f"{name}: route / discriminated union, 10 models", 1.8, measure_refusal("discriminator", text))
        yield Bar(f"{name}: route / smart union, 10 models", 1.2, measure_refusal("inferred", text))


def time_building(build: Callable[[Models], Any], count: int) -> Turn:
    """Time one building; pydantic keeps what it has built for a model, so the models are new, made outside the clock."""

    def turn() -> float:
        models = make_models(count)
        gc.collect()
        start = perf_counter()
        build(models)
        return perf_counter() - start

    return turn


def measure_building(base: Turn, ours: Turn) -> Callable[[int], Ratios]:
    return lambda rounds: compare(base, ours, rounds)


def route_first(kind: str) -> Callable[[Models], Any]:
    return lambda models: route_with(models, KINDS[kind])(TAG_FIRST)


def measure_whole(
    base: FastAPI, ours: FastAPI, text: str = TAG_FIRST, *, patient: bool = False
) -> Callable[[int], Ratios]:
    """Measure whole messages in process, through one application against through another.

    Parameters:
        base, ours: The applications.
        text: The message.
        patient: As for :func:`~harness.count_answers`.
    """

    def measure(rounds: int) -> Ratios:
        with closing(asyncio.new_event_loop()) as loop:
            first, second = (make_exchange_turn(app, text, loop, patient=patient) for app in (base, ours))
            return compare(first, second, rounds)

    return measure


def make_exchange_turn(app: FastAPI, text: str, loop: asyncio.AbstractEventLoop, *, patient: bool) -> Turn:
    texts = [text] * MESSAGES
    return lambda: count_answers(app, texts, loop, patient=patient).seconds / MESSAGES


def list_whole_bars() -> Iterator[Bar]:
    """The handlers answer with a constant, so that what is compared is what the routers do."""
    models = get_models(10)
    inferred, discriminated = make_ours(models, answer), make_ours(models, answer, "type")
    loop = make_loop_app(write_match(models), answer)
    patient = make_ours(models, answer, send_timeout=None)
    for what, base, ours, limit in (
        ("fastws / original, discriminator", make_theirs(models, answer, "type"), discriminated, 0.70),
        ("fastws / original, inferred", make_theirs(models, answer), inferred, 0.25),
        ("fastws / json.loads and match by hand", loop, inferred, 0.48),
        ("with / without send_timeout", patient, inferred, 1.06),
    ):
        if base is not None:  # the original may not be installed
            yield Bar(f"whole message, 10 models: {what}", limit, measure_whole(base, ours))


def list_handler_bars() -> Iterator[Bar]:
    """What a handler asks for and returns, beside the plain handler that does the same by hand."""
    models = get_models(10)
    plain, by_hand = make_ours(models, answer), make_ours(models, dump)
    kept = make_ours(models, answer_user, dependencies=[Depends(get_user)])
    for what, base, ours, limit in (
        ("declared reply / sent by hand", by_hand, make_replying(models), 1.05),
        ("send_model / sent by hand", by_hand, make_ours(models, send_model), 1.05),
        ("dependency of the connection / none", plain, kept, 1.10),
        # Most of it is FastAPI's own solver.  It is over its bar, at 14 to 15, since the message beside it is cheaper.
        ("dependency of each message / none", plain, make_ours(models, answer_user), 12.0),
    ):
        yield Bar(f"handler, 10 models: {what}", limit, measure_whole(base, ours))


def list_request_bars() -> Iterator[Bar]:
    """Requests by route and id, of which the handler adds up four numbers."""
    # The original answers in another task.
    measure_requests = functools.partial(measure_whole, text=REQUEST, patient=True)
    ours, original = make_socket_app(), make_published_app() if ENDS else None
    by_hand, with_orjson = make_loop_by_hand(), make_loop_by_hand(orjson.loads, dump_with_orjson)
    if original is not None:  # it may not be installed, or not end
        yield Bar("request: original / fastws", 3.0, measure_requests(ours, original), at_least=True)
    yield Bar("request: fastws / json by hand", 0.75, measure_requests(by_hand, ours))
    yield Bar("request: fastws / orjson by hand", 1.1, measure_requests(with_orjson, ours))


def list_building_bars() -> Iterator[Bar]:
    for kind, adapt in (("inferred", adapt_smart), ("discriminator", adapt_discriminated)):
        union, ours = time_building(adapt, 200), time_building(route_first(kind), 200)
        more = time_building(route_first(kind), 1000)
        yield Bar(f"build and route once / union, 200 models, {kind}", 1.5, measure_building(union, ours), FEW)
        yield Bar(f"build and route once, 1,000 / 200 models, {kind}", 5.0, measure_building(ours, more), FEW)


def list_bars() -> Iterator[Bar]:
    yield from list_route_bars()
    yield from list_far_bars()
    yield Bar("scan alone / floor, tag first", 0.05, measure_scan(TAG_FIRST))
    yield from list_gain_bars()
    yield from list_refusal_bars()
    yield from list_growth_bars()
    yield from list_building_bars()
    yield from list_whole_bars()
    yield from list_handler_bars()
    yield from list_request_bars()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("words", nargs="*", help="only the bars whose names contain one of these")
    options = parser.parse_args()
    print(describe_machine())
    table = Table()
    for bar in list_bars():
        if not options.words or any(word in bar.what for word in options.words):
            found = bar.measure(QUICK if options.quick else bar.rounds)
            table.add(bar.what, found, bar.limit, at_least=bar.at_least)
    table.close()


if __name__ == "__main__":
    main()
