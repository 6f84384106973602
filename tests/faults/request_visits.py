"""What the peers of the soak do where requests are answered; see `visits.py`."""

from __future__ import annotations

import asyncio
from typing import Final

from request_peers import write_illegal, write_refusal, write_reply, write_request
from visits import PATIENCE, Visit, receive, receive_close, reset, reset_at_once
from websockets.asyncio.client import ClientConnection

MUCH: Final = write_request("fill", 60_000)

# What is no request, and how it is answered.
NONSENSE: Final[tuple[str | bytes, ...]] = ("", "null", '{"uuid":', "[]", b"\x00", "[" * 10_000, '{"route":"echo"}')

# What fails, and how it is answered.
FAILURES: Final = {
    "nowhere": write_refusal(404, "Path not found"),
    "refused": write_refusal(403, "Access denied"),
    "unchecked/thread": write_refusal(400, "Data check failed"),
    "order": '{"headers":null,"payload":{"Message":"Data check failed","detail":[{"type":"model_type","loc":["payload"],'
    '"msg":"Input should be an object"}]},"uuid":1,"status":400}',
    "fail": write_refusal(500, "Internal Server Error"),
    "fail/dehydrate": write_refusal(500, "Internal Server Error"),
    "teapot": write_refusal(418, "I am a teapot"),
}


async def ask(connection: ClientConnection) -> None:
    for number in range(10):
        await connection.send(write_request("echo", number, uuid=str(number)))
        assert await receive(connection) == write_reply(str(number), uuid=str(number))


async def ask_nonsense(connection: ClientConnection) -> None:
    for nonsense in NONSENSE:
        await connection.send(nonsense)
        assert await receive(connection) == write_illegal()
    await ask(connection)


async def ask_for_failures(connection: ClientConnection) -> None:
    for route, reply in FAILURES.items():
        await connection.send(write_request(route))
        assert await receive(connection) == reply
    await ask(connection)


async def ask_too_much(connection: ClientConnection) -> None:
    await connection.send(write_request("echo", "x" * 1024 * 1024))
    assert await receive_close(connection) == 1009


async def ask_slow_handlers(connection: ClientConnection) -> None:
    for number in range(5):
        await connection.send(write_request("sleep", 0.02, uuid=str(number)))
    replies = [write_reply(uuid=str(number)) for number in range(5)]
    # Several at a time may overtake each other.
    assert sorted([await receive(connection) for _ in range(5)]) == replies


async def ask_and_leave(connection: ClientConnection) -> None:
    for number in range(50):
        await connection.send(write_request("sleep", 0.02, uuid=str(number)))


async def ask_and_reset(connection: ClientConnection) -> None:
    await ask_and_leave(connection)
    reset(connection)


async def ask_and_reset_while_replies_come(connection: ClientConnection) -> None:
    for _ in range(50):
        await connection.send(MUCH)
    await asyncio.wait_for(connection.recv(), PATIENCE)
    reset(connection)


async def ask_and_stop_reading(connection: ClientConnection) -> None:
    # The library stops reading as well, when so many messages have not been taken from it.
    for _ in range(400):
        await connection.send(MUCH)
        await asyncio.sleep(0)
    await asyncio.sleep(2)
    reset(connection)


# As in `visits.py`.
REQUEST_VISITS: Final[dict[Visit, int]] = {
    ask: 20,
    ask_nonsense: 10,
    ask_for_failures: 2,
    ask_too_much: 1,
    ask_slow_handlers: 5,
    ask_and_leave: 2,
    reset_at_once: 10,
    ask_and_reset: 2,
    ask_and_reset_while_replies_come: 2,
    ask_and_stop_reading: 1,
}
