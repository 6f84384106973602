"""Security in the document."""

from __future__ import annotations

from typing import Any

import pytest
from documents import get_document


def list_security(document: dict[str, Any], operation: str) -> list[str]:
    return [scheme["$ref"].rpartition("/")[2] for scheme in document["operations"][operation].get("security", ())]


def find_schemes(name: str) -> dict[str, Any]:
    schemes: dict[str, Any] = get_document(name)["components"]["securitySchemes"]
    return schemes


def test_api_keys() -> None:
    schemes = find_schemes("api_keys")
    assert schemes["APIKeyQuery"] == {
        "type": "httpApiKey",
        "in": "query",
        "name": "key",
        "description": "From the lobby",
    }
    assert schemes["APIKeyHeader"] == {"type": "httpApiKey", "in": "header", "name": "x-key"}
    assert {"type": "httpApiKey", "in": "cookie", "name": "session"} in schemes.values()
    assert len(list_security(get_document("api_keys"), "Keys_on_ping")) == 3


def test_http_schemes() -> None:
    schemes = find_schemes("http_schemes")
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token"}
    assert schemes["HTTPBearer"] == bearer
    assert schemes["HTTPBasic"] == {"type": "http", "scheme": "basic"}
    assert schemes["HTTPDigest"] == {"type": "http", "scheme": "digest"}


def test_oauth2_with_the_scopes_that_are_asked_for() -> None:
    document = get_document("oauth2")
    flow = {
        "authorizationUrl": "https://id.example/authorize",
        "tokenUrl": "https://id.example/token",
        "refreshUrl": "https://id.example/refresh",
        "availableScopes": {"play": "Take part", "watch": "Look on"},
    }
    scheme = {"type": "oauth2", "flows": {"authorizationCode": flow}}
    assert document["operations"]["Code_on_ping"]["security"] == [{**scheme, "scopes": ["play"]}]


def test_of_what_is_at_a_relative_address_only_the_token_is_left() -> None:
    # Without a server there is nothing that it could be relative to.
    (scheme,) = find_schemes("oauth2_at_a_relative_address").values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert list_security(get_document("oauth2_at_a_relative_address"), "Password_on_ping") == ["OAuth2PasswordBearer"]


def test_openid() -> None:
    schemes = find_schemes("openid")
    address = "https://id.example/.well-known/openid-configuration"
    assert schemes["OpenIdConnect"] == {"type": "openIdConnect", "openIdConnectUrl": address}
    assert schemes["Relative"]["type"] == "http"
    assert list_security(get_document("openid"), "OpenID_on_ping") == ["OpenIdConnect", "Relative"]


def test_each_operation_has_the_security_of_its_connection_and_its_own() -> None:
    document = get_document("security_of_everything")
    assert {scheme["name"] for scheme in find_schemes("security_of_everything").values()} == {
        "x-app",
        "include",
        "x-router",
        "handler",
    }
    assert len(list_security(document, "Secured_on_ping")) == 3
    assert len(list_security(document, "Secured_on_pong")) == 4
    assert "handler" not in list_security(document, "Secured_on_ping")


def test_requests_are_secured_likewise() -> None:
    document = get_document("requests_with_dependencies")
    assert list_security(document, "ws_shop_orders_new") == ["app", "KeyInQuery"]
    assert list_security(document, "ws_shop_PING") == ["app"]


@pytest.mark.parametrize("name", ["schemes_of_one_name", "schemes_of_names_alike"])
def test_schemes_of_one_name_are_two(name: str) -> None:
    document = get_document(name)
    assert sorted(scheme["name"] for scheme in find_schemes(name).values()) == ["blue", "red"]
    (red,), (blue,) = (list_security(document, f"{name}_on_ping") for name in ("red", "blue"))
    assert red != blue
