from collections.abc import Awaitable, Callable
from typing import Any, final

from fastws._envelope import Envelope, ReplyWriter

@final
class Answering:
    def __new__(
        cls,
        call: Callable[[Any, Any, Any], Awaitable[Any]],
        writer: ReplyWriter,
        fail: Callable[[Any, Envelope, BaseException], Awaitable[None]],
    ) -> Answering: ...
    def __call__(self, websocket: Any, envelope: Envelope) -> Awaitable[None]: ...

@final
class Planned:
    def __call__(self, websocket: Any, envelope: Envelope) -> Awaitable[None]: ...
