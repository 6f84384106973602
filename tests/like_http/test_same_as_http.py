"""Whatever a function asks of FastAPI and returns: as a message handler it does what it does as an endpoint."""

from __future__ import annotations

import cases_background
import cases_dependencies
import cases_overrides
import cases_parameters
import cases_replies
import cases_security
import cases_teardown
import cases_teardown_errors
import pytest
from both_ways import FASTAPI, HTTP_TEARS_DOWN_LATE, Case, ask_over_http, send_messages, without_the_reply

MODULES = [
    cases_background,
    cases_dependencies,
    cases_overrides,
    cases_parameters,
    cases_replies,
    cases_security,
    cases_teardown,
    cases_teardown_errors,
]

each_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{module.__name__.removeprefix('cases_')}-{case.func.__name__}")
        for module in MODULES
        for case in module.table.cases
    ],
)


@each_case
def test_as_an_endpoint(case: Case) -> None:
    if max(case.since, case.http_since) > FASTAPI:
        pytest.skip("this FastAPI does it in another way, or not at all")
    if HTTP_TEARS_DOWN_LATE:
        assert case.outcome == ask_over_http(case)
    else:
        assert without_the_reply(case.outcome) == without_the_reply(ask_over_http(case))


@each_case
def test_as_a_message_handler(case: Case) -> None:
    if case.since > FASTAPI:
        pytest.skip("this FastAPI does not know it")
    assert case.outcome == send_messages(case)
