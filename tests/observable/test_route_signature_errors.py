"""The signatures that fit no rule, and what is said of them where the route is registered."""

from __future__ import annotations

from typing import Any

import pytest
from signatures import LEAVES, LEAVES_AND_MAKES, define

from fastws import SocketRouter
from fastws.errors import InvalidHandlerError, UnresolvedError
from fastws.observable import RouteOptions


class Service:
    async def handle(self, ws: Any, headers: Any, payload: Any) -> None: ...


SHAPES = ["handle (app.py:1)", "Take `(ws, headers, payload)`", "hydrate", "local"]


@pytest.mark.parametrize("postponed", [False, True], ids=["", "postponed"])
@pytest.mark.parametrize(
    ("signature", "options", "parts"),
    [
        ("", None, ["takes ()"]),
        ("", LEAVES_AND_MAKES, ["takes ()"]),
        ("**values", LEAVES, ["takes ()"]),
        ("*, ws, headers, payload", None, ["takes () by position"]),
        ("*, article", LEAVES, ["takes () by position"]),
        ("user=Depends(get_user)", None, ["takes ()"]),
        ("user=Depends(get_user), *arguments", None, ["takes ()"]),
        ("article, limit", LEAVES, ["takes (article, limit)"]),
        ("article, limit", LEAVES_AND_MAKES, ["takes (article, limit)"]),
        ("local: dict, other: dict", LEAVES, ["takes (local, other)"]),
        ("ws, payload", None, ["takes (ws, payload)"]),
        ("ws, payload=None", LEAVES, ["takes (ws, payload)"]),
        ("ws, headers, *, payload", None, ["takes (ws, headers)"]),
        ("ws, headers, payload, limit", None, ["takes (ws, headers, payload, limit)"]),
        (
            "ws, headers, payload, limit: int",
            None,
            ["takes (ws, headers, payload, limit)", "`limit: Annotated[int, Query()]`"],
        ),
        ("ws, payload, headers", None, ["the headers and the payload in the wrong place"]),
        ("ws, payload: dict, headers: dict", None, ["the headers and the payload in the wrong place"]),
        ("ws, message, headers", None, ["the headers and the payload in the wrong place"]),
        ("headers, payload, ws", None, ["the connection in the wrong place"]),
        ("headers, payload, ws: WebSocket", None, ["the connection in the wrong place"]),
        ("headers, socket: WebSocket, payload", None, ["the connection in the wrong place"]),
        ("headers: dict, ws, payload", None, ["the connection in the wrong place"]),
        ("headers: dict, payload, other", None, ["the connection in the wrong place"]),
        ("first: int, headers, payload", None, ["the connection in the wrong place"]),
        ("ws", None, ["takes 'ws' alone"]),
        ("ws", LEAVES, ["takes 'ws' alone"]),
        ("websocket", LEAVES, ["takes 'websocket' alone"]),
        ("headers", LEAVES, ["takes 'headers' alone"]),
        ("payload", LEAVES, ["takes 'payload' alone"]),
        ("payload=None", LEAVES, ["takes 'payload' alone"]),
        ("message", LEAVES, ["takes 'message' alone"]),
        ("socket: WebSocket", LEAVES, ["takes 'socket' alone"]),
        ("socket: HTTPConnection", LEAVES, ["takes 'socket' alone"]),
        ("socket: 'WebSocket'", LEAVES, ["takes 'socket' alone"]),
        ("article", None, ["takes 'article'", 'local["value"]', "its route has none that could"]),
        ("article: str", None, ["takes 'article'", "its route has none that could"]),
        ("article, limit: int = 10", None, ["takes 'article'", "its route has none that could"]),
    ],
)
def test_a_signature_that_fits_no_rule_is_an_error(
    signature: str, options: RouteOptions | None, parts: list[str], *, postponed: bool
) -> None:
    router = SocketRouter()
    with pytest.raises(InvalidHandlerError) as error:
        router.route("ask", options)(define(signature, postponed=postponed))
    assert [part for part in (*SHAPES, *parts) if part not in str(error.value)] == []
    assert (error.value.code, dict(router.routes)) == ("invalid-handler", {})


@pytest.mark.parametrize(
    ("signature", "part"),
    [
        ("ws, headers, payload: 'Missing'", "annotates 'payload' as 'Missing'"),
        ("ws, headers: 'Missing', payload", "annotates 'headers' as 'Missing'"),
        ("ws, headers, payload, user: 'Annotated[str, Depends(missing)]'", "annotates 'user' as 'Annotated["),
        ("article, user: 'Annotated[str, Depends(missing)]'", "annotates 'user' as 'Annotated["),
        ("ws, headers, payload: list['Missing']", "refers to a type that is not defined"),
        ("ws, headers, payload, limit: 'Missing' = 1", "annotates 'limit' as 'Missing'"),
        ("article, limit: 'Missing' = 1", "annotates 'limit' as 'Missing'"),
    ],
)
def test_a_type_that_is_not_defined_is_an_error_where_something_depends_on_it(signature: str, part: str) -> None:
    with pytest.raises(UnresolvedError, match=r"handle \(app\.py:1\)") as error:
        SocketRouter().route("ask", LEAVES)(define(signature))
    assert (error.value.code, part in str(error.value), "Define" in str(error.value)) == ("unresolved", True, True)


@pytest.mark.parametrize(
    ("handler", "match"),
    [
        pytest.param(None, "None cannot be the handler of a route: it is not callable", id="none"),
        pytest.param("handle", "'handle' cannot be the handler of a route: it is not callable", id="text"),
        pytest.param(Service, "Service cannot be the handler of a route: it is a class", id="class"),
        pytest.param(Service.handle, "it is a method of no object yet", id="method"),
        pytest.param(define("self, local"), "it is a method of no object yet", id="self"),
    ],
)
def test_what_cannot_be_called_as_it_is_is_no_handler(handler: Any, match: str) -> None:
    with pytest.raises(InvalidHandlerError, match=match):
        SocketRouter().route("ask")(handler)
