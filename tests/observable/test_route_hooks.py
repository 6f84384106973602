"""The hooks of a route: their order, what each is called with, and what happens where one refuses or raises."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from asking import CHECK_FAILED, DENIED, FAILED, ask, error, ok
from starlette.websockets import WebSocket

from fastws import SocketRouter
from fastws.observable import MessageData, RouteOptions

Hook = Callable[..., Any]

HEADERS = {"x-user": "42"}
PAYLOAD = [1, "two"]
MESSAGE = {"headers": HEADERS, "payload": PAYLOAD}

HOOKS = ("data_check", "access", "hydrate", "dehydrate")

# What was called, with what.
calls: list[Any] = []

# An object of the program's own.
NOTHING = object()


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    calls.clear()


def make_router(handler: Hook, **options: Any) -> SocketRouter:
    router = SocketRouter()
    router.route("ask", cast("RouteOptions", options))(handler)
    return router


def show(value: Any) -> Any:
    """Return an argument of a hook in plain words."""
    if isinstance(value, WebSocket):
        return "the connection"
    return value.get_data() if isinstance(value, MessageData) else value


def note(*arguments: Any) -> bool:
    calls.append(list(map(show, arguments)))
    return True


def make_hook(name: str, *, returns: Any = True, plain: bool = False) -> Hook:
    """Return a hook that notes its name and its arguments."""

    def hook(*arguments: Any) -> Any:
        calls.append((name, *map(show, arguments)))
        return returns

    async def hook_in_loop(*arguments: Any) -> Any:
        return hook(*arguments)

    return hook if plain else hook_in_loop


async def answer(ws: WebSocket, headers: Any, payload: Any) -> str:
    calls.append(("handler", "the connection", headers, payload))
    return "answered"


async def answer_with(hydrated: Any) -> Any:
    calls.append(("handler", hydrated))
    return "answered"


@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
def test_hooks_are_called_in_order_each_with_its_arguments(*, plain: bool) -> None:
    returns = {"hydrate": "hydrated", "dehydrate": "dehydrated"}
    options = {name: make_hook(name, returns=returns.get(name, True), plain=plain) for name in reversed(HOOKS)}
    reply = ask(make_router(answer_with, **options), **MESSAGE)
    assert reply == ok("dehydrated")
    assert calls == [
        ("data_check", MESSAGE, {}),
        ("access", "the connection", MESSAGE, {}),
        ("hydrate", "the connection", MESSAGE),
        ("handler", "hydrated"),
        ("dehydrate", "answered"),
    ]


def test_plain_hooks_do_not_hold_up_the_event_loop() -> None:
    def name_thread(*arguments: Any) -> str:
        calls.append(threading.current_thread().name)
        return "ok"

    options = dict.fromkeys(HOOKS, name_thread)
    assert ask(make_router(answer_with, **options)) == ok("ok")
    names = [name for name in calls if isinstance(name, str)]
    assert (len(names), all(name.startswith("AnyIO worker thread") for name in names)) == (4, True)


class Hooks:
    def check(self, message: MessageData) -> bool:
        calls.append(("method", show(message)))
        return True

    async def __call__(self, message: MessageData, local: dict[str, Any]) -> bool:
        calls.append(("object", show(message), local))
        return True


async def takes_message(message: MessageData) -> bool:
    calls.append(("one", show(message)))
    return True


async def takes_other_name(m: MessageData, /) -> bool:
    calls.append(("one", show(m)))
    return True


async def takes_both(message: MessageData, local: dict[str, Any]) -> bool:
    calls.append(("both", show(message), local))
    return True


async def takes_both_by_default(message: Any = None, local: Any = None) -> bool:
    calls.append(("both", show(message), local))
    return True


async def takes_local_by_default(message: Any, local=NOTHING):  # type: ignore[no-untyped-def]
    calls.append(("both", show(message), local))
    return True


async def keeps_its_default(message: MessageData, limit: int = 10) -> bool:
    calls.append(("one", show(message), limit))
    return True


async def takes_all(*arguments: Any) -> bool:
    calls.append(("all", *map(show, arguments)))
    return True


async def takes_rest(message: MessageData, *rest: Any) -> bool:
    calls.append(("rest", show(message), *map(show, rest)))
    return True


async def takes_nothing() -> bool:
    calls.append(("nothing",))
    return True


async def has_keywords(message: MessageData, *, limit: int = 10, **others: Any) -> bool:
    calls.append(("keywords", show(message), limit, others))
    return True


async def has_prefix(prefix: str, message: MessageData, local: dict[str, Any]) -> bool:
    calls.append((prefix, show(message), local))
    return True


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (takes_nothing, ("nothing",)),
        (takes_message, ("one", MESSAGE)),
        (takes_other_name, ("one", MESSAGE)),
        (takes_both, ("both", MESSAGE, {})),
        (takes_both_by_default, ("both", MESSAGE, {})),
        (takes_local_by_default, ("both", MESSAGE, {})),
        (keeps_its_default, ("one", MESSAGE, 10)),
        (takes_all, ("all", MESSAGE, {})),
        (takes_rest, ("rest", MESSAGE, {})),
        (has_keywords, ("keywords", MESSAGE, 10, {})),
        (Hooks().check, ("method", MESSAGE)),
        (Hooks(), ("object", MESSAGE, {})),
        (functools.partial(has_prefix, "partial"), ("partial", MESSAGE, {})),
        (functools.partial(has_prefix, "partial", local={"a": 1}), ("partial", MESSAGE, {"a": 1})),
        (lambda message: takes_both(message, {"a": 1}), ("both", MESSAGE, {"a": 1})),
    ],
)
def test_a_hook_is_called_with_as_many_arguments_as_it_takes(hook: Hook, expected: tuple[Any, ...]) -> None:
    assert ask(make_router(answer, data_check=hook), **MESSAGE) == ok("answered")
    assert calls == [expected, ("handler", "the connection", HEADERS, PAYLOAD)]


@pytest.mark.parametrize(
    ("name", "hook", "expected"),
    [
        ("access", lambda ws: note("it", ws), ["it", "the connection"]),
        ("access", lambda ws, message: note("it", ws, message), ["it", "the connection", MESSAGE]),
        ("access", lambda ws, message, local: note("it", ws, message, local), ["it", "the connection", MESSAGE, {}]),
        ("access", lambda ws, message, local=5: note("it", ws, message, local), ["it", "the connection", MESSAGE, {}]),
        ("access", lambda ws, message, limit=5: note("it", ws, message, limit), ["it", "the connection", MESSAGE, 5]),
        ("hydrate", lambda ws: note("it", ws), ["it", "the connection"]),
        ("hydrate", lambda ws, message: note("it", ws, message), ["it", "the connection", MESSAGE]),
        ("hydrate", lambda ws, message=5: note("it", ws, message), ["it", "the connection", MESSAGE]),
        ("dehydrate", lambda: note("it"), ["it"]),
        ("dehydrate", lambda payload: note("it", payload), ["it", "answered"]),
        ("dehydrate", lambda payload=5: note("it", payload), ["it", "answered"]),
        ("dehydrate", lambda article: note("it", article), ["it", "answered"]),
    ],
)
def test_the_other_hooks_likewise(name: str, hook: Hook, expected: Any) -> None:
    assert ask(make_router(answer_with if name == "hydrate" else answer, **{name: hook}), **MESSAGE)["status"] == 200
    assert expected in calls


def test_hooks_and_the_handler_share_one_local_of_the_request() -> None:
    def check(message: MessageData, local: dict[str, Any]) -> bool:
        local["seen"] = ["check"]
        return True

    async def allow(ws: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
        local["seen"].append("access")
        return True

    async def handle(local: dict[str, Any]) -> Any:
        calls.append(local)
        return local["seen"]

    router = make_router(handle, data_check=check, access=allow)
    assert [ask(router), ask(router)] == [ok(["check", "access"])] * 2
    assert calls[0] is not calls[1]


def test_a_value_that_no_hook_has_left_is_an_error_of_the_program(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(article: Any) -> Any:
        return article

    assert ask(make_router(handle, data_check=make_hook("data_check"))) == error(500, FAILED)
    assert "The hooks of the route 'ask' have left no local[\"value\"] for its handler." in caplog.text


def test_a_value_may_be_none() -> None:
    def leave_none(message: MessageData, local: dict[str, Any]) -> bool:
        local["value"] = None
        return True

    assert ask(make_router(answer_with, data_check=leave_none)) == ok("answered")
    assert calls == [("handler", None)]


@pytest.mark.parametrize("missing", [False, True], ids=["", "missing"])
def test_a_message_is_read_by_attribute_and_by_item(*, missing: bool) -> None:
    headers, payload = ({}, None) if missing else (HEADERS, PAYLOAD)

    def check(message: MessageData) -> bool:
        assert (message.headers, message.payload) == (headers, payload)
        assert (message["headers"], message["payload"]) == (headers, payload)
        assert (message.get("headers"), message.get("payload", 1)) == (headers, payload)
        assert (message.get("uuid"), message.get("uuid", 1)) == (None, 1)
        assert ("headers" in message, "payload" in message, "uuid" in message, 1 in message) == (
            True,
            True,
            False,
            False,
        )
        assert message.get_data() == {"headers": headers, "payload": payload}
        assert {**message} == {"headers": headers, "payload": payload}
        with pytest.raises(KeyError, match="uuid"):
            message["uuid"]
        with pytest.raises(KeyError, match="get_data"):
            message["get_data"]
        with pytest.raises(KeyError, match="uuid"):
            message["uuid"] = 1
        return True

    assert ask(make_router(answer, data_check=check), **({} if missing else MESSAGE)) == ok("answered")


def test_what_a_hook_puts_into_the_message_the_handler_gets() -> None:
    def check(message: MessageData) -> bool:
        message.headers["x-seen"] = True
        message["payload"] = [*message["payload"], 3]
        return True

    assert ask(make_router(answer, data_check=check), **MESSAGE) == ok("answered")
    assert calls == [("handler", "the connection", {"x-user": "42", "x-seen": True}, [1, "two", 3])]


@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
@pytest.mark.parametrize("returned", [False, None, 0, "", [], {}], ids=repr)
@pytest.mark.parametrize(
    ("name", "refusal", "called"),
    [
        ("data_check", error(400, CHECK_FAILED), ["data_check"]),
        ("access", error(403, DENIED), ["data_check", "access"]),
    ],
)
def test_what_is_refused_goes_no_further(
    name: str, refusal: dict[str, Any], called: list[str], returned: Any, *, plain: bool
) -> None:
    options = {one: make_hook(one, returns=returned if one == name else True, plain=plain) for one in HOOKS}
    assert ask(make_router(answer_with, **options), **MESSAGE) == refusal
    assert [call[0] for call in calls] == called


@pytest.mark.parametrize("returned", [True, 1, "yes", [0], object()], ids=["true", "1", "text", "list", "object"])
def test_whatever_is_true_lets_a_request_pass(returned: Any) -> None:
    hook = make_hook("hook", returns=returned)
    assert ask(make_router(answer, data_check=hook, access=hook)) == ok("answered")
