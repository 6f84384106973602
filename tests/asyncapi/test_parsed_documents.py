"""The parser of the AsyncAPI initiative finds no error in the documents of all registered apps."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from document_register import APPS
from document_walks import Document
from documents import get_document
from nodes import HERE, run_node

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


def parse(documents: dict[str, Document]) -> dict[str, list[dict[str, Any]]]:
    """Return what the parser says of each document, but that there is a newer version of AsyncAPI."""
    said = json.loads(run_node(HERE / "parser" / "check.mjs", text=json.dumps(documents), packages="parser"))
    return {
        name: [one for one in diagnostics if one["code"] != "asyncapi-latest-version"]
        for name, diagnostics in said.items()
    }


def test_no_document_has_an_error_or_a_warning() -> None:
    said = parse({name: get_document(name) for name in APPS})
    assert len(said) == len(APPS)
    counts = {
        kind: sum(one["severity"] == kind for ones in said.values() for one in ones) for kind in ("Error", "Warning")
    }
    print(f"{len(said)} documents: {counts['Error']} errors, {counts['Warning']} warnings")
    assert {name: diagnostics for name, diagnostics in said.items() if diagnostics} == {}


def test_the_parser_finds_what_is_broken() -> None:
    broken = copy.deepcopy(get_document("plain"))
    broken["channels"]["ws"]["messages"]["Ping"]["$ref"] = "#/components/messages/Nobody"
    misplaced = copy.deepcopy(get_document("plain"))
    misplaced["operations"]["ws_on_ping"]["messages"] = [{"$ref": "#/components/messages/Ping"}]
    said = parse({"broken": broken, "misplaced": misplaced})
    for name in ("broken", "misplaced"):
        assert "Error" in [one["severity"] for one in said[name]]
