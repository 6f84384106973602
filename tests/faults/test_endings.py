"""However connections end, each that was greeted has one goodbye, and what was set up for it is torn down."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from fault_peers import IMPLEMENTATIONS, Play, ask_until, find_complaints, join_often, reset, run_faults_app, write
from servers import Server
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.faults

TIMES: Final = 100

SERVER_LIMIT: Final = 262_144

# What the client would not send, and is written past it, masked with zeros: a close frame, one of a kind that does not
# exist, and two of text.
CLOSE_WITHOUT_A_CODE: Final = b"\x88\x80\0\0\0\0"
RESERVED_OPCODE: Final = b"\x83\x80\0\0\0\0"
INVALID_UTF_8: Final = b"\x81\x81\0\0\0\0\xff"
HALF_A_FRAME: Final = b"\x81\x84\0\0\0\0ha"


@dataclass(frozen=True)
class Ending:
    """One way for a connection to end.

    Attributes:
        play: What the peer does.
        reported: The close codes that `on_disconnect` may be told.
        seen: The close codes that the peer may see.
        tracebacks: How many the server logs of an exception of the program's.
    """

    play: Play
    reported: set[int]
    seen: set[int]
    tracebacks: int = 0


def send(*frames: str | bytes, text: bool | None = None) -> Play:
    async def play(connection: ClientConnection) -> None:
        for frame in frames:
            await connection.send(frame, text=text)

    return play


def send_raw(frame: bytes, *, behind: str | None = None) -> Play:
    """Send bytes as they are, in one piece with the message that they come behind, if there is one."""
    before = frame_of(behind) if behind else b""

    async def play(connection: ClientConnection) -> None:
        connection.transport.write(before + frame)

    return play


def frame_of(text: str) -> bytes:
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode()


async def close(connection: ClientConnection) -> None:
    await connection.close(4242, "done")


async def close_behind_a_message(connection: ClientConnection) -> None:
    await connection.send(write("echo", n=0))
    await connection.close(4242, "done")


async def hang_up(connection: ClientConnection) -> None:
    connection.transport.write(HALF_A_FRAME)
    connection.transport.close()


async def reset_while_idle(connection: ClientConnection) -> None:
    reset(connection)


async def reset_while_a_handler_waits(connection: ClientConnection) -> None:
    await connection.send(write("wait", n=0, seconds=0.05, announce=True))
    await connection.send(write("wait", n=1, seconds=0.05))
    await connection.recv()
    reset(connection)


def reset_a_flood(size: int) -> Play:
    async def play(connection: ClientConnection) -> None:
        await connection.send(write("flood", size=size))
        await connection.recv()
        reset(connection)

    return play


async def send_the_wrong_kind(connection: ClientConnection) -> None:
    await connection.send(b"{}")
    assert await connection.recv() == "WrongFrameError"
    await connection.close(4242, "done")


LATER: Final = [write("wait", n=n, seconds=0.02) for n in range(4)]

ENDINGS: Final = {
    "close": Ending(close, {4242}, {4242}),
    "close-without-a-code": Ending(send_raw(CLOSE_WITHOUT_A_CODE), {1005}, {1005}),
    "close-behind-a-message": Ending(close_behind_a_message, {4242}, {4242}),
    "half-a-frame": Ending(hang_up, {1005}, {1006}),
    "reset-while-idle": Ending(reset_while_idle, {1005}, {1006}),
    "reset-while-a-handler-waits": Ending(reset_while_a_handler_waits, {1005}, {1006}),
    "reset-while-much-is-sent": Ending(reset_a_flood(65_536), {1005}, {1006}),
    "reset-while-little-is-sent": Ending(reset_a_flood(16), {1005}, {1006}),
    "raising-handler": Ending(send(write("end", how="raise")), {1011}, {1011}, tracebacks=1),
    "raising-fallback": Ending(send("raise"), {1011}, {1011}, tracebacks=1),
    "http-exception": Ending(send(write("end", how="refuse")), {1008}, {1008}),
    "http-exceptions-at-once": Ending(send(*[write("end", how="refuse", seconds=0.02)] * 4), {1008}, {1008}),
    "closing-handler": Ending(send(write("end", how="close")), {4001}, {4001}),
    "closing-handler-beside-others": Ending(
        send(*LATER, write("end", how="close", seconds=0.02), *LATER), {4001}, {4001}
    ),
    "wrong-kind-of-frame": Ending(send_the_wrong_kind, {4242}, {4242}),
    # Over what breaks the protocol, uvicorn's wsproto hangs up without a close frame.
    "reserved-opcode": Ending(send_raw(RESERVED_OPCODE), {1002}, {1002, 1006}),
    "invalid-utf-8": Ending(send(b"\xff", text=True), {1007}, {1007, 1006}),
    "invalid-utf-8-behind-a-message": Ending(send_raw(INVALID_UTF_8, behind=write("echo", n=0)), {1007}, {1007, 1006}),
    "over-our-limit": Ending(send("x" * 70_000), {1009}, {1009}),
    # What is still on its way when the server hangs up may be answered with a reset.
    "over-the-servers-limit": Ending(send("x" * (SERVER_LIMIT + 1)), {1009}, {1009, 1006}),
}


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_faults_app(log, request.param, "--ws-max-size", str(SERVER_LIMIT)) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server with an empty log."""
    shared_server.clear_log()
    return shared_server


