"""Security schemes, in AsyncAPI's words."""

from __future__ import annotations

from typing import Any

import pytest

from fastws.asyncapi.security import require, translate_scheme

HTTPS = "https://id.example.com"


@pytest.mark.parametrize(
    ("openapi", "asyncapi"),
    [
        (
            {"type": "apiKey", "in": "cookie", "name": "session", "description": "Yours."},
            {"type": "httpApiKey", "in": "cookie", "name": "session", "description": "Yours."},
        ),
        ({"type": "http", "scheme": "basic"}, {"type": "http", "scheme": "basic"}),
        (
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        ),
        (
            {"type": "oauth2", "flows": {"password": {"scopes": {"r": "Read"}, "tokenUrl": f"{HTTPS}/token"}}},
            {"type": "oauth2", "flows": {"password": {"tokenUrl": f"{HTTPS}/token", "availableScopes": {"r": "Read"}}}},
        ),
        (
            {
                "type": "oauth2",
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": f"{HTTPS}/authorize",
                        "tokenUrl": f"{HTTPS}/token",
                        "refreshUrl": f"{HTTPS}/refresh",
                        "scopes": {},
                    }
                },
            },
            {
                "type": "oauth2",
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": f"{HTTPS}/authorize",
                        "tokenUrl": f"{HTTPS}/token",
                        "refreshUrl": f"{HTTPS}/refresh",
                        "availableScopes": {},
                    }
                },
            },
        ),
        (
            {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "token"}}},
            {"type": "http", "scheme": "bearer", "description": "A token of OAuth 2.0."},
        ),
        (
            {"type": "oauth2", "flows": {}, "description": "Ours."},
            {"type": "http", "scheme": "bearer", "description": "Ours."},
        ),
        (
            {"type": "openIdConnect", "openIdConnectUrl": f"{HTTPS}/openid"},
            {"type": "openIdConnect", "openIdConnectUrl": f"{HTTPS}/openid"},
        ),
        (
            {"type": "openIdConnect", "openIdConnectUrl": "/openid"},
            {"type": "http", "scheme": "bearer", "description": "A token of OpenID Connect."},
        ),
    ],
)
def test_a_scheme_is_translated(openapi: dict[str, Any], asyncapi: dict[str, Any]) -> None:
    assert translate_scheme(openapi) == asyncapi


def test_scopes_stand_in_the_scheme_itself() -> None:
    flows = {"password": {"tokenUrl": f"{HTTPS}/token", "availableScopes": {"r": "Read"}}}
    schemes = {
        "Users": {"type": "oauth2", "flows": flows},
        "My_key": {"type": "httpApiKey", "in": "query", "name": "k"},
    }
    required = require([{"Users": ["r"]}, {"My_key": []}, {"My_key": []}], schemes)
    assert required == [
        {"type": "oauth2", "flows": flows, "scopes": ["r"]},
        {"$ref": "#/components/securitySchemes/My_key"},
    ]


def test_a_token_has_no_scopes() -> None:
    schemes = {"Users": {"type": "http", "scheme": "bearer"}}
    assert require([{"Users": ["r"]}], schemes) == [{"$ref": "#/components/securitySchemes/Users"}]
