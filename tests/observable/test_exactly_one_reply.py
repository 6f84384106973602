"""Exactly one reply to each request, whatever its handler, its hooks and its dependencies do."""

from __future__ import annotations

import asyncio
import copy
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from asking import Asker
from fastapi import Depends, HTTPException
from peers import count_tasks, settle
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastws import SocketRouter

pytestmark = pytest.mark.anyio

Act = Callable[[WebSocket], Coroutine[Any, Any, Any]]


def raises(error: BaseException | type[BaseException]) -> Act:
    """Return a function that raises."""

    async def act(websocket: WebSocket) -> None:
        # An error keeps where it was raised before, and the log would show all that each time.
        raise error if isinstance(error, type) else copy.copy(error)

    return act


async def answer(websocket: WebSocket) -> Any:
    return True


async def send_itself(websocket: WebSocket) -> Any:
    await websocket.send_text('{"uuid":"extra","status":0}')
    return True


async def send_itself_and_raise(websocket: WebSocket) -> Any:
    await websocket.send_text('{"uuid":"extra","status":0}')
    raise ValueError


async def time_out(websocket: WebSocket) -> Any:
    await asyncio.wait_for(asyncio.sleep(10), 0.01)


async def time_out_in_scope(websocket: WebSocket) -> Any:
    with anyio.fail_after(0.01):
        await anyio.sleep(10)


async def give_up_in_time(websocket: WebSocket) -> Any:
    with anyio.move_on_after(0.01):
        await anyio.sleep(10)
    return True


async def await_a_cancelled_task(websocket: WebSocket) -> Any:
    task = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    await task


async def await_a_cancelled_future(websocket: WebSocket) -> Any:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def fail_in_group(websocket: WebSocket) -> Any:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(raises(ValueError), websocket)
        await anyio.sleep(10)


async def cancel_group(websocket: WebSocket) -> Any:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 10)
        tasks.cancel_scope.cancel()
    return True


# What is done, and the status of its reply.
HARMFUL = [
    pytest.param(answer, 200, id="answer"),
    pytest.param(raises(ValueError), 500, id="ValueError"),
    pytest.param(raises(StopIteration), 500, id="StopIteration"),
    pytest.param(raises(StopAsyncIteration), 500, id="StopAsyncIteration"),
    pytest.param(raises(RecursionError), 500, id="RecursionError"),
    pytest.param(raises(MemoryError), 500, id="MemoryError"),
    pytest.param(raises(OSError), 500, id="OSError"),
    pytest.param(raises(RuntimeError("Set changed size")), 500, id="RuntimeError"),
    pytest.param(raises(HTTPException(404)), 404, id="HTTPException"),
    pytest.param(raises(WebSocketDisconnect(1000)), 500, id="WebSocketDisconnect"),
    pytest.param(time_out, 500, id="wait_for"),
    pytest.param(time_out_in_scope, 500, id="fail_after"),
    pytest.param(give_up_in_time, 200, id="move_on_after"),
    pytest.param(fail_in_group, 500, id="task-group"),
    pytest.param(cancel_group, 200, id="cancelled-group"),
]

# Python 3.10 does not tell whose cancellation it is.
CANCELLED = [
    pytest.param(one, 500, id=name, marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10"))
    for name, one in {
        "CancelledError": raises(asyncio.CancelledError),
        "cancelled-task": await_a_cancelled_task,
        "cancelled-future": await_a_cancelled_future,
    }.items()
]

OPTIONS = pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="in-turn"),
        pytest.param({"cancel_on_disconnect": True}, id="cancelling"),
        pytest.param({"concurrency": 8}, id="8"),
        pytest.param({"concurrency": 8, "cancel_on_disconnect": True}, id="8-cancelling"),
    ],
)

# Where something is done: each is a route.
PLACES = (
    "handler",
    "handler with hooks",
    "handler with a dependency",
    "data_check",
    "access",
    "hydrate",
    "dehydrate",
    "dependency",
)


