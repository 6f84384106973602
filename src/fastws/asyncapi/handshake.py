"""What a client says in the handshake: parameters of the path, the query, headers and cookies, and who it is.

FastAPI's own documentation is asked for them: dependencies of an application, of an include and of a router, models of
parameters, aliases and security classes are then the same here and there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import params
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.errors import PydanticUserError

from fastws._fastapi import walk_dependants
from fastws._inspect import signature_of
from fastws.asyncapi.messages import make_slug
from fastws.asyncapi.schemas import inline, to_asyncapi
from fastws.parameters import check_defined

Parameters = dict[str, dict[str, Any]]
Scheme = dict[str, Any]


@dataclass
class Handshake:
    """What is asked of a client that connects.

    Attributes:
        path, query, headers, cookies: The parameters by their names, as OpenAPI describes them.
        security: The requirements, as OpenAPI has them, but for the names of the schemes.
    """

    path: Parameters = field(default_factory=dict)
    query: Parameters = field(default_factory=dict)
    headers: Parameters = field(default_factory=dict)
    cookies: Parameters = field(default_factory=dict)
    security: list[dict[str, list[str]]] = field(default_factory=list)

    def join(self, handlers: Iterable[Handshake]) -> Handshake:
        """Return the handshake with what handlers ask for, too: their messages fail without it, and not the handshake."""
        joined = Handshake(dict(self.path), dict(self.query), dict(self.headers), dict(self.cookies), self.security)
        for handler in handlers:
            for mine, others in zip(joined.kinds, handler.kinds, strict=True):
                for name, parameter in others.items():
                    mine.setdefault(name, {**parameter, "required": False})
        return joined

    @property
    def kinds(self) -> tuple[Parameters, ...]:
        """All of them, always in the same order."""
        return self.path, self.query, self.headers, self.cookies


@dataclass(frozen=True)
class Endpoint:
    """What is asked for in a handshake, or for a message.

    Attributes:
        address: The path of the socket.
        call: The function whose parameters they are.
        dependencies: What is resolved beside them.
    """

    address: str
    call: Callable[..., Any]
    dependencies: tuple[params.Depends, ...] = ()


def read_handshakes(endpoints: Sequence[Endpoint]) -> tuple[list[Handshake], dict[str, Scheme]]:
    """Return what each endpoint asks for, and the security schemes of all of them, as OpenAPI describes them.

    The schemes are called so that a document can have them side by side, here as in the requirements.

    Raises:
        UnresolvedError: An annotation of what an endpoint depends on is not defined.
    """
    # A number before the parameters of each address: two routers may be at the same one, and a handler is at that of its
    # router. A parameter once, also where an application and one that is mounted in it call theirs alike.
    paths = [
        "/".join([f"/{number}", *(f"{{{name}}}" for name in dict.fromkeys(_list_names(endpoint.address)))])
        for number, endpoint in enumerate(endpoints)
    ]
    routes = [
        APIRoute(
            path,
            endpoint.call,
            methods=["POST"],
            response_model=None,
            dependencies=list(endpoint.dependencies),
        )
        for path, endpoint in zip(paths, endpoints, strict=True)
    ]
    document = _make_openapi(routes)
    components = document.get("components", {})
    operations = document.get("paths", {})
    handshakes = [_read(operations[route.path_format]["post"], components.get("schemas", {})) for route in routes]
    schemes: dict[str, Scheme] = {}
    found: dict[tuple[int, ...], dict[str, Scheme]] = {}
    for handshake, route in zip(handshakes, routes, strict=True):
        if handshake.security:
            # Most handlers depend on the same few functions, and a document takes a while to make.
            calls = tuple(id(one.call) for one in walk_dependants(route.dependant) if one is not route.dependant)
            own = found.get(calls) or found.setdefault(calls, _find_schemes(route))
            handshake.security = _rename_schemes(handshake.security, own, schemes)
    return handshakes, schemes


def _make_openapi(routes: Sequence[APIRoute]) -> dict[str, Any]:
    """Return what FastAPI documents of some routes.

    Raises:
        UnresolvedError: An annotation that it needs is not defined.
    """
    try:
        return get_openapi(title="", version="", routes=routes)
    except (PydanticUserError, NameError):
        # What pydantic says of it, names neither the function nor the parameter.
        for one in (one for route in routes for one in walk_dependants(route.dependant)):
            if one.call is not None and (signature := signature_of(one.call)) is not None:
                check_defined(one.call, signature.parameters.values())
        raise


def _find_schemes(route: APIRoute) -> dict[str, Scheme]:
    """Return the security schemes of a route alone: of two that have one each by a name, FastAPI keeps the last."""
    schemes: dict[str, Scheme] = _make_openapi([route])["components"]["securitySchemes"]
    return schemes


def _rename_schemes(
    security: list[dict[str, list[str]]], own: Mapping[str, Scheme], schemes: dict[str, Scheme]
) -> list[dict[str, list[str]]]:
    """Return what a route requires, by names under which its schemes are added to the others."""
    names = {}
    for name, scheme in own.items():
        number = itertools.count(2)
        slug = unique = make_slug(name)
        while schemes.setdefault(unique, scheme) != scheme:
            unique = f"{slug}_{next(number)}"
        names[name] = unique
    return [{names[name]: scopes for name, scopes in requirement.items()} for requirement in security]


def _read(operation: Mapping[str, Any], definitions: Mapping[str, Any]) -> Handshake:
    handshake = Handshake(security=operation.get("security", []))
    kinds = {"path": handshake.path, "query": handshake.query, "header": handshake.headers, "cookie": handshake.cookies}
    for parameter in operation.get("parameters", ()):
        schema = to_asyncapi(inline(parameter.get("schema", {}), definitions))
        kinds[parameter["in"]][parameter["name"]] = {**parameter, "schema": schema}
    return handshake


def list_parameters(address: str, asked: Parameters) -> dict[str, dict[str, Any]]:
    """Return the parameters of an address as AsyncAPI has them, which are texts without a schema."""
    return {name: _describe_part(asked.get(name, {})) for name in _list_names(address)}


def _list_names(address: str) -> list[str]:
    return re.findall(r"{(\w+)}", address)


def _describe_part(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    described = {
        "description": parameter.get("description", schema.get("description")),
        "enum": [str(choice) for choice in choices],
        "examples": [str(example) for example in _list_examples(parameter)],
    }
    return {key: value for key, value in described.items() if value}


def make_binding(asked: Parameters) -> dict[str, Any] | None:
    """Return an object of the bindings for WebSockets, `None` where nothing is asked for."""
    if not asked:
        return None
    required = [name for name, parameter in asked.items() if parameter.get("required")]
    properties = {name: _describe_value(parameter) for name, parameter in asked.items()}
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _describe_value(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = dict(parameter.get("schema", {}))
    if "description" in parameter:
        schema.setdefault("description", parameter["description"])
    if parameter.get("deprecated"):
        schema["deprecated"] = True
    examples = _list_examples(parameter)
    if examples:
        schema["examples"] = examples
    return schema


def _list_examples(parameter: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a parameter, which OpenAPI has in three ways."""
    named = [example.get("value") for example in parameter.get("examples", {}).values()]
    single = [parameter["example"]] if "example" in parameter else []
    examples = [*named, *single, *parameter.get("schema", {}).get("examples", ())]
    return [example for example in examples if example is not None]
