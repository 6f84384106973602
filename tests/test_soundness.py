"""What the fast path answers, pydantic's union answers: the same message, the same handler, the same errors.

The oracle is the union alone, built in ``oracle`` and not by fastws.  ``FASTWS_FUZZ`` is the number of comparisons
(120,000 by default), ``FASTWS_SEED`` the seed, which every failure prints.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest
from hostile_sets import HOSTILE
from hostile_tags import HOSTILE_TAGS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_fuzz import TextMaker
from model_sets import ORDINARY, ModelSet
from oracle import Oracle, Text, build_table, build_union, compare
from pydantic import PydanticUserError
from shape_sets import SHAPES

from fastws import messages
from fastws._core import DispatchTable

COMPARISONS: Final = int(os.environ.get("FASTWS_FUZZ", "120000"))
SEED: Final = os.environ.get("FASTWS_SEED", "0")

Case = tuple[ModelSet, str | None]

SETS: Final = {models.name: models for models in (*ORDINARY, *SHAPES, *HOSTILE, *HOSTILE_TAGS)}
CASES: Final[list[Case]] = [
    *((models, None) for models in SETS.values()),
    *((models, "type") for models in SETS.values() if models.by_type is not None and len(models.members) > 1),
]


def name_case(case: Case) -> str:
    return f"{case[0].name}-{'inferred' if case[1] is None else 'declared'}"


every_case = pytest.mark.parametrize("case", CASES, ids=name_case)


@every_case
def test_fuzzed_texts_are_answered_as_the_union_answers_them(case: Case) -> None:
    models, discriminator = case
    oracle, table = Oracle(models, discriminator), build_table(models, discriminator)
    maker = TextMaker((*models.examples, *models.others), models.key, Random(f"{SEED} {name_case(case)}"))
    for i in range(COMPARISONS // len(CASES) + 1):
        text = maker.make()
        difference = compare(oracle, table, models, text)
        assert difference is None, f"FASTWS_SEED={SEED}, text {i}: {text!r}: {difference}"


def json_texts() -> st.SearchStrategy[str]:
    """Return JSON whose keys and values are often those of tags."""
    keys = st.sampled_from(["type", "t", "x", "n", "Type", "größe", ""]) | st.text(max_size=3)
    scalars = st.sampled_from(["a", "b", "c", "1", 1, 2, 1.0, True, None, float("nan")]) | st.text() | st.integers()
    values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=8)
    pairs = st.lists(st.tuples(keys, values), max_size=6)

    def write(members: list[tuple[str, object]], *, ascii_only: bool) -> str:
        dump = functools.partial(json.dumps, ensure_ascii=ascii_only)
        return "{" + ", ".join(f"{dump(key)}: {dump(value)}" for key, value in members) + "}"

    return st.builds(write, pairs, ascii_only=st.booleans()) | values.map(json.dumps)


# Sets that differ in how they are told apart.  Making a text takes longer than asking all of them about it.
TOLD_APART: Final = [
    "two",
    "defaults",
    "alias-default",
    "typed-dicts",
    "recursive",
    "before-model",
    "int-enum",
    "several-literals",
]


@functools.cache
def get_pair(name: str) -> tuple[Oracle, DispatchTable[int]]:
    return Oracle(SETS[name], None), build_table(SETS[name], None)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=json_texts())
def test_any_json_is_answered_as_the_union_answers_it(text: str) -> None:
    differences = {name: compare(*get_pair(name), SETS[name], text) for name in TOLD_APART}
    assert differences == dict.fromkeys(TOLD_APART)


class CountingTable:
    """Stands in for `DispatchTable` where fastws builds one, and counts the calls of the two unions."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *, union: Any, make_tagged: Any = None, **others: Any) -> DispatchTable[Any]:
        counted = make_tagged and (lambda: self._count(make_tagged()))
        return DispatchTable(union=self._count(union), make_tagged=counted, **others)

    def _count(self, validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def counted(text: Text) -> Any:
            self.calls += 1
            return validate(text)

        return counted


@every_case
def test_which_examples_take_the_fast_path(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    models, discriminator = case
    counting = CountingTable()
    monkeypatch.setattr(messages, "DispatchTable", counting)
    monkeypatch.setattr(messages, "CONSISTENT", True)  # for what is shown here, no key stands twice
    table = build_table(models, discriminator)
    oracle = Oracle(models, discriminator)
    fast = models.by_type if discriminator else models.fast
    for example in models.examples:
        text = json.dumps(example, ensure_ascii=False)
        counting.calls = 0
        handler, message = table.route(text)
        # The other members of the set that raises do not run: there is no oracle for it.
        left_out = not models.raises and models.members[oracle.handler_of(text, message) or 0] in models.left_out
        on_fast_path = fast and not left_out
        assert (table.peek(text) is not None, counting.calls) == ((True, 0) if on_fast_path else (False, 1)), text
        assert handler in {table.peek(text), None} or not on_fast_path


@pytest.mark.parametrize(
    "models", [models for models in SETS.values() if models.by_type is None], ids=lambda models: models.name
)
def test_the_oracle_is_left_out_only_where_pydantic_refuses(models: ModelSet) -> None:
    with pytest.raises((PydanticUserError, TypeError)):
        build_union(models.members, "type")
