"""The replies of fastapi-observable-socket as texts, and how a test gets one."""

from starlette.testclient import WebSocketTestSession


def pong(uuid: str) -> str:
    """Return the answer to a heartbeat."""
    return f'{{"headers":null,"payload":null,"uuid":{uuid},"route":"PONG"}}'


def error(uuid: str, status: int, message: str) -> str:
    """Return the reply to a request that failed."""
    return f'{{"headers":null,"payload":{{"Message":"{message}"}},"uuid":{uuid},"status":{status}}}'


def ask(session: WebSocketTestSession, request: str | bytes) -> str:
    """Return the only reply to a request."""
    if isinstance(request, bytes):
        session.send_bytes(request)
    else:
        session.send_text(request)
    session.send_text('{"uuid":"behind","route":"PING","headers":null,"payload":null}')
    reply = session.receive_text()
    assert session.receive_text() == pong('"behind"')
    return reply
