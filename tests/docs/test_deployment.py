"""What docs/how-to/deployment.md says about servers holds on these servers."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import PROGRAMS, find_blocks, load_program
from running import find_port, run
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

PAGE = "docs/how-to/deployment.md"
UVICORN, GUNICORN = (block.text.strip() for block in find_blocks(PAGE, "bash"))

# Tells what it sees of the client, and of its connection.
APPLICATION = """
import asyncio
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from fastws import WebSocket, WSRouter


class Look(BaseModel):
    type: Literal["look"]


class Wait(BaseModel):
    type: Literal["wait"]


router = WSRouter(discriminator="type")


@router.receive(Look)
async def look(websocket: WebSocket) -> dict[str, object]:
    names = ("host", "origin", "cookie")
    return {"url": str(websocket.url), "client": websocket.client[0]} | {name: websocket.headers.get(name) for name in names}


@router.receive(Wait)
async def wait(websocket: WebSocket) -> None:
    await asyncio.sleep(3600)


@router.on_disconnect
async def part(websocket: WebSocket, code: int, reason: str) -> None:
    with open("goodbyes", "a") as goodbyes:
        goodbyes.write(f"{code}\\n")


app = FastAPI()
app.include_router(router, prefix="/ws")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APPLICATION)
    return tmp_path


def look(port: int, **headers: str) -> dict[str, object]:
    """Return what the application sees of a client."""
    with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=headers) as connection:
        connection.send('{"type":"look"}')
        seen: dict[str, object] = json.loads(connection.recv(timeout=10))
        return seen


def get_close_code(connection: ClientConnection) -> int | None:
    """Return the code of the close frame that the server sends next."""
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=15)
    return None if closed.value.rcvd is None else closed.value.rcvd.code


def expect_the_settings(port: int) -> None:
    """Messages are bounded, nothing is compressed, and the proxy is believed."""
    with connect(f"ws://127.0.0.1:{port}/ws") as connection:
        assert connection.protocol.extensions == []
        connection.send('{"type":"look","filler":"' + "x" * 1024 * 1024 + '"}')
        assert get_close_code(connection) == 1009
    assert look(port, **{"X-Forwarded-For": "203.0.113.7"})["client"] == "203.0.113.7"


def expect_a_shutdown(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """A handler that never ends does not hold it up, and the goodbye is said."""
    (folder / "goodbyes").write_text("")
    with connect(f"ws://127.0.0.1:{port}/ws") as connection:
        connection.send('{"type":"wait"}')
        time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        assert get_close_code(connection) == 1012
    assert server.wait(timeout=20) in {0, -signal.SIGTERM}
    assert (folder / "goodbyes").read_text() == "1012\n"


def test_uvicorn_with_these_options_does_what_the_page_says(folder: Path) -> None:
    port = find_port()
    line = UVICORN.replace("--timeout-graceful-shutdown 10", "--timeout-graceful-shutdown 1")
    with run(f"{line} --port {port}", port, folder) as server:
        expect_the_settings(port)
        expect_a_shutdown(server, port, folder)


def test_the_limit_of_uvicorn_counts_sockets_and_refuses_requests(folder: Path) -> None:
    port = find_port()
    with run(f"uvicorn app:app --port {port} --limit-concurrency 2", port, folder), contextlib.ExitStack() as sockets:
        for _ in range(4):
            sockets.enter_context(connect(f"ws://127.0.0.1:{port}/ws"))
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/docs")
        assert "url" in look(port)


def test_the_program_that_starts_uvicorn_has_the_same_settings(folder: Path) -> None:
    port = find_port()
    program = (PROGRAMS / "serve.py").read_text()
    (folder / "serve.py").write_text(program.replace("8000", str(port)).replace("shutdown=10", "shutdown=1"))
    with run("python serve.py", port, folder) as server:
        expect_the_settings(port)
        expect_a_shutdown(server, port, folder)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has it")
def test_accepted_sockets_inherit_the_timeout() -> None:
    listener = load_program("serve.py").listen("127.0.0.1", 0)
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000


@pytest.mark.servers
def test_gunicorn_with_this_worker_has_the_same_settings(folder: Path) -> None:
    port = find_port()
    program = (PROGRAMS / "workers.py").read_text()
    (folder / "workers.py").write_text(program.replace('shutdown": 10', 'shutdown": 1'))
    line = GUNICORN.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    with run(line, port, folder) as server:
        expect_the_settings(port)
        expect_a_shutdown(server, port, folder)


@contextlib.contextmanager
def run_behind_nginx(folder: Path, *, ping_interval: float = 20, read_timeout: int = 75) -> Iterator[int]:
    """Run the application behind nginx with the configuration of the page, and give its port."""
    port, behind = find_port(), find_port()
    configuration = (PROGRAMS / "nginx.conf").read_text().replace("8080", str(port)).replace("8000", str(behind))
    # What nginx writes goes into the folder, lest only root may run this.
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = configuration.replace("http {", f"http {{ access_log off; {paths}")
    (folder / "nginx.conf").write_text(configuration.replace("75s", f"{read_timeout}s"))
    uvicorn = f"{UVICORN} --port {behind}".replace("--ws-ping-interval 20", f"--ws-ping-interval {ping_interval}")
    options = "daemon off; pid nginx.pid; error_log stderr;"
    nginx = f"nginx -p {folder} -c {folder}/nginx.conf -g '{options}'"
    with run(uvicorn, behind, folder), run(nginx, port, folder):
        yield port


@pytest.mark.servers
def test_nginx_hands_on_what_the_application_needs(folder: Path) -> None:
    with run_behind_nginx(folder) as port:
        sent = {"Origin": "https://app.example", "Cookie": "session=t1", "X-Forwarded-For": "203.0.113.7"}
        assert look(port, **sent) == {
            "url": f"ws://127.0.0.1:{port}/ws",
            "client": "127.0.0.1",  # and not what the client says of itself
            "host": f"127.0.0.1:{port}",
            "origin": "https://app.example",
            "cookie": "session=t1",
        }
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/docs") as page:
            assert page.status == 200


@pytest.mark.servers
@pytest.mark.parametrize(("ping_interval", "alive"), [(0.5, True), (20, False)], ids=["pings", "no pings"])
def test_pings_keep_nginx_from_closing_an_idle_connection(folder: Path, ping_interval: float, alive: bool) -> None:
    with (
        run_behind_nginx(folder, ping_interval=ping_interval, read_timeout=2) as port,
        connect(f"ws://127.0.0.1:{port}/ws", ping_interval=None) as connection,
        pytest.raises(TimeoutError if alive else ConnectionClosed),
    ):
        connection.recv(timeout=5)


@pytest.mark.servers
def test_nginx_limits_the_connections_of_an_address(folder: Path) -> None:
    with run_behind_nginx(folder) as port, contextlib.ExitStack() as connections:
        for _ in range(20):
            connections.enter_context(connect(f"ws://127.0.0.1:{port}/ws"))
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{port}/ws")
        assert refused.value.response.status_code == 503
