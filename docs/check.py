"""Look at the built site: every link of every page leads somewhere, and nothing is fetched from elsewhere.

The builder checks the links that it reads in Markdown. This reads what came of them: of the reference, of tables, of
HTML. `make docs` runs it.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

SITE: Final = Path(__file__).parent.parent / "build" / "site"

# What makes a browser fetch something when it shows a page.
FETCHED: Final = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")}


class Page(HTMLParser):
    """The anchors of a page, the links of its text, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self._in_article = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        self._in_article |= tag == "article"
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        self.fetched += [values[name] for kind, name in FETCHED if kind == tag and name in values]
        if tag == "a" and "href" in values and self._in_article:
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        self._in_article &= tag != "article"


def find_faults(site: Path) -> list[str]:
    """Return what is wrong with the pages of a site, each in one line."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    faults = [] if pages else [f"there is no page in {site}"]
    for path, page in pages.items():
        name = path.relative_to(site)
        faults += [f"{name} fetches {url}" for url in page.fetched if urlsplit(url).netloc]
        if path.name != "404.html":  # whose links begin at the root of the server
            faults += [f"{name} links to {link}" for link in page.links if not leads_somewhere(path, link, pages)]
    return faults


def leads_somewhere(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    """Return whether there is what a page links to; links to elsewhere are believed."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    target = target / "index.html" if target.is_dir() else target
    if not parts.fragment:
        return target.is_file()
    return target in pages and unquote(parts.fragment) in pages[target].anchors


if __name__ == "__main__":
    faults = find_faults(SITE.resolve())
    sys.exit("\n".join(faults) or None)
