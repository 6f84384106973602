"""The document and its page as parts of an application."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel

from fastws import WSRouter, add_asyncapi, get_asyncapi

LINK = "[Open the live socket](asyncapi)"


class Ask(BaseModel):
    text: str


def make_app(**options: Any) -> FastAPI:
    app, router = FastAPI(title="Asking"), WSRouter()

    @router.receive
    async def ask(message: Ask) -> None:
        """Ask something."""

    app.include_router(router, prefix="/ws")
    add_asyncapi(app, **options)
    return app


def test_the_document_is_served_with_the_server_that_was_asked() -> None:
    app = make_app()
    document = TestClient(app, base_url="https://example.com:8443").get("/asyncapi.json").json()
    assert document == {
        **get_asyncapi(app),
        "servers": {"default": {"host": "example.com:8443", "protocol": "wss"}},
    }


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json", "/asyncapi", "/asyncapi/console.js"])
def test_one_can_ask_whether_it_is_there(path: str) -> None:
    assert TestClient(make_app()).head(path).status_code == 200


def test_the_servers_that_were_given_stand_in_it() -> None:
    document = TestClient(make_app(servers=[{"url": "wss://api.example.com"}])).get("/asyncapi.json").json()
    assert document["servers"] == {"api_example_com": {"host": "api.example.com", "protocol": "wss"}}


@pytest.mark.parametrize("root_path", ["/api", "/api/"])
def test_what_stands_before_the_application_stands_before_its_addresses(root_path: str) -> None:
    client = TestClient(make_app(), root_path=root_path)
    assert client.get("/asyncapi.json").json()["servers"]["default"]["pathname"] == "/api"


def test_a_sub_application_has_a_document_of_its_own() -> None:
    app = FastAPI()
    app.mount("/sub", make_app())
    document = TestClient(app).get("/sub/asyncapi.json").json()
    assert document["servers"]["default"]["pathname"] == "/sub"
    assert document["channels"]["ws"]["address"] == "/ws"
    add_asyncapi(app)
    document = TestClient(app).get("/asyncapi.json").json()
    assert [channel["address"] for channel in document["channels"].values()] == ["/sub/ws"]
    assert "pathname" not in document["servers"]["default"]


def test_what_is_mounted_behind_it_is_in_it() -> None:
    app = make_app()
    client = TestClient(app)
    assert list(client.get("/asyncapi.json").json()["channels"]) == ["ws"]
    app.include_router(WSRouter(), prefix="/later")
    assert list(client.get("/asyncapi.json").json()["channels"]) == ["ws", "later"]


@pytest.mark.parametrize(
    ("options", "statuses"),
    [
        ({}, (200, 200)),
        ({"docs_url": None}, (200, 404)),
        ({"url": None}, (404, 404)),
        ({"url": None, "docs_url": None}, (404, 404)),
    ],
)
def test_none_in_the_place_of_a_path_serves_nothing(options: dict[str, None], statuses: tuple[int, int]) -> None:
    client = TestClient(make_app(**options))
    assert (client.get("/asyncapi.json").status_code, client.get("/asyncapi").status_code) == statuses


def test_the_paths_can_be_chosen() -> None:
    client = TestClient(make_app(url="/internal/ws.json", docs_url="/internal/ws"))
    assert client.get("/internal/ws.json").json()["asyncapi"] == "3.0.0"
    assert 'data-document="./ws.json"' in client.get("/internal/ws").text


@pytest.mark.parametrize("options", [{"url": "asyncapi.json"}, {"docs_url": ""}, {"routers": {"ws": WSRouter()}}])
def test_a_path_without_a_slash_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="has to begin with a slash"):
        add_asyncapi(FastAPI(), **options)


def test_servers_that_are_none_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="is no address of a server"):
        add_asyncapi(FastAPI(), servers=[{"url": "/v1"}])


async def check(token: Annotated[str | None, Header()] = None) -> None:
    if token != "t1":
        raise HTTPException(401)


@pytest.mark.parametrize("path", ["/asyncapi.json", "/asyncapi", "/asyncapi/console.js", "/asyncapi/reference"])
def test_dependencies_guard_all_of_it(path: str) -> None:
    client = TestClient(make_app(dependencies=[Depends(check)]))
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"token": "t1"}).status_code == 200
    assert client.get("/openapi.json").status_code == 200


def test_the_dependencies_of_the_application_guard_it_too() -> None:
    app = FastAPI(dependencies=[Depends(check)])
    add_asyncapi(app)
    assert TestClient(app).get("/asyncapi.json").status_code == 401


def test_it_is_not_in_openapi_but_openapi_points_to_it() -> None:
    app = make_app()
    for _ in range(2):  # the second time from FastAPI's own cache
        paths = app.openapi()["paths"]
        assert list(paths) == ["/ws", "/ws (ask)"]
        assert paths["/ws"]["post"]["description"] == LINK
        assert paths["/ws (ask)"]["post"]["description"] == f"Ask something.\n\n{LINK}"


@pytest.mark.parametrize(
    ("docs_url", "page", "link"),
    [("/docs", "/asyncapi", "asyncapi"), ("/internal/docs", "/asyncapi", "../asyncapi"), (None, "/a/b", "a/b")],
)
def test_the_link_is_relative_to_the_page_it_stands_on(docs_url: str | None, page: str, link: str) -> None:
    app, router = FastAPI(docs_url=docs_url), WSRouter()
    app.include_router(router, prefix="/ws")
    add_asyncapi(app, docs_url=page)
    assert app.openapi()["paths"]["/ws"]["post"]["description"] == f"[Open the live socket]({link})"


@pytest.mark.parametrize("options", [{"docs_url": None}, {"url": None}])
def test_openapi_points_to_no_page_that_is_not_there(options: dict[str, None]) -> None:
    assert "description" not in make_app(**options).openapi()["paths"]["/ws"]["post"]


def test_an_openapi_document_of_the_program_s_own_is_kept() -> None:
    app, router = FastAPI(), WSRouter()
    app.include_router(router, prefix="/ws")

    def make() -> dict[str, Any]:
        return {"openapi": "3.1.0", "info": {}, "paths": {"/ws": {}}}

    app.openapi = make  # type: ignore[method-assign]
    add_asyncapi(app)
    assert app.openapi() == make()


def test_an_operation_without_a_description_gets_the_link() -> None:
    app, router = FastAPI(), WSRouter()
    app.include_router(router, prefix="/ws")
    app.openapi = lambda: {"paths": {"/ws": {"post": {"description": None}}}}  # type: ignore[method-assign]
    add_asyncapi(app)
    assert app.openapi()["paths"]["/ws"]["post"] == {"description": LINK}


def test_the_address_of_the_client_does_not_stay_in_the_document() -> None:
    app = make_app()
    first = TestClient(app, base_url="http://a.example").get("/asyncapi.json").json()
    second = TestClient(app, base_url="http://b.example").get("/asyncapi.json").json()
    assert first["servers"]["default"]["host"] == "a.example"
    assert second["servers"]["default"]["host"] == "b.example"


def test_no_cache_answers_in_the_place_of_the_application() -> None:
    client = TestClient(make_app())
    for path in ("/asyncapi.json", "/asyncapi", "/asyncapi/reference", "/asyncapi/console.js"):
        assert client.get(path).headers["cache-control"] == "no-cache"


def test_a_program_may_serve_the_document_itself() -> None:
    app = make_app(url=None)

    @app.get("/mine.json", dependencies=[Depends(check)])
    async def mine(request: Request) -> dict[str, Any]:
        return get_asyncapi(request.app, servers=[{"url": "wss://example.com"}])

    assert TestClient(app).get("/mine.json", headers={"token": "t1"}).json()["info"]["title"] == "Asking"


def test_what_takes_every_path_has_to_come_behind_it() -> None:
    async def get_page(path: str) -> str:
        return path

    first, last = FastAPI(), FastAPI()
    first.add_api_route("/{path:path}", get_page)
    for app in (first, last):
        add_asyncapi(app)
    last.add_api_route("/{path:path}", get_page)
    assert TestClient(first).get("/asyncapi.json").json() == "asyncapi.json"
    assert TestClient(last).get("/asyncapi.json").json()["asyncapi"] == "3.0.0"
