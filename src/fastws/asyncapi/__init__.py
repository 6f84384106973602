"""AsyncAPI: the document of an application's WebSockets, and a page from which one can talk to them."""

from fastws.asyncapi.document import get_asyncapi
from fastws.asyncapi.serving import add_asyncapi

__all__ = ["add_asyncapi", "get_asyncapi"]
