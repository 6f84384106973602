"""The operations of a `WSRouter`: one for each handler, with its reply, and what the server sends by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastws._inspect import list_members, unwrap_partial
from fastws.asyncapi.messages import EnvelopeMessage, Message, ModelMessage, describe, make_slug, make_unique
from fastws.asyncapi.schemas import Mode, Schemas
from fastws.descriptions import MessageDescription

# One of pydantic's, as clients are told of them.
_ERROR: Final = {"type": "missing", "loc": ["text"], "msg": "Field required"}


@dataclass
class Operation:
    """An operation, before the schemas have been built.

    Attributes:
        name: What it is called on its channel.
        messages: Those that come in, or go out where it sends.
        title: How it is called for people.
        text: What it does.
        sends: Whether the server sends, and does not receive.
        replies: What the server sends in answer.
        streams: Whether it sends any number of them.
        needs: A function whose parameters are what FastAPI resolves for it; `None` where there are none.
    """

    name: str
    messages: Sequence[Message]
    title: str = ""
    text: str | None = None
    sends: bool = False
    replies: Sequence[Message] = ()
    streams: bool = False
    needs: Callable[..., Any] | None = field(default=None, repr=False)

    def write(self, channel: str, **more: Any) -> dict[str, Any]:
        """Return the operation as AsyncAPI has it.

        Parameters:
            channel: The name of the channel.
            more: What does not depend on the handler.
        """
        where = {"$ref": f"#/channels/{channel}"}
        operation: dict[str, Any] = {
            "action": "send" if self.sends else "receive",
            "channel": where,
            "title": self.title or self.name,
            **describe(self.text),
            **more,
            "messages": _refer(channel, self.messages),
        }
        if self.replies:
            stream = {"x-stream": True} if self.streams else {}
            operation["reply"] = {"channel": where, "messages": _refer(channel, self.replies), **stream}
        return operation


def _refer(channel: str, messages: Iterable[Message]) -> list[dict[str, str]]:
    names = dict.fromkeys(message.name.replace("~", "~0").replace("/", "~1") for message in messages)
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]


class Messages:
    """Lists the operations of a `WSRouter`.

    Parameters:
        channel: The name of the channel.
        schemas: Takes the types of the messages.
    """

    def __init__(self, channel: str, schemas: Schemas) -> None:
        self._channel = channel
        self._schemas = schemas
        self._taken: set[str] = set()

    def list_operations(self, handler: MessageDescription) -> list[Operation]:
        """Return the operations of a handler."""
        slug = make_unique(make_slug(handler.name), self._taken)
        receiving = Operation(
            slug,
            self._describe(handler.model, "validation", slug),
            title=handler.name,
            text=find_text(handler.handler),
            replies=self._describe(handler.reply, "serialization", f"{slug}.reply", by_alias=handler.by_alias),
            streams=handler.streams,
            needs=handler.needs,
        )
        return [receiving, *self.list_sends(handler.callbacks, f"{slug}_sends", f"What {handler.name} sends")]

    def list_sends(self, callbacks: Any, name: str = "sends", title: str = "What the server sends") -> list[Operation]:
        """Return the operation of what the server is said to send."""
        messages = self._describe(callbacks, "serialization", f"{name}.message")
        return [Operation(make_unique(name, self._taken), messages, title=title, sends=True)] if messages else []

    def list_errors(self) -> list[Operation]:
        """Return the operation of `reply_with_error`."""
        error = EnvelopeMessage(
            self._channel,
            "error.frame",  # which no model can be called
            title="error",
            description="What was wrong with a message, or why it could not be handled.",
            parts={
                "type": {"type": "string", "const": "error"},
                "code": {"type": ["string", "integer"], "description": "What went wrong, for programs."},
                "detail": {"description": "What went wrong, for people: a list of errors, or a text."},
            },
            required=["type", "code", "detail"],
            example={"type": "error", "code": "invalid-message", "detail": [_ERROR]},
            has_id=False,
        )
        title = "What the server sends where it cannot handle a message"
        return [Operation(make_unique("errors", self._taken), [error], title=title, sends=True)]

    def _describe(self, type_: Any, mode: Mode, otherwise: str, *, by_alias: bool = True) -> list[ModelMessage]:
        members = () if type_ is None else list_members(type_)
        names = [otherwise, *(f"{otherwise}{number}" for number in range(2, len(members) + 1))]
        return [
            ModelMessage(self._schemas.add(member, mode, by_alias=by_alias), self._channel, name)
            for member, name in zip(members, names, strict=False)
        ]


def find_text(func: Callable[..., Any]) -> str:
    """Return the docstring of a function; of what a partial wraps, where it is one."""
    return inspect.cleandoc(unwrap_partial(func).__doc__ or "")
