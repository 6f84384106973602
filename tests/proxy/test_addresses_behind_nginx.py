"""The addresses in the document lead to the sockets, behind a proxy that takes a prefix away and one that speaks TLS."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from nginx import Proxy, run_nginx
from servers import run_server
from websockets.sync.client import connect

pytestmark = pytest.mark.servers

PREFIX = "/api/v1"


@pytest.fixture(scope="module", params=["", PREFIX], ids=["no prefix", "prefix"])
def prefix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def proxy(prefix: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    options = ["--root-path", prefix, "--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"]
    with (
        run_server("proxy.proxied_app:app", folder / "log", options=options) as server,
        run_nginx(folder, server.port, prefix) as proxy,
    ):
        yield proxy


def get(proxy: Proxy, url: str) -> str:
    with urllib.request.urlopen(url, timeout=10, context=proxy.trust if url.startswith("https") else None) as response:
        text: str = response.read().decode()
    return text


@pytest.mark.parametrize("inside", ["", "/inner"], ids=["application", "sub-application"])
@pytest.mark.parametrize(("scheme", "protocol"), [("http", "ws"), ("https", "wss")])
def test_the_address_in_the_document_opens_the_socket(
    proxy: Proxy, prefix: str, scheme: str, protocol: str, inside: str
) -> None:
    host = proxy.locate(scheme)
    document: Any = json.loads(get(proxy, f"{scheme}://{host}{prefix}{inside}/asyncapi.json"))
    (server,) = document["servers"].values()
    pathname = {"pathname": f"{prefix}{inside}"} if prefix or inside else {}
    assert server == {"host": host, "protocol": protocol, **pathname}
    for channel in document["channels"].values():
        address = channel["address"].replace("{room}", "attic")
        url = f"{server['protocol']}://{server['host']}{server.get('pathname', '')}{address}"
        with connect(url, ssl=proxy.trust if protocol == "wss" else None) as websocket:
            websocket.send('{"type":"ask"}')
            name = "inner" if "/inner" in url else "outer"
            assert json.loads(websocket.recv(timeout=5)) == {"room": f"{name} attic"}
    # The one outside knows of the one inside.
    assert len(document["channels"]) == (1 if inside else 2)


@pytest.mark.parametrize("inside", ["", "/inner"], ids=["application", "sub-application"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_all_that_the_page_refers_to_is_there(proxy: Proxy, prefix: str, scheme: str, inside: str) -> None:
    page = f"{scheme}://{proxy.locate(scheme)}{prefix}{inside}/asyncapi"
    found = re.findall(r'(?:src|href|data-document|data-reference)="(\./[^"]+)"', get(proxy, page))
    assert len(found) >= 3
    for reference in found:
        assert get(proxy, urllib.request.urljoin(page, reference))  # type: ignore[attr-defined]


def test_the_link_in_openapi_leads_to_the_page(proxy: Proxy, prefix: str) -> None:
    base = f"http://{proxy.locate('http')}{prefix}"
    description = json.loads(get(proxy, f"{base}/openapi.json"))["paths"]["/ws/{room}"]["post"]["description"]
    (link,) = re.findall(r"\[Open the live socket\]\((.*)\)", description)
    assert "<title>" in get(proxy, f"{base}/{link}")
