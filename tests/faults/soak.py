"""Connections come and go for minutes, good ones and bad ones, and nothing may grow: `make soak`.

FASTWS_SOAK is how long that takes, in seconds.  FASTWS_SEED repeats the visits of a run, though not their timing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from controls import State
from request_visits import REQUEST_VISITS
from server_state import HERE, IMPLEMENTATIONS, MB, read_state, wait_for_state
from servers import Server, run_server
from visits import VISITS, Visit
from websockets.asyncio.client import connect

SECONDS: Final = float(os.environ.get("FASTWS_SOAK", "180"))
SEED: Final = int(os.environ.get("FASTWS_SEED", random.randrange(2**32)))

# So many connections of each server are there at a time, and so often each server is looked at, in seconds.
VISITORS: Final = 20
INTERVAL: Final = 0.25

# What comes first does not count: caches fill, and the heap takes its shape.
WARM_UP: Final = 0.25

# The endpoints, and what is done there.
PLACES: Final[dict[str, dict[Visit, int]]] = {
    "/timed": VISITS,
    "/timed-together": VISITS,
    "/cancelling": VISITS,
    "/requests/timed": REQUEST_VISITS,
    "/requests/timed-together": REQUEST_VISITS,
    "/requests/cancelling": REQUEST_VISITS,
}

# How much more the median of the last third may be than that of the first: the visits are random.
TOLERANCES: Final = {"rss": 4 * MB, "tasks": 20, "fds": 10}

# What the server must never print.
COMPLAINTS: Final = ("Task was destroyed", "never retrieved", "never awaited")


@dataclass
class Run:
    """One server under load, and what was seen of it."""

    server: Server
    idle: State
    visits: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    samples: list[State] = field(default_factory=list)


async def visit_often(run: Run, chance: random.Random, deadline: float) -> None:
    """Make one visit after the other."""
    while time.monotonic() < deadline:
        path = chance.choice(list(PLACES))
        (visit,) = chance.choices(list(PLACES[path]), list(PLACES[path].values()))
        try:
            async with connect(f"ws://{run.server.address}{path}", compression=None) as connection:
                await visit(connection)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is a failure)
            run.failures[f"{visit.__name__}: {error!r}"[:300]] += 1
        run.visits[visit.__name__] += 1


async def watch(run: Run, deadline: float) -> None:
    while time.monotonic() < deadline:
        run.samples.append(await asyncio.to_thread(read_state, run.server))
        await asyncio.sleep(INTERVAL)


async def load(runs: list[Run]) -> None:
    deadline = time.monotonic() + SECONDS
    chance = random.Random(SEED)
    await asyncio.gather(
        *(watch(run, deadline) for run in runs),
        *(visit_often(run, random.Random(chance.random()), deadline) for run in runs for _ in range(VISITORS)),
    )


def judge(run: Run) -> list[str]:
    """Return what is wrong with a run, and print what was seen."""
    wrong = [f"{count} x {failure}" for failure, count in run.failures.items()]
    print(f"{sum(run.visits.values())} visits: {dict(run.visits.most_common())}")
    samples = run.samples[int(len(run.samples) * WARM_UP) :]
    third = len(samples) // 3
    for name, tolerance in TOLERANCES.items():
        values = [getattr(sample, name) for sample in samples]
        first, last = median(values[:third]), median(values[-third:])
        print(f"  {name:6}{first:14,.0f} -> {last:14,.0f}, may grow by {tolerance:,}; {max(values):,} at most")
        if last > first + tolerance:
            wrong.append(f"{name} grew from {first:,.0f} to {last:,.0f}")
    return wrong


def check_end(run: Run) -> list[str]:
    """Return what a server still has when everybody has gone."""
    idle = run.idle
    with contextlib.suppress(AssertionError):
        wait_for_state(run.server, lambda now: (now.tasks, now.fds) == (idle.tasks, idle.fds), seconds=10)
    now = read_state(run.server)
    print(f"  in the end {now.tasks} tasks and {now.fds} files, {idle.tasks} and {idle.fds} in the beginning;", end=" ")
    print(f"{now.count('connected')} connections and {now.count('disconnected')} goodbyes")
    wrong = []
    if (now.tasks, now.fds) != (idle.tasks, idle.fds):
        wrong.append(f"{now.tasks - idle.tasks} tasks and {now.fds - idle.fds} files were left")
    if now.count("connected") != now.count("disconnected"):
        wrong.append("not every connection had one goodbye")
    return wrong


def main() -> int:
    print(f"{SECONDS:g} s, FASTWS_SEED={SEED}", flush=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        options = ["--app-dir", HERE, "--ws-per-message-deflate", "false"]
        runs = []
        for implementation in IMPLEMENTATIONS:
            log = Path(folder) / implementation
            server = stack.enter_context(
                run_server("slow_app:app", log, implementation=implementation, options=options)
            )
            runs.append(Run(server, read_state(server)))
        asyncio.run(load(runs))
        for implementation, run in zip(IMPLEMENTATIONS, runs, strict=True):
            print(implementation, end=": ")
            wrong += [f"{implementation}: {what}" for what in (*judge(run), *check_end(run))]
        stack.close()  # the servers end, and what they forgot is collected
        for implementation, run in zip(IMPLEMENTATIONS, runs, strict=True):
            log_text = run.server.read_log()
            wrong += [f"{implementation} printed {what!r}" for what in COMPLAINTS if what in log_text]
    for what in wrong:
        print("WRONG:", what)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
