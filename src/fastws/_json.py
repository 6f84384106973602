"""JSON of values that no schema describes."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

from fastws._exact import OPTIONS

try:
    import orjson
except ImportError:  # pragma: no cover  (Pythons for which orjson has no wheels)
    orjson = None  # type: ignore[assignment]


def dump_json(value: Any) -> bytes:
    """Return a value as JSON: what orjson and pydantic write alike by orjson, everything else by pydantic.

    `NaN` and the infinities become `null`, as in a response of FastAPI.

    Raises:
        pydantic_core.PydanticSerializationError: It cannot be written as JSON.
    """
    if orjson is not None:
        try:
            return orjson.dumps(value, option=OPTIONS)
        except TypeError:  # integers beyond 64 bits and lone surrogates among them
            pass
    return to_json(value, by_alias=True, inf_nan_mode="null")
