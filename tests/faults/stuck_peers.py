"""Clients that behave as no client library lets them: raw sockets that speak just enough WebSocket."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

from servers import Server

_MASK = b"\x01\x02\x03\x04"


def make_text_frame(text: str) -> bytes:
    """Return a masked text frame (RFC 6455 section 5.2) of less than 64 KiB."""
    payload = text.encode()
    size = len(payload)
    head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, size)
    mask = (_MASK * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
    return head + _MASK + masked


class Peer:
    """A raw connection after its handshake; it answers nothing, and reads only what it is told to.

    Parameters:
        server: Where to connect to.
        path: The path of the endpoint.
        receive_buffer: How much the operating system takes for it, in bytes; `None` for the usual.
    """

    def __init__(self, server: Server, path: str, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            # Before connecting: the size of the window is negotiated then.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {server.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            # One byte at a time: a frame may follow at once.
            byte = self.socket.recv(1)
            assert byte, f"the handshake failed: {head!r}"
            head += byte
        assert head.startswith(b"HTTP/1.1 101 "), head

    def send(self, text: str, *, times: int = 1) -> None:
        """Send the same message so many times, as fast as the server reads it."""
        frame = make_text_frame(text)
        at_once = 1000
        for start in range(0, times, at_once):
            self.socket.sendall(frame * min(at_once, times - start))

    def receive(self) -> bytes:
        """Return the payload of the next frame, which must be shorter than 126 bytes."""
        size = self._receive_exactly(2)[1]
        assert size < 126
        return self._receive_exactly(size)

    def _receive_exactly(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            chunk = self.socket.recv(size - len(received))
            assert chunk, "the server closed the connection"
            received += chunk
        return received

    def reset(self) -> None:
        """End the TCP connection with an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.shut_down()
        self.socket.close()

    def shut_down(self) -> None:
        """End the sends of other threads."""
        with contextlib.suppress(OSError):  # there may be no connection any more
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the TCP connection without a closing handshake."""
        self.socket.close()


@contextlib.contextmanager
def open_peer(server: Server, path: str, *, receive_buffer: int | None = None) -> Iterator[Peer]:
    peer = Peer(server, path, receive_buffer=receive_buffer)
    try:
        yield peer
    finally:
        peer.close()


@contextlib.contextmanager
def flood(peer: Peer, text: str, times: int) -> Iterator[threading.Thread]:
    """Send in another thread, until everything is sent or the connection is gone."""

    def send() -> None:
        with contextlib.suppress(OSError):
            peer.send(text, times=times)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield thread
    finally:
        peer.shut_down()
        thread.join(20)
