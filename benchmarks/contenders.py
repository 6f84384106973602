"""Who is in the report, where each of them runs, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

NEWEST: Final = "newest"
ORIGINAL: Final = "original"
RIVALS: Final = "rivals"

ENVIRONMENTS: Final = {NEWEST: ".venv", ORIGINAL: ".venv-original", RIVALS: ".venv-rivals"}
"""The folder of each environment: the newest FastAPI, the last that fastapi-ws-router runs on, other libraries."""

ECHO: Final = "Starlette echo"
FASTWS: Final = "fastws"
FASTWS_INFERRED: Final = "fastws, no discriminator"
WS_ROUTER: Final = "fastapi-ws-router"
WS_ROUTER_INFERRED: Final = "fastapi-ws-router, no discriminator"
CHANX: Final = "chanx"
LITESTAR: Final = "Litestar listener"
SOCKETIO: Final = "python-socketio"
ALONE: Final = "the right model alone"
DISCRIMINATED: Final = "discriminated union by hand"
SMART: Final = "plain union by hand"
BY_HAND: Final = "json.loads and lookup by hand"
SOCKET_ROUTER: Final = "fastws, SocketRouter"
OBSERVABLE: Final = "fastapi-observable-socket"
REQUESTS_BY_HAND: Final = "json and lookup by hand"


@dataclass(frozen=True)
class Talk:
    """What is said on a connection.

    Attributes:
        request: The text of each message.
        reply: The text that answers it.
        path: Where the connection is opened.
        greetings: What a client has to say first, see :class:`~client.Server`.
    """

    request: str
    reply: str
    path: str = "/ws"
    greetings: tuple[str, ...] = ()


_KIND: Final = '{"type":"kind0","x":1,"y":"hello","z":1.5}'
_SUM: Final = '"payload":{"sum":10,"unit":"metre"}'

PLAIN: Final = Talk(_KIND, _KIND)
CHANX_TALK: Final = Talk(
    '{"action":"kind0","payload":{"x":1,"y":"hello","z":1.5}}',
    '{"action": "kind0", "payload": {"x": 1, "y": "hello", "z": 1.5}}',
)
SOCKETIO_TALK: Final = Talk(
    '42["kind0",{"x":1,"y":"hello","z":1.5}]',
    '42["kind0",{"x":1,"y":"hello","z":1.5}]',
    path="/socket.io/?EIO=4&transport=websocket",
    greetings=("40",),
)
_REQUEST: Final = (
    '{"uuid":123,"route":"math/sum","headers":{"x-user":"42"},'
    '"payload":{"values":[1,2,3,4],"unit":"metre","exact":true}}'
)
REQUEST_TALK: Final = Talk(_REQUEST, f'{{"headers":{{}},{_SUM},"uuid":123,"status":200}}')
SPACED_TALK: Final = Talk(
    _REQUEST, '{"headers": {}, "payload": {"sum": 10, "unit": "metre"}, "uuid": 123, "status": 200}'
)


@dataclass(frozen=True)
class Contender:
    """An application that is measured on a server.

    Attributes:
        name: What the page calls it.
        environment: Where it runs.
        make: The module and the function that make it.
        models: How many kinds of messages it knows, `None` where there are none.
        talk: What is said to it.
        options: More arguments of the function.
    """

    name: str
    environment: str
    make: str
    models: int | None = None
    talk: Talk = PLAIN
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is called on a command line."""
        return f"{self.name}/{self.environment}/{self.models or 0}"

    def list_arguments(self) -> dict[str, Any]:
        """Return the arguments of the function."""
        return {**({} if self.models is None else {"count": self.models}), **self.options}


_DISCRIMINATOR: Final = {"discriminator": "type"}


def _list_for(models: int) -> Iterator[Contender]:
    for environment, theirs in ((NEWEST, "make_mounted"), (ORIGINAL, "make_included")):
        for name, options in ((FASTWS, _DISCRIMINATOR), (FASTWS_INFERRED, {})):
            yield Contender(name, environment, "report_applications:make_fastws", models, options=options)
        for name, options in ((WS_ROUTER, _DISCRIMINATOR), (WS_ROUTER_INFERRED, {})):
            yield Contender(name, environment, f"report_applications:{theirs}", models, options=options)
    for name, function in ((DISCRIMINATED, "make_discriminated"), (SMART, "make_smart"), (BY_HAND, "make_by_hand")):
        yield Contender(name, NEWEST, f"report_applications:{function}", models)
    for name, function, talk in (
        (CHANX, "make_chanx", CHANX_TALK),
        (LITESTAR, "make_litestar", PLAIN),
        (SOCKETIO, "make_socketio", SOCKETIO_TALK),
    ):
        yield Contender(name, RIVALS, f"other_libraries:{function}", models, talk)


def list_contenders(counts: tuple[int, ...]) -> list[Contender]:
    """Return who is measured on servers, with so many models each."""
    return [
        *(Contender(ECHO, environment, "other_libraries:make_echo") for environment in ENVIRONMENTS),
        *(contender for models in counts for contender in _list_for(models)),
        Contender(SOCKET_ROUTER, NEWEST, "report_applications:make_requests", talk=REQUEST_TALK),
        Contender(OBSERVABLE, NEWEST, "report_applications:make_published_requests", talk=REQUEST_TALK),
        Contender(REQUESTS_BY_HAND, NEWEST, "report_applications:make_requests_by_hand", talk=SPACED_TALK),
    ]
