"""Security schemes: from OpenAPI's words to AsyncAPI's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

# Which addresses a flow of OAuth 2.0 has.
_FLOWS: Final = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
}


def translate_scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """Return a security scheme of OpenAPI as AsyncAPI has it.

    AsyncAPI wants absolute addresses.  Where FastAPI has a relative one, as that of the token in most programs, what is
    left to say is how the token comes: in the header `Authorization`.
    """
    kind = scheme.get("type")
    described = {"description": scheme["description"]} if scheme.get("description") else {}
    if kind == "apiKey":
        return {"type": "httpApiKey", "name": scheme["name"], "in": scheme["in"], **described}
    if kind == "oauth2":
        flows = _translate_flows(scheme.get("flows", {}))
        return {"type": "oauth2", "flows": flows, **described} if flows else _take_token("OAuth 2.0", described)
    if kind == "openIdConnect":
        url = scheme.get("openIdConnectUrl", "")
        if _is_absolute(url):
            return {"type": "openIdConnect", "openIdConnectUrl": url, **described}
        return _take_token("OpenID Connect", described)
    bearer = {"bearerFormat": scheme["bearerFormat"]} if scheme.get("bearerFormat") else {}
    return {"type": "http", "scheme": scheme.get("scheme", "bearer"), **bearer, **described}


def require(requirements: Sequence[Mapping[str, Sequence[str]]], schemes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what an operation requires: a reference for each scheme, the scheme itself where scopes are asked for.

    Parameters:
        requirements: As OpenAPI has them.
        schemes: The schemes as AsyncAPI has them, by the names in the requirements.
    """
    required: list[dict[str, Any]] = []
    for name, scopes in (item for requirement in requirements for item in requirement.items()):
        scoped = scopes and schemes[name]["type"] in {"oauth2", "openIdConnect"}
        reference = {"$ref": f"#/components/securitySchemes/{name}"}
        one = {**schemes[name], "scopes": list(scopes)} if scoped else reference
        if one not in required:
            required.append(one)
    return required


def _translate_flows(flows: Mapping[str, Any]) -> dict[str, Any]:
    translated = {}
    for name, flow in flows.items():
        urls = {key: flow.get(key, "") for key in _FLOWS.get(name, ())}
        if urls and all(map(_is_absolute, urls.values())):
            refresh = {"refreshUrl": flow["refreshUrl"]} if _is_absolute(flow.get("refreshUrl", "")) else {}
            translated[name] = {**urls, **refresh, "availableScopes": flow.get("scopes", {})}
    return translated


def _take_token(source: str, described: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "http", "scheme": "bearer", "description": f"A token of {source}.", **described}


def _is_absolute(url: str) -> bool:
    return bool(urlsplit(url).scheme)