def make_router(act: Act, *, late: bool = False, **options: Any) -> SocketRouter:
    """Return a router that does something in each place of a request, at once or after a wait."""
    router = SocketRouter(**options)

    async def do(websocket: WebSocket) -> Any:
        if late:
            await asyncio.sleep(0.001)
        return await act(websocket)

    async def handle(ws: WebSocket, headers: Any, payload: Any) -> Any:
        return await do(ws)

    async def handle_with_dependency(ws: WebSocket, headers: Any, payload: Any, value: Any = Depends(answer)) -> Any:
        return await do(ws)

    async def depend(ws: WebSocket, headers: Any, payload: Any, value: Any = Depends(do)) -> Any:
        return value

    async def return_connection(ws: WebSocket, headers: Any, payload: Any) -> Any:
        return ws

    async def return_alone(one: Any) -> Any:
        return one

    # No plain function that returns a coroutine: cancelled in between, that would never be awaited.
    async def do_with_message(ws: WebSocket, message: Any) -> Any:
        return await do(ws)

    async def check(message: Any) -> Any:
        # It is not handed the connection.
        return await do(latest[-1])

    router.route("handler")(handle)
    router.route("handler with hooks", {"access": lambda ws, message: True})(handle)
    router.route("handler with a dependency")(handle_with_dependency)
    router.route("data_check", {"data_check": check})(return_nothing)
    router.route("access", {"access": do_with_message})(return_nothing)
    router.route("hydrate", {"hydrate": do_with_message})(return_alone)
    router.route("dehydrate", {"dehydrate": do})(return_connection)
    router.route("dependency")(depend)
    router.route("next")(return_nothing)
    return router


async def return_nothing(ws: WebSocket, headers: Any, payload: Any) -> Any:
    return None


# The connections of the test.
latest: list[WebSocket] = []


@asynccontextmanager
async def asking(router: SocketRouter) -> AsyncIterator[Asker]:
    """Be served, and leave no task behind."""
    before = count_tasks()
    asker = Asker()
    latest[:] = [asker.websocket]
    async with asker.asking(router):
        yield asker
        asker.leave()
    await settle()
    assert count_tasks() == before


async def wait_for_replies(asker: Asker, count: int) -> None:
    """Wait for so many replies, and for more than that in vain."""
    with anyio.move_on_after(5):
        while len(asker.texts) < count and not asker.ended:
            await settle()
            await anyio.sleep(0.001)
    await settle()


@OPTIONS
@pytest.mark.parametrize("late", [False, True], ids=["at-once", "late"])
@pytest.mark.parametrize(("act", "status"), HARMFUL + CANCELLED)
async def test_there_is_one_reply_and_the_next_request_is_answered(
    act: Act, status: int, options: dict[str, Any], *, late: bool
) -> None:
    async with asking(make_router(act, late=late, **options)) as asker:
        for place in (*PLACES, *PLACES):
            asker.ask(place, place)
        asker.ask("next", "next")
        await wait_for_replies(asker, 2 * len(PLACES) + 1)
        assert sorted(asker.replies) == sorted([*[(place, status) for place in PLACES] * 2, ("next", 200)])
        assert asker.closes == []


async def close(websocket: WebSocket) -> Any:
    await websocket.close(4000)
    return True


async def close_and_raise(websocket: WebSocket) -> Any:
    await websocket.close(4000)
    raise HTTPException(404)


async def close_and_send(websocket: WebSocket) -> Any:
    await websocket.close(4000)
    await websocket.send_text("too late")


@OPTIONS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("act", [close, close_and_raise, close_and_send])
async def test_a_connection_that_was_closed_has_no_reply(act: Act, place: str, options: dict[str, Any]) -> None:
    async with asking(make_router(act, **options)) as asker:
        asker.ask(place, place)
        await wait_for_replies(asker, 1)
        assert (asker.replies, asker.closes, asker.ended) == ([], [(4000, "")], True)


@OPTIONS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("act", "status"), [(send_itself, 200), (send_itself_and_raise, 500)])
async def test_what_is_sent_besides_is_no_reply(act: Act, status: int, place: str, options: dict[str, Any]) -> None:
    async with asking(make_router(act, **options)) as asker:
        asker.ask(place, place)
        await wait_for_replies(asker, 2)
        assert asker.replies == [("extra", 0), (place, status)]


