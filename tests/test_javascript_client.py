"""The JavaScript client of the documentation asks, is refused, keeps its connection alive and finds a new one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, WebSocket, WebSocketException
from servers import Server, run_server

from fastws import SocketRouter

PAGE = Path(__file__).parent.parent / "docs/how-to/requests-client.md"
NODE = shutil.which("node") or "node"

# A connection is closed at once where a handler says so, whatever else runs.
router = SocketRouter(concurrency=4, cancel_on_disconnect=True)


@router.route("math/sum")
async def add(ws: WebSocket, headers: object, payload: list[int]) -> object:
    return {"sum": sum(payload)}


@router.route("sleep")
async def sleep(ws: WebSocket, headers: object, payload: float) -> object:
    await asyncio.sleep(payload)
    return payload


@router.route("nan")
async def give_nan(ws: WebSocket, headers: object, payload: object) -> object:
    return float("nan")


@router.route("leave")
async def leave(ws: WebSocket, headers: object, payload: object) -> object:
    raise WebSocketException(4000)


app = FastAPI()
app.add_api_websocket_route("/ws", router)


@app.websocket("/mute")
async def be_mute(websocket: WebSocket) -> None:
    """Answer nothing, as a peer that is dead."""
    await websocket.accept()
    print("a connection to the mute")
    async for _ in websocket.iter_text():
        pass


def has_websocket() -> bool:
    """Whether there is a node with a WebSocket of its own."""
    code = "process.exit(typeof WebSocket === 'function' ? 0 : 1)"
    try:
        return subprocess.run([NODE, "--experimental-websocket", "-e", code], check=False).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not has_websocket(), reason="needs node 20.10 or newer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server("test_javascript_client:app", tmp_path_factory.mktemp("client") / "log") as running:
        yield running


def run_script(folder: Path, script: str, **variables: str) -> object:
    """Return what a script that uses the client logs, as JSON."""
    (client,) = re.findall(r"```javascript\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "client.mjs").write_text(client)
    (folder / "script.mjs").write_text(f'import {{ Requests }} from "./client.mjs";\n{script}')
    command = [NODE, "--no-warnings", "--experimental-websocket", str(folder / "script.mjs")]
    ended = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stderr == ""
    value: object = json.loads(ended.stdout)
    return value


def test_replies_find_whoever_asked(server: Server, tmp_path: Path) -> None:
    script = """
    const requests = new Requests(process.env.URL);
    const slow = requests.ask("sleep", 0.3);
    const sums = await Promise.all([1, 2, 3].map((n) => requests.ask("math/sum", [n, n])));
    console.log(JSON.stringify([sums, await slow]));
    requests.close();
    """
    logged = run_script(tmp_path, script, URL=f"ws://{server.address}/ws")
    assert logged == [[{"sum": 2}, {"sum": 4}, {"sum": 6}], 0.3]


def test_errors_reject_with_their_status(server: Server, tmp_path: Path) -> None:
    script = """
    const requests = new Requests(process.env.URL, { timeout: 300 });
    const ask = (...request) => requests.ask(...request).catch(({ status, message }) => [status ?? null, message]);
    const errors = await Promise.all([ask("math/root"), ask("math/sum", "x"), ask("sleep", 5), ask("nan")]);
    requests.close();
    console.log(JSON.stringify([...errors, await ask("math/sum", [])]));
    """
    logged = run_script(tmp_path, script, URL=f"ws://{server.address}/ws")
    assert logged == [
        [404, "Path not found"],
        [400, "Data check failed"],
        [None, "no reply in time"],
        [None, "no reply in time"],
        [None, "closed"],
    ]


def test_a_lost_connection_rejects_what_is_open_and_is_made_again(server: Server, tmp_path: Path) -> None:
    script = """
    const requests = new Requests(process.env.URL);
    await requests.ask("math/sum", []);
    const open = requests.ask("sleep", 30).catch(({ message }) => message);
    const left = await requests.ask("leave").catch(({ status }) => status);
    const lost = await open;
    console.log(JSON.stringify([left, lost, await requests.ask("math/sum", [4])]));
    requests.close();
    """
    assert run_script(tmp_path, script, URL=f"ws://{server.address}/ws") == [500, "connection lost", {"sum": 4}]


def test_heartbeats_keep_a_connection_that_lives(server: Server, tmp_path: Path) -> None:
    script = """
    const requests = new Requests(process.env.URL, { heartbeat: 1000 });
    await requests.ask("math/sum", []);
    const first = requests.socket;
    await requests.ask("sleep", 2.5);
    console.log(JSON.stringify(requests.socket === first));
    requests.close();
    """
    assert run_script(tmp_path, script, URL=f"ws://{server.address}/ws") is True


def test_heartbeats_give_up_a_connection_that_is_dead(server: Server, tmp_path: Path) -> None:
    script = """
    const requests = new Requests(process.env.URL, { heartbeat: 50, timeout: 10_000 });
    const lost = await requests.ask("anything").catch(({ message }) => message);
    setTimeout(() => {
      console.log(JSON.stringify(lost));
      requests.close();
    }, 1000);
    """
    assert run_script(tmp_path, script, URL=f"ws://{server.address}/mute") == "connection lost"
    server.wait_for_log("a connection to the mute", times=2)
