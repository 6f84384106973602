"""One live connection, from the handshake to its goodbye."""

from fastws.connection.lifecycle import Service, make_service, serve
from fastws.connection.limits import Limits
from fastws.connection.reactions import locate, refuse

__all__ = ["Limits", "Service", "locate", "make_service", "refuse", "serve"]
