from collections.abc import Awaitable, Callable, Generator
from typing import Any, final

from pydantic import ValidationError

from fastws._envelope import Envelope, ReplyWriter

MOST_ARGUMENTS: int

@final
class Continuation:
    def __await__(self) -> Generator[Any, Any, Any]: ...
    def __iter__(self) -> Generator[Any, Any, Any]: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, *error: Any) -> Any: ...
    def close(self) -> None: ...

@final
class Placed:
    def __new__(
        cls,
        function: Callable[..., Any],
        places: tuple[int, ...],
        names: tuple[str, ...] = (),
        *,
        kept: tuple[Any, ...] = (),
        scope_key: str | None = None,
        otherwise: Callable[[Any, Any], Awaitable[Any]] | None = None,
    ) -> Placed: ...
    def __call__(self, websocket: Any, message: Any) -> Awaitable[Any]: ...

@final
class Encoder:
    def __new__(
        cls,
        validate: Callable[..., Any],
        dump: Callable[..., bytes],
        options: dict[str, Any],
        refuse: Callable[[ValidationError], Exception],
    ) -> Encoder: ...
    def encode(self, value: Any) -> bytes: ...

@final
class Replying:
    def __new__(cls, invoke: Callable[[Any, Any], Awaitable[Any]], encoder: Encoder) -> Replying: ...
    def __call__(self, websocket: Any, message: Any) -> Awaitable[None]: ...

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
