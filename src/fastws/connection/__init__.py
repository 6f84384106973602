"""One live connection, from the handshake to its goodbye."""

from fastws.connection.lifecycle import Hooks, serve

__all__ = ["Hooks", "serve"]
