from typing import Annotated

from fastapi import Depends, FastAPI, Query, WebSocket, WebSocketDisconnect, WebSocketException

TOKENS = {"t1": "anna", "t2": "ben"}
connections: dict[WebSocket, str] = {}


async def get_user(token: Annotated[str, Query()] = "") -> str:
    if token not in TOKENS:
        raise WebSocketException(1008)
    return TOKENS[token]


app = FastAPI()


@app.websocket("/ws/{room}")
async def serve(websocket: WebSocket, room: str, user: Annotated[str, Depends(get_user)]) -> None:
    await websocket.accept()
    connections[websocket] = room
    try:
        while True:
            data = await websocket.receive_json()
            if data["type"] == "say":
                for other, its_room in list(connections.items()):
                    if its_room == room:
                        await other.send_json({"type": "said", "by": user, "text": data["text"]})
            elif data["type"] == "count":
                await websocket.send_json({"count": list(connections.values()).count(room)})
    except WebSocketDisconnect:
        connections.pop(websocket, None)
