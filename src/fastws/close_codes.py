"""Close codes and reasons: what they mean, and what a close frame can carry."""

from __future__ import annotations

from typing import Final

# RFC 6455 section 7.1.5: no close frame was received with a code; and ASGI's default for `websocket.disconnect`.
NO_STATUS: Final = 1005

# The same section: the connection was lost, and no close frame was received.
ABNORMAL: Final = 1006

# RFC 6455 section 7.4.1.
POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009
INTERNAL_ERROR: Final = 1011

# The IANA registry of close codes.
SERVICE_RESTART: Final = 1012

# RFC 6455 section 7.4 and the IANA registry: what may stand in a close frame; from 3000 on, programs define their own.
_DEFINED: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})
_OWN: Final = range(3000, 5000)

# What a browser's close, a page left behind, a peer that goes without a word and a restart look like.
_USUAL: Final = frozenset({1000, 1001, NO_STATUS, SERVICE_RESTART})

# RFC 6455 section 5.5: a control frame carries at most 125 bytes, two of which are the code.
_REASON_SIZE: Final = 123


def is_close_code(code: object) -> bool:
    """Whether a close frame can carry this code."""
    return isinstance(code, int) and (code in _DEFINED or code in _OWN)


def is_usual(code: int) -> bool:
    """Whether a connection that ended with this code ended as they do, or as the programs have agreed."""
    return code in _USUAL or code in _OWN


def cut_reason(reason: str) -> str:
    """Return as much of a close reason as fits into a close frame, cut between two characters."""
    return reason.encode("utf-8", "replace")[:_REASON_SIZE].decode("utf-8", "ignore")
