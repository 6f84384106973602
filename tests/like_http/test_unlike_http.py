"""Where a message handler cannot do what an endpoint does, or is not meant to."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Annotated

import anyio
import pytest
from anyio import get_current_task
from both_ways import FASTAPI, clear_notes, describe, note
from dialogue import talk
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Security, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyQuery
from listed import serve
from pings import Ping
from pydantic import BaseModel
from resources import First, depends_for_function, get_first
from starlette.requests import HTTPConnection

from fastws import WSRouter, reply_with_error
from fastws.errors import InvalidHandlerError

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _forget_notes() -> None:
    clear_notes()


async def brew() -> None:
    note("task")


async def test_nothing_is_sent_for_none() -> None:
    async def handle(message: Ping, first: First, tasks: BackgroundTasks) -> str | None:
        tasks.add_task(brew)
        return None

    assert await talk(serve(handle), 2, stays=True) == []
    assert ["accept", *["open first", "task", "close first"] * 2] == clear_notes()


async def test_nothing_is_sent_without_a_return_annotation() -> None:
    async def handle(message: Ping, first: First):  # type: ignore[no-untyped-def]  # noqa: ANN202, RUF100
        return first

    assert await talk(serve(handle), stays=True) == []


async def refuse_late() -> AsyncIterator[None]:
    yield
    raise HTTPException(409, "too late")


async def test_an_exception_after_the_reply_is_what_it_is() -> None:
    # Over HTTP the response has begun, and Starlette makes it a `RuntimeError`.
    errors = []

    async def handle(message: Ping, nothing: Annotated[None, Depends(refuse_late)]) -> str:
        return "done"

    async def on_error(websocket: WebSocket, message: Ping, error: Exception) -> None:
        errors.append(describe(error))

    router = WSRouter()
    router.receive(Ping)(handle)
    router.on_error(on_error)
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    assert await talk(app) == ["done"]
    assert errors == [(409, "too late")]


async def test_the_connection_is_one_object_for_all() -> None:
    seen: list[HTTPConnection] = []

    async def list_websocket(websocket: WebSocket) -> None:
        websocket.state.user = "anna"
        seen.append(websocket)

    async def ask_connection(connection: HTTPConnection) -> None:
        seen.append(connection)

    async def ask_websocket(socket: WebSocket) -> str:
        seen.append(socket)
        return str(socket.state.user)

    async def handle(
        websocket: WebSocket,
        message: Ping,
        connection: HTTPConnection,
        nothing: Annotated[None, Depends(ask_connection)],
        user: Annotated[str, Depends(ask_websocket)],
    ) -> str:
        seen.extend([websocket, connection])
        return user

    assert await talk(serve(handle, Depends(list_websocket)), 2) == ["anna"] * 2
    assert [seen[0]] * 9 == seen


TENANT: ContextVar[str] = ContextVar("TENANT", default="none")


async def set_tenant() -> str:
    before = TENANT.get()
    TENANT.set("acme")
    return before


@pytest.mark.parametrize(
    ("concurrency", "second"),
    [
        # One task for all messages: what is not taken back stays.
        (1, "acme"),
        # A task for each.
        (2, "none"),
    ],
)
async def test_a_context_variable_may_be_kept_until_the_next_message(concurrency: int, second: str) -> None:
    async def handle(message: Ping, before: Annotated[str, Depends(set_tenant)]) -> str:
        return before

    assert ["none", second] == await talk(serve(handle, concurrency=concurrency), 2)


async def test_a_dependency_for_the_function_outlives_its_stream() -> None:
    # Over HTTP it is torn down when the stream begins.
    async def handle(message: Ping, first: Annotated[str, depends_for_function(get_first)]) -> AsyncIterator[str]:
        yield first
        note("item")

    assert await talk(serve(handle)) == ["first"]
    assert clear_notes() == ["accept", "open first", "item", "close first"]


class Crowd:
    """Messages that are handled at the same time, and what their dependencies have noted of each.

    Parameters:
        number: How many have to be there until they go on.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.present: list[object] = []
        self.left: list[object] = []
        self.errors: list[str] = []
        self.all_are_there = anyio.Event()

    async def enter(self) -> AsyncIterator[object]:
        task, guest = get_current_task().id, object()
        self.present.append(guest)
        if len(self.present) == self.number:
            self.all_are_there.set()
        try:
            yield guest
        except LookupError:
            self.errors.append("async")
            raise
        finally:
            await anyio.sleep(0.001)
            self.left.append(guest)
            assert get_current_task().id == task

    def enter_thread(self) -> Iterator[object]:
        guest = threading.current_thread()
        try:
            yield guest
        except LookupError:
            self.errors.append("thread")
            raise


