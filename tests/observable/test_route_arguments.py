"""What the handler of a route gets, decided from its signature."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asking import ask, ok
from fastapi import BackgroundTasks
from signatures import CACHE, LEAVES, LEAVES_AND_MAKES, LEAVES_LATER, Handler, define, got, note
from starlette.websockets import WebSocket

from fastws import SocketRouter
from fastws.observable import Header, Payload, RouteOptions

HEADERS = {"x-user": "42"}
PAYLOAD = [1, "two"]
REQUEST = ["the connection", HEADERS, PAYLOAD]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    got.clear()


def call(handler: Handler, options: RouteOptions | None = None) -> list[Any]:
    """Return what the handler of a route gets."""
    router = SocketRouter()
    router.route("ask", options)(handler)
    assert ask(router, headers=HEADERS, payload=PAYLOAD) == ok(None)
    return got


LOCAL = {"value": "what was left"}


@pytest.mark.parametrize("postponed", [False, True], ids=["", "postponed"])
@pytest.mark.parametrize("options", [None, LEAVES, LEAVES_AND_MAKES], ids=["", "hooks", "hydrate"])
@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("ws, headers, payload", REQUEST),
        ("socket, h, p", REQUEST),
        ("ws: WebSocket, headers: Header, payload: Payload", REQUEST),
        ("ws: WebSocket, headers: dict, payload: list", REQUEST),
        ("ws: WebSocket, headers: Dict[str, Any], payload: Any", REQUEST),
        ("ws: WebSocket, headers: Optional[Header], payload: Optional[Payload]", REQUEST),
        ("ws: WebSocket, headers: object, payload: object", REQUEST),
        ("ws: HTTPConnection, headers, payload", REQUEST),
        ("ws: Any, headers, payload", REQUEST),
        ("ws: Annotated[WebSocket, 'the socket'], headers, payload", REQUEST),
        ("ws, headers, payload, /", REQUEST),
        ("ws, /, headers, payload", REQUEST),
        ("ws, headers, payload=None", REQUEST),
        ("ws, headers=None, payload=None", REQUEST),
        ("ws, headers: Header = {}, payload: Any = ()", REQUEST),
        ("ws=None, headers=None, payload=None", REQUEST),
        ("*arguments", [REQUEST]),
        ("*arguments, **others", [REQUEST, {}]),
        ("ws, headers, payload, *more", [*REQUEST, []]),
        ("ws, headers, payload, **others", [*REQUEST, {}]),
        ("ws, headers, payload, limit: int = 10", [*REQUEST, 10]),
        ("ws, headers, payload, *, limit: int = 10", [*REQUEST, 10]),
        ("ws, headers, payload, cache=CACHE", [*REQUEST, CACHE]),
        ("ws, headers, payload, user=Depends(get_user)", [*REQUEST, "ann"]),
        ("ws, headers, payload, *, user=Depends(get_user)", [*REQUEST, "ann"]),
        ("ws, headers, payload, user: Annotated[str, Depends(get_user)]", [*REQUEST, "ann"]),
        ("user: Annotated[str, Depends(get_user)], ws, headers, payload", ["ann", *REQUEST]),
        ("ws, headers, user: Annotated[str, Depends(get_user)], payload", [*REQUEST[:2], "ann", PAYLOAD]),
    ],
)
def test_three_parameters_are_the_connection_the_headers_and_the_payload(
    signature: str, expected: list[Any], options: RouteOptions | None, *, postponed: bool
) -> None:
    assert call(define(signature, postponed=postponed), options) == expected


@pytest.mark.parametrize("postponed", [False, True], ids=["", "postponed"])
@pytest.mark.parametrize(
    ("signature", "options", "expected"),
    [
        ("article", LEAVES, ["what was left"]),
        ("article", LEAVES_LATER, ["what was left"]),
        ("article: str", LEAVES, ["what was left"]),
        ("article: Any", LEAVES, ["what was left"]),
        ("article: Optional[dict]", LEAVES, ["what was left"]),
        ("article, /", LEAVES, ["what was left"]),
        ("article=None", LEAVES, ["what was left"]),
        ("article, user: Annotated[str, Depends(get_user)]", LEAVES, ["what was left", "ann"]),
        ("article, *, limit: int = 10", LEAVES, ["what was left", 10]),
        ("article, limit: int = 10", LEAVES, ["what was left", 10]),
        ("article, *more", LEAVES, ["what was left", []]),
        ("article, **others", LEAVES, ["what was left", {}]),
        ("local", None, [{}]),
        ("local", LEAVES, [LOCAL]),
        ("local: dict", LEAVES, [LOCAL]),
        ("local: str", LEAVES, [LOCAL]),
        ("local=None", LEAVES, [LOCAL]),
        ("local: Optional[dict] = None", LEAVES, [LOCAL]),
        ("cache: dict", None, [{}]),
        ("cache: dict", LEAVES, [LOCAL]),
        ("cache: Dict", LEAVES, [LOCAL]),
        ("cache: dict[str, Any]", LEAVES, [LOCAL]),
        ("cache: Dict[str, Any]", LEAVES, [LOCAL]),
        ("cache: Annotated[dict, 'shared']", LEAVES, [LOCAL]),
        ("local, user=Depends(get_user)", LEAVES, [LOCAL, "ann"]),
        ("article", LEAVES_AND_MAKES, ["what was made"]),
        ("local", LEAVES_AND_MAKES, ["what was made"]),
        ("cache: dict", LEAVES_AND_MAKES, ["what was made"]),
        ("payload", LEAVES_AND_MAKES, ["what was made"]),
        ("ws", LEAVES_AND_MAKES, ["what was made"]),
        ("article, user: Annotated[str, Depends(get_user)]", LEAVES_AND_MAKES, ["what was made", "ann"]),
    ],
)
def test_one_parameter_is_what_hydrate_made_or_local_or_what_was_left_in_it(
    signature: str, options: RouteOptions | None, expected: list[Any], *, postponed: bool
) -> None:
    assert call(define(signature, postponed=postponed), options) == expected


@pytest.mark.parametrize(
    ("signature", "options", "expected"),
    [
        ("ws: 'Missing.WebSocket', headers, payload", None, REQUEST),
        ("ws: 'Missing', headers, payload", None, REQUEST),
        ("article: 'Missing'", LEAVES, ["what was left"]),
        ("article: 'Missing'", LEAVES_AND_MAKES, ["what was made"]),
        ("local: 'Missing'", LEAVES, [LOCAL]),
    ],
)
def test_a_name_that_only_type_checkers_know_does_no_harm_where_nothing_depends_on_it(
    signature: str, options: RouteOptions | None, expected: list[Any]
) -> None:
    assert call(define(signature), options) == expected


class Service:
    async def handle(self, ws: WebSocket, headers: Header, payload: Payload) -> None:
        note(locals())

    async def read(self, article: str) -> None:
        note(locals())

    async def __call__(self, ws: WebSocket, headers: Header, payload: Payload) -> None:
        note(locals())

    @classmethod
    async def of_class(cls, ws: WebSocket, headers: Header, payload: Payload) -> None:
        note({"ws": ws, "headers": headers, "payload": payload})

    @staticmethod
    async def of_none(ws: WebSocket, headers: Header, payload: Payload) -> None:
        note(locals())


class Plain:
    def __call__(self, ws: WebSocket, headers: Header, payload: Payload) -> None:
        note(locals())


def decorate(func: Handler) -> Handler:
    @functools.wraps(func)
    async def wrap(*arguments: Any, **values: Any) -> Any:
        return await func(*arguments, **values)

    return wrap


@pytest.mark.parametrize(
    ("handler", "options", "expected"),
    [
        pytest.param(Service().handle, None, REQUEST, id="bound-method"),
        pytest.param(Service().read, LEAVES, ["what was left"], id="bound-method-of-one"),
        pytest.param(Service(), None, REQUEST, id="object"),
        pytest.param(Service.of_class, None, REQUEST, id="class-method"),
        pytest.param(Service.of_none, None, REQUEST, id="static-method"),
        pytest.param(Plain(), None, REQUEST, id="object-that-is-not-async"),
        pytest.param(define("ws, headers, payload", keyword="def"), None, REQUEST, id="def"),
        pytest.param(define("article", keyword="def"), LEAVES, ["what was left"], id="def-of-one"),
        pytest.param(lambda ws, headers, payload: note(locals()), None, REQUEST, id="lambda"),
        pytest.param(
            functools.partial(define("first, ws, headers, payload"), "bound"), None, ["bound", *REQUEST], id="partial"
        ),
        pytest.param(
            functools.partial(define("ws, headers, payload, last"), last="bound"),
            None,
            [*REQUEST, "bound"],
            id="partial-by-name",
        ),
        pytest.param(
            functools.partial(define("article, *, limit: int"), limit=3),
            LEAVES,
            ["what was left", 3],
            id="partial-of-one",
        ),
        pytest.param(functools.partial(Service().handle), None, REQUEST, id="partial-of-a-method"),
        pytest.param(functools.partial(define("ws, headers, payload", keyword="def")), None, REQUEST, id="partial-def"),
        pytest.param(decorate(define("ws, headers, payload")), None, REQUEST, id="wrapped"),
        pytest.param(decorate(define("article")), LEAVES, ["what was left"], id="wrapped-of-one"),
    ],
)
def test_whatever_can_be_called_is_a_handler(
    handler: Handler, options: RouteOptions | None, expected: list[Any]
) -> None:
    assert call(handler, options) == expected


def test_a_plain_function_does_not_hold_up_the_event_loop() -> None:
    router = SocketRouter()

    @router.route("plain")
    def handle(ws: WebSocket, headers: Header, payload: Payload) -> str:
        return threading.current_thread().name

    @router.route("async")
    async def handle_in_loop(ws: WebSocket, headers: Header, payload: Payload) -> str:
        return threading.current_thread().name

    assert ask(router, "plain")["payload"].startswith("AnyIO worker thread")
    assert not ask(router, "async")["payload"].startswith("AnyIO worker thread")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param({}, [{}, None], id="missing"),
        pytest.param({"headers": None, "payload": None}, [{}, None], id="null"),
        pytest.param({"headers": {}, "payload": {}}, [{}, {}], id="empty"),
        pytest.param({"headers": {"a": [1]}, "payload": 0}, [{"a": [1]}, 0], id="there"),
    ],
)
@pytest.mark.parametrize("options", [None, LEAVES], ids=["", "hooks"])
@pytest.mark.parametrize(
    "signature",
    ["ws, headers, payload", "ws, headers=None, payload=None", "ws, headers: Header, payload: Payload = None"],
)
def test_missing_headers_are_empty_and_a_missing_payload_is_none(
    signature: str, options: RouteOptions | None, request_: dict[str, Any], expected: list[Any]
) -> None:
    router = SocketRouter()
    router.route("ask", options)(define(signature))
    assert ask(router, **request_) == ok(None)
    assert got[1:] == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [({}, "mine"), ({"payload": None}, None), ({"payload": 0}, 0)],
    ids=["missing", "null", "there"],
)
@pytest.mark.parametrize("signature", ["ws, headers, payload='mine'", "ws, headers: Header, payload: Payload = 'mine'"])
def test_a_default_of_its_own_stands_in_for_a_missing_payload(
    signature: str, request_: dict[str, Any], expected: object
) -> None:
    router = SocketRouter()
    router.route("ask")(define(signature))
    assert ask(router, **request_) == ok(None)
    assert got[1:] == [{}, expected]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [({}, {"mine": 1}), ({"headers": None}, {}), ({"headers": {"a": 1}}, {"a": 1})],
    ids=["missing", "null", "there"],
)
@pytest.mark.parametrize("annotation", ["", ": Header", ": dict[str, int]"])
def test_a_default_of_its_own_stands_in_for_missing_headers(
    annotation: str, request_: dict[str, Any], expected: object
) -> None:
    router = SocketRouter()
    router.route("ask")(define(f"ws, headers{annotation}={{'mine': 1}}, payload=None"))
    assert ask(router, **request_) == ok(None)
    assert got[1:] == [expected, None]


def test_background_tasks_are_no_argument_of_the_route() -> None:
    router = SocketRouter()
    ran: list[Any] = []

    @router.route("ask")
    async def handle(ws: WebSocket, headers: Header, payload: Payload, tasks: BackgroundTasks) -> None:
        tasks.add_task(ran.append, payload)

    assert ask(router, payload="later") == ok(None)
    assert ran == ["later"]


def test_a_value_and_two_parameters_of_the_connection_are_no_request() -> None:
    assert call(define("article, limit: int = 10, after: int = 0"), LEAVES) == ["what was left", 10, 0]


def test_headers_may_have_an_empty_dictionary_for_a_default() -> None:
    assert call(define("ws, headers={}, payload=None")) == REQUEST
