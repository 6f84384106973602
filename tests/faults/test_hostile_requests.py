"""Whatever is in a frame to a SocketRouter: it has one reply, and the connection goes on, unless it is too large."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, find_complaints, reach
from hostile_frames import make_oddities, read_corpus
from pydantic_core import from_json
from request_peers import run_requests_app, write_illegal, write_refusal, write_reply, write_request
from servers import Server

pytestmark = pytest.mark.faults

# Almost as much as a message may be.
MUCH: Final = 1_000_000

LIMIT: Final = 1024 * 1024

DEEP: Final = "[" * 100_000 + "]" * 100_000


def carry(payload: str, *, route: str = "echo") -> str:
    return f'{{"uuid":7,"route":"{route}","payload":{payload}}}'


ILLEGAL: Final[dict[str, str | bytes]] = {
    "empty": "",
    "space": " \n",
    "list": "[]",
    "number": "1",
    "null": "null",
    "true": "true",
    "string": '"echo"',
    "object": "{}",
    "byte-order-mark": "\ufeff" + carry("1"),
    "not-a-number": "NaN",
    "no-json": "{'uuid':7}",
    "half": carry("1")[:-1],
    "half-a-string": '{"uuid":"7',
    "twice": carry("1") + carry("1"),
    "null-byte": carry("1") + "\x00",
    "list-of-requests": f"[{carry('1')}]",
    "binary-request": carry("1").encode(),
    "binary-ping": b'{"uuid":7,"route":"PING"}',
    "empty-binary": b"",
    "binary-nothing": b"\xff\x00",
    "much-binary": b"[" * MUCH,
    "deep": DEEP,
    "deep-and-open": "[" * 100_000,
    "deep-objects": '{"":' * 100_000 + "1" + "}" * 100_000,
    "deep-under-no-id": f'{{"route":"echo","payload":{DEEP}}}',
    "deep-id": f'{{"uuid":{DEEP},"route":"echo"}}',
    "deep-route": f'{{"route":{DEEP}}}',
    "much-nesting": "[" * MUCH,
    "surrogate": '"\\ud800"',
    "surrogate-for-an-id": '{"uuid":"\\ud800","route":"echo","payload":1}',
    "surrogates-in-the-wrong-order": '{"uuid":"\\udc00\\ud800","route":"echo"}',
    "many-digits": "1" * MUCH,
    "many-digits-many-times": ("1" * 4300 + ",") * (MUCH // 4301),
    "many-digits-behind-a-point": "0." + "1" * MUCH,
    "many-digits-for-an-id": f'{{"uuid":{"1" * MUCH},"route":"echo"}}',
    "many-brackets-in-a-string": f'"{"[" * MUCH}"',
    "many-quotes": '"' * MUCH,
    "much-space": " " * MUCH,
}

# What pydantic refuses, but Python's parser reads, so that whoever waits for the reply can be told.
RECOVERED: Final = {
    "surrogate-in-the-payload": carry('"\\ud800"'),
    "surrogate-in-a-key": carry('{"\\udc00":1}'),
    "surrogate-for-a-route": '{"uuid":7,"route":"\\ud800"}',
    "deeper-than-pydantic-reads": carry("[" * 300 + "]" * 300),
}

# Requests in earnest, of which something is odd.
ANSWERED: Final = {
    "many-brackets-in-the-payload": (carry(f'"{"[" * MUCH}"', route="count"), write_reply(str(MUCH), uuid="7")),
    "many-elements": (carry(f"[{'1,' * 300_000}1]", route="count"), write_reply(str(900_003), uuid="7")),
    "much-for-a-route": (carry("1", route="e" * MUCH), write_refusal(404, "Path not found", uuid="7")),
    "much-for-a-typed-payload": (
        carry(f'{{"n":2,"more":"{"[" * MUCH}"}}', route="order"),
        write_reply('{"n":2}', uuid="7"),
    ),
    "much-for-an-id": (
        f'{{"uuid":"{"7" * MUCH}","route":"echo"}}',
        write_reply("null", uuid=f'"{"7" * MUCH}"'),
    ),
    "not-a-number-in-the-payload": (carry("[NaN,-Infinity]"), write_reply("[NaN,-Infinity]", uuid="7")),
    "a-pair-of-surrogates": (carry('"\\ud83d\\ude42"'), write_reply('"🙂"', uuid="7")),
    "as-deep-as-can-be": (carry("[" * 199 + "]" * 199), write_reply("[" * 199 + "]" * 199, uuid="7")),
}

FRAMES: Final[dict[str, tuple[str | bytes, str]]] = {
    **{name: (frame, write_illegal()) for name, frame in ILLEGAL.items()},
    **{name: (frame, write_illegal("7")) for name, frame in RECOVERED.items()},
    **ANSWERED,
}


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_requests_app(log, request.param) as server:
        yield server


async def exchange(server: Server, path: str, frames: list[str | bytes]) -> list[str]:
    """Send frames on one connection, each when the one before it has been answered; return the answers."""
    async with reach(server, path) as connection:
        replies = []
        for frame in frames:
            await connection.send(frame)
            replies.append(str(await asyncio.wait_for(connection.recv(), 10)))
        return replies


@pytest.mark.parametrize("path", ["/usual", "/together"])
@pytest.mark.parametrize(("frame", "reply"), FRAMES.values(), ids=FRAMES.keys())
def test_a_connection_survives_every_request(server: Server, path: str, frame: str | bytes, reply: str) -> None:
    again = write_request("echo", "again")
    start = time.monotonic()
    replies = asyncio.run(exchange(server, path, [frame, again, frame, again]))
    assert replies == [reply, write_reply('"again"')] * 2
    # Nothing of it takes time that grows faster than the frame.
    assert time.monotonic() - start < 2
    assert find_complaints(server.read_log()) == []


def list_texts() -> Iterator[str]:
    """Yield all the odd texts that can be sent in a text frame."""
    for text in (*read_corpus(), *(text.encode() for text in make_oddities())):
        try:
            # At most four bytes a character.
            yield text.decode()[: MUCH // 4]
        except UnicodeDecodeError:
            continue


def is_json(text: str) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True


def read_reply(reply: str) -> tuple[object, object]:
    read = json.loads(reply)
    return read["uuid"], read["status"]


@pytest.mark.parametrize("path", ["/usual", "/together"])
def test_a_connection_survives_the_corpus(server: Server, path: str) -> None:
    texts = list(list_texts())
    # Behind the payload, so that what ends it early cannot bring an id of its own.
    carried = [f'{{"route":"count","payload":{text},"uuid":7}}' for text in texts]
    replies = asyncio.run(exchange(server, path, [*texts, *carried]))
    assert len(texts) > 450
    assert {read_reply(reply) for reply in replies[: len(texts)]} == {(0, 400)}
    statuses = [read_reply(reply)[1] for reply in replies[len(texts) :]]
    assert statuses == [200 if is_json(request) else 400 for request in carried]
    assert find_complaints(server.read_log()) == []


@pytest.mark.parametrize("path", ["/usual", "/together"])
@pytest.mark.parametrize(
    "frame",
    [carry(f'"{"x" * LIMIT}"'), "1" * (LIMIT + 1), "é" * (LIMIT // 2 + 1), b"x" * (LIMIT + 1)],
    ids=["request", "digits", "counted-in-bytes", "binary"],
)
def test_a_request_over_the_limit_ends_the_connection(server: Server, path: str, frame: str | bytes) -> None:
    async def run() -> int | None:
        async with reach(server, path) as connection:
            await connection.send(frame)
            await asyncio.wait_for(connection.wait_closed(), 10)
            return connection.close_code

    assert asyncio.run(run()) == 1009
    assert find_complaints(server.read_log()) == []
