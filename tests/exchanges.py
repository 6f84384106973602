"""Messages to one handler, one after the other: what was sent back, and what went to the error hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import WebSocket
from peers import Peer, Say
from pydantic import BaseModel

from fastws import WSRouter


class Goodbye(BaseModel):
    """The last message of a client: all before it have been handled when it is."""

    bye: bool


@dataclass
class Exchange:
    """What became of some messages.

    Attributes:
        frames: What was sent back, text or bytes.
        errors: What handlers raised.
    """

    frames: list[str | bytes]
    errors: list[Exception]

    @property
    def kinds(self) -> list[type[Exception]]:
        """The classes of the errors."""
        return [type(error) for error in self.errors]


async def exchange(
    func: Callable[..., Any], *texts: str, receive: dict[str, Any] | None = None, **options: Any
) -> Exchange:
    """Send a `Say` for each text to a handler.

    Parameters:
        func: The handler.
        texts: What is said; one "hello" where nothing is.
        receive: Further arguments of the decorator.
        options: Those of the router.
    """
    router = WSRouter(**options)
    peer = Peer()
    # What FastAPI looks for the parameters in.
    peer.websocket.scope.update(path_params={}, query_string=b"", headers=[])
    errors: list[Exception] = []
    router.receive(Say, **(receive or {}))(func)

    @router.receive
    async def part(websocket: WebSocket, message: Goodbye) -> None:
        peer.leave(1000)

    @router.on_error
    async def note(websocket: WebSocket, message: Say, error: Exception) -> None:
        errors.append(error)

    for message in (*(Say(text=text) for text in texts or ("hello",)), Goodbye(bye=True)):
        text = message.model_dump_json()
        peer.put({"type": "websocket.receive"} | ({"text": text} if router.as_text else {"bytes": text.encode()}))
    await peer.run(router)
    frames = [sent.get("text", sent.get("bytes")) for sent in peer.sent if sent["type"] == "websocket.send"]
    return Exchange(frames, errors)
