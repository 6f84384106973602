import socket

import uvicorn


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket whose connections are given up when a peer acknowledges nothing for 20 seconds."""
    listener = socket.create_server((host, port), backlog=2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)  # Linux; accepted sockets inherit it
    return listener


if __name__ == "__main__":
    config = uvicorn.Config(
        "app:app",
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listen("127.0.0.1", 8000)])