async def be_cancelled(websocket: WebSocket) -> Any:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(1)


async def close_and_fail(websocket: WebSocket) -> Any:
    await websocket.close(4000)
    raise ValueError


async def close_and_be_cancelled(websocket: WebSocket) -> Any:
    await websocket.close(4000)
    await be_cancelled(websocket)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("act", "failures"), [(close_and_fail, 1), (close_and_be_cancelled, 0)])
async def test_what_fails_behind_the_end_is_in_the_log(
    act: Act, failures: int, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(make_router(act, concurrency=8)) as asker:
        asker.ask(place)
        await wait_for_replies(asker, 1)
    assert [record.getMessage() for record in caplog.records] == [f"a request to {place!r} failed"] * failures


@pytest.mark.parametrize("options", [{"concurrency": 8}, {"cancel_on_disconnect": True}], ids=["8", "cancelling"])
@pytest.mark.parametrize("late", [False, True], ids=["at-once", "late"])
async def test_a_handler_that_the_program_cancels_has_a_reply(options: dict[str, Any], *, late: bool) -> None:
    async with asking(make_router(be_cancelled, late=late, **options)) as asker:
        for place in PLACES:
            asker.ask(place, place)
        asker.ask("next", "next")
        await wait_for_replies(asker, len(PLACES) + 1)
        assert sorted(asker.replies) == sorted([*[(place, 500) for place in PLACES], ("next", 200)])


async def test_a_handler_in_the_task_of_the_connection_is_cancelled_with_it() -> None:
    asker = Asker()
    asker.ask("handler")
    task = asyncio.create_task(make_router(be_cancelled)(asker.websocket))
    await asyncio.wait([task])
    assert (task.cancelled(), asker.replies) == (True, [])


async def sleep(websocket: WebSocket) -> Any:
    await asyncio.sleep(30)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("place", PLACES)
async def test_nothing_is_sent_to_a_peer_that_has_gone(place: str, concurrency: int) -> None:
    router = make_router(sleep, concurrency=concurrency, cancel_on_disconnect=True)
    async with asking(router) as asker:
        for uuid in range(4):
            asker.ask(place, uuid)
        await settle()
    assert (asker.sent[0]["type"], asker.sent[1:]) == ("websocket.accept", [])


@OPTIONS
@pytest.mark.parametrize("place", PLACES)
async def test_nothing_is_sent_where_the_server_shuts_down(place: str, options: dict[str, Any]) -> None:
    asker = Asker()
    latest[:] = [asker.websocket]
    for uuid in range(4):
        asker.ask(place, uuid)
    task = asyncio.create_task(make_router(sleep, **options)(asker.websocket))
    await settle()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert (task.cancelled(), asker.texts) == (True, [])


async def test_slow_requests_do_not_hold_up_those_behind_them() -> None:
    router = SocketRouter(concurrency=8)
    go_on = anyio.Event()

    @router.route("slow")
    async def wait(ws: Any, headers: Any, payload: Any) -> None:
        await go_on.wait()

    @router.route("fast")
    async def answer_at_once(ws: Any, headers: Any, payload: Any) -> None: ...

    async with asking(router) as asker:
        for uuid in range(7):
            asker.ask("slow", uuid)
        for uuid in range(100, 120):
            asker.ask("fast", uuid)
        await wait_for_replies(asker, 20)
        assert asker.replies == [(uuid, 200) for uuid in range(100, 120)]
        go_on.set()
        await wait_for_replies(asker, 27)
        assert sorted(asker.replies[20:]) == [(uuid, 200) for uuid in range(7)]


async def test_in_turn_replies_come_in_the_order_of_the_requests() -> None:
    router = SocketRouter()

    @router.route("wait")
    async def wait(ws: Any, headers: Any, payload: float) -> None:
        await asyncio.sleep(payload)

    async with asking(router) as asker:
        for uuid, seconds in enumerate((0.005, 0, 0.001, 0)):
            asker.ask("wait", uuid, payload=seconds)
        await wait_for_replies(asker, 4)
        assert asker.replies == [(uuid, 200) for uuid in range(4)]
