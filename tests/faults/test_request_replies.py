"""Ten thousand requests of every kind, under every kind of id: each has one reply, its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from fault_peers import IMPLEMENTATIONS, find_complaints, pipeline, reach
from request_peers import FAILED, run_requests_app, write_illegal, write_reply, write_request
from servers import Server

pytestmark = pytest.mark.faults

# Python 3.10 does not tell whether it is the handler that is cancelled, or what it waits for.
COUNTS_CANCELLATIONS: Final = sys.version_info >= (3, 11)

CONNECTIONS: Final = 10
REQUESTS: Final = 1000


@dataclass(frozen=True)
class Kind:
    """A kind of request; in what it says and hears, `#` stands for the number of the request.

    Attributes:
        route: Where it goes.
        payload: What it carries, JSON.
        status: How it goes.
        reply: The payload of the reply, JSON.
    """

    route: str
    payload: str
    status: int
    reply: str


def fine(route: str, payload: str, reply: str) -> Kind:
    return Kind(route, payload, 200, reply)


def failing(route: str, status: int, message: str, payload: str = '{"n":#}') -> Kind:
    return Kind(route, payload, status, json.dumps({"Message": message}, separators=(",", ":")))


INVALID: Final = [
    ('"#"', '{"type":"model_type","loc":["payload"],"msg":"Input should be an object"}'),
    ("{}", '{"type":"missing","loc":["payload","n"],"msg":"Field required"}'),
    ('{"n":null}', '{"type":"int_type","loc":["payload","n"],"msg":"Input should be a valid integer"}'),
]

KINDS: Final = [
    fine("echo", '{"n":[#,null,"é"]}', '{"n":[#,null,"é"]}'),
    fine("echo", "#.5", "#.5"),
    fine("echo", "-#00000000000000000000000", "-#00000000000000000000000"),
    fine("echo/later", '"#"', '"#"'),
    fine("echo/thread", "[#]", "[#]"),
    fine("order", '{"n":#,"more":[]}', '{"n":#}'),
    fine("path", "#", '"PATH"'),
    fine("local", '{"n":#}', '{"local":#}'),
    fine("hooks", '{"n":4}', "10"),
    # What fails behind the reply is no other reply.
    fine("fail/teardown", "#", "#"),
    fine("fail/background", "#", "#"),
    failing("hooks", 403, "Access denied", '{"n":-#}'),
    failing("hooks", 500, "Internal Server Error", '{"m":#}'),
    failing("refused", 403, "Access denied"),
    failing("refused/thread", 403, "Access denied"),
    failing("unchecked", 400, "Data check failed"),
    failing("unchecked/thread", 400, "Data check failed"),
    failing("fail", 500, "Internal Server Error"),
    failing("fail/later", 500, "Internal Server Error"),
    failing("fail/thread", 500, "Internal Server Error"),
    failing("fail/data_check", 500, "Internal Server Error"),
    failing("fail/access", 500, "Internal Server Error"),
    failing("fail/hydrate", 500, "Internal Server Error"),
    failing("fail/dehydrate", 500, "Internal Server Error"),
    failing("fail/dependency", 500, "Internal Server Error"),
    *([failing("fail/cancelled", 500, "Internal Server Error")] if COUNTS_CANCELLATIONS else []),
    failing("fail/object", 500, "Internal Server Error"),
    failing("fail/order", 500, "Internal Server Error"),
    failing("teapot", 418, "I am a teapot"),
    failing("teapot/access", 418, "I am a teapot"),
    failing("", 404, "Path not found"),
    failing("nowhere", 404, "Path not found"),
    failing("Echo", 404, "Path not found"),
    *(
        Kind("order", payload, 400, f'{{"Message":"Data check failed","detail":[{error}]}}')
        for payload, error in INVALID
    ),
]

# Ids, all of them written as they are read.
IDS: Final = [
    *("0", "1", "2", "-1", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775809", "18446744073709551616", "1" + "0" * 300, "true", "false", "1.0", "-7.0", "123456789.0"),
    *('""', '"1"', '"true"', '"a"', '"é"', '"日本語 🙂"', '"\u2028"', '"\\"}\\\\"', '"\\u0000\\n"', '"##"'),
    f'"{"long" * 1000}"',
]

# By these a reply can be matched, and yet they are no ids.
NUMBERS: Final = ["1.5", "-0.25", "0.1"]

# By these it cannot.
NO_IDS: Final = ["null", "[]", "{}", "[1]", '{"uuid":1}', "NaN", "Infinity", "-Infinity"]

SPELLINGS: Final = [("uuid", "route"), ("track_id", "path"), ("uuid", "path"), ("track_id", "route")]


@dataclass(frozen=True)
class Exchange:
    """A request and its reply, on the wire."""

    request: str
    reply: str


def make_exchange(number: int, kind: Kind, uuid: str, path: str) -> Exchange:
    id_key, route_key = SPELLINGS[number % len(SPELLINGS)]
    payload, reply = (text.replace("#", str(number + 1)) for text in (kind.payload, kind.reply))
    request = (
        f'{{"{id_key}":{uuid},"{route_key}":{json.dumps(kind.route)},"headers":{{"n":{number}}},"payload":{payload}}}'
    )
    if uuid not in IDS:
        return Exchange(request, write_illegal(uuid if uuid in NUMBERS else "0"))
    # Of the routes that answer headers.
    headers = "null" if kind.status != 200 else f'{{"n":{number}}}' if kind.route.startswith("echo") else "{}"
    answer = write_reply(reply.replace("PATH", path), uuid=uuid, status=kind.status, headers=headers)
    return Exchange(request, answer)


def make_exchanges(path: str) -> Iterator[list[Exchange]]:
    """Yield what is said on each connection: every kind of request under every id, and every id many times."""
    combinations = list(itertools.product(KINDS, [*IDS, *NUMBERS, *NO_IDS]))
    chosen = list(itertools.islice(itertools.cycle(combinations), CONNECTIONS * REQUESTS))
    random.Random(6).shuffle(chosen)
    for start in range(0, len(chosen), REQUESTS):
        chunk = chosen[start : start + REQUESTS]
        yield [make_exchange(number, kind, uuid, path) for number, (kind, uuid) in enumerate(chunk)]


async def say(server: Server, path: str, exchanges: list[Exchange]) -> list[str]:
    """Send all requests; return the replies, and what comes behind them."""
    async with reach(server, path) as connection:
        replies = await pipeline(connection, len(exchanges), lambda number: exchanges[number].request)
        # A second reply to one of them would stand before the answer to this.
        await connection.send(write_request("PING", uuid='"last"'))
        return [*replies, str(await asyncio.wait_for(connection.recv(), 10))]


async def say_all(server: Server, path: str, conversations: list[list[Exchange]]) -> list[list[str]]:
    return await asyncio.gather(*(say(server, path, exchanges) for exchanges in conversations))


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize(("path", "sort"), [("/usual", list), ("/together", sorted)], ids=["in-turn", "together"])
def test_every_request_has_one_reply(implementation: str, tmp_path: Path, path: str, sort: type[list[str]]) -> None:
    conversations = list(make_exchanges(path))
    with run_requests_app(tmp_path / "log", implementation) as server:
        replies = asyncio.run(say_all(server, path, conversations))
        log = server.read_log()
    pong = '{"headers":null,"payload":null,"uuid":"last","route":"PONG"}'
    for exchanges, heard in zip(conversations, replies, strict=True):
        assert heard.pop() == pong
        assert sort(heard) == sort(exchange.reply for exchange in exchanges)
    failed = sum('"status":500}' in exchange.reply for exchanges in conversations for exchange in exchanges)
    # Every one of the program's own failures can be found in the log.
    assert (len(replies) * REQUESTS, log.count(FAILED)) == (CONNECTIONS * REQUESTS, failed)
    assert find_complaints(log, "Traceback") == []
