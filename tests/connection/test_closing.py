"""What a close frame may carry."""

from __future__ import annotations

import pytest

from fastws.connection.closing import cut_reason


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", ""),
        ("bye", "bye"),
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 123),
        ("é" * 62, "é" * 61),
        ("x" * 121 + "🙂", "x" * 121),
        ("\ud800", "?"),
    ],
    ids=["empty", "short", "exact", "long", "two-bytes", "four-bytes", "lone-surrogate"],
)
def test_a_reason_is_cut_to_what_a_close_frame_holds(reason: str, expected: str) -> None:
    assert cut_reason(reason) == expected
