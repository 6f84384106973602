from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Generic, TypeVar, final

from fastws._core import DispatchTable

_WebSocketT = TypeVar("_WebSocketT")

MOST_SENDS: int

def find_excess(message: MutableMapping[str, Any], limit: int, /) -> int: ...

@final
class TimedSend:
    def __new__(
        cls, send: Callable[[Any], Awaitable[None]], finish: Callable[[Awaitable[None]], Awaitable[None]]
    ) -> TimedSend: ...
    def send(self, message: MutableMapping[str, Any], /) -> Awaitable[None] | None: ...

@final
class Receiver(Generic[_WebSocketT]):
    table: DispatchTable[Any] | None
    def __new__(
        cls,
        *,
        text: bool,
        limit: int,
        prepare: Callable[[], DispatchTable[Any] | None],
        dispatch: Callable[[_WebSocketT, Any], Awaitable[None]] | None,
        receive_other: Callable[[_WebSocketT, MutableMapping[str, Any]], Awaitable[None] | None],
        refuse: Callable[[_WebSocketT, Any, Exception | None], Awaitable[None]],
        refuse_size: Callable[[_WebSocketT, int], Awaitable[None]],
        fail: Callable[[_WebSocketT, Any, Exception], Awaitable[None]] | None,
    ) -> Receiver[_WebSocketT]: ...
    def take(self, websocket: _WebSocketT, message: MutableMapping[str, Any]) -> Awaitable[None] | None: ...
