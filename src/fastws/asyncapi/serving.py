"""The document and its page as parts of an application."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, params
from fastapi.responses import JSONResponse

from fastws.asyncapi.document import DocumentCache
from fastws.asyncapi.mounts import Router, check_path, list_documented
from fastws.asyncapi.page import add_page
from fastws.asyncapi.servers import find_server, list_servers

_COMPONENT: Final = "https://unpkg.com/@asyncapi/react-component@3.2.1"

# https://www.w3.org/TR/SRI/: a browser runs the script only if it is this one.
_JS_INTEGRITY: Final = "sha384-wy5bSOazlkSKMGH7XMW6+pK8ho8+rCPr7mTqKdAb/dvfwXAPWCFivgr3C7wJMFAh"
_CSS_INTEGRITY: Final = "sha384-oo9RoQcacP++XdMX6CjTucTvASEORHX3chFik0/V2kHcsHiVboGyWZztGeq/0bum"


def add_asyncapi(
    app: FastAPI,
    *,
    url: str | None = "/asyncapi.json",
    docs_url: str | None = "/asyncapi",
    title: str | None = None,
    version: str | None = None,
    description: str | None = None,
    servers: Sequence[Mapping[str, Any]] | None = None,
    routers: Mapping[str, Router] | None = None,
    dependencies: Sequence[params.Depends] | None = None,
    asyncapi_js_url: str = f"{_COMPONENT}/browser/standalone/index.js",
    asyncapi_js_integrity: str | None = _JS_INTEGRITY,
    asyncapi_css_url: str = f"{_COMPONENT}/styles/default.min.css",
    asyncapi_css_integrity: str | None = _CSS_INTEGRITY,
) -> None:
    """Serve the AsyncAPI document of an application, and a page that shows it and opens its sockets.

    Routers may be mounted and handlers registered before and after; the document is made when it is asked for, and kept until
    something changes.

    Parameters:
        app: The application.
        url: The path of the document; `None` for no document, and so no page.
        docs_url: The path of the page; `None` for none.
        title: The title of the document; `None` for that of the application.
        version: The version of the API; `None` for that of the application.
        description: The description, in Markdown; `None` for that of the application.
        servers: Where the application is served, as FastAPI has it: `[{"url": "wss://api.example.com"}]`. `None` for where
            the request for the document came to, with the `root_path`.
        routers: Routers that are only awaited in an endpoint, by the paths of their endpoints.
        dependencies: What is resolved before the document or any part of the page is served, such as a check of who asks;
            behind the dependencies of the application.
        asyncapi_js_url: Where the component comes from that shows the reference, `browser/standalone/index.js` of the npm
            package `@asyncapi/react-component`.
        asyncapi_js_integrity: The hash that it must have; `None` to check none, as where you serve the file yourself.
        asyncapi_css_url: Where its styles come from, `styles/default.min.css` of the package.
        asyncapi_css_integrity: The hash that they must have, likewise.

    Raises:
        ValueError: A path does not begin with a slash, or the URL of a server is none.
    """
    given = list_servers(servers or ())
    for path in (url, docs_url, *(routers or ())):
        if path is not None:
            check_path(path)
    if url is None:
        return
    cache = DocumentCache(app, routers, title=title, version=version, description=description, servers=servers)

    # In a thread: with hundreds of messages it takes a while, for which no socket should wait.
    def serve_document(request: Request) -> JSONResponse:
        document = cache.get()
        if not given:
            document = {**document, "servers": find_server(request)}
        content = {key: value for key, value in document.items() if value}
        # It names the host that it was asked of, and may be guarded: no cache may answer in its place.
        return JSONResponse(content, headers={"Cache-Control": "no-cache"})

    # `HEAD` as FastAPI's own documents have it, and the page.
    app.add_api_route(url, serve_document, methods=["GET", "HEAD"], include_in_schema=False, dependencies=dependencies)
    if docs_url is None:
        return
    add_page(
        app,
        docs_url,
        document_url=url,
        title=title or app.title,
        hosts=[server["host"] for server in given.values()],
        js_url=asyncapi_js_url,
        js_integrity=asyncapi_js_integrity,
        css_url=asyncapi_css_url,
        css_integrity=asyncapi_css_integrity,
        dependencies=dependencies,
    )
    _link(app, docs_url)


def _link(app: FastAPI, docs_url: str) -> None:
    """Let each operation that documents a socket in OpenAPI point to the page."""
    # A relative address holds behind proxies and in sub-applications, too.
    start = posixpath.dirname(app.docs_url or "/docs")
    line = f"[Open the live socket]({posixpath.relpath(docs_url, start)})"
    make: Callable[[], dict[str, Any]] = app.openapi

    def make_with_links() -> dict[str, Any]:
        document = make()
        for operation in _list_operations(document, list_documented(app)):
            text = operation.get("description") or ""
            if line not in text:
                operation["description"] = f"{text}\n\n{line}".strip()
        return document

    # As FastAPI's documentation says to extend it.
    app.openapi = make_with_links  # type: ignore[method-assign]


def _list_operations(document: Mapping[str, Any], paths: Iterable[str]) -> list[dict[str, Any]]:
    return [document["paths"][path]["post"] for path in paths if "post" in document.get("paths", {}).get(path, {})]
