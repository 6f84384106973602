"""Requests of the fault suite and the replies to them, as they stand on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from server_state import HERE
from servers import Server, run_server

OPTIONS: Final = ["--app-dir", HERE, "--no-access-log", "--ws-per-message-deflate", "false"]

# What the server logs of a request that was answered with 500.
FAILED: Final = "a request to '"


@contextmanager
def run_requests_app(log: Path, implementation: str, *options: str) -> Iterator[Server]:
    """Serve the application of the fault tests of requests."""
    with run_server("requests_app:app", log, implementation=implementation, options=[*OPTIONS, *options]) as server:
        yield server


def write_request(route: str, payload: object = None, *, uuid: str = "1") -> str:
    """Return a request; its id is JSON."""
    return f'{{"uuid":{uuid},"route":{json.dumps(route)},"payload":{json.dumps(payload)}}}'


def write_reply(payload: str = "null", *, uuid: str = "1", status: int = 200, headers: str = "{}") -> str:
    """Return a reply, of values that are JSON."""
    return f'{{"headers":{headers},"payload":{payload},"uuid":{uuid},"status":{status}}}'


def write_refusal(status: int, message: str, *, uuid: str = "1") -> str:
    """Return the reply to a request that was not answered as it wanted."""
    return write_reply(f'{{"Message":{json.dumps(message)}}}', uuid=uuid, status=status, headers="null")


def write_illegal(uuid: str = "0") -> str:
    """Return the reply to what is no request."""
    return write_refusal(400, "Illegal Request Format", uuid=uuid)
