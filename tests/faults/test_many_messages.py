"""Ten thousand messages with a dependency each, on one connection: set up, handled and torn down, one after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fault_peers import IMPLEMENTATIONS, ask, ask_until, find_complaints, join
from servers import Server, run_server

pytestmark = pytest.mark.faults

TIMES: Final = 10_000

# A plain generator needs the thread pool twice for each message.
TIMES_IN_THREADS: Final = 2000


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    options = ["--no-access-log"]
    with run_server("faults.messages_app:app", log, implementation=request.param, options=options) as server:
        yield server


def answer_always(number: int) -> str:
    return "answer"


def raise_every_third(number: int) -> str:
    return "raise" if number % 3 == 2 else "answer"


def cancel_every_fifth(number: int) -> str:
    return "cancel" if number % 5 == 4 else raise_every_third(number)


Fate = Callable[[int], str]


def run_messages(server: Server, router: str, type_: str, times: int, fate: Fate) -> dict[str, Any]:
    """Send so many messages, wait until all of them have been handled, and leave; return what the server counted."""
    name = f"{router}-{type_}-{fate.__name__}".replace(" ", "-")
    before = ask(server, "/tasks")

    async def run() -> list[str | bytes]:
        async with join(server, router, name) as connection:
            for number in range(times):
                await connection.send(json.dumps({"type": type_, "n": number, "fate": fate(number)}))
            await asyncio.to_thread(
                ask_until, server, f"/tallies/{name}", lambda tally: tally["torn_down"] >= times, seconds=60
            )
            answered = [number for number in range(times) if fate(number) == "answer"]
            return [await asyncio.wait_for(connection.recv(), 10) for _ in answered]

    answers = [int(answer) for answer in asyncio.run(run())]
    assert sorted(answers) == [number for number in range(times) if fate(number) == "answer"]
    tally: dict[str, Any] = ask_until(server, f"/tallies/{name}", lambda tally: tally["goodbyes"] != {})
    assert (tally["set_up"], tally["handled"], tally["torn_down"]) == (times, times, times)
    assert tally["goodbyes"] == {"1000 ": 1}
    fates = [fate(number) for number in range(times)]
    seen = tally["errors"]
    assert (seen["NoneType"], seen.get("LookupError", 0)) == (fates.count("answer"), fates.count("raise"))
    # FastAPI 0.115 does not tell a plain generator that its handler was cancelled; it is closed all the same.
    assert seen.get("CancelledError", 0) + seen.get("GeneratorExit", 0) == fates.count("cancel")
    assert ask_until(server, "/tasks", lambda tasks: tasks <= before) <= before
    assert find_complaints(server.read_log()) == []
    return tally


types = pytest.mark.parametrize(
    ("type_", "times"), [("count", TIMES), ("count in threads", TIMES_IN_THREADS)], ids=["async", "plain"]
)


@types
@pytest.mark.parametrize(
    ("router", "fate"),
    [("patient", answer_always), ("patient", raise_every_third), ("patient-in-tasks", cancel_every_fifth)],
    ids=["in-turn", "in-turn-and-raising", "in-tasks-raising-and-cancelled"],
)
def test_messages_are_set_up_handled_and_torn_down_in_order(
    server: Server, router: str, fate: Fate, type_: str, times: int
) -> None:
    assert run_messages(server, router, type_, times, fate)["in_order"]


@types
def test_messages_at_the_same_time_have_a_dependency_each(server: Server, type_: str, times: int) -> None:
    assert run_messages(server, "patient-together", type_, times, cancel_every_fifth)["each_once"]
