"""The example in the README of fastapi-observable-socket: an article that its hooks fetch once, and its handler answers with."""

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocket

from fastws.observable import HandlerResult, MessageData, SocketRouter, Status


@dataclass
class Author:
    name: str


@dataclass
class Article:
    id: int
    title: str
    content: str
    author: Author
    access: str


class Found:
    """The result of a query, as of SQLAlchemy."""

    def __init__(self, article: Article | None) -> None:
        self._article = article

    def scalar_one_or_none(self) -> Article | None:
        return self._article


class Session:
    """Stands in for a session of SQLAlchemy, and counts the queries."""

    def __init__(self, *articles: Article) -> None:
        self._articles = {article.id: article for article in articles}
        self.queries = 0

    async def execute(self, statement: int) -> Found:
        self.queries += 1
        return Found(self._articles.get(statement))


ANNA, BERT = Author("Anna"), Author("Bert")
USERS = {"anna": ANNA, "bert": BERT}


def make_article_app(db: Session) -> FastAPI:
    app = FastAPI()
    router = SocketRouter()

    async def check_article(message: MessageData, local: dict) -> bool:  # type: ignore[type-arg]
        try:
            local["id"] = int(message.headers.get("article"))
        except (TypeError, ValueError):
            return False
        return True

    async def may_read(ws: WebSocket, message: MessageData, local: dict) -> bool:  # type: ignore[type-arg]
        result = await ws.scope["db"].execute(local["id"])
        article = local["value"] = result.scalar_one_or_none()
        if article is None:
            return True
        user = ws.scope.get("user")
        return article.access == "PUBLIC" or (
            user is not None if article.access == "MEMBERS" else article.author == user
        )

    async def to_json(article: Article) -> dict:  # type: ignore[type-arg]
        return {"title": article.title, "author": article.author.name, "body": article.content}

    @router.route("get-article", options={"data_check": check_article, "access": may_read, "dehydrate": to_json})
    async def get_article(local: dict) -> HandlerResult:  # type: ignore[type-arg]
        if local["value"] is None:
            return {"status": Status.NOT_FOUND, "payload": {"message": "not found"}}
        return {"status": Status.OK, "payload": local["value"]}

    @app.websocket("/ws")
    async def endpoint(ws: WebSocket) -> None:
        ws.scope["db"] = db
        ws.scope["user"] = USERS.get(ws.query_params.get("user", ""))
        await router(ws)

    return app


BREAD = {"title": "Bread", "author": "Anna", "body": "Flour and water."}
BEER = {"title": "Beer", "author": "Bert", "body": "Water and barley."}
DIARY = {"title": "Diary", "author": "Anna", "body": "Dear diary."}
DENIED = {"Message": "Access denied"}


@pytest.mark.parametrize(
    ("user", "headers", "status", "payload", "queries"),
    [
        ("nobody", {"article": "1"}, 200, BREAD, 1),
        ("nobody", {"article": 1}, 200, BREAD, 1),
        ("nobody", {"article": "2"}, 403, DENIED, 1),
        ("anna", {"article": "2"}, 200, BEER, 1),
        ("bert", {"article": "3"}, 403, DENIED, 1),
        ("anna", {"article": "3"}, 200, DIARY, 1),
        ("nobody", {"article": "4"}, 404, {"message": "not found"}, 1),
        ("anna", {"article": "bread"}, 400, {"Message": "Data check failed"}, 0),
        ("anna", {}, 400, {"Message": "Data check failed"}, 0),
        ("anna", None, 400, {"Message": "Data check failed"}, 0),
    ],
    ids=[
        "public",
        "number",
        "no member",
        "member",
        "stranger",
        "author",
        "missing",
        "no number",
        "no id",
        "no headers",
    ],
)
def test_an_article_is_fetched_once(
    user: str, headers: dict[str, Any] | None, status: int, payload: object, queries: int
) -> None:
    db = Session(
        Article(1, "Bread", "Flour and water.", ANNA, "PUBLIC"),
        Article(2, "Beer", "Water and barley.", BERT, "MEMBERS"),
        Article(3, "Diary", "Dear diary.", ANNA, "PRIVATE"),
    )
    with TestClient(make_article_app(db)).websocket_connect(f"/ws?user={user}") as session:
        session.send_json({"uuid": "a", "route": "get-article", "headers": headers, "payload": None})
        reply = session.receive_json()
    assert (reply["uuid"], reply["status"], reply["payload"]) == ("a", status, payload)
    assert db.queries == queries
