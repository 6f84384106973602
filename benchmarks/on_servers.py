"""Measure what a message costs a server: its CPU time on uvicorn, one message in flight, and many.

Every contender has a server process of its own, in the environment that it needs.  In every round each takes a turn, and
every round begins with another of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from client import Server
from contenders import ENVIRONMENTS, Contender
from figures import SERVER, Series, convert
from interleaved import take_rounds

ROOT: Final = Path(__file__).parent.parent

# Before a turn is timed, a part of its messages: caches hold another's code, and the core may have slept.
SETTLING: Final = 8
WARM_UP: Final = 2000

_SCRIPT: Final = Path(__file__).with_name("serve_contender.py")


def find_python(environment: str) -> Path:
    """Return the interpreter of an environment."""
    folder = ROOT / ENVIRONMENTS[environment]
    return next((path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists()), folder)


def start(contender: Contender) -> Server:
    """Start the server of a contender."""
    talk = contender.talk
    arguments = json.dumps(contender.list_arguments())
    return Server(
        contender.key,
        talk.request,
        talk.reply,
        command=[str(find_python(contender.environment)), str(_SCRIPT), contender.make, arguments],
        path=talk.path,
        greetings=talk.greetings,
    )


def measure_turn(server: Server, messages: int, in_flight: int) -> float:
    """Return the CPU time of a message, in seconds."""
    server.exchange(messages // SETTLING, in_flight)
    before = server.read_cpu_time()
    server.exchange(messages, in_flight)
    return (server.read_cpu_time() - before) / messages


def measure(
    contenders: Sequence[Contender],
    messages: dict[int, int],
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> list[Series]:
    """Return what a message costs on servers.

    Parameters:
        contenders: Who is measured; those that are not installed are left out.
        messages: How many messages a turn has, by how many of them are in flight.
        rounds: How many turns each contender takes with each of these,
        seconds: and after what time no other round begins.
        tell: Takes what is going on.
    """
    with ExitStack() as stack:
        started = [(one, stack.enter_context(start(one))) for one in contenders]
        servers = [(one, server) for one, server in started if server.connect()]
        for _, server in servers:
            server.exchange(WARM_UP)
        found: list[Series] = []
        for in_flight, count in messages.items():
            tell(f"{len(servers)} servers, up to {rounds} rounds of {count} messages, {in_flight} in flight")
            turns = {one.key: partial(measure_turn, server, count, in_flight) for one, server in servers}
            costs = take_rounds(turns, rounds, seconds)
            found += [
                Series(SERVER, one.environment, one.name, one.models, in_flight, convert(costs[one.key]))
                for one, _ in servers
            ]
    return found
