"""Run servers as the documentation says, on ports of their own, and tests as it writes them."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from pages import PROGRAMS

BIN = Path(sys.executable).parent


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def find_command(line: str) -> list[str]:
    """Return a command of a page, of this environment where it has it, else of the machine."""
    name, *arguments = shlex.split(line.replace("\\\n", " "))
    own = BIN / name
    return [str(own if own.exists() else shutil.which(name) or f"/usr/sbin/{name}"), *arguments]


@contextlib.contextmanager
def run(
    line: str, port: int, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a folder until the block is left; it is there when something listens at the port."""
    log = folder / f"{Path(shlex.split(line)[0]).name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            find_command(line),
            cwd=folder,
            env={**os.environ, **(variables or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 30
        while not listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def run_tests(folder: Path, *programs: str, command: str = "pytest") -> str:
    """Run pytest, which has no plugins, where some programs of the documentation are; return what it prints."""
    for name in programs:
        shutil.copy(PROGRAMS / name, folder)
    ended = subprocess.run(
        [sys.executable, "-m", *command.split(), "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def talk(line: str, conversation: str) -> None:
    """Run the client of a page, type what stands behind `>` there, and expect what stands behind `<`."""
    client = subprocess.Popen(find_command(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdin is not None
    assert client.stdout is not None
    for said in conversation.splitlines():
        if said.startswith(">"):
            client.stdin.write(f"{said[2:]}\n")
            client.stdin.flush()
            continue
        output = ""
        while said not in output:
            output += (read := client.stdout.readline())
            assert read, f"the client has ended: {output}"
    client.communicate()
