"""What the status of a response says: codes of HTTP, as programs and clients know them."""

from __future__ import annotations

from typing import Final


class Status:
    """The statuses of responses (RFC 9110), except for 402, which means that a request is still being worked on."""

    OK: Final = 200
    CREATED: Final = 201
    ACCEPTED: Final = 202
    NO_CONTENT: Final = 204

    BAD_REQUEST: Final = 400
    UNAUTHORIZED: Final = 401
    PENDING: Final = 402
    FORBIDDEN: Final = 403
    NOT_FOUND: Final = 404
    METHOD_NOT_ALLOWED: Final = 405
    NOT_ACCEPTABLE: Final = 406
    REQUEST_TIMEOUT: Final = 408
    CONFLICT: Final = 409
    GONE: Final = 410
    LENGTH_REQUIRED: Final = 411
    PRECONDITION_FAILED: Final = 412
    PAYLOAD_TOO_LARGE: Final = 413
    URI_TOO_LONG: Final = 414
    UNSUPPORTED_MEDIA_TYPE: Final = 415
    RANGE_NOT_SATISFIABLE: Final = 416
    EXPECTATION_FAILED: Final = 417
    TOO_MANY_REQUESTS: Final = 429

    INTERNAL_SERVER_ERROR: Final = 500
    NOT_IMPLEMENTED: Final = 501
    BAD_GATEWAY: Final = 502
    SERVICE_UNAVAILABLE: Final = 503
    GATEWAY_TIMEOUT: Final = 504
    HTTP_VERSION_NOT_SUPPORTED: Final = 505
