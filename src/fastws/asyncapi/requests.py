"""The operations of a `SocketRouter`: a request and its reply for each route, matched by an id."""

from __future__ import annotations

from typing import Any, Final

from fastws.asyncapi.messages import EnvelopeMessage, make_slug, make_unique
from fastws.asyncapi.operations import Operation, find_text
from fastws.asyncapi.schemas import Payload, Schema, Schemas
from fastws.descriptions import RequestDescription
from fastws.observable.router import PING

_ID: Final[Schema] = {"type": ["integer", "string"], "description": "What a reply is matched by."}
_STATUS: Final[Schema] = {"type": "integer", "description": "How it went, as in HTTP."}
_HEADERS: Final[Schema] = {"type": "object"}
_NO_HEADERS: Final[Schema] = {"type": ["object", "null"]}
_NULL: Final[Schema] = {"type": "null"}

# What lies before is no failure.
_FAILED: Final = 400

_REPLY: Final = ("uuid", "status", "headers", "payload")


class Requests:
    """Lists the operations of a `SocketRouter`.

    Parameters:
        channel: The name of the channel.
        schemas: Takes the types of headers and payloads.
    """

    def __init__(self, channel: str, schemas: Schemas) -> None:
        self._channel = channel
        self._schemas = schemas
        # Those of the messages that every router has.
        self._taken = {"error", PING.lower()}
        self._error = self._make_error()

    def list_operations(self, route: RequestDescription) -> list[Operation]:
        """Return the operation of a route."""
        slug = make_unique(make_slug(route.name), self._taken)
        request = EnvelopeMessage(
            self._channel,
            f"{slug}.request",
            title=route.name,
            description=f"A request to {route.name}.",
            parts={
                "uuid": _ID,
                "route": {"type": "string", "const": route.name},
                "headers": self._describe(route.headers, _NO_HEADERS, "validation"),
                "payload": self._describe(route.payload, {}, "validation"),
            },
            required=["uuid", "route", *sorted(route.required)],
            example={"uuid": 1, "route": route.name},
        )
        reply = self._describe(route.reply, {}, "serialization")
        answer = EnvelopeMessage(
            self._channel,
            f"{slug}.reply",
            title=f"{route.name}: reply",
            description=f"The answer of {route.name}.",
            parts={"uuid": _ID, "status": {**_STATUS, "maximum": _FAILED - 1}, "headers": _HEADERS, "payload": reply},
            required=_REPLY,
            # Nobody knows what goes out that is not declared.
            example={"uuid": 1, "status": 200, "headers": {}} if isinstance(reply, Payload) else None,
        )
        text = find_text(route.handler)
        return [
            Operation(slug, [request], title=route.name, text=text, replies=[answer, self._error], needs=route.needs)
        ]

    def list_heartbeat(self) -> list[Operation]:
        """Return the operation of the route that every router has."""
        ping = EnvelopeMessage(
            self._channel,
            PING,
            title=PING,
            description="A heartbeat.",
            parts={"uuid": _ID, "route": {"type": "string", "const": PING}},
            required=["route"],
            example={"uuid": 1, "route": PING},
        )
        pong = EnvelopeMessage(
            self._channel,
            "PONG",
            title="PONG",
            description="The answer to a heartbeat.",
            parts={"uuid": _ID, "route": {"type": "string", "const": "PONG"}, "headers": _NULL, "payload": _NULL},
            required=["uuid", "route"],
        )
        return [Operation(PING, [ping], title=PING, text="A heartbeat.", replies=[pong])]

    def _make_error(self) -> EnvelopeMessage:
        usual = {
            "type": "object",
            "properties": {
                "Message": {"description": "What went wrong."},
                "detail": {"type": "array", "items": {"type": "object"}, "description": "At most ten errors."},
            },
        }
        return EnvelopeMessage(
            self._channel,
            "error.reply",
            title="error",
            description="The answer to a request that failed, or was refused.",
            # A handler may answer so itself, with whatever it likes.
            parts={
                "uuid": _ID,
                "status": {**_STATUS, "minimum": _FAILED},
                "headers": _NO_HEADERS,
                "payload": {"anyOf": [usual, {}]},
            },
            required=_REPLY,
            example={"uuid": 1, "status": 400, "headers": {}, "payload": {"Message": "Data check failed"}},
        )

    def _describe(self, type_: Any, otherwise: Schema, mode: Any) -> Schema | Payload:
        return otherwise if type_ is None else self._schemas.add(type_, mode)
