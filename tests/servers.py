"""Run an application on a real server in a process of its own, and look at what it logs."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent


@dataclass
class Server:
    """A running server.

    Attributes:
        port: Where it listens on 127.0.0.1.
        log: The file with all that it printed.
    """

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def read_log(self) -> str:
        return self.log.read_text()

    def clear_log(self) -> None:
        with self.log.open("r+b") as log:
            log.truncate()

    def wait_for_log(self, text: str, *, times: int = 1, seconds: float = 10) -> str:
        """Wait until the log has `text` so many times, and return the log."""
        deadline = time.monotonic() + seconds
        while (log := self.read_log()).count(text) < times:
            assert self.process.poll() is None, f"the server has ended:\n{log}"
            assert time.monotonic() < deadline, f"{text!r} was not logged {times} times within {seconds} s:\n{log}"
            time.sleep(0.02)
        return log


@contextlib.contextmanager
def run_server(
    app: str, log: Path, *, implementation: str = "websockets", options: Sequence[str] = (), port: int = 0
) -> Iterator[Server]:
    """Serve `module:app` with uvicorn until the block is left.

    Parameters:
        app: The application, importable from the folder of the tests or from the project's root.
        log: Where to put what the server prints.
        implementation: Which of uvicorn's WebSocket implementations to use.
        options: Further arguments of uvicorn's command line.
        port: Where to listen, as one did before; 0 for a port that is free.
    """
    with socket.socket() as listener:
        # So that the next one may listen there as well, at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", app, "--fd", str(listener.fileno()), "--ws", implementation]
        command += ["--timeout-graceful-shutdown", "2", *options]
        path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                pass_fds=[listener.fileno()],
            )
    server = Server(port, log, process)
    try:
        server.wait_for_log("Uvicorn running on", seconds=30)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
