"""How the tests ask a server for its state, and wait for it to change."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from controls import State
from servers import Server

# For uvicorn's `--app-dir`: the applications are in this folder.
HERE: Final = str(Path(__file__).parent)

IMPLEMENTATIONS: Final = ("websockets-sansio", "wsproto")

needs_linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")

KB: Final = 1024
MB: Final = 1024 * KB


def read_state(server: Server) -> State:
    """Ask a server for its state."""
    with urllib.request.urlopen(f"http://{server.address}/control/state", timeout=10) as response:
        return State.model_validate_json(response.read())


def order(server: Server, what: str) -> None:
    """Have a server do something."""
    request = urllib.request.Request(f"http://{server.address}/control/{what}", method="POST")
    with urllib.request.urlopen(request, timeout=30) as response:
        response.read()


def wait_for_state(server: Server, is_there: Callable[[State], bool], *, seconds: float) -> tuple[State, float]:
    """Wait until a server is in a state; return the state and how many seconds that took."""
    start = time.monotonic()
    while not is_there(state := read_state(server)):
        assert time.monotonic() - start < seconds, f"after {seconds:g} s the server is still in {state!r}"
        time.sleep(0.02)
    return state, time.monotonic() - start
