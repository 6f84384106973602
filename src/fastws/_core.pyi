from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, final

HandlerT = TypeVar("HandlerT")

WINDOW: int
STEPS: int

@final
class DispatchTable(Generic[HandlerT]):
    @property
    def union(self) -> Callable[[str | bytes], Any]: ...
    @property
    def tagged(self) -> Callable[[str | bytes], Any] | None: ...
    @property
    def claim(self) -> Callable[[str | bytes, Any], HandlerT | None] | None: ...
    @property
    def key(self) -> bytes: ...
    @property
    def integer(self) -> bool: ...
    def __new__(
        cls,
        *,
        union: Callable[[str | bytes], Any],
        classes: Mapping[type, HandlerT],
        make_tagged: Callable[[], Callable[[str | bytes], Any]] | None = None,
        key: bytes = b"",
        integer: bool = False,
        entries: Iterable[tuple[bytes, Callable[[str | bytes], Any], type | None, HandlerT]] = (),
        claim: Callable[[str | bytes, Any], HandlerT | None] | None = None,
    ) -> DispatchTable[HandlerT]: ...
    def peek(self, text: str | bytes | bytearray, /) -> HandlerT | None: ...
    def route(self, text: str | bytes | bytearray, /) -> tuple[HandlerT | None, Any]: ...
