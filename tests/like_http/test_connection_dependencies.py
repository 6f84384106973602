"""Dependencies that a router lists: resolved once for each connection, and handed to the handlers that ask for them."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest
from both_ways import clear_notes, note
from dialogue import talk
from fastapi import Depends, FastAPI, HTTPException, Security, WebSocket, params
from fastapi.security import SecurityScopes
from listed import Session, User, get_loan, get_name, get_nothing, get_pool, get_session, get_title, get_user, serve
from pings import Ping
from starlette.requests import HTTPConnection

from fastws import WSRouter

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _forget_notes() -> None:
    clear_notes()


async def read_scopes(scopes: SecurityScopes) -> str:
    note(f"read_scopes {scopes.scope_str}")
    return scopes.scope_str


async def use_scopes(scopes: Annotated[str, Depends(read_scopes)]) -> str:
    note("use_scopes")
    return scopes


@pytest.mark.parametrize(
    ("listed", "asked", "connected", "each_time"),
    [
        pytest.param(Depends(get_session), Depends(get_session), ["get_session"], [], id="function"),
        pytest.param(Depends(User), Depends(User), ["User"], [], id="class"),
        pytest.param(Depends(get_nothing), Depends(get_nothing), ["get_nothing"], [], id="nothing"),
        pytest.param(Depends(get_session), Security(get_session), ["get_session"], [], id="security"),
        pytest.param(
            Depends(get_session),
            Security(get_session, scopes=["a"]),
            ["get_session"],
            [],
            id="scopes-that-nobody-reads",
        ),
        pytest.param(
            Security(read_scopes, scopes=["a", "b"]),
            Security(read_scopes, scopes=["b", "a"]),
            ["read_scopes a b"],
            [],
            id="same-scopes",
        ),
        pytest.param(
            Security(read_scopes, scopes=["a"]),
            Depends(read_scopes),
            ["read_scopes a"],
            ["read_scopes "],
            id="without-its-scopes",
        ),
        pytest.param(
            Security(read_scopes, scopes=["a"]),
            Security(read_scopes, scopes=["b"]),
            ["read_scopes a"],
            ["read_scopes b"],
            id="other-scopes",
        ),
        pytest.param(
            Security(use_scopes, scopes=["a"]),
            Security(use_scopes, scopes=["b"]),
            ["read_scopes a", "use_scopes"],
            ["read_scopes b", "use_scopes"],
            id="other-scopes-for-a-dependency-of-it",
        ),
        pytest.param(
            Depends(get_session),
            Depends(get_session, use_cache=False),
            ["get_session"],
            ["get_session"],
            id="asked-without-cache",
        ),
        pytest.param(Depends(get_session, use_cache=False), Depends(get_session), ["get_session"], [], id="no-cache"),
        pytest.param(
            Depends(get_user), Depends(get_user), ["get_session", "get_user", "User"], [], id="with-dependencies"
        ),
        pytest.param(
            Depends(get_user),
            Depends(get_session),
            ["get_session", "get_user", "User"],
            ["get_session"],
            id="dependency-of-a-listed-one",
        ),
        pytest.param(
            Depends(get_user), Depends(get_name), ["get_session", "get_user", "User"], ["get_name"], id="nested"
        ),
        pytest.param(
            Depends(get_user),
            Depends(get_title),
            ["get_session", "get_user", "User"],
            ["get_name", "get_title"],
            id="nested-twice",
        ),
        pytest.param(
            Depends(get_session),
            Depends(get_name),
            ["get_session"],
            ["get_user", "User", "get_name"],
            id="nested-deeply",
        ),
    ],
)
@pytest.mark.parametrize("overrides", [{}, {get_nothing: get_nothing}], ids=["", "with-overrides"])
async def test_it_is_resolved_once_for_each_connection(
    listed: params.Depends, asked: Any, connected: list[str], each_time: list[str], overrides: dict[Any, Any]
) -> None:
    values = []

    async def handle(message: Ping, value: Any = asked) -> int:
        values.append(value)
        return len(values)

    app = serve(handle, listed)
    app.dependency_overrides |= overrides
    assert await talk(app, 3) == [1, 2, 3]
    assert [*connected, "accept", *each_time * 3] == clear_notes()
    assert (values[0] is values[1] is values[2]) or each_time
    assert await talk(app) == [4]
    assert [*connected, "accept", *each_time] == clear_notes()


async def test_another_connection_gets_another_value() -> None:
    values = []

    async def handle(message: Ping, session: Session) -> int:
        values.append(session)
        return len(values)

    app = serve(handle, Depends(get_session))
    assert await talk(app, 2) == [1, 2]
    assert await talk(app, 2) == [3, 4]
    assert values[0] is values[1]
    assert values[1] is not values[2]
    assert values[2] is values[3]


async def test_one_that_is_listed_twice_is_one() -> None:
    async def handle(message: Ping, session: Session, user: Annotated[User, Depends(get_user)]) -> bool:
        return isinstance(user, User)

    app = serve(handle, Depends(get_session), Depends(get_user), Depends(get_session))
    assert await talk(app, 2) == [True, True]
    assert clear_notes() == ["get_session", "get_user", "User", "accept"]


async def plain(websocket: WebSocket, message: Ping, name: Annotated[str, Depends(get_name)]) -> str:
    return name


async def name_first(name: Annotated[str, Depends(get_name)], message: Ping) -> str:
    return name


async def by_name_only(*, name: Annotated[str, Depends(get_name)], message: Ping) -> str:
    return name


async def default_value(message: Ping, name: str = Depends(get_name)) -> str:
    return name


async def name_alone(name: Annotated[str, Depends(get_name)]) -> str:
    return name


def in_a_thread(name: Annotated[str, Depends(get_name)], message: Ping) -> str:
    return name


async def stream(message: Ping, name: Annotated[str, Depends(get_name)]) -> AsyncIterator[str]:
    yield name


async def with_another(message: Ping, session: Session, name: Annotated[str, Depends(get_name)]) -> str:
    return name


async def waiting(
    message: Ping, name: Annotated[str, Depends(get_name)], connection: HTTPConnection, more: int = 0
) -> str:
    return name


@pytest.mark.parametrize(
    "handler",
    [plain, name_first, by_name_only, default_value, name_alone, in_a_thread, stream, with_another, waiting],
)
async def test_every_handler_may_ask_for_it(handler: Callable[..., Any]) -> None:
    assert await talk(serve(handler, Depends(get_name)), 2) == ["anna", "anna"]
    assert clear_notes().count("get_name") == 1


@pytest.mark.parametrize("listed", [(Depends(get_name),), ()], ids=["listed", "not-listed"])
async def test_it_makes_no_difference_for_further_arguments(listed: tuple[params.Depends, ...]) -> None:
    async def behind(name: Annotated[str, Depends(get_name)], *further: object) -> int:
        return len(further)

    async def before(*further: object, name: Annotated[str, Depends(get_name)]) -> int:
        return len(further)

    assert await talk(serve(behind, *listed)) == [0]
    assert await talk(serve(before, *listed)) == [2]
    clear_notes()


async def test_several_may_ask_for_several() -> None:
    async def handle(
        name: Annotated[str, Depends(get_name)], nothing: Annotated[None, Depends(get_nothing)], message: Ping
    ) -> list[str | None]:
        return [name, nothing]

    app = serve(handle, Depends(get_nothing), Depends(get_name))
    assert await talk(app, 3) == [["anna", None]] * 3
    assert clear_notes() == ["get_nothing", "get_session", "get_user", "User", "get_name", "accept"]


@pytest.mark.parametrize("overrides", [{}, {get_nothing: get_nothing}], ids=["", "with-overrides"])
async def test_one_without_cache_has_its_own_beside_it(overrides: dict[Any, Any]) -> None:
    async def handle(
        message: Ping,
        session: Session,
        user: Annotated[User, Depends(get_user)],
        own: Annotated[object, Depends(get_session, use_cache=False)],
    ) -> bool:
        return own is session

    app = serve(handle, Depends(get_session))
    app.dependency_overrides |= overrides
    assert await talk(app, 2) == [False, False]


def get_other() -> str:
    note("get_other")
    return "bert"


@pytest.mark.parametrize(
    ("overridden", "expected", "events"),
    [
        (get_name, "Dr. bert", ["get_other", "accept", "get_session", "get_user", "User", "get_title"]),
        (get_title, "bert", ["get_session", "get_user", "User", "get_name", "accept", "get_other"]),
        (get_user, "Dr. anna", ["get_other", "get_name", "accept", "get_other", "get_title"]),
    ],
    ids=["it", "what-depends-on-it", "what-it-depends-on"],
)
async def test_overrides_hold(overridden: Callable[..., Any], expected: str, events: list[str]) -> None:
    async def handle(message: Ping, title: Annotated[str, Depends(get_title)]) -> str:
        return title

    app = serve(handle, Depends(get_name))
    app.dependency_overrides[overridden] = get_other
    assert [expected] == await talk(app)
    assert events == clear_notes()


async def test_an_override_that_comes_later_holds_for_later_connections() -> None:
    async def handle(message: Ping, name: Annotated[str, Depends(get_name)]) -> str:
        app.dependency_overrides[get_name] = get_other
        return name

    app = serve(handle, Depends(get_name))
    assert await talk(app, 2) == ["anna", "anna"]
    assert await talk(app) == ["bert"]


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_one_with_yield_is_torn_down_when_the_connection_has_ended(concurrency: int) -> None:
    async def handle(message: Ping, loan: Annotated[str, Depends(get_loan)]) -> str:
        return loan

    router = WSRouter(dependencies=[Depends(get_pool)], concurrency=concurrency)
    router.receive(Ping)(handle)

    @router.on_disconnect
    async def on_disconnect(websocket: WebSocket, code: int, reason: str) -> None:
        note("goodbye")

    app = FastAPI()
    app.include_router(router, prefix="/ws")
    assert await talk(app) == ["loan of pool"]
    assert clear_notes() == ["open pool", "accept", "open loan", "close loan", "goodbye", "close pool"]


async def test_one_with_yield_sees_what_ended_the_connection() -> None:
    async def handle(message: Ping, pool: Annotated[str, Depends(get_pool)]) -> str:
        raise LookupError

    with pytest.raises(LookupError):
        await talk(serve(handle, Depends(get_pool)))
    assert clear_notes() == ["open pool", "accept", "websocket.close 1011", "pool sees LookupError", "close pool"]


async def refuse() -> None:
    note("refuse")
    raise HTTPException(403)


async def test_one_that_refuses_refuses_the_connection() -> None:
    async def handle(message: Ping, name: Annotated[str, Depends(get_name)]) -> str:
        return name

    assert await talk(serve(handle, Depends(refuse), Depends(get_name))) == []
    assert [event for event in clear_notes() if not event.startswith("websocket.")] == ["refuse"]
