"""What the fault suite does to a server: many peers at a time, rude ones among them, and questions about its counts."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from servers import Server, run_server
from websockets.asyncio.client import ClientConnection, connect

IMPLEMENTATIONS: Final = ["websockets-sansio", "wsproto"]

# What a server prints when something failed, was forgotten, or ended unseen.
COMPLAINTS: Final = ["Traceback", "Task was destroyed", "never retrieved", "never awaited", "another handler"]

# As many connections at a time.
CROWD: Final = 100

# So many messages may be under way, which is more than a mailbox holds.
WINDOW: Final = 256

Play = Callable[[ClientConnection], Awaitable[object]]


@contextmanager
def run_faults_app(log: Path, implementation: str, *options: str) -> Iterator[Server]:
    """Serve the application of the fault suite; what is logged of single requests would only hide the rest."""
    chosen = ["--no-access-log", *options]
    with run_server("faults.faults_app:app", log, implementation=implementation, options=chosen) as server:
        yield server


def ask(server: Server, path: str) -> Any:
    """Return what the application answers over HTTP."""
    with urllib.request.urlopen(f"http://{server.address}{path}", timeout=10) as response:
        return json.load(response)


def ask_until(server: Server, path: str, good: Callable[[Any], bool], seconds: float = 10) -> Any:
    """Ask until the answer is good or the time is over; return the last answer."""
    deadline = time.monotonic() + seconds
    while not good(answer := ask(server, path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def find_complaints(log: str, *expected: str) -> list[str]:
    """Return which complaints stand in a log, but for those that are expected."""
    return [complaint for complaint in COMPLAINTS if complaint in log and complaint not in expected]


def join(server: Server, router: str, name: str, *, buffer: int | None = None) -> connect:
    """Connect to a router of the application, and be counted under a name.

    Parameters:
        server: Where the application runs.
        router: Which of its routers.
        name: The name.
        buffer: How many bytes the peer's system takes while the peer does not read; `None` for the usual.
    """
    return reach(server, f"/{router}/{name}", buffer=buffer)


def reach(server: Server, path: str, *, buffer: int | None = None) -> connect:
    """Connect to an endpoint.

    Parameters:
        server: Where it runs.
        path: Its path.
        buffer: How many bytes the peer's system takes while the peer does not read; `None` for the usual.
    """
    endpoint = socket.socket(proto=socket.IPPROTO_TCP)
    if buffer is not None:
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    endpoint.connect(("127.0.0.1", server.port))
    # Whether the peer reads is for the tests to say, and not for the client's queue.
    return connect(
        f"ws://{server.address}{path}",
        sock=endpoint,
        compression=None,
        ping_interval=None,
        max_queue=None,
    )


async def join_often(
    server: Server, router: str, name: str, play: Play, times: int, *, buffer: int | None = None
) -> None:
    """Play the peer on so many connections, a crowd of them at a time."""
    await reach_often(server, f"/{router}/{name}", play, times, buffer=buffer)


async def reach_often(server: Server, path: str, play: Play, times: int, *, buffer: int | None = None) -> None:
    """Do so with connections to an endpoint."""
    places = asyncio.Semaphore(CROWD)

    async def reach_once() -> None:
        async with places, reach(server, path, buffer=buffer) as connection:
            await play(connection)

    await asyncio.wait_for(asyncio.gather(*(reach_once() for _ in range(times))), 60)


async def pipeline(connection: ClientConnection, total: int, make: Callable[[int], str | bytes]) -> list[str]:
    """Send so many messages without waiting for the answer to each, and return the answers in their order."""
    places = asyncio.Semaphore(WINDOW)

    async def send() -> None:
        for number in range(total):
            await places.acquire()
            await connection.send(make(number))

    sender = asyncio.create_task(send())
    answers = []
    for _ in range(total):
        answers.append(str(await asyncio.wait_for(connection.recv(), 10)))
        places.release()
    await sender
    return answers


def reset(connection: ClientConnection) -> None:
    """End the TCP connection with an RST."""
    # Closing a socket that is not to linger is a reset.
    endpoint = connection.transport.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


def write(type_: str, **fields: object) -> str:
    """Write a message of the application."""
    return json.dumps({"type": type_, **fields})


def stop(server: Server) -> float:
    """Tell a server to end; return how many seconds it took."""
    start = time.monotonic()
    server.process.terminate()
    server.process.wait(timeout=10)
    return time.monotonic() - start
