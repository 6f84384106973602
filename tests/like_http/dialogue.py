"""One connection to an application, played by hand, so that it ends as on a server: the test client cancels it."""

from __future__ import annotations

import json
from typing import Any

import anyio
from both_ways import note
from pings import PING
from starlette.types import ASGIApp, Message


async def talk(app: ASGIApp, times: int = 1, path: str = "/ws", query: str = "", *, stays: bool = False) -> list[Any]:
    """Send pings over a connection, all at once, and leave when there are as many frames in answer.

    Parameters:
        app: The application.
        times: How many pings.
        path: Where it is asked for.
        query: The query string.
        stays: Whether to leave only half a second later, for what is not answered.

    Returns:
        What was sent in answer.
    """
    scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": [], "subprotocols": []}
    pings: list[Message] = [{"type": "websocket.receive", "text": PING}] * times
    incoming: list[Message] = [{"type": "websocket.connect"}, *pings]
    replies: list[Any] = []
    answered = anyio.Event()

    async def receive() -> Message:
        if incoming:
            return incoming.pop(0)
        if not stays:
            await answered.wait()
        else:
            await anyio.sleep(0.5)
        return {"type": "websocket.disconnect", "code": 1000, "reason": ""}

    async def send(message: Message) -> None:
        if message["type"] == "websocket.accept":
            note("accept")
        elif message["type"] == "websocket.send":
            replies.append(json.loads(message["text"]))
            if len(replies) == times:
                answered.set()
        else:
            note(f"{message['type']} {message.get('code', message.get('status'))}")
            answered.set()

    with anyio.fail_after(20):
        await app(scope, receive, send)
    return replies
