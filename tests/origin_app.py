"""The application of `test_origin.py`: two endpoints that print whatever of them runs."""

from __future__ import annotations

from fastapi import Depends, FastAPI, WebSocket
from pings import Ping

from fastws import WSRouter
from fastws.origin import AllowedOrigins, OriginMiddleware, make_origin_check

ALLOWED = ["https://app.example"]


async def later_dependency(websocket: WebSocket) -> None:
    print("ran the dependency", flush=True)


# By a dependency of the router.
router = WSRouter(dependencies=[Depends(make_origin_check(AllowedOrigins(ALLOWED))), Depends(later_dependency)])


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    print("ran on_connect", flush=True)
    await websocket.accept()


@router.on_disconnect
async def disconnect(websocket: WebSocket, code: int, reason: str) -> None:
    print("ran on_disconnect", flush=True)


@router.receive(Ping)
async def handle(websocket: WebSocket, message: Ping) -> None:
    print("ran the handler", flush=True)


# By middleware, around an application of its own.
guarded = FastAPI(dependencies=[Depends(later_dependency)])
guarded.add_middleware(OriginMiddleware, allowed_origins=ALLOWED)


@guarded.websocket("/ws")
async def endpoint(websocket: WebSocket) -> None:
    print("ran the endpoint", flush=True)
    await websocket.accept()


app = FastAPI()
app.include_router(router, prefix="/checked")
app.mount("/guarded", guarded)
