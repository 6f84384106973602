"""Channels as AsyncAPI has them: a router at one of its addresses, with what can be said there and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastws.asyncapi.handshake import Endpoint, Handshake, list_parameters, make_binding
from fastws.asyncapi.messages import Message, make_unique
from fastws.asyncapi.mounts import Mounted
from fastws.asyncapi.operations import Messages, Operation
from fastws.asyncapi.requests import Requests
from fastws.asyncapi.schemas import Schemas
from fastws.asyncapi.security import require


class Channel:
    """A router at one of its addresses.

    Attributes:
        name: What the document calls it.
        operations: What can be done there.

    Parameters:
        name: The attribute.
        mounted: The router and its address.
        schemas: Takes the types of its messages.
    """

    def __init__(self, name: str, mounted: Mounted, schemas: Schemas) -> None:
        self.name = name
        self._mounted = mounted
        self.operations = _list_operations(name, mounted, schemas)

    @property
    def endpoints(self) -> list[Endpoint]:
        """What asks for parameters: the handshake, then each operation that does."""
        router = self._mounted
        handlers = [operation.needs for operation in self.operations if operation.needs is not None]
        return [
            Endpoint(router.address, router.description.endpoint, router.dependencies),
            *(Endpoint(router.address, needs) for needs in handlers),
        ]

    def list_messages(self) -> dict[str, Message]:
        """Return the messages that come and go here, by their names."""
        found = (one for operation in self.operations for one in (*operation.messages, *operation.replies))
        messages: dict[str, Message] = {}
        for message in found:
            messages.setdefault(message.name, message)
        return messages

    def write(
        self, handshakes: Sequence[Handshake], schemes: Mapping[str, Any], taken: set[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the channel and its operations as AsyncAPI has them.

        Parameters:
            handshakes: What its `endpoints` ask for.
            schemes: The security schemes of the document, by their names.
            taken: The names of the operations of other channels, to which those of this one are added.
        """
        connection, *handlers = handshakes
        asked = iter(handlers)
        operations = {}
        for operation in self.operations:
            own = [] if operation.needs is None else next(asked).security
            security = require([*connection.security, *own], schemes)
            more = {**self._marks, **({"security": security} if security else {})}
            operations[make_unique(f"{self.name}_{operation.name}", taken)] = operation.write(self.name, **more)
        return self._write(connection.join(handlers)), operations

    @property
    def _marks(self) -> dict[str, Any]:
        tags = [{"name": tag} for tag in dict.fromkeys(self._mounted.tags)]
        return {**({"tags": tags} if tags else {}), **({"x-deprecated": True} if self._mounted.deprecated else {})}

    def _write(self, asked: Handshake) -> dict[str, Any]:
        address = self._mounted.address
        messages = self.list_messages()
        binding = {
            "bindingVersion": "0.1.0",
            "method": "GET",
            "query": make_binding(asked.query),
            "headers": make_binding(asked.headers),
        }
        channel = {
            "address": address,
            "title": self._mounted.name or address,
            "messages": {name: {"$ref": f"#/components/messages/{one.component}"} for name, one in messages.items()},
            "parameters": list_parameters(address, asked.path),
            "bindings": {"ws": {key: value for key, value in binding.items() if value is not None}},
            "x-router": "WSRouter" if self._mounted.description.routes is None else "SocketRouter",
            "x-frames": "text" if self._mounted.description.as_text else "binary",
            "x-cookies": make_binding(asked.cookies),
            **self._marks,
        }
        return {key: value for key, value in channel.items() if value or key == "messages"}


def _list_operations(name: str, mounted: Mounted, schemas: Schemas) -> list[Operation]:
    router = mounted.description
    if router.routes is not None:
        requests = Requests(name, schemas)
        listed = [operation for route in router.routes for operation in requests.list_operations(route)]
        return [*listed, *requests.list_heartbeat()]
    messages = Messages(name, schemas)
    listed = [operation for handler in router.handlers for operation in messages.list_operations(handler)]
    errors = messages.list_errors() if router.answers_errors else []
    return [*listed, *messages.list_sends(router.callbacks), *errors]
