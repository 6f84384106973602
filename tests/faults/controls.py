"""What the applications under test tell about themselves over HTTP."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel

counts: Counter[str] = Counter()
released = asyncio.Event()

router = APIRouter(prefix="/control")


class State(BaseModel):
    """What a server says of itself.

    Attributes:
        tasks: How many asyncio tasks it has, the one that answers included.
        rss: Its resident memory in bytes; 0 where that is unknown.
        fds: How many files and sockets it has open; 0 where that is unknown.
        counts: What the application has counted.
    """

    tasks: int
    rss: int
    fds: int
    counts: dict[str, int]

    def count(self, name: str) -> int:
        return self.counts.get(name, 0)


@router.get("/state")
async def get_state() -> State:
    return State(tasks=len(asyncio.all_tasks()), rss=read_rss(), fds=count_fds(), counts=dict(counts))


def read_rss() -> int:
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def count_fds() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


@router.post("/release")
async def release() -> None:
    """Let the handlers go on that wait for it."""
    released.set()


@router.post("/reset")
async def reset() -> None:
    """Count anew, and let handlers wait again."""
    released.clear()
    counts.clear()
