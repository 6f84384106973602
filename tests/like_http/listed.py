"""Dependencies that routers list and handlers ask for, and an application with such a router."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from both_ways import note
from fastapi import Depends, FastAPI, params
from pings import Ping

from fastws import WSRouter


class User:
    def __init__(self) -> None:
        note("User")


async def get_session() -> object:
    note("get_session")
    return object()


Session = Annotated[object, Depends(get_session)]


async def get_user(session: Session) -> User:
    note("get_user")
    return User()


async def get_name(user: Annotated[User, Depends(get_user)]) -> str:
    note("get_name")
    return "anna"


async def get_title(name: Annotated[str, Depends(get_name)], user: Annotated[User, Depends(get_user)]) -> str:
    note("get_title")
    return f"Dr. {name}"


def get_nothing() -> None:
    note("get_nothing")


async def get_pool() -> AsyncIterator[str]:
    note("open pool")
    try:
        yield "pool"
    except Exception as error:
        note(f"pool sees {type(error).__name__}")
        raise
    finally:
        note("close pool")


async def get_loan(pool: Annotated[str, Depends(get_pool)]) -> AsyncIterator[str]:
    note("open loan")
    yield f"loan of {pool}"
    note("close loan")


def serve(handler: Callable[..., Any], *listed: params.Depends, **options: Any) -> FastAPI:
    """Return an application with a router at /ws that lists dependencies."""
    router = WSRouter(dependencies=listed, **options)
    router.receive(Ping)(handler)
    app = FastAPI()
    app.include_router(router, prefix="/ws")
    return app
