from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Header, WebSocketException
from pydantic import BaseModel

from fastws import WebSocket, WSRouter

TOKENS = {"t1": "anna"}  # in a program of yours: signed tokens, or a database


class WhoAmI(BaseModel):
    type: Literal["who-am-i"]


class Me(BaseModel):
    name: str


async def get_user(websocket: WebSocket, authorization: Annotated[str, Header()] = "") -> str:
    """Read the token from the header, or from where browsers can put it."""
    token = authorization.removeprefix("Bearer ")
    for protocol in websocket.scope["subprotocols"]:
        if protocol.startswith("bearer."):
            token = protocol.removeprefix("bearer.")
    if token not in TOKENS:
        raise WebSocketException(1008, "This token is not valid.")
    return TOKENS[token]


router = WSRouter(discriminator="type", dependencies=[Depends(get_user)])


@router.on_connect
async def connect(websocket: WebSocket) -> None:
    # Choose the protocol that is none: a token in the answer would stand in more logs.
    await websocket.accept("shop.v1" if "shop.v1" in websocket.scope["subprotocols"] else None)


@router.receive(WhoAmI)
async def who_am_i(user: Annotated[str, Depends(get_user)]) -> Me:
    return Me(name=user)


app = FastAPI()
app.include_router(router, prefix="/ws")
