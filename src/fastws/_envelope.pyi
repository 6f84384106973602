from collections.abc import Awaitable, Callable
from typing import Any, final

_Plan = Callable[[Any, Envelope], Awaitable[None]]

def write_response(uuid: Any, status: int, headers: dict[str, Any] | None, payload: Any) -> str: ...

@final
class Envelope:
    @property
    def uuid(self) -> Any: ...
    headers: Any
    payload: Any
    plan: _Plan
    answered: bool
    def __init__(self, uuid: Any, headers: Any, payload: Any, plan: _Plan) -> None: ...

@final
class EnvelopeReader:
    def __new__(
        cls,
        *,
        plans: dict[str, _Plan],
        refine: dict[str, Callable[..., None]],
        ping: str,
        refuse: _Plan,
        miss: _Plan,
        recover: Callable[[str], Any],
    ) -> EnvelopeReader: ...
    def __call__(self, text: str | bytes, /) -> Envelope: ...

@final
class TypedReader:
    def __new__(
        cls,
        validate: Callable[[str | bytes], Any],
        plan: _Plan,
        *,
        make_headers: Callable[[], Any] | None,
        otherwise: EnvelopeReader,
    ) -> TypedReader: ...
    def __call__(self, text: str | bytes, /) -> Envelope: ...

@final
class ReplyWriter:
    def __new__(
        cls,
        *,
        may_be_result: bool,
        is_result: bool,
        encode: Callable[[Any], bytes] | None,
        refuse: Callable[[str], Exception],
    ) -> ReplyWriter: ...
    def split(self, returned: Any) -> tuple[int, dict[str, Any] | None, Any, bool]: ...
    def write(self, uuid: Any, status: int, headers: dict[str, Any] | None, payload: Any, declared: bool) -> str: ...
    def answer(self, uuid: Any, returned: Any) -> str: ...
