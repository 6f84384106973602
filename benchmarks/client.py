"""The other end of a server that is measured: starts it, keeps messages in flight, and asks what they cost.

What the client costs itself does not count, but it must not cost the server anything either.  It knows the frames of both
directions beforehand, so that it keeps up; and it never sleeps, because the server's write would have to wake it: a core
asleep costs several microseconds to wake, and a slower server finds it asleep more often.
"""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

IN_FLIGHT: Final = 64
TIMEOUT: Final = 60.0

_SERVER: Final = Path(__file__).with_name("server.py")
_HANDSHAKE: Final = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n"
)

# RFC 6455 section 5.2: the last fragment, a text; a client's payload is masked, here always with the same key.
_TEXT: Final = 0x81
_MASKED: Final = 0x80
_KEY: Final = bytes.fromhex("12345678")
_SMALL: Final = 126


def write_request(text: str) -> bytes:
    """Return a text frame as a client sends it."""
    payload = text.encode()
    assert len(payload) < _SMALL
    masked = bytes(byte ^ _KEY[i % 4] for i, byte in enumerate(payload))
    return bytes([_TEXT, _MASKED | len(payload)]) + _KEY + masked


def write_reply(text: str) -> bytes:
    """Return a text frame as a server sends it."""
    payload = text.encode()
    assert len(payload) < _SMALL
    return bytes([_TEXT, len(payload)]) + payload


class Server:
    """A server in a process of its own, and a connection to it.

    Parameters:
        contender: What it serves.
        text: What is sent to it.
        reply: What it has to answer.
        command: What starts it; by default, this Python, the script beside this one, and the contender.
        path: Where it is.
        greetings: What it has to be told first, each behind a frame of its own, and with a frame for an answer.
    """

    def __init__(
        self,
        contender: str,
        text: str,
        reply: str,
        *,
        command: Sequence[str] | None = None,
        path: str = "/ws",
        greetings: Sequence[str] = (),
    ) -> None:
        self.contender = contender
        self._path = path
        self._greetings = greetings
        self._request = write_request(text)
        self._reply = write_reply(reply)
        self._expected = self._reply * (2 * IN_FLIGHT)
        self._process = subprocess.Popen(
            command or [sys.executable, str(_SERVER), contender],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._socket: socket.socket | None = None

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            self._socket.close()
        # Not all that are measured end when they are asked to.
        self._process.kill()
        self._process.communicate()

    def connect(self) -> bool:
        """Wait for the server and open the connection; whether there is a server: the contender may not be installed."""
        line = self._read_line()
        if not line:
            if self._process.wait() != 0:
                raise ChildProcessError(f"{self.contender} did not start")
            return False
        self._socket = socket.create_connection(("127.0.0.1", int(line)), TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(_HANDSHAKE.format(self._path).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        for greeting in self._greetings:
            self._read_frame()
            self._socket.sendall(write_request(greeting))
            self._read_frame()
        self._socket.setblocking(False)
        return True

    def _read(self, size: int) -> bytes:
        """Wait for so many bytes, before anything is measured."""
        assert self._socket is not None
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError(f"{self.contender} has ended the connection, after {data!r}")
            data += more
        return data

    def _read_frame(self) -> None:
        kind, size = self._read(2)
        assert kind == _TEXT, self.contender
        self._read(int.from_bytes(self._read(2), "big") if size == _SMALL else size)

    def read_cpu_time(self) -> float:
        """Return the CPU time of the server so far, of user and system, in seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._read_line())

    def _read_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def _receive(self) -> bytes:
        """Wait for data without sleeping."""
        assert self._socket is not None
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                data = self._socket.recv(len(self._expected))
            except BlockingIOError:
                continue
            if not data:
                raise ConnectionError(f"{self.contender} has ended the connection")
            return data
        raise TimeoutError(f"{self.contender} does not answer")

    def exchange(self, count: int, in_flight: int = IN_FLIGHT) -> None:
        """Send so many messages, never more than `in_flight` ahead of the answers, and check these."""
        assert self._socket is not None
        size = len(self._reply)
        sent = min(in_flight, count)
        received = 0
        self._socket.sendall(self._request * sent)
        while received < count * size:
            data = self._receive()
            place = received % size
            assert data == self._expected[place : place + len(data)], self.contender
            received += len(data)
            more = min(count, received // size + in_flight) - sent
            if more > 0:
                self._socket.sendall(self._request * more)
                sent += more
