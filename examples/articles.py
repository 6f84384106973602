"""Articles that not everybody may read: each is fetched once, to see who may have it, and sent from what was fetched.

Run it with ``python examples/articles.py`` (it needs SQLAlchemy and aiosqlite), connect to ws://127.0.0.1:8000/ws or
ws://127.0.0.1:8000/ws?token=anna and send ``{"uuid":1,"route":"get-article","headers":{"article":1}}`` or
``{"uuid":2,"route":"write-article","payload":{"title":"Tea","content":"...","access":"MEMBERS"}}``.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from pydantic import BaseModel, Field
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

from fastws import SocketRouter, Status
from fastws.observable import HandlerResult, MessageData

DATABASE = Path(gettempdir()) / "fastws-articles.sqlite"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)


class Article(Base):
    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    content: Mapped[str]
    access: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


class Draft(BaseModel):
    """What a member writes."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    content: Annotated[str, Field(max_length=100_000)]
    access: Literal["PUBLIC", "MEMBERS", "PRIVATE"] = "PRIVATE"


class Written(BaseModel):
    id: int


def open_session(websocket: WebSocket) -> AsyncSession:
    """Open a session for one request: several are handled at a time, and a session serves one task alone."""
    session: AsyncSession = websocket.app.state.open_session()
    return session


async def may_connect(websocket: WebSocket) -> bool:
    """Find out who connects: nobody in particular without a token, and not at all with a wrong one."""
    token = websocket.query_params.get("token")
    async with open_session(websocket) as session:
        user = None if token is None else await session.scalar(select(User).where(User.token == token))
    websocket.state.user = user
    return token is None or user is not None


router = SocketRouter(may_connect, concurrency=8)


# Called in this order, before the handler.
async def check_number(message: MessageData, local: dict[str, Any]) -> bool:
    number = str(message.headers.get("article"))
    if not re.fullmatch("[0-9]{1,18}", number):  # so many fit into the database
        return False
    local["number"] = int(number)
    return True


async def may_read(websocket: WebSocket, message: MessageData, local: dict[str, Any]) -> bool:
    async with open_session(websocket) as session:
        # With its author, because nothing can be loaded any more when the session is closed.
        article = await session.get(Article, local["number"], options=[joinedload(Article.author)])
    local["value"] = article
    if article is None or article.access == "PUBLIC":
        return True
    user: User | None = websocket.state.user
    return user is not None and (article.access == "MEMBERS" or article.author_id == user.id)


# Called after it, where the status is that of a success.
async def describe(article: Article) -> dict[str, Any]:
    return {"title": article.title, "author": article.author.name, "content": article.content}


@router.route("get-article", options={"data_check": check_number, "access": may_read, "dehydrate": describe})
async def get_article(local: dict[str, Any]) -> HandlerResult:
    if local["value"] is None:
        return {"status": Status.NOT_FOUND, "payload": {"Message": "There is no such article."}}
    return {"status": Status.OK, "payload": local["value"]}


# The same with types and dependencies: the payload is validated, and what is returned is the payload of the reply.
async def get_member(websocket: WebSocket) -> User:
    user: User | None = websocket.state.user
    if user is None:
        raise HTTPException(Status.UNAUTHORIZED, "Members only.")
    return user


async def get_session(websocket: WebSocket) -> AsyncIterator[AsyncSession]:
    async with open_session(websocket) as session:
        yield session


@router.route("write-article")
async def write_article(
    websocket: WebSocket,
    headers: dict[str, Any],
    payload: Draft,
    member: Annotated[User, Depends(get_member)],
    session: Annotated[AsyncSession, Depends(get_session)],
) -> Written:
    article = Article(**payload.model_dump(), author_id=member.id)
    session.add(article)
    await session.commit()  # here, because the reply is sent before the session is closed
    return Written(id=article.id)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{DATABASE}")
    app.state.open_session = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with app.state.open_session() as session:
        if await session.get(User, 1) is None:
            anna, ben = (User(name=name, token=name.lower()) for name in ("Anna", "Ben"))
            session.add(Article(title="Opening hours", content="Always.", access="PUBLIC", author=anna))
            session.add(Article(title="Members' evening", content="On Friday.", access="MEMBERS", author=anna))
            session.add(Article(title="Diary", content="It rained.", access="PRIVATE", author=anna))
            session.add(ben)
            await session.commit()
    yield
    await engine.dispose()


app = FastAPI(title="Articles", lifespan=lifespan)
app.add_api_websocket_route("/ws", router)


if __name__ == "__main__":
    print("Socket: ws://127.0.0.1:8000/ws?token=anna", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=8000)
