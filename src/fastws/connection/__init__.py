"""One live connection, from the handshake to its goodbye."""

from fastws.connection.lifecycle import Service, serve
from fastws.connection.limits import Limits
from fastws.connection.reactions import locate, make_receiver, refuse

__all__ = ["Limits", "Service", "locate", "make_receiver", "refuse", "serve"]
