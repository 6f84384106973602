"""The page beside the document: a console that opens the live socket, and the reference."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.params import Depends

STATIC: Final = Path(__file__).parent / "static"

MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}

# What is served as it is; all else below the page is 404.
ASSETS: Final = (
    "connection.js",
    "console.css",
    "console.js",
    "document.js",
    "dom.js",
    "form.js",
    "log.js",
    "reference.css",
    "reference.js",
    "schema.js",
    "settings.js",
    "words.js",
)

# A host as the grammar of CSP has it: an IPv6 address cannot stand there (browsers take 'self' for the page's own), and
# nothing else that a client or a configuration says may come into a header.
_HOST: Final = re.compile(r"(?=.{1,260}\Z)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?(:[0-9]{1,5})?\Z")

_SAFE_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def add_page(
    app: FastAPI,
    docs_url: str,
    *,
    document_url: str,
    title: str,
    hosts: Sequence[str],
    js_url: str,
    js_integrity: str | None,
    css_url: str,
    css_integrity: str | None,
    dependencies: Sequence[Depends] | None,
) -> None:
    """Serve the console at a path, its files and the reference below it.

    All addresses in the page are relative to its own: proxies that take a prefix away, `root_path` and mounts need
    nothing.

    Parameters:
        app: The application.
        docs_url: The path of the page.
        document_url: The path of the AsyncAPI document, in the same application.
        title: What the browser calls the page.
        hosts: The hosts, as `name` or `name:port`, to which the console may open sockets besides its own; what is no such
            host is left out.
        js_url: Where the viewer of the reference comes from.
        js_integrity: The hash that it must have (Subresource Integrity).
        css_url: Where its style sheet comes from.
        css_integrity: The hash that that must have.
        dependencies: What has to succeed before anything of all this is served.

    Raises:
        ValueError: `js_url` or `css_url` is none that a browser could load from.
    """
    folder = docs_url.rstrip("/")
    # The last part of the path is the folder of what stands below, as seen from the page; "./" as it may have a colon.
    base = "./" if docs_url.endswith("/") else f"./{quote(docs_url.rpartition('/')[2])}/"
    console = _fill("console.html", title=title, base=base, document=_make_relative(docs_url, document_url))
    reference = _fill(
        "reference.html",
        title=title,
        document=_make_relative(f"{folder}/reference", document_url),
        js_url=js_url,
        js_check=_Markup(_write_check(js_integrity)),
        css_url=css_url,
        css_check=_Markup(_write_check(css_integrity)),
    )
    reference_policy = _write_reference_policy(js_url, css_url)

    async def get_console(request: Request) -> Response:
        policy = _write_console_policy([request.headers.get("host", ""), *hosts])
        return _answer(request, console, "text/html", policy)

    async def get_reference(request: Request) -> Response:
        return _answer(request, reference, "text/html", reference_policy)

    def add(path: str, endpoint: Callable[..., Any]) -> None:
        guards = list(dependencies or ())
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False, dependencies=guards)

    add(docs_url, get_console)
    add(f"{folder}/reference", get_reference)
    for name in ASSETS:
        add(f"{folder}/{name}", _make_endpoint(name))


def _make_endpoint(name: str) -> Callable[..., Any]:
    content = _read(name)
    media_type = MEDIA_TYPES[Path(name).suffix]

    async def get_asset(request: Request) -> Response:
        return _answer(request, content, media_type)

    return get_asset


def _answer(request: Request, content: str, media_type: str, policy: str = "default-src 'none'") -> Response:
    """Answer with a text, or with 304 to a browser that has it."""
    body = content.encode()
    # Of the policy too: it may change while the page does not.
    tag = f'"{hashlib.sha256(body + policy.encode()).hexdigest()[:32]}"'
    headers = {**_SAFE_HEADERS, "Content-Security-Policy": policy, "ETag": tag}
    # A proxy that compresses makes the tag a weak one.
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


@cache
def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


class _Markup(str):
    """What is HTML already."""

    __slots__ = ()


def _fill(name: str, **values: str) -> str:
    """Return a template with values in it, escaped."""
    return Template(_read(name)).substitute(
        {key: value if isinstance(value, _Markup) else escape(value) for key, value in values.items()}
    )


def _write_check(integrity: str | None) -> str:
    """Return the attributes of an element whose content has to have a hash."""
    return f' integrity="{escape(integrity)}" crossorigin="anonymous"' if integrity else ""


def _make_relative(page: str, target: str) -> str:
    """Return the path of a target as seen from a page, both of the same application."""
    here = page.split("/")[:-1]
    there = target.split("/")
    while here and len(there) > 1 and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "./" + "../" * len(here) + quote("/".join(there), safe="/?=&")


def _write_console_policy(hosts: Iterable[str]) -> str:
    sockets = [f"{scheme}://{host}" for host in dict.fromkeys(hosts) if _HOST.match(host) for scheme in ("ws", "wss")]
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": " ".join(["'self'", *sockets]),
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _write_reference_policy(js_url: str, css_url: str) -> str:
    directives = {
        "default-src": "'none'",
        # The viewer compiles schemas to functions, and styles some of its elements itself.
        "script-src": f"'self' 'unsafe-eval'{_write_source(js_url)}",
        "style-src": f"'self' 'unsafe-inline'{_write_source(css_url)}",
        "img-src": "'self' data: https:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _write_source(url: str) -> str:
    """Return the source of a policy that allows one file, with a space before it; nothing for one of our own origin.

    Raises:
        ValueError: The address is none that a policy could name.
    """
    parts = urlsplit(url)
    if not parts.netloc and not parts.scheme:
        return ""
    if parts.scheme not in {"", "http", "https"} or not _HOST.match(parts.netloc):
        raise ValueError(f"{url!r} is no address of a file on the web: give an https:// URL, or a path of your own")
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    # The whole path: a CDN has other people's scripts as well.
    return f" {scheme}{parts.netloc}{quote(parts.path, safe='/@%:+~')}"
