from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from fastws import WebSocket, WSRouter

VERSIONS = ["shop.v2", "shop.v1"]  # the best first


class Price(BaseModel):
    type: Literal["price"]
    item: str


router = WSRouter(discriminator="type")


@router.on_connect
async def choose(websocket: WebSocket) -> None:
    offered = websocket.scope["subprotocols"]
    chosen = next((version for version in VERSIONS if version in offered), None)
    if chosen is None:
        await websocket.close(1002, f"Offer one of {', '.join(VERSIONS)}.")
        return
    websocket.state.version = chosen
    await websocket.accept(chosen)


@router.receive
async def price(websocket: WebSocket, message: Price) -> dict[str, object]:
    if websocket.state.version == "shop.v1":
        return {"item": message.item, "price": 1.2}
    return {"item": message.item, "price": {"amount": "1.20", "currency": "EUR"}}


app = FastAPI()
app.include_router(router, prefix="/ws")
