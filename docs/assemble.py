"""Put the pages of the site together in build/docs, where the builder finds them: `make docs` runs it.

Pages are written to be read on GitHub too, where a link to `../SECURITY.md` or `../examples/chat.py` leads to the file.
A site has nothing outside its own folder.  So these files become pages of it, and the links to them are rewritten.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
BUILD: Final = ROOT / "build" / "docs"

# What programs are written in, by the ends of their names.
PROGRAMS: Final = {".mjs": "javascript", ".py": "python"}

# What stands outside docs/ and is shown in the site, without a second copy of it.
OUTSIDE: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "LICENSE": "license.md",
    **{
        f"examples/{path.name}": f"examples/{path.stem}.md"
        for path in sorted((ROOT / "examples").iterdir())
        if path.suffix in PROGRAMS
    },
}

# What pages show or offer for download, as it is.
FILES: Final = {".css", ".json", ".png", ".svg", ".txt"}

LINK: Final = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")

# Blocks of code, and comments: nobody follows a link there.
NO_TEXT: Final = re.compile(r"^( *)(`{3,}).*?^\1\2 *$|<!--.*?-->", re.DOTALL | re.MULTILINE)

# In a table of GitHub's, code has its bars escaped; the builder shows the backslash.
ESCAPED: Final = re.compile(r"`[^`\n]*\\\|[^`\n]*`")


class DeadLinkError(Exception):
    """A link of a page to what is not part of the site."""


def list_sources() -> dict[str, str]:
    """Return where each file of the project that the site shows stands in the site."""
    docs = (path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs").rglob("*")) if path.is_file())
    inside = {f"docs/{name}": name for name in docs if name.endswith(".md") or Path(name).suffix in FILES}
    return {**inside, **OUTSIDE}


def adapt(text: str, source: str, places: dict[str, str]) -> str:
    """Return a page for the site: its links lead to where in it the files are that they led to in the project.

    Parameters:
        text: The page; what stands in blocks of code and in comments is left alone.
        source: Its path in the project.
        places: The paths in the site of all files, by their paths in the project.

    Raises:
        DeadLinkError: A link leads to no file of the site.
    """

    def replace(match: re.Match[str]) -> str:
        target = os.path.normpath(f"{Path(source).parent.as_posix()}/{match[1]}").replace(os.sep, "/")
        if target not in places:
            raise DeadLinkError(
                f"{source} links to {match[1]}, which is not in the site. See OUTSIDE in docs/assemble.py."
            )
        return os.path.relpath(places[target], Path(places[source]).parent).replace(os.sep, "/")

    def rewrite(prose: str) -> str:
        return ESCAPED.sub(lambda code: code[0].replace("\\|", "|"), LINK.sub(replace, prose))

    pieces: list[str] = []
    end = 0
    for block in NO_TEXT.finditer(text):
        pieces += [rewrite(text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*pieces, rewrite(text[end:])])


def make_page(source: str, text: str) -> str:
    """Return a file that is no Markdown as a page: a program in a block of code, anything else as it is."""
    if language := PROGRAMS.get(Path(source).suffix):
        return f"# {Path(source).name}\n\n```{language}\n{text}```\n"
    return f"# {Path(source).name.capitalize()}\n\n{text}"


def assemble(build: Path) -> None:
    """Write all files of the site to a folder, which is emptied first."""
    shutil.rmtree(build, ignore_errors=True)
    places = list_sources()
    for source, place in places.items():
        target = build / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if not place.endswith(".md"):
            shutil.copyfile(ROOT / source, target)
            continue
        text = (ROOT / source).read_text(encoding="utf-8")
        page = adapt(text, source, places) if source.endswith(".md") else make_page(source, text)
        target.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    try:
        assemble(BUILD)
    except DeadLinkError as error:
        sys.exit(str(error))
