"""Print what a message costs a real server: CPU time over uvicorn, against a route that parses nothing.

Each contender has a server process of its own.  They take turns, so that a busy machine is busy for all of them; a round
is some turns of each, its ratio is that of its CPU times, and the median round counts.  The floor runs twice: how far the
second is from 1 is what the machine does not tell apart.  Nothing is pinned to a core: it made no difference.

``--quick`` takes fewer and shorter rounds; words after it choose the contenders whose names contain one of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Final

from client import IN_FLIGHT, Server
from interleaved import summarise
from report import Table, describe_machine
from server import CONTENDERS, FLOOR, OURS
from serving import LOOP
from workload import TAG_FIRST

LIMIT: Final = 1.15

# A round is 20,000 messages of each contender, in turns of about 30 ms: the machine drifts within a round too.
ROUNDS: Final = 11
TURNS: Final = 10
MESSAGES: Final = 2000
SETTLING: Final = 200
WARM_UP: Final = 4000

QUICK: Final = 3

# What a message cost with each contender, in seconds.
Costs = dict[str, float]


def measure_turn(server: Server) -> float:
    # The caches hold another's code, the core may have slept.
    server.exchange(SETTLING)
    before = server.read_cpu_time()
    server.exchange(MESSAGES)
    return server.read_cpu_time() - before


def measure_rounds(servers: Sequence[Server], rounds: int, turns: int) -> Iterator[Costs]:
    """Yield what each contender cost in each round; every turn begins with another of them."""
    for _ in range(rounds):
        costs = {server.contender: 0.0 for server in servers}
        for turn in range(turns):
            first = turn % len(servers)
            for server in (*servers[first:], *servers[:first]):
                costs[server.contender] += measure_turn(server)
        yield {contender: seconds / (turns * MESSAGES) for contender, seconds in costs.items()}


def print_table(rounds: Sequence[Costs]) -> None:
    table = Table("µs a message")
    for contender in rounds[0]:
        ratios = summarise([costs[contender] / costs[FLOOR] for costs in rounds])
        cost = median(costs[contender] for costs in rounds)
        what = contender if contender == FLOOR else f"{contender} / floor"
        table.add(what, ratios, LIMIT if contender in OURS else None, more=f"{1e6 * cost:.2f}")
    table.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("words", nargs="*", help="only the contenders whose names contain one of these")
    options = parser.parse_args()
    chosen = [
        name for name in CONTENDERS if name == FLOOR or not options.words or any(word in name for word in options.words)
    ]
    print(describe_machine("uvicorn", "websockets", "uvloop"))
    with ExitStack() as stack:
        started = [stack.enter_context(Server(name, TAG_FIRST, TAG_FIRST)) for name in chosen]
        servers = [server for server in started if server.connect()]
        print(f"CPU time of the server, on {LOOP}, {IN_FLIGHT} messages in flight")
        for server in servers:
            server.exchange(WARM_UP)
        rounds = QUICK if options.quick else ROUNDS
        print_table(list(measure_rounds(servers, rounds, QUICK if options.quick else TURNS)))


if __name__ == "__main__":
    main()
