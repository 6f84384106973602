import secrets
from typing import Annotated, Literal

from fastapi import Cookie, Depends, FastAPI, HTTPException, Response, WebSocketException
from pydantic import BaseModel

from fastws import WSRouter

PASSWORDS = {"anna": "lighthouse"}  # in a program of yours: hashes, in a database
sessions: dict[str, str] = {}


class Login(BaseModel):
    name: str
    password: str


class WhoAmI(BaseModel):
    type: Literal["who-am-i"]


class Me(BaseModel):
    name: str


app = FastAPI()


@app.post("/login")
async def log_in(login: Login, response: Response) -> None:
    password = PASSWORDS.get(login.name)
    if password is None or not secrets.compare_digest(password.encode(), login.password.encode()):
        raise HTTPException(403, "That is not right.")
    session = secrets.token_urlsafe()
    sessions[session] = login.name
    response.set_cookie("session", session, httponly=True, secure=True, samesite="lax")


async def get_user(session: Annotated[str, Cookie()] = "") -> str:
    if session not in sessions:
        raise WebSocketException(1008, "Log in first.")
    return sessions[session]


router = WSRouter(
    discriminator="type",
    dependencies=[Depends(get_user)],
    allowed_origins=["https://app.example"],
)


@router.receive(WhoAmI)
async def who_am_i(user: Annotated[str, Depends(get_user)]) -> Me:
    return Me(name=user)


app.include_router(router, prefix="/ws")
