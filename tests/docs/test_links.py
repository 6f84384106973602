"""The links of the documentation lead somewhere, to the right place of the page as well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import BLOCK, PAGES, ROOT

# What is written by hand, in files that are read on GitHub and in the site; the site checks its own as it is built.
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")


def strip_code(text: str) -> str:
    """Return a page without code and comments."""
    return re.sub(r"`[^`\n]+`|<!--.*?-->", "", BLOCK.sub("", text), flags=re.DOTALL)


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_project_resolve(page: Path) -> None:
    dead = []
    for target, anchor in LINK.findall(strip_code(page.read_text())):
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in list_anchors(file)):
            dead.append(f"{target}#{anchor}")
    assert dead == []


def test_links_are_found() -> None:
    """Lest the expression that finds them finds none."""
    assert len(LINK.findall((ROOT / "README.md").read_text())) > 10