@pytest.mark.parametrize("listed", [False, True])
async def test_messages_that_are_handled_at_a_time_have_each_their_own(listed: bool) -> None:
    crowd = Crowd(8)
    guests: list[object] = []

    async def get_name() -> AsyncIterator[str]:
        yield "anna"

    Name = Annotated[str, Depends(get_name)]  # noqa: N806

    async def handle(
        message: Ping,
        name: Name,
        guest: Annotated[object, Depends(crowd.enter)],
        thread: Annotated[object, Depends(crowd.enter_thread)],
        again: Annotated[object, Depends(crowd.enter)],
    ) -> bool:
        guests.append(guest)
        number = len(guests)
        await crowd.all_are_there.wait()
        # The last go first.
        await anyio.sleep((9 - number) / 500)
        if number % 3 == 0:
            raise LookupError
        return guest is again

    async def on_error(websocket: WebSocket, message: Ping, error: Exception) -> None:
        await websocket.send_text(f'"{type(error).__name__}"')

    router = WSRouter(dependencies=[Depends(get_name)] if listed else [], concurrency=8)
    router.receive(Ping)(handle)
    router.on_error(on_error)
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    replies = await talk(app, 8)
    assert sorted(map(str, replies)) == ["LookupError"] * 2 + ["True"] * 6
    assert len(set(map(id, guests))) == 8
    assert set(map(id, crowd.left)) == set(map(id, crowd.present)) == set(map(id, guests))
    assert sorted(crowd.errors) == ["async"] * 2 + ["thread"] * 2


async def test_a_teardown_is_not_cancelled() -> None:
    async def wait_at_the_end() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.sleep(0.01)
            note("torn down")

    async def handle(message: Ping, nothing: Annotated[None, Depends(wait_at_the_end)]) -> None:
        note("handler")
        await anyio.sleep_forever()

    app = serve(handle, concurrency=2, cancel_on_disconnect=True)
    await talk(app, 2, stays=True)
    assert clear_notes() == ["accept", "handler", "handler", "torn down", "torn down"]


class Strict(BaseModel):
    number: int


async def check_by_hand() -> None:
    raise RequestValidationError([{"type": "unknown_word", "loc": ("query", "word"), "msg": "Unknown", "input": "tea"}])


async def test_a_validation_error_by_hand_closes_as_one_of_fastapi_does() -> None:
    async def handle(message: Ping, nothing: Annotated[None, Depends(check_by_hand)]) -> str:
        return "never"

    await talk(serve(handle))
    assert clear_notes() == ["accept", "websocket.close 1008"]


async def test_a_validation_error_of_a_handler_is_no_error_of_its_message() -> None:
    # Over HTTP it is a 500, and no 422.
    async def handle(message: Ping) -> Strict:
        return Strict.model_validate({"number": "of another service"})

    router = WSRouter()
    router.receive(Ping)(handle)
    router.on_error(reply_with_error)
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    assert await talk(app) == [{"type": "error", "code": "internal-error", "detail": []}]


@pytest.mark.skipif(FASTAPI >= (0, 145), reason="since then they do not ask for a request")
def test_a_security_class_of_fastapi_that_wants_a_request_is_refused_where_it_is_registered() -> None:
    async def handle(message: Ping, key: Annotated[str, Security(APIKeyQuery(name="key"))]) -> str:
        return key

    with pytest.raises(InvalidHandlerError, match="security classes"):
        serve(handle)
