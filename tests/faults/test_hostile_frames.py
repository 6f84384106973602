"""Whatever is in a frame: it has its answer, which is that of pydantic's union, and the connection goes on."""

from __future__ import annotations

import asyncio
import functools
import operator
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fault_peers import IMPLEMENTATIONS, ask, find_complaints, join, run_faults_app, write
from faults_app import HANDLERS, Echo, Stop
from hostile_frames import LARGE, VALID, make_oddities, place_corpus, read_corpus
from pydantic import TypeAdapter, ValidationError
from servers import Server
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

UNION: Final = TypeAdapter[Any](functools.reduce(operator.or_, HANDLERS))


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_faults_app(log, request.param, "--ws-max-size", str(2 * LARGE)) as server:
        yield server


def make_frames() -> Iterator[str | bytes]:
    """Yield every text as a binary frame, and as one of text where it is UTF-8."""
    for data in (*read_corpus(), *place_corpus(), *(text.encode() for text in make_oddities())):
        yield data
        try:
            yield data.decode()
        except UnicodeDecodeError:
            continue


def foretell(frame: str | bytes, handled: int) -> str:
    """Return the answer to a frame of the right kind, when so many echoes have been answered before."""
    try:
        message = UNION.validate_json(frame)
    except ValidationError:
        return "ValidationError"
    if isinstance(message, Stop):
        return "stopped"
    assert isinstance(message, Echo)
    return f"{handled} {message.n}"


@pytest.mark.parametrize(("router", "kind"), [("large", str), ("binary", bytes)], ids=["text", "binary"])
def test_a_connection_survives_every_frame(server: Server, router: str, kind: type) -> None:
    async def send_all(connection: ClientConnection) -> tuple[int, int]:
        sent = handled = 0

        async def exchange(frame: str | bytes) -> None:
            nonlocal handled
            expected = foretell(frame, handled) if isinstance(frame, kind) else "WrongFrameError"
            await connection.send(frame)
            assert await asyncio.wait_for(connection.recv(), 10) == expected, repr(frame)[:200]
            handled += expected[0].isdigit()

        for frame in make_frames():
            await exchange(frame)
            await exchange(kind(write("echo", n=sent), *["utf-8"] * (kind is bytes)))
            sent += 1
        return sent, handled

    async def run() -> tuple[int, int]:
        async with join(server, router, f"hostile-{router}") as connection:
            return await send_all(connection)

    sent, handled = asyncio.run(run())
    assert sent > 700
    assert handled > sent
    assert ask(server, f"/tallies/hostile-{router}")["connected"] == 1
    assert find_complaints(server.read_log()) == []


def test_a_message_may_come_in_pieces_with_a_ping_between_them(server: Server) -> None:
    message = write("echo", n=0, text="é").encode().replace(b"\\u00e9", "é".encode())

    def frame(head: int, payload: bytes) -> bytes:
        return bytes([head, 0x80 | len(payload), 0, 0, 0, 0]) + payload

    async def run() -> None:
        async with join(server, "plain", "pieces") as connection:
            # Between two bytes of a character too, which the client would not do.
            for cut in range(len(message) + 1):
                pieces = frame(0x01, message[:cut]) + frame(0x89, b"ping") + frame(0x80, message[cut:])
                connection.transport.write(pieces)
                assert await asyncio.wait_for(connection.recv(), 10) == f"{cut} 0"
            await connection.send(["", *VALID, ""])
            assert await asyncio.wait_for(connection.recv(), 10) == f"{len(message) + 1} 1"

    asyncio.run(run())
    assert find_complaints(server.read_log()) == []
