"""Where the routers of an application are mounted, however they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import params
from starlette.routing import BaseRoute, Host, Mount, WebSocketRoute

from fastws._fastapi import walk_routes
from fastws._inspect import name_callable
from fastws.observable import SocketRouter
from fastws.openapi import WSMainRoute, WSRoute
from fastws.router import WSRouter

if TYPE_CHECKING:
    from fastws.descriptions import RouterDescription

Router = WSRouter | SocketRouter


@dataclass(frozen=True)
class Mounted:
    """A router at one of its addresses.

    Attributes:
        description: The router, as it is now.
        address: The path of the socket, with the names of its parameters in braces.
        name: The name it was given, `None` where it was given none.
        dependencies: All dependencies of the connection, those of what includes the router among them.
        tags: Its tags in OpenAPI.
        deprecated: Whether it is deprecated there.
    """

    description: RouterDescription
    address: str
    name: str | None = None
    dependencies: tuple[params.Depends, ...] = ()
    tags: tuple[str, ...] = ()
    deprecated: bool = False


def find_mounted(app: Any, routers: Mapping[str, Router] | None = None) -> list[Mounted]:
    """Return the routers of an application at all their addresses.

    Parameters:
        app: The application.
        routers: Those that no route shows, by the paths of their endpoints: they are awaited there.

    Raises:
        ValueError: A path does not begin with a slash.
    """
    named = [Mounted(router.describe(), _format(check_path(path))) for path, router in (routers or {}).items()]
    addresses = {mounted.address for mounted in named}
    return [one for one in _walk(app.routes, "") if one.address not in addresses] + named


def check_path(path: str) -> str:
    """Return a path that somebody has written.

    Raises:
        ValueError: It does not begin with a slash.
    """
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is no path of an application: it has to begin with a slash, as in '/asyncapi'.")
    return path


def list_documented(app: Any) -> list[str]:
    """Return the paths in OpenAPI of the connections of an application and of their messages."""
    return [
        served.path_format
        for route, served in walk_routes(app.routes)
        if isinstance(route, WSRoute) and served.include_in_schema
    ]


def _walk(routes: Iterable[BaseRoute], prefix: str) -> Iterator[Mounted]:
    walked = list(walk_routes(routes))
    # By identity, because FastAPI's routers compare with each other, and have no hash.
    operations = {
        (served.path, id(_find_router(served.endpoint))): served
        for route, served in walked
        if isinstance(route, WSMainRoute)
    }
    for route, served in walked:
        if isinstance(route, WebSocketRoute):
            router = _find_router(served.endpoint)
            operation = operations.get((served.path, id(router)))
            if router is not None and (operation is None or operation.include_in_schema):
                yield _describe(router, prefix + served.path_format, served, operation)
        elif isinstance(route, Mount | Host):
            below = prefix + _format(getattr(served, "path", ""))
            if isinstance(served.app, SocketRouter):
                yield Mounted(served.app.describe(), f"{below}/")
            else:
                yield from _walk(served.routes or (), below)


def _describe(router: Router, address: str, served: Any, operation: Any) -> Mounted:
    # What a name is that nobody has given.
    default = name_callable(served.endpoint)
    return Mounted(
        router.describe(),
        address,
        name=None if served.name == default else served.name,
        dependencies=tuple(getattr(served if operation is None else operation, "dependencies", ())),
        tags=tuple(str(getattr(tag, "value", tag)) for tag in getattr(operation, "tags", None) or ()),
        deprecated=bool(getattr(operation, "deprecated", None)),
    )


def _find_router(endpoint: Any) -> Router | None:
    if isinstance(endpoint, SocketRouter):
        return endpoint
    router = getattr(endpoint, "__self__", None)
    return router if isinstance(router, WSRouter) and endpoint == router.handler else None


def _format(path: str) -> str:
    """Return a path without the convertors of its parameters."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", path)
