"""Allowed origins: which values of the header pass, and that nothing runs behind those that do not."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from servers import Server, run_server
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from fastws.origin import AllowedOrigins, OriginMiddleware, make_origin_check

APP = ["https://app.example"]

# The values of the Origin header, and whether they pass where only https://app.example is allowed.
SENT = {
    "itself": ([b"https://app.example"], True),
    "other-host": ([b"https://evil.example"], False),
    "subdomain": ([b"https://www.app.example"], False),
    "prefix": ([b"https://app.example.evil.com"], False),
    "suffix": ([b"https://evilapp.example"], False),
    "other-scheme": ([b"http://app.example"], False),
    "websocket-scheme": ([b"wss://app.example"], False),
    "other-port": ([b"https://app.example:8443"], False),
    "default-port": ([b"https://app.example:443"], False),
    "upper-case": ([b"https://APP.example"], False),
    "trailing-slash": ([b"https://app.example/"], False),
    "trailing-dot": ([b"https://app.example."], False),
    "user-name": ([b"https://app.example@evil.com"], False),
    "two-in-one": ([b"https://app.example, https://app.example"], False),
    "same-twice": ([b"https://app.example", b"https://app.example"], False),
    "other-first": ([b"https://evil.example", b"https://app.example"], False),
    "other-second": ([b"https://app.example", b"https://evil.example"], False),
    "null": ([b"null"], False),
    "missing": ([], False),
    "empty": ([b""], False),
    "none-as-text": ([b"None"], False),
    "not-utf-8": ([b"https://app.example\xff"], False),
}


def make_headers(values: list[bytes]) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"app.example"), *((b"origin", value) for value in values)]


@pytest.mark.parametrize(("values", "allowed"), SENT.values(), ids=SENT.keys())
def test_only_the_very_origin_passes(values: list[bytes], allowed: bool) -> None:
    assert AllowedOrigins(APP).allows(make_headers(values)) is allowed


@pytest.mark.parametrize(
    ("origin", "sent", "allowed"),
    [
        ("null", [b"null"], True),
        ("null", [b"NULL"], False),
        ("null", [], False),
        ("null", [b"null", b"null"], False),
        ("file://", [b"file://"], True),
        (None, [], True),
        (None, [b""], False),
        (None, [b"null"], False),
        ("http://localhost:3000", [b"http://localhost:3000"], True),
        ("http://localhost:3000", [b"http://localhost"], False),
        ("HTTPS://App.Example:443", [b"https://app.example"], True),
        ("http://app.example:0080", [b"http://app.example"], True),
        ("http://app.example:443", [b"http://app.example:443"], True),
        ("https://app.example.", [b"https://app.example."], True),
        ("https://bücher.example", [b"https://xn--bcher-kva.example"], True),
        ("https://BÜCHER.example", [b"https://xn--bcher-kva.example"], True),
        ("https://bücher.example", ["https://bücher.example".encode()], False),
        ("https://bücher.example", ["https://bücher.example".encode("latin-1")], False),
        ("https://xn--strae-oqa.example", [b"https://xn--strae-oqa.example"], True),
        ("http://127.0.0.1:8000", [b"http://127.0.0.1:8000"], True),
        ("https://[2001:DB8:0:0::1]:443", [b"https://[2001:db8::1]"], True),
        ("http://[::1]:8000", [b"http://[::1]:8000"], True),
        ("http://[::ffff:1.2.3.4]", [b"http://[::ffff:102:304]"], True),
        ("chrome-extension://abc", [b"chrome-extension://abc"], True),
        ("safari-web-extension://AB-12", [b"safari-web-extension://AB-12"], True),
        ("capacitor://localhost", [b"capacitor://localhost"], True),
        ("Tauri://localhost:80", [b"tauri://localhost:80"], True),
    ],
    ids=ascii,
)
def test_what_is_listed_is_what_browsers_send(origin: str | None, sent: list[bytes], allowed: bool) -> None:
    assert AllowedOrigins(iter([*APP, origin])).allows(make_headers(sent)) is allowed


def test_headers_are_found_in_any_case() -> None:
    assert not AllowedOrigins([*APP, None]).allows([(b"Origin", b"https://evil.example")])
    assert not AllowedOrigins(APP).allows([(b"origin", b"https://app.example"), (b"ORIGIN", b"null")])


def test_an_empty_list_allows_nothing() -> None:
    assert [AllowedOrigins([]).allows(make_headers(sent)) for sent in ([], [b"null"], [b""])] == [False] * 3


@pytest.mark.parametrize(
    ("origin", "mistake"),
    [
        ("*", "no wildcards"),
        ("https://*.example", "no wildcards"),
        ("app.example", "no scheme"),
        ("localhost:3000", "no scheme"),
        ("", "no scheme"),
        ("None", "no scheme"),
        ("ws://app.example", "names the page and not the socket.*https://"),
        ("WSS://app.example", "names the page and not the socket.*https://"),
        ("https://app.example/", "only a slash"),
        ("https://app.example/chat", "a path"),
        ("https://app.example?chat", "a query"),
        ("https://app.example#chat", "a query"),
        ("https://me:secret@app.example", "a user name"),
        ("https://app.example\\", "a path"),
        ("https://", "host or its port"),
        ("https://app.example:", "host or its port"),
        ("https://app.example:65536", "host or its port"),
        ("https://app.example:\uff18\uff10", "host or its port"),
        (" https://app.example", "host or its port"),
        ("https://app.example\n", "host or its port"),
        ("https://app..example", "host or its port"),
        ("https://%61pp.example", "host or its port"),
        # To IDNA 2003 this is strasse.example, which may belong to somebody else.
        ("https://straße.example", "host or its port"),
        ("https://127.1", "host or its port"),
        ("https://[::1%eth0]", "host or its port"),
        ("https://[::1", "host or its port"),
        ("https://[::g]", "host or its port"),
        ("tauri://bücher", "host or its port"),
        ("file://localhost", "host or its port"),
        ("file:///home", "a path"),
    ],
    ids=ascii,
)
def test_what_is_no_origin(origin: str, mistake: str) -> None:
    with pytest.raises(ValueError, match=f"is no origin: .*{mistake}.*Write what `location.origin`") as error:
        AllowedOrigins([*APP, origin])
    assert str(error.value).startswith(repr(origin))


@pytest.mark.parametrize(
    ("origins", "message"),
    [
        ("https://app.example", r"a list, as in \['https://app.example'\], not 'https://app.example'"),
        (b"null", "a list.*not b'null'"),
        (None, "a list.*not None"),
        (7, "a list.*not 7"),
        ([7], "is text.*not 7"),
        ([b"https://app.example"], "is text.*not b'https://app.example'"),
    ],
    ids=["text", "bytes", "none", "number", "list-of-numbers", "list-of-bytes"],
)
def test_what_is_no_list_of_origins(origins: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        AllowedOrigins(origins)


def test_a_refusal_is_logged_for_debugging_only_and_in_short(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="fastws")
    assert not AllowedOrigins(APP).allows(make_headers([b"https://evil\n" + b"x" * 10000]))
    (record,) = caplog.records
    assert record.levelno == logging.DEBUG
    assert "https://evil\\nxxx" in record.getMessage()
    assert len(record.getMessage()) < 300


def run_middleware(scope: Scope) -> tuple[list[str], list[Message]]:
    """Run the middleware with an application inside; return which scopes that saw, and what was sent."""
    ran: list[str] = []
    sent: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        ran.append(scope["type"])

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(OriginMiddleware(inner, allowed_origins=APP)(scope, receive, send))
    return ran, sent


@pytest.mark.parametrize(("values", "allowed"), SENT.values(), ids=SENT.keys())
def test_the_middleware_lets_only_the_very_origin_in(values: list[bytes], allowed: bool) -> None:
    ran, sent = run_middleware({"type": "websocket", "headers": make_headers(values)})
    closed = {"type": "websocket.close", "code": 1008, "reason": "This origin is not allowed."}
    assert (ran, sent) == ((["websocket"], []) if allowed else ([], [closed]))


@pytest.mark.parametrize("scope", [{"type": "http", "headers": make_headers([b"null"])}, {"type": "lifespan"}])
def test_the_middleware_leaves_the_rest_alone(scope: Scope) -> None:
    assert run_middleware(scope) == ([scope["type"]], [])


def test_a_mistake_in_the_middleware_is_said_at_startup() -> None:
    app = FastAPI()
    app.add_middleware(OriginMiddleware, allowed_origins=["*"])
    with pytest.raises(ValueError, match="no wildcards"), TestClient(app):
        pass


@pytest.fixture
def checked() -> FastAPI:
    """An application whose router checks the origin of its WebSocket, and has an HTTP route too."""
    router = APIRouter(dependencies=[Depends(make_origin_check(AllowedOrigins(APP)))])

    @router.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4000)

    @router.get("/history")
    async def history() -> str:
        return "history"

    app = FastAPI()
    app.include_router(router)
    return app


@pytest.mark.parametrize(("origin", "code"), [("https://app.example", 4000), ("https://evil.example", 1008)])
def test_the_check_is_a_dependency(checked: FastAPI, origin: str, code: int) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        TestClient(checked).websocket_connect("/ws", headers={"Origin": origin}) as connection,
    ):
        connection.receive_text()
    assert closed.value.code == code


def test_the_check_leaves_http_and_the_document_alone(checked: FastAPI) -> None:
    assert TestClient(checked).get("/history", headers={"Origin": "https://evil.example"}).json() == "history"
    assert "parameters" not in checked.openapi()["paths"]["/history"]["get"]


@pytest.fixture(scope="module", params=["websockets-sansio", "wsproto"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("origin") / "log"
    with run_server("origin_app:app", log, implementation=request.param) as server:
        yield server


def shake_hands(server: Server, path: str, values: list[bytes]) -> int:
    """Send a handshake with these Origin headers, and return the status of the answer."""
    lines = [b"GET %s HTTP/1.1" % path.encode(), b"Host: app.example", b"Upgrade: websocket", b"Connection: Upgrade"]
    lines += [b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"]
    lines += [b"Origin: " + value for value in values]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("path", ["/checked", "/guarded/ws"])
@pytest.mark.parametrize(("values", "allowed"), SENT.values(), ids=SENT.keys())
def test_a_server_answers_403_and_nothing_runs(server: Server, path: str, values: list[bytes], allowed: bool) -> None:
    server.log.write_bytes(b"")
    status = shake_hands(server, path, values)
    if allowed:
        assert status == 101
        server.wait_for_log("ran on_disconnect" if path == "/checked" else "ran the endpoint")
        return
    # The websockets package refuses two headers itself.
    assert status == 403 or (status == 400 and len(values) > 1)
    log = server.read_log()
    assert "ran" not in log
    assert "Traceback" not in log
