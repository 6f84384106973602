"""Where an application is served."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.requests import Request

from fastws.asyncapi.messages import make_slug, make_unique

_PROTOCOLS: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}

# What a host looks like; the header of a request may hold anything.
_HOST: Final = re.compile(r"[A-Za-z0-9._~-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def list_servers(servers: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return servers as AsyncAPI has them.

    Parameters:
        servers: As FastAPI has them, each a dictionary with a `url`, and maybe a `description`.

    Raises:
        ValueError: The URL of one has no host, or a scheme that is none of `ws`, `wss`, `http` and `https`.
    """
    taken: set[str] = set()
    return {make_unique(make_slug(urlsplit(one["url"]).netloc), taken): _translate(one) for one in servers}


def find_server(request: Request) -> dict[str, dict[str, Any]]:
    """Return the server that a request came to, by the name of it that the client has used; none where that is no name."""
    try:
        url = request.url
        host, scheme = url.netloc, url.scheme
    except ValueError:  # half an IPv6 address, which Starlette 0.38 takes for a host, and 1.10 does not
        return {}
    if not _HOST.fullmatch(host):
        return {}
    # Servers hand it over decoded, and of a mount with a parameter it is what the client likes.
    path = quote(request.scope.get("root_path", "").rstrip("/"))
    server = {"host": host, "protocol": _PROTOCOLS.get(scheme, "ws")}
    return {"default": {**server, **({"pathname": path} if path else {})}}


def _translate(server: Mapping[str, Any]) -> dict[str, Any]:
    url = urlsplit(server["url"])
    if url.scheme not in _PROTOCOLS or not url.netloc:
        raise ValueError(f"{server['url']!r} is no address of a server. Write it as 'wss://api.example.com'.")
    if "@" in url.netloc:
        host = url.netloc.rpartition("@")[2]
        raise ValueError(f"The address of the server {host!r} has a password in it, which everybody would read.")
    translated = {
        "host": url.netloc,
        "protocol": _PROTOCOLS[url.scheme],
        "pathname": url.path.rstrip("/"),
        "description": server.get("description"),
        "variables": server.get("variables"),
    }
    return {key: value for key, value in translated.items() if value}
