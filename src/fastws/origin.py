"""Which pages may open a connection: the Origin header, compared with a list.

A browser lets every page open a WebSocket to any host and sends that host's cookies along; CORS does not apply. The
Origin header, which a page cannot change, tells the pages apart (RFC 6455 section 10.2).
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from fastws.close_codes import POLICY_VIOLATION

logger = logging.getLogger("fastws")

REASON: Final = "This origin is not allowed."
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOSTLESS: Final = ("null", "file://")

_ORIGIN: Final = r"([A-Za-z][A-Za-z0-9+.-]*)://(\[[^\[\]]+\]|[^\[\]:/\\?#@]+)(?::([0-9]{1,5}))?"
_HOST: Final = r"[A-Za-z0-9._-]+|\[[0-9a-f:]+\]"
_MISTAKES: Final = {
    r"\*": "there are no wildcards, list each origin",
    r"\A(?!.*://)": "it has no scheme",
    r"\A[Ww][Ss]{1,2}:": "the header names the page and not the socket, so it begins with https:// or http://",
    r"://.*[@/\\?#]": "it has a user name, a path (if only a slash) or a query",
    r"": "its host or its port is not as a browser writes it",
}


@dataclass(frozen=True, slots=True, init=False)
class AllowedOrigins:
    """The origins whose pages may open a connection.

    Parameters:
        origins: Each is `scheme://host` or `scheme://host:port` and means that origin alone: no other port, no
            subdomain. It is brought into the form that browsers send (HTML standard, serialization of an origin;
            RFC 6454 section 6.2). `"null"` allows pages without an origin, among them what anybody puts into a
            sandboxed frame; `"file://"` allows local files in Chromium and Electron; `None` allows a missing header,
            as of programs that are no browsers. An empty list allows nothing.

    Raises:
        TypeError: `origins` is a single text or nothing to iterate over, or one of them is neither text nor `None`.
        ValueError: One of them is no origin.
    """

    values: frozenset[bytes | None]

    def __init__(self, origins: Iterable[str | None]) -> None:
        if isinstance(origins, str | bytes) or not isinstance(origins, Iterable):
            raise TypeError(f"The allowed origins are a list, as in ['https://app.example'], not {origins!r}.")
        object.__setattr__(self, "values", frozenset(map(_serialise, origins)))

    def allows(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether a handshake with these headers, as ASGI has them, may go on.

        The value is compared byte by byte: browsers send one form only, so what has another comes from no browser.
        They send the header once (RFC 6454 section 7.3), so two are refused even if they are equal.
        """
        sent: list[bytes | None] = [value for name, value in headers if name.lower() == b"origin"] or [None]
        if len(sent) == 1 and sent[0] in self.values:
            return True
        logger.debug("Refused a handshake, its Origin headers are %.200r.", sent)
        return False


class OriginMiddleware:
    """Refuses WebSocket handshakes of other origins with HTTP 403 before anything of the application runs.

    Use it as `app.add_middleware(OriginMiddleware, allowed_origins=["https://app.example"])`.

    Parameters:
        app: The ASGI application to guard.
        allowed_origins: See `WSRouter(allowed_origins=...)`, also for what is raised; Starlette makes middleware, and so raises
            it, when the application starts.
    """

    def __init__(self, app: ASGIApp, *, allowed_origins: Iterable[str | None]) -> None:
        self.app = app
        self.allowed = AllowedOrigins(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not self.allowed.allows(scope["headers"]):
            # The ASGI specification makes a close before the accept HTTP 403.
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": REASON})
        else:
            await self.app(scope, receive, send)


def make_origin_check(allowed: AllowedOrigins) -> Callable[[HTTPConnection], Awaitable[None]]:
    """Return a dependency that refuses handshakes of other origins with HTTP 403; what is listed after it never runs."""

    # Not annotated as WebSocket: a router's dependencies run for its HTTP routes too, where FastAPI has none to pass.
    async def check_origin(connection: HTTPConnection) -> None:
        if connection.scope["type"] == "websocket" and not allowed.allows(connection.scope["headers"]):
            raise WebSocketException(POLICY_VIOLATION, REASON)

    return check_origin


def _serialise(origin: str | None) -> bytes | None:
    """Return what the pages of an origin send as the header's value."""
    if origin is None:
        return None
    if not isinstance(origin, str):
        raise TypeError(f"An allowed origin is text, as 'https://app.example', or None for no header, not {origin!r}.")
    try:
        return _serialise_parts(origin).encode("ascii")
    except ValueError as error:
        mistake = next(said for pattern, said in _MISTAKES.items() if re.search(pattern, origin))
        advice = "Write what `location.origin` is in the page, as 'https://app.example'."
        raise ValueError(f"{origin!r} is no origin: {mistake}. {advice}") from error


def _serialise_parts(origin: str) -> str:
    if origin in _HOSTLESS:
        return origin
    if not (match := re.fullmatch(_ORIGIN, origin)):
        raise ValueError("not scheme://host:port")
    scheme, host, port = match[1].lower(), match[2], match[3] and int(match[3])
    # Hosts of other schemes are opaque: their case is kept (URL standard, host parsing).
    host = _serialise_host(host) if scheme in _DEFAULT_PORTS else host
    if scheme in {"ws", "wss", "file"} or not re.fullmatch(_HOST, host) or (port or 0) not in range(1 << 16):
        raise ValueError("a scheme, host or port that no origin has")
    return f"{scheme}://{host}" if port in {None, _DEFAULT_PORTS.get(scheme)} else f"{scheme}://{host}:{port}"


def _serialise_host(host: str) -> str:
    if host.startswith("["):
        address = ipaddress.IPv6Address(host[1:-1])
        # Python 3.13 writes the end of these with dots, browsers do not.
        mapped = address.ipv4_mapped
        return f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]" if mapped else f"[{address}]"
    host = host.lower()
    name = host.encode("idna").decode("ascii")
    # Python knows IDNA 2003, to which "straße" is "strasse"; to browsers (UTS 46) it is somebody else's host.
    if not host.isascii() and name.encode("ascii").decode("idna") != host:
        raise ValueError("a host that browsers may encode differently")
    return str(ipaddress.IPv4Address(name)) if name.rpartition(".")[2].isdigit() else name
