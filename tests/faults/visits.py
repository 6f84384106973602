"""What the peers of the soak do: each visit is one connection, from the handshake to its end, good or bad."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from websockets.asyncio.client import ClientConnection

Visit = Callable[[ClientConnection], Awaitable[None]]

# Nothing takes longer, or it hangs.
PATIENCE: Final = 15.0

ECHO: Final = '{"type":"sleep","seconds":0,"number":1}'


# So long is what is poured out, or told to everybody; answers are short.
CHUNK_SIZE: Final = 65536


async def receive(connection: ClientConnection) -> str:
    """Return the next answer; what others tell may come before it."""
    while len(message := str(await asyncio.wait_for(connection.recv(), PATIENCE))) == CHUNK_SIZE:
        pass
    return message


async def receive_close(connection: ClientConnection) -> int | None:
    """Wait until the server closes; return its code."""
    await asyncio.wait_for(connection.wait_closed(), PATIENCE)
    return connection.close_code


def reset(connection: ClientConnection) -> None:
    """End the TCP connection with an RST."""
    endpoint = connection.transport.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


async def talk(connection: ClientConnection) -> None:
    for _ in range(10):
        await connection.send(ECHO)
        assert await receive(connection) == "1"


async def talk_nonsense(connection: ClientConnection) -> None:
    for nonsense in ("", "null", '{"type":', '{"type":"nothing"}', b"\x00", "[" * 10_000):
        await connection.send(nonsense)
    await talk(connection)


async def let_it_raise(connection: ClientConnection) -> None:
    await connection.send('{"type":"pour","times":0,"then":"raise"}')
    assert await receive_close(connection) == 1011


async def let_it_close(connection: ClientConnection) -> None:
    await connection.send('{"type":"pour","times":0,"then":"close"}')
    assert await receive_close(connection) == 4000


async def send_too_much(connection: ClientConnection) -> None:
    await connection.send("x" * (1024 * 1024 + 1))
    assert await receive_close(connection) == 1009


async def wait_for_slow_handlers(connection: ClientConnection) -> None:
    for number in range(5):
        await connection.send(f'{{"type":"sleep","seconds":0.02,"number":{number}}}')
    # Several at a time may overtake each other.
    assert sorted([await receive(connection) for _ in range(5)]) == list("01234")


async def leave_a_slow_handler(connection: ClientConnection) -> None:
    for number in range(50):
        await connection.send(f'{{"type":"sleep","seconds":0.02,"number":{number}}}')


async def reset_at_once(connection: ClientConnection) -> None:
    reset(connection)


async def reset_a_slow_handler(connection: ClientConnection) -> None:
    await leave_a_slow_handler(connection)
    reset(connection)


async def reset_while_sending(connection: ClientConnection) -> None:
    await connection.send('{"type":"pour","times":50}')
    await asyncio.wait_for(connection.recv(), PATIENCE)
    reset(connection)


async def tell_others(connection: ClientConnection) -> None:
    await connection.send('{"type":"tell","times":1}')
    assert (await receive(connection)).startswith("lost ")


async def stop_reading(connection: ClientConnection) -> None:
    # The library stops reading as well, when so many messages have not been taken from it.
    await connection.send('{"type":"pour","times":400}')
    await asyncio.sleep(2)
    reset(connection)


# Which visits there are, and how often each comes; at every endpoint alike.
VISITS: Final[dict[Visit, int]] = {
    talk: 20,
    talk_nonsense: 10,
    let_it_raise: 2,
    let_it_close: 5,
    send_too_much: 1,
    wait_for_slow_handlers: 5,
    leave_a_slow_handler: 2,
    reset_at_once: 10,
    reset_a_slow_handler: 2,
    reset_while_sending: 2,
    tell_others: 2,
    stop_reading: 1,
}
