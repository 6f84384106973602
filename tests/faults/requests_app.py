"""The application of the fault tests of requests: the same routes wherever they are served, and a count of what runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, NoReturn

from controls import counts, released, router
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket
from pydantic import BaseModel

from fastws import SocketRouter
from fastws.observable import Handler, HandlerResult, RouteOptions


class Order(BaseModel):
    n: int


async def echo(ws: WebSocket, headers: dict[str, Any], payload: Any) -> HandlerResult:
    return {"headers": headers, "payload": payload}


async def echo_later(ws: WebSocket, headers: dict[str, Any], payload: Any) -> HandlerResult:
    await asyncio.sleep(0.001)
    return {"headers": headers, "payload": payload}


def echo_in_thread(ws: WebSocket, headers: dict[str, Any], payload: Any) -> HandlerResult:
    return {"headers": headers, "payload": payload}


async def take_order(ws: WebSocket, headers: dict[str, Any], payload: Order) -> Order:
    return payload


async def get_path(ws: WebSocket) -> str:
    return str(ws.scope["path"])


async def tell_path(ws: WebSocket, headers: Any, payload: Any, path: Annotated[str, Depends(get_path)]) -> str:
    return path


async def take_local(local: dict[str, Any]) -> dict[str, Any]:
    return {"local": local["n"]}


async def take_hydrated(hydrated: int) -> int:
    return hydrated + 1


async def count(ws: WebSocket, headers: Any, payload: Any) -> int:
    """Answer how long the payload is."""
    return len(str(payload))


async def fill(ws: WebSocket, headers: Any, payload: int) -> str:
    """Answer so many characters."""
    counts["filled"] += 1
    return "x" * payload


async def sleep(ws: WebSocket, headers: Any, payload: float) -> None:
    """Answer after so many seconds."""
    if payload:
        await asyncio.sleep(payload)
    counts["slept"] += 1


async def wait(ws: WebSocket, headers: Any, payload: float) -> None:
    """Answer likewise; say at once that the handler has begun."""
    await ws.send_text("begun")
    path = ws.scope["path"]
    counts[f"begun {path}"] += 1
    try:
        await asyncio.sleep(payload)
    except asyncio.CancelledError:
        counts[f"cancelled {path}"] += 1
        raise
    counts[f"waited {path}"] += 1


async def note(ws: WebSocket, headers: Any, payload: Any) -> None:
    """Count this; first wait until `/control/release` is called."""
    counts["began"] += 1
    await released.wait()
    counts["noted"] += 1


async def agree(*_: object) -> bool:
    return True


async def refuse(*_: object) -> bool:
    return False


def refuse_in_thread(*_: object) -> bool:
    return False


async def fail(*_: object) -> NoReturn:
    raise ZeroDivisionError("on purpose")


def fail_in_thread(*_: object) -> NoReturn:
    raise ZeroDivisionError("on purpose")


async def fail_later(*_: object) -> NoReturn:
    await asyncio.sleep(0.001)
    raise ZeroDivisionError("on purpose")


async def raise_error() -> NoReturn:
    raise ZeroDivisionError("on purpose")


async def fail_to_depend(
    ws: WebSocket, headers: Any, payload: Any, _: Annotated[None, Depends(raise_error)]
) -> None: ...


async def raise_behind() -> AsyncIterator[None]:
    yield
    raise ZeroDivisionError("on purpose")


async def fail_behind(ws: WebSocket, headers: Any, payload: Any, _: Annotated[None, Depends(raise_behind)]) -> Any:
    return payload


async def fail_in_background(ws: WebSocket, headers: Any, payload: Any, tasks: BackgroundTasks) -> Any:
    tasks.add_task(raise_error)
    return payload


async def ask_for_coffee(*_: object) -> NoReturn:
    raise HTTPException(418, "I am a teapot")


async def await_what_is_cancelled(*_: object) -> NoReturn:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future
    raise AssertionError("nothing was cancelled")


async def return_an_object(ws: WebSocket, headers: Any, payload: Any) -> object:
    return object()


async def return_something_else(ws: WebSocket, headers: Any, payload: Any) -> Order:
    return {"n": "no number"}  # type: ignore[return-value]


async def keep_number(message: Any, local: dict[str, Any]) -> bool:
    local["n"] = message.payload["n"]
    return True


def may_do_it(ws: WebSocket, message: Any, local: dict[str, Any]) -> bool:
    return bool(local["n"] >= 0)


async def get_number(ws: WebSocket, message: Any) -> int:
    await asyncio.sleep(0)
    return int(message.payload["n"])


def double(payload: int) -> int:
    return 2 * payload


ROUTES: dict[str, tuple[Handler, RouteOptions]] = {
    "echo": (echo, {}),
    "echo/later": (echo_later, {}),
    "echo/thread": (echo_in_thread, {}),
    "order": (take_order, {}),
    "path": (tell_path, {}),
    "local": (take_local, {"data_check": keep_number, "access": may_do_it}),
    "hooks": (
        take_hydrated,
        {"data_check": keep_number, "access": may_do_it, "hydrate": get_number, "dehydrate": double},
    ),
    "refused": (echo, {"access": refuse}),
    "refused/thread": (echo, {"data_check": agree, "access": refuse_in_thread}),
    "unchecked": (echo, {"data_check": refuse}),
    "unchecked/thread": (echo, {"data_check": refuse_in_thread}),
    "fail": (fail, {}),
    "fail/later": (fail_later, {}),
    "fail/thread": (fail_in_thread, {}),
    "fail/data_check": (echo, {"data_check": fail}),
    "fail/access": (echo, {"access": fail_later}),
    "fail/hydrate": (take_hydrated, {"hydrate": fail_in_thread}),
    "fail/dehydrate": (echo, {"dehydrate": fail}),
    "fail/dependency": (fail_to_depend, {}),
    "fail/cancelled": (await_what_is_cancelled, {}),
    "fail/object": (return_an_object, {}),
    "fail/order": (return_something_else, {}),
    "fail/teardown": (fail_behind, {}),
    "fail/background": (fail_in_background, {}),
    "teapot": (ask_for_coffee, {}),
    "teapot/access": (echo, {"access": ask_for_coffee}),
    "count": (count, {}),
    "fill": (fill, {}),
    "sleep": (sleep, {}),
    "wait": (wait, {}),
    "note": (note, {}),
}


def make_endpoint(access_logic: Any = None, **options: Any) -> Callable[[WebSocket], Awaitable[None]]:
    """Make an endpoint that knows all routes, and counts how its connections begin and end."""
    requests = SocketRouter(access_logic, **options)
    for path, (handler, hooks) in ROUTES.items():
        requests.route(path, hooks)(handler)

    async def serve(websocket: WebSocket) -> None:
        counts["connected"] += 1
        try:
            await requests(websocket)
        finally:
            counts["disconnected"] += 1

    return serve


# Of this application, and of any that includes them.
endpoints = APIRouter()
for path, endpoint in {
    "/usual": make_endpoint(),
    "/narrow": make_endpoint(mailbox=4),
    "/together": make_endpoint(concurrency=8),
    "/timed": make_endpoint(send_timeout=1),
    "/timed-together": make_endpoint(send_timeout=1, concurrency=8),
    "/cancelling": make_endpoint(cancel_on_disconnect=True),
    "/cancelling-together": make_endpoint(cancel_on_disconnect=True, concurrency=8),
    "/refusing": make_endpoint(refuse),
    "/refusing-in-a-thread": make_endpoint(refuse_in_thread),
    "/failing": make_endpoint(fail),
    "/of-one-origin": make_endpoint(allowed_origins=["https://app.example"]),
}.items():
    endpoints.add_api_websocket_route(path, endpoint)

app = FastAPI()
app.include_router(router)
app.include_router(endpoints)
