"""Where an application is served."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from fastws.asyncapi.servers import find_server, list_servers


def make_request(host: str, scheme: str = "http", root_path: str = "") -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": scheme,
            "path": f"{root_path}/asyncapi.json",
            "root_path": root_path,
            "query_string": b"",
            "headers": [(b"host", host.encode())],
            "server": ("127.0.0.1", 8000),
        }
    )


@pytest.mark.parametrize(
    ("request_", "server"),
    [
        (make_request("example.com"), {"host": "example.com", "protocol": "ws"}),
        (make_request("example.com:8443", "https"), {"host": "example.com:8443", "protocol": "wss"}),
        (make_request("[::1]:8000"), {"host": "[::1]:8000", "protocol": "ws"}),
        (
            make_request("a.example", root_path="/api/v1/"),
            {"host": "a.example", "protocol": "ws", "pathname": "/api/v1"},
        ),
        (
            make_request("a.example", root_path="/of/ä?b#c"),
            {"host": "a.example", "protocol": "ws", "pathname": "/of/%C3%A4%3Fb%23c"},
        ),
    ],
)
def test_the_server_is_the_one_that_was_asked(request_: Request, server: dict[str, str]) -> None:
    assert find_server(request_) == {"default": server}


@pytest.mark.parametrize("host", ["a b", "a;script-src *", "a/b", "x@y", '"', "[", "[::1", "a]b", "[z]"])
def test_a_host_that_is_none_is_not_repeated(host: str) -> None:
    # Starlette itself takes the address that it came to, or what of the header looks like a host, by its version.
    assert find_server(make_request(host)).get("default", {}).get("host") in {None, "127.0.0.1:8000", "a"}


def test_servers_are_given_as_fastapi_has_them() -> None:
    servers = list_servers(
        [
            {"url": "wss://api.example.com/v1/", "description": "The real one."},
            {"url": "http://localhost:8000"},
            {"url": "https://{region}.example.com", "variables": {"region": {"default": "eu"}}},
        ]
    )
    assert servers == {
        "api_example_com": {
            "host": "api.example.com",
            "protocol": "wss",
            "pathname": "/v1",
            "description": "The real one.",
        },
        "localhost_8000": {"host": "localhost:8000", "protocol": "ws"},
        "region_example_com": {
            "host": "{region}.example.com",
            "protocol": "wss",
            "variables": {"region": {"default": "eu"}},
        },
    }


def test_two_servers_of_one_host_have_names_of_their_own() -> None:
    assert list(list_servers([{"url": "wss://a.example/1"}, {"url": "wss://a.example/2"}])) == [
        "a_example",
        "a_example_2",
    ]


@pytest.mark.parametrize("url", ["/v1", "api.example.com", "ftp://example.com", "wss://"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    servers: list[dict[str, Any]] = [{"url": url}]
    with pytest.raises(ValueError, match="is no address of a server"):
        list_servers(servers)


def test_a_password_of_a_server_is_not_published() -> None:
    with pytest.raises(ValueError, match=r"server 'a\.example:8000' has a password") as refused:
        list_servers([{"url": "wss://anna:secret@a.example:8000/v1"}])
    assert "secret" not in str(refused.value)
