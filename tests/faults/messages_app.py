"""The application of the fault tests of dependencies and replies: what is set up for messages, and what fails."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Query, WebSocket
from pydantic import BaseModel, ConfigDict, field_serializer

from fastws import WSRouter, reply_with_error


@dataclass
class Tally:
    """What happened to the connections that share a name.

    Attributes:
        goodbyes: How many times `on_disconnect` has begun, by close code and reason.
        notes: What was done with which dependency of a message: set up, used by its handler, torn down.
        handled: Which messages were handled, in order.
        errors: How many dependencies saw which exception.
    """

    goodbyes: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, int]] = field(default_factory=list)
    handled: list[int] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def set_up(self) -> int:
        with self.lock:
            number = next(self.numbers)
            self.notes.append(("set up", number))
        return number

    def tear_down(self, number: int, error: BaseException | None) -> None:
        with self.lock:
            self.notes.append(("tear down", number))
            self.errors[type(error).__name__] += 1


tallies: defaultdict[str, Tally] = defaultdict(Tally)


def tally_of(websocket: WebSocket) -> Tally:
    return tallies[websocket.path_params["name"]]


async def hold(websocket: WebSocket) -> AsyncIterator[int]:
    """Be set up and torn down for a message."""
    tally, caught = tally_of(websocket), None
    number = tally.set_up()
    try:
        yield number
    except BaseException as error:
        caught = error
        raise
    finally:
        tally.tear_down(number, caught)


def hold_in_thread(websocket: WebSocket) -> Iterator[int]:
    tally, caught = tally_of(websocket), None
    number = tally.set_up()
    try:
        yield number
    except BaseException as error:
        caught = error
        raise
    finally:
        tally.tear_down(number, caught)


class Count(BaseModel):
    """Be handled with a dependency; raise, or be cancelled."""

    type: Literal["count", "count in threads"]
    n: int
    fate: Literal["answer", "raise", "cancel"] = "answer"


async def count(websocket: WebSocket, message: Count, number: int) -> int:
    tally = tally_of(websocket)
    tally.notes.append(("handle", number))
    tally.handled.append(message.n)
    match message.fate:
        case "raise":
            raise LookupError("on purpose")
        case "cancel":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(60)
        case "answer":
            pass
    return message.n


class CountInTurn(Count):
    type: Literal["count"]


class CountInThreads(Count):
    type: Literal["count in threads"]


async def count_in_turn(websocket: WebSocket, message: CountInTurn, number: Annotated[int, Depends(hold)]) -> int:
    return await count(websocket, message, number)


async def count_in_threads(
    websocket: WebSocket, message: CountInThreads, number: Annotated[int, Depends(hold_in_thread)]
) -> int:
    return await count(websocket, message, number)


class Answer(BaseModel):
    """An answer; a negative one cannot be written."""

    n: int

    @field_serializer("n")
    def write(self, n: int) -> int:
        if n < 0:
            raise ZeroDivisionError("on purpose")
        return n


class Echo(BaseModel):
    """Answer the number."""

    type: Literal["echo"]
    n: int


async def echo(message: Echo) -> Answer:
    return Answer(n=message.n)


class FailAtOnce(BaseModel):
    type: Literal["handler"]


async def fail_at_once(message: FailAtOnce, _: Annotated[int, Depends(hold)]) -> None:
    raise ZeroDivisionError("on purpose")


class FailLater(BaseModel):
    type: Literal["handler after a wait"]


async def fail_later(message: FailLater, _: Annotated[int, Depends(hold)]) -> None:
    await asyncio.sleep(0.01)
    raise ZeroDivisionError("on purpose")


class FailInThread(BaseModel):
    type: Literal["handler in a thread"]


def fail_in_thread(message: FailInThread, _: Annotated[int, Depends(hold)]) -> None:
    raise ZeroDivisionError("on purpose")


class FailBefore(BaseModel):
    type: Literal["dependency"]


async def raise_error(_: Annotated[int, Depends(hold)]) -> None:
    raise ZeroDivisionError("on purpose")


async def fail_before(message: FailBefore, _: Annotated[None, Depends(raise_error)]) -> None: ...


class FailBeforeInThread(BaseModel):
    type: Literal["dependency in a thread"]


def raise_in_thread(_: Annotated[int, Depends(hold_in_thread)]) -> None:
    raise ZeroDivisionError("on purpose")


async def fail_before_in_thread(message: FailBeforeInThread, _: Annotated[None, Depends(raise_in_thread)]) -> None: ...


class FailBehind(BaseModel):
    type: Literal["teardown"]


async def raise_at_teardown(number: Annotated[int, Depends(hold)]) -> AsyncIterator[None]:
    yield
    raise ZeroDivisionError("on purpose")


async def fail_behind(message: FailBehind, _: Annotated[None, Depends(raise_at_teardown)]) -> None: ...


class FailToReply(BaseModel):
    type: Literal["reply"]


async def fail_to_reply(message: FailToReply, _: Annotated[int, Depends(hold)]) -> Answer:
    return {"n": "no number"}  # type: ignore[return-value]


class FailToWrite(BaseModel):
    type: Literal["serializer"]


async def fail_to_write(message: FailToWrite, _: Annotated[int, Depends(hold)]) -> Answer:
    return Answer(n=-1)


class Refuse(BaseModel):
    type: Literal["refusal"]


async def refuse_user(_: Annotated[int, Depends(hold)]) -> None:
    raise HTTPException(403, "not for you")


async def refuse(message: Refuse, _: Annotated[None, Depends(refuse_user)]) -> None: ...


class Paging(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = 10


class AskForLimit(BaseModel):
    type: Literal["limit"]


async def get_limit(limit: Annotated[int, Query()]) -> int:
    return limit


async def ask_for_limit(message: AskForLimit, limit: Annotated[int, Depends(get_limit)]) -> int:
    return limit


class AskForPage(BaseModel):
    type: Literal["paging"]


async def ask_for_page(message: AskForPage, paging: Annotated[Paging, Query()]) -> int:
    return paging.limit


class AskForToken(BaseModel):
    type: Literal["token"]


async def ask_for_token(message: AskForToken, x_token: Annotated[int, Header()]) -> int:
    return x_token


HANDLERS: list[Callable[..., Any]] = [
    count_in_turn,
    count_in_threads,
    echo,
    fail_at_once,
    fail_later,
    fail_in_thread,
    fail_before,
    fail_before_in_thread,
    fail_behind,
    fail_to_reply,
    fail_to_write,
    refuse,
    ask_for_limit,
    ask_for_page,
    ask_for_token,
]


async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    tally_of(websocket).goodbyes[f"{code} {reason}"] += 1
    # Long enough for another goodbye to begin, or for this one to be cut off, if something were to do that.
    await asyncio.sleep(0.01)


async def put_up(websocket: WebSocket, message: Any, error: Exception) -> None:
    """Let the connection go on, without a word."""


def make_router(on_error: Callable[..., Any] | None = None, **options: Any) -> WSRouter:
    router = WSRouter(discriminator="type", **options)
    router.on_disconnect(disconnect)
    if on_error is not None:
        router.on_error(on_error)
    for handler in HANDLERS:
        router.receive(handler)
    return router


# By the first part of the path; the second is the name under which the connection is counted.
ROUTERS = {
    "plain": make_router(),
    "together": make_router(concurrency=8),
    "answering": make_router(reply_with_error),
    "answering-together": make_router(reply_with_error, concurrency=8),
    "patient": make_router(put_up),
    "patient-in-tasks": make_router(put_up, cancel_on_disconnect=True),
    "patient-together": make_router(put_up, concurrency=8),
}

app = FastAPI()
for kind, router in ROUTERS.items():
    app.include_router(router, prefix=f"/{kind}/{{name}}")


@app.get("/tallies/{name}")
async def show_tally(name: str) -> dict[str, Any]:
    tally = tallies[name]
    done = Counter(what for what, _ in tally.notes)
    steps: defaultdict[int, list[str]] = defaultdict(list)
    for what, number in tally.notes:
        steps[number].append(what)
    return {
        "goodbyes": tally.goodbyes,
        "set_up": done["set up"],
        "torn_down": done["tear down"],
        "errors": tally.errors,
        "handled": len(tally.handled),
        "in_order": tally.handled == sorted(tally.handled)
        and tally.notes == [note for number in range(done["set up"]) for note in _list_notes(number)],
        "each_once": set(map(tuple, steps.values())) <= {("set up", "handle", "tear down")}
        and sorted(tally.handled) == list(range(done["set up"])),
    }


def _list_notes(number: int) -> list[tuple[str, int]]:
    return [("set up", number), ("handle", number), ("tear down", number)]


@app.get("/tasks")
async def count_tasks() -> int:
    return len(asyncio.all_tasks())
