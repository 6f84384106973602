"""The page beside the document: its addresses, what it lets a browser do, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

import pytest
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient

from fastws.asyncapi import page
from fastws.asyncapi.page import add_page

CDN = "https://cdn.example/viewer@1.2.3"


def add(app: FastAPI, docs_url: str = "/asyncapi", **options: Any) -> TestClient:
    """Add the page, and something in the place of the document."""
    defaults: dict[str, Any] = {
        "document_url": "/asyncapi.json",
        "title": "Shop",
        "hosts": [],
        "js_url": f"{CDN}/index.js",
        "js_integrity": "sha384-js",
        "css_url": f"{CDN}/default.css",
        "css_integrity": None,
        "dependencies": None,
    }
    options = {**defaults, **options}
    add_page(app, docs_url, **options)

    @app.get(options["document_url"], include_in_schema=False)
    async def get_document() -> PlainTextResponse:
        return PlainTextResponse("the document")

    return TestClient(app)


def find_links(html: str) -> list[str]:
    """Return what a browser would load from a page, as it stands there."""
    return [
        link
        for link in re.findall(r'(?:href|src|data-document|data-reference)="([^"]+)"', html)
        if "data:" not in link and "#" not in link
    ]


def read_policy(headers: Any) -> dict[str, list[str]]:
    directives = [directive.split() for directive in headers["content-security-policy"].split("; ")]
    return {name: sources for name, *sources in directives}


def follow_imports(client: TestClient, address: str, seen: set[str]) -> None:
    """Load a module and whatever it imports, as a browser would."""
    if address in seen:
        return
    seen.add(address)
    response = client.get(address)
    assert response.status_code == 200, address
    for module in re.findall(r'from "([^"]+)"', response.text):
        follow_imports(client, urljoin(address, module), seen)


@pytest.mark.parametrize("docs_url", ["/asyncapi", "/internal/docs/ws", "/docs/", "/", "/a:b/c d"])
@pytest.mark.parametrize("document_url", ["/asyncapi.json", "/internal/docs/asyncapi.json", "/internal/other.json"])
def test_every_address_in_the_pages_is_found(docs_url: str, document_url: str) -> None:
    client = add(FastAPI(), docs_url, document_url=document_url)
    response = client.get(docs_url)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    modules: set[str] = set()
    for link in find_links(response.text):
        assert link.startswith("./")
        address = urljoin(docs_url, link)
        if address.endswith(".js"):
            follow_imports(client, address, modules)
        assert client.get(address).status_code == 200, address
    reference = urljoin(docs_url, re.findall('data-reference="([^"]+)"', response.text)[0])
    for link in find_links(client.get(reference).text):
        assert link.startswith(CDN) or client.get(urljoin(reference, link)).status_code == 200, link
    documents = [urljoin(reference, re.findall('data-document="([^"]+)"', client.get(reference).text)[0])]
    documents += [urljoin(docs_url, re.findall('data-document="([^"]+)"', response.text)[0])]
    assert documents == [document_url, document_url]
    assert {Path(address).name for address in modules} == {name for name in page.ASSETS if name.endswith(".js")} - {
        "reference.js"
    }


def mount_in_application(inner: FastAPI) -> tuple[TestClient, str]:
    outer = FastAPI()
    outer.mount("/shop", inner)
    return TestClient(outer), "/shop"


def serve_under_root_path(inner: FastAPI) -> tuple[TestClient, str]:
    # A proxy takes the prefix away, and the server was told of it.
    return TestClient(inner, root_path="/shop"), ""


@pytest.mark.parametrize("serve", [mount_in_application, serve_under_root_path])
def test_the_addresses_are_right_under_a_prefix(serve: Callable[[FastAPI], tuple[TestClient, str]]) -> None:
    inner = FastAPI()
    add(inner)
    client, prefix = serve(inner)
    html = client.get(f"{prefix}/asyncapi").text
    assert "shop" not in html
    for link in find_links(html):
        assert client.get(urljoin(f"{prefix}/asyncapi", link)).status_code == 200, link


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("console.css", "text/css"), ("console.js", "text/javascript"), ("schema.js", "text/javascript")],
)
def test_files_have_their_media_types_and_are_asked_for_anew(name: str, media_type: str) -> None:
    client = add(FastAPI())
    response = client.get(f"/asyncapi/{name}")
    assert response.text == (page.STATIC / name).read_text(encoding="utf-8")
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-cache"
    tag = response.headers["etag"]
    again = client.get(f"/asyncapi/{name}", headers={"if-none-match": f"W/{tag}"})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(f"/asyncapi/{name}", headers={"if-none-match": '"other"'}).status_code == 200
    assert client.head(f"/asyncapi/{name}").status_code == 200


@pytest.mark.parametrize("name", ["page.py", "console.html", "nothing.js", "..%2fpage.py", "console.js/x"])
def test_nothing_else_is_served(name: str) -> None:
    assert add(FastAPI()).get(f"/asyncapi/{name}").status_code == 404


def test_every_file_of_the_folder_is_served_or_is_a_template() -> None:
    names = {path.name for path in page.STATIC.iterdir()}
    assert names == {*page.ASSETS, "console.html", "reference.html"}


def test_a_title_and_addresses_are_text_in_the_pages() -> None:
    title = "</title><script>alert('1')</script> $base ${document} {{title}} \"&amp;"
    client = add(FastAPI(), title=title, document_url='/"><script>.json', js_integrity='"><script>')
    for address in ("/asyncapi", "/asyncapi/reference"):
        html = client.get(address).text
        assert "<script>" not in html
        assert (
            "&lt;/title&gt;&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; $base ${document} {{title}} &quot;&amp;amp;"
            in html
        )


def test_the_pages_have_nothing_inline() -> None:
    for name in ("console.html", "reference.html"):
        html = (page.STATIC / name).read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)
    for path in page.STATIC.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function",
            path.read_text(encoding="utf-8"),
        )


def test_the_console_may_load_its_own_files_and_open_sockets() -> None:
    response = add(FastAPI()).get("/asyncapi", headers={"host": "shop.example:8443"})
    assert read_policy(response.headers) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", "ws://shop.example:8443", "wss://shop.example:8443"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


def test_sockets_of_documented_servers_may_be_opened() -> None:
    hosts = ["api.example", "testserver", "10.0.0.1:8000"]
    response = add(FastAPI(), hosts=hosts).get("/asyncapi")
    sockets = [
        f"{scheme}://{host}" for host in ("testserver", "api.example", "10.0.0.1:8000") for scheme in ("ws", "wss")
    ]
    assert read_policy(response.headers)["connect-src"] == ["'self'", *sockets]


@pytest.mark.parametrize(
    "host",
    [
        "x; script-src *",
        "x y",
        "*",
        "*.example",
        "x/y",
        "x@y",
        "x:port",
        "x\n",
        "[::1]:80",
        "",
        "a" * 300,
        "'none'",
        "-x",
        "ä.example",
    ],
)
def test_what_is_no_host_stays_out_of_the_policy(host: str) -> None:
    response = add(FastAPI(), hosts=[host]).get("/asyncapi")
    assert read_policy(response.headers)["connect-src"] == ["'self'", "ws://testserver", "wss://testserver"]


@pytest.mark.parametrize("host", ["x; script-src *", "x, y", "[::1]:8000", "*"])
def test_neither_does_a_host_that_a_client_makes_up(host: str) -> None:
    response = add(FastAPI()).get("/asyncapi", headers={"host": host})
    assert read_policy(response.headers)["connect-src"] == ["'self'"]


def test_a_page_under_another_name_is_another_page() -> None:
    client = add(FastAPI())
    tag = client.get("/asyncapi").headers["etag"]
    response = client.get("/asyncapi", headers={"host": "late.example", "if-none-match": tag})
    assert response.status_code == 200
    assert "wss://late.example" in read_policy(response.headers)["connect-src"]


def test_the_reference_may_load_the_viewer_and_nothing_else_of_where_it_lies() -> None:
    client = add(FastAPI())
    response = client.get("/asyncapi/reference")
    policy = read_policy(response.headers)
    assert policy["script-src"] == ["'self'", "'unsafe-eval'", f"{CDN}/index.js"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'", f"{CDN}/default.css"]
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert policy["connect-src"] == policy["frame-ancestors"] == ["'self'"]
    assert (
        f'<script defer src="{CDN}/index.js" integrity="sha384-js" crossorigin="anonymous"></script>' in response.text
    )
    assert f'<link rel="stylesheet" href="{CDN}/default.css">' in response.text


def test_a_viewer_of_ones_own_needs_no_source() -> None:
    client = add(FastAPI(), js_url="/static/index.js?v=1", css_url="../style.css", js_integrity=None)
    response = client.get("/asyncapi/reference")
    policy = read_policy(response.headers)
    assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert '<script defer src="/static/index.js?v=1"></script>' in response.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/javascript,1", "https://x;y/z.js", "https://u:p@x/z.js", "https:///z.js"]
)
def test_a_viewer_from_nowhere_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a file on the web"):
        add(FastAPI(), js_url=url)


def test_an_address_with_odd_characters_cannot_end_its_directive() -> None:
    client = add(FastAPI(), js_url="https://cdn.example/a b;c,d.js?e=f#g")
    source = read_policy(client.get("/asyncapi/reference").headers)["script-src"][-1]
    assert source == "https://cdn.example/a%20b%3Bc%2Cd.js"


def test_dependencies_guard_the_pages_and_every_file() -> None:
    async def check_key(key: Annotated[str, Header()] = "") -> None:
        if key != "k1":
            raise HTTPException(401)

    client = add(FastAPI(), dependencies=[Depends(check_key)])
    addresses = ["/asyncapi", "/asyncapi/reference", *(f"/asyncapi/{name}" for name in page.ASSETS)]
    assert {client.get(address).status_code for address in addresses} == {401}
    assert {client.get(address, headers={"key": "k1"}).status_code for address in addresses} == {200}


def test_the_page_is_not_in_the_openapi_document() -> None:
    app = FastAPI()
    add(app)
    assert app.openapi()["paths"] == {}


def test_two_pages_of_one_application() -> None:
    app = FastAPI()
    add(app, "/inside", title="Inside")
    client = add(app, "/outside", title="Outside", document_url="/other.json")
    assert "<title>Inside</title>" in client.get("/inside").text
    assert "<title>Outside</title>" in client.get("/outside").text


def test_the_console_weighs_at_most_60_kb() -> None:
    files = [page.STATIC / name for name in ("console.html", *page.ASSETS) if not name.startswith("reference")]
    assert sum(path.stat().st_size for path in files) <= 60_000


@pytest.mark.parametrize("path", sorted(page.STATIC.glob("*.js")), ids=lambda path: path.name)
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
