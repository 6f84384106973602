from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, final

_HandlerT = TypeVar("_HandlerT")

WINDOW: int
STEPS: int

@final
class DispatchTable(Generic[_HandlerT]):
    @property
    def union(self) -> Callable[[str | bytes], Any]: ...
    @property
    def tagged(self) -> Callable[[str | bytes], Any] | None: ...
    @property
    def claim(self) -> Callable[[str | bytes, Any], _HandlerT | None] | None: ...
    @property
    def key(self) -> bytes: ...
    @property
    def other_key(self) -> bytes | None: ...
    @property
    def integer(self) -> bool: ...
    def __new__(
        cls,
        *,
        union: Callable[[str | bytes], Any],
        classes: Mapping[type, _HandlerT],
        make_tagged: Callable[[], Callable[[str | bytes], Any]] | None = None,
        key: bytes = b"",
        other_key: bytes | None = None,
        integer: bool = False,
        entries: Iterable[tuple[bytes, Callable[[str | bytes], Any], type | None, _HandlerT]] = (),
        claim: Callable[[str | bytes, Any], _HandlerT | None] | None = None,
    ) -> DispatchTable[_HandlerT]: ...
    def peek(self, text: str | bytes | bytearray, /) -> _HandlerT | None: ...
    def route(self, text: str | bytes | bytearray, /) -> tuple[_HandlerT | None, Any]: ...
