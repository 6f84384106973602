"""Connections that are open when a server is told to end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

from servers import Server
from websockets.asyncio.client import ClientConnection, connect


@dataclass(frozen=True)
class Group:
    """Connections that are in the same state when the server is told to end.

    Attributes:
        path: Their endpoint.
        count: How many they are.
        work: A message whose handler says that it has begun, and then takes its time; `None` where there has been none.
        queued: How many more of them wait behind it.
    """

    path: str
    count: int
    work: str | None = None
    queued: int = 0


async def open_client(server: Server, group: Group) -> ClientConnection:
    client = await connect(f"ws://{server.address}{group.path}")
    if group.work is not None:
        await client.send(group.work)
        assert await client.recv() == "begun"
        for _ in range(group.queued):
            await client.send(group.work)
    return client


async def end(server: Server, groups: Iterable[Group]) -> tuple[list[int | None], float]:
    """Have the server end while all clients are connected; return the close codes that they see, and its time."""
    clients = [await open_client(server, group) for group in groups for _ in range(group.count)]
    await asyncio.sleep(0.2)  # until the queued messages have been read
    start = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*(client.wait_closed() for client in clients))
    await asyncio.to_thread(server.process.wait)
    return [client.close_code for client in clients], time.monotonic() - start
