"""What a request and a reply look like, to programs that read or build them."""

from __future__ import annotations

from typing import Any, Final

from pydantic import AliasChoices, BaseModel, Field

Header = dict[str, Any]
Payload = bool | int | float | list[Any] | str | dict[str, Any]


class MessageData(BaseModel):
    """What a request says, as its hooks get it; also read as a mapping, as in `message["headers"]`.

    Attributes:
        headers: The headers, empty where the request has none.
        payload: The payload, `None` where it has none.
    """

    headers: Any = None
    payload: Any = None

    def __getitem__(self, key: str) -> Any:
        if key not in _DATA:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in _DATA:
            raise KeyError(key)
        setattr(self, key, value)

    def __contains__(self, key: object) -> bool:
        return key in _DATA

    def keys(self) -> list[str]:
        """Return `headers` and `payload`, as of a dictionary; so that `{**message}` has both."""
        return ["headers", "payload"]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the headers or the payload, as of a dictionary."""
        return getattr(self, key) if key in _DATA else default

    def get_data(self) -> dict[str, Any]:
        """Return both of them as a dictionary."""
        return {"headers": self.headers or {}, "payload": self.payload}


_DATA: Final = frozenset({"headers", "payload"})


class Request(MessageData):
    """A request, under either spelling of its id and its route; written as `uuid` and `route`.

    Attributes:
        track_id: What its reply is matched by.
        path: Its route.
    """

    headers: Header | None = None
    payload: Payload | None = None
    track_id: str | int = Field(validation_alias=AliasChoices("track_id", "uuid"), serialization_alias="uuid")
    path: str = Field(validation_alias=AliasChoices("path", "route"), serialization_alias="route")


class Response(MessageData):
    """A reply, likewise.

    Attributes:
        track_id: That of the request.
        status: How it went: see `Status`.
    """

    headers: Header | None = None
    payload: Payload | None = None
    track_id: str | int = Field(validation_alias=AliasChoices("track_id", "uuid"), serialization_alias="uuid")
    status: int
