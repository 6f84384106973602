"""The AsyncAPI document of an application."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic_core import to_jsonable_python

from fastws.asyncapi.channels import Channel
from fastws.asyncapi.handshake import read_handshakes
from fastws.asyncapi.messages import make_slug, make_unique
from fastws.asyncapi.mounts import Mounted, Router, find_mounted
from fastws.asyncapi.schemas import Schemas
from fastws.asyncapi.security import translate_scheme
from fastws.asyncapi.servers import list_servers

# 3.1 adds nothing for WebSockets, and some viewers refuse it.
VERSION: Final = "3.0.0"

Document = dict[str, Any]


def get_asyncapi(
    app: Any,
    *,
    title: str | None = None,
    version: str | None = None,
    description: str | None = None,
    servers: Sequence[Mapping[str, Any]] | None = None,
    routers: Mapping[str, Router] | None = None,
) -> Document:
    """Return the AsyncAPI document (3.0.0) of an application.

    Its routers are found however they are mounted: by `include_router`, as WebSocket routes, in sub-applications.  A
    `WSRouter` with `include_in_schema=False` is left out, as from OpenAPI.

    Parameters:
        app: The application, of FastAPI or Starlette.
        title: The title; `None` for that of the application.
        version: The version of the API; `None` for that of the application.
        description: The description, in Markdown; `None` for that of the application.
        servers: Where it is served, as FastAPI has it: `[{"url": "wss://api.example.com"}]`; `None` to say nothing of it.
        routers: Routers that are only awaited in an endpoint, by the paths of their endpoints.

    Returns:
        The document, as JSON would have it.

    Raises:
        UnresolvedError: A handler, or a dependency of one or of a connection, is annotated with a name that is not defined.
        ValueError: The URL of a server is none, or a path among `routers` does not begin with a slash.
    """
    document = describe_routers(find_mounted(app, routers))
    info = _make_info(app, title, version, description)
    where = {"servers": list_servers(servers)} if servers else {}
    return {"asyncapi": VERSION, "info": info, "defaultContentType": "application/json", **where, **document}


class DocumentCache:
    """Keeps a document until the routes of its application change.

    Parameters:
        app: The application.
        routers: Those that no route shows, by their addresses.
        info: The `title`, `version`, `description` and `servers` of :func:`get_asyncapi`.
    """

    def __init__(self, app: Any, routers: Mapping[str, Router] | None, **info: Any) -> None:
        self._app = app
        self._routers = dict(routers or {})
        self._info = info
        self._made: tuple[object, Document] | None = None
        self._lock = threading.Lock()

    def get(self) -> Document:
        """Return the document; the same one until a router is mounted, something is registered, or the application renamed."""
        # A description of a router stays the same object until then.
        state = find_mounted(self._app, self._routers), _make_info(self._app, None, None, None)
        with self._lock:
            if self._made is None or self._made[0] != state:
                self._made = state, get_asyncapi(self._app, routers=self._routers, **self._info)
            return self._made[1]


def describe_routers(found: Sequence[Mounted]) -> Document:
    """Return the part of the document that speaks of routers."""
    schemas = Schemas()
    channels = [Channel(name, mounted, schemas) for name, mounted in zip(_name_channels(found), found, strict=True)]
    schemas.build()
    endpoints = [endpoint for channel in channels for endpoint in channel.endpoints]
    handshakes, openapi_schemes = read_handshakes(endpoints)
    schemes = {name: translate_scheme(scheme) for name, scheme in openapi_schemes.items()}
    asked = iter(handshakes)
    taken: set[str] = set()
    written: Document = {"channels": {}, "operations": {}}
    for channel in channels:
        own = [next(asked) for _ in channel.endpoints]
        written["channels"][channel.name], operations = channel.write(own, schemes, taken)
        written["operations"] |= operations
    messages = {one.component: one for channel in channels for one in channel.list_messages().values()}
    components = {
        "messages": {name: message.write(schemas) for name, message in messages.items()},
        # Behind the messages, which add the schemas of their envelopes.
        "schemas": schemas.components,
        "securitySchemes": schemes,
    }
    written["components"] = {key: value for key, value in components.items() if value}
    return {key: value for key, value in written.items() if value or key != "components"}


def _make_info(app: Any, title: str | None, version: str | None, description: str | None) -> dict[str, Any]:
    license_info = {
        key: value for key, value in (getattr(app, "license_info", None) or {}).items() if key != "identifier"
    }
    info = {
        "title": title or getattr(app, "title", None) or type(app).__name__,
        "version": version or getattr(app, "version", None) or "0.1.0",
        "description": description or getattr(app, "description", None) or getattr(app, "summary", None),
        "termsOfService": getattr(app, "terms_of_service", None),
        "contact": getattr(app, "contact", None),
        "license": license_info,
        "tags": getattr(app, "openapi_tags", None),
        "externalDocs": getattr(app, "openapi_external_docs", None),
    }
    return {key: _drop_null(value) for key, value in to_jsonable_python(info).items() if value}


def _drop_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop_null(one) for key, one in value.items() if one is not None}
    return [_drop_null(one) for one in value] if isinstance(value, list) else value


def _name_channels(found: Sequence[Mounted]) -> list[str]:
    taken: set[str] = set()
    names = []
    for mounted in found:
        name = make_slug(mounted.name or mounted.address)
        if name.lower() in taken and mounted.name:
            name = f"{name}_{make_slug(mounted.address)}"
        names.append(make_unique(name, taken))
    return names
