import secrets
import time
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, WebSocketException
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

from fastws import WSRouter

TOKENS = {"t1": "anna"}
LIFETIME = 30.0

tickets: dict[str, tuple[str, float]] = {}


class Ticket(BaseModel):
    ticket: str


class WhoAmI(BaseModel):
    type: Literal["who-am-i"]


class Me(BaseModel):
    name: str


app = FastAPI()


@app.post("/tickets")
async def sell_ticket(token: Annotated[str, Depends(APIKeyHeader(name="X-Token"))]) -> Ticket:
    if token not in TOKENS:
        raise HTTPException(401, "This token is not valid.")
    now = time.monotonic()
    for ticket in [ticket for ticket, (_, end) in tickets.items() if end < now]:
        del tickets[ticket]
    ticket = secrets.token_urlsafe()
    tickets[ticket] = (TOKENS[token], now + LIFETIME)
    return Ticket(ticket=ticket)


async def get_user(ticket: str) -> str:
    user, end = tickets.pop(ticket, ("", 0.0))  # each is good for one connection
    if end < time.monotonic():
        raise WebSocketException(1008, "This ticket is not valid.")
    return user


router = WSRouter(discriminator="type", dependencies=[Depends(get_user)])


@router.receive(WhoAmI)
async def who_am_i(user: Annotated[str, Depends(get_user)]) -> Me:
    return Me(name=user)


app.include_router(router, prefix="/ws")