@pytest.fixture(params=IMPLEMENTATIONS)
def impatient_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that waits no longer for the answer to a ping than it has to."""
    options = ["--ws-ping-interval", "0.2", "--ws-ping-timeout", "0.3"]
    with run_faults_app(tmp_path / "log", request.param, *options) as server:
        yield server


def check_endings(server: Server, router: str, name: str, ending: Ending, **options: Any) -> None:
    """Let many connections end in one way, and hold what was counted and logged against what is promised."""
    seen = set()

    async def see_the_end(connection: ClientConnection) -> None:
        await ending.play(connection)
        await asyncio.wait_for(connection.wait_closed(), 10)
        seen.add(connection.close_code)

    asyncio.run(join_often(server, router, name, see_the_end, TIMES, **options))
    tally = ask_until(server, f"/tallies/{name}", lambda tally: tally["torn_down"] >= TIMES)
    goodbyes = Counter({int(code): times for code, times in tally["goodbyes"].items()})
    assert (tally["set_up"], tally["connected"], goodbyes.total(), tally["torn_down"]) == (TIMES,) * 4
    assert goodbyes.keys() <= ending.reported
    assert seen <= ending.seen
    log = server.read_log()
    assert find_complaints(log, "Traceback") == []
    # uvicorn logs one of its own.
    tracebacks = log.count("Traceback") - log.count("Invalid UTF-8 sequence received from client.")
    assert tracebacks == TIMES * ending.tracebacks


@pytest.mark.parametrize("router", ["plain", "together"])
@pytest.mark.parametrize("name", ENDINGS)
def test_every_connection_has_one_goodbye(server: Server, router: str, name: str) -> None:
    check_endings(server, router, f"{router}-{name}", ENDINGS[name])


@pytest.mark.parametrize("router", ["plain", "together"])
def test_a_ping_without_an_answer_is_a_goodbye(impatient_server: Server, router: str) -> None:
    sizes = itertools.count(100, 200)

    async def read_no_more(connection: ClientConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(0.8)
        connection.transport.resume_reading()

    async def read_no_more_of_a_stream(connection: ClientConnection) -> None:
        # Of many sizes, because the server is to end some connections while it waits for the peer, and others while
        # it writes without having to wait yet.
        await connection.send(write("stream", size=next(sizes)))
        await connection.recv()
        await read_no_more(connection)

    check_endings(impatient_server, router, "silent", Ending(read_no_more, {1005}, {1011}))
    # Where a frame is refused, and the peer takes the close frame late, the server has reported nothing yet.
    ending = Ending(read_no_more_of_a_stream, {1005, 1006}, {1011, 1006})
    check_endings(impatient_server, router, "silent-under-a-stream", ending, buffer=4096)
