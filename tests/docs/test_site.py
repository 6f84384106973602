"""The site is put together of all pages, and what is wrong with it is seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, load_file

import fastws
import fastws.observable

assemble = load_file(ROOT / "docs" / "assemble.py")
check = load_file(ROOT / "docs" / "check.py")


def read_navigation() -> list[str]:
    """Return the pages of the navigation in their order."""
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    return re.findall(r": (\S+\.md)$", nav, re.MULTILINE)


def test_every_page_is_in_the_navigation_once() -> None:
    pages = {place for place in assemble.list_sources().values() if place.endswith(".md")}
    assert sorted(read_navigation()) == sorted(pages - {"license.md"})


def test_links_lead_to_where_the_files_are_in_the_site() -> None:
    places = {"README.md": "index.md", "docs/migration/a.md": "migration/a.md", "examples/chat.py": "examples/chat.md"}
    text = "[a](../../examples/chat.py) [b](../../README.md#install) [c](#here) [d](https://x.example/)"
    assert (
        assemble.adapt(text, "docs/migration/a.md", places)
        == "[a](../examples/chat.md) [b](../index.md#install) [c](#here) [d](https://x.example/)"
    )


def test_code_and_comments_are_left_alone() -> None:
    text = "```text\n[a](nowhere.md)\n```\n<!-- ![a](nowhere.png) -->\n"
    assert assemble.adapt(text, "docs/a.md", {}) == text


def test_bars_in_code_are_not_escaped() -> None:
    assert assemble.adapt(r"| `A \| B` | C \| D |", "docs/a.md", {}) == r"| `A | B` | C \| D |"


def test_a_link_to_what_is_not_in_the_site_is_an_error() -> None:
    with pytest.raises(assemble.DeadLinkError, match=r"docs/a\.md links to \.\./setup\.py"):
        assemble.adapt("[a](../setup.py)", "docs/a.md", {"docs/a.md": "a.md"})


def test_all_pages_are_put_together(tmp_path: Path) -> None:
    assemble.assemble(tmp_path)
    assert (tmp_path / "security.md").read_text() == (ROOT / "SECURITY.md").read_text()
    assert (ROOT / "examples" / "chat.py").read_text() in (tmp_path / "examples" / "chat.md").read_text()
    assert (tmp_path / "llms.txt").is_file()
    assert not list(tmp_path.rglob("*.py"))


def test_dead_links_and_what_is_fetched_from_elsewhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text('<article><h1 id="there">b</h1></article>')
    (tmp_path / "index.html").write_text(
        '<script src="https://cdn.example/x.js"></script><a href="nav/">outside of the text</a><article>'
        '<a href="b/">1</a><a href="b/#there">2</a><a href="b/#nowhere">3</a><a href="c/">4</a><a href="#x">5</a>'
        '<a href="https://x.example/">6</a></article>'
    )
    assert check.find_faults(tmp_path) == [
        "index.html fetches https://cdn.example/x.js",
        "index.html links to b/#nowhere",
        "index.html links to c/",
        "index.html links to #x",
    ]


def test_the_index_for_language_models_names_pages_of_the_site() -> None:
    links = re.findall(r"\]\((\S+?)\)", (ROOT / "docs" / "llms.txt").read_text())
    pages = {re.sub(r"(^|/)index\.md$|\.md$", "/", page) for page in read_navigation()}
    assert links
    assert set(links) <= pages


def test_every_public_name_is_in_the_reference() -> None:
    pages = "\n".join(path.read_text() for path in (ROOT / "docs" / "reference").glob("*.md"))
    public = {*fastws.__all__, *fastws.observable.__all__}
    assert [name for name in sorted(public) if not re.search(rf"\b{name}\b", pages)] == []
