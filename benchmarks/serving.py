"""An application on a uvicorn of its own, as a program would be deployed: uvloop, no compression, few words."""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import Any, Final

import uvicorn

# uvloop does not exist for Windows.
LOOP: Final = "asyncio" if sys.platform == "win32" else "uvloop"
WEBSOCKETS: Final = "websockets-sansio"


def serve(app: Any) -> None:
    """Serve an application until the standard input ends.

    Prints its port, then the CPU time that it has used, in seconds, for each line that it reads.
    """
    config = uvicorn.Config(
        app,
        loop=LOOP,
        ws=WEBSOCKETS,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        log_config=None,
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))

    def report() -> None:
        for _ in sys.stdin:
            print(time.process_time(), flush=True)
        server.should_exit = True

    threading.Thread(target=report, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])
