"""Each check of documents finds what it is there for, and nothing in a document that is right."""

from __future__ import annotations

import copy

import pytest
from document_checks import CHECKS, find_problems
from document_damages import CASES, SOUND, Damage
from document_walks import list_references, resolve


def test_a_sound_document_has_no_problems() -> None:
    assert find_problems(SOUND) == []


@pytest.mark.parametrize(("check", "damage", "problem"), CASES, ids=[damage.__name__ for _, damage, _ in CASES])
def test_a_broken_document_is_found_out(check: str, damage: Damage, problem: str) -> None:
    document = copy.deepcopy(SOUND)
    damage(document)
    problems = [found for one in CHECKS if one.__name__ == check for found in one(document)]
    assert [found for found in problems if problem in found] != [], problems


def test_no_check_is_without_a_document_that_it_finds() -> None:
    assert {check for check, _, _ in CASES} == {check.__name__ for check in CHECKS}


def test_a_security_scheme_may_stand_where_its_scopes_are_asked_for() -> None:
    document = copy.deepcopy(SOUND)
    flow = {"tokenUrl": "https://a.example/token", "availableScopes": {"read": "Read"}}
    users = {"type": "oauth2", "flows": {"password": flow}}
    document["components"]["securitySchemes"]["Users"] = users
    document["operations"]["say"]["security"].append({**users, "scopes": ["read"]})
    assert find_problems(document) == []


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#/channels/a~1b/address", "/rooms/{room}"),
        ("#/channels/a%2Fb/address", None),
        ("#/channels/a~1%62/address", "/rooms/{room}"),
        ("#/operations/say/messages/0/$ref", "#/channels/a~1b/messages/Say"),
        ("#/operations/say/messages/1", None),
        ("https://a.example/#/info", None),
    ],
)
def test_where_a_reference_leads(reference: str, found: object) -> None:
    assert resolve(SOUND, reference) == found


def test_what_only_looks_like_a_reference_is_none() -> None:
    fields = {"$ref": {"$ref": "#/a"}, "default": {"default": {"$ref": "#/nowhere"}}, "properties": {"$ref": "#/b"}}
    assert {reference for _, reference in list_references({"properties": fields})} == {"#/a", "#/b"}
