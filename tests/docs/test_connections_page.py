"""The programs of the page on connections run."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from pages import find_blocks

from fastws import OriginMiddleware, WSRouter


def test_the_programs_of_the_page_on_connections_run(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="fastws")  # and set back in the end, whatever the page sets
    programs = find_blocks("docs/connections.md", "python")
    router = WSRouter()
    names: dict[str, Any] = {
        "WSRouter": WSRouter,
        "WebSocket": WebSocket,
        "router": router,
        "Message": Any,
        "app": FastAPI(),
    }
    for program in programs:
        exec(compile(program.text, program.place, "exec", dont_inherit=True), names)
    assert [middleware.cls for middleware in names["app"].user_middleware] == [OriginMiddleware]
    assert names["router"] is not router
    assert logging.getLogger("fastws").level == logging.DEBUG
    assert len(programs) == 4
