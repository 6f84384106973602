"""The pages of the documentation, their blocks of code, and the programs that they show."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from fastapi import FastAPI
from starlette.testclient import WebSocketTestSession

ROOT: Final = Path(__file__).parent.parent.parent
PROGRAMS: Final = ROOT / "docs" / "programs"
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

BLOCK: Final = re.compile(
    r"(?:^ *<!-- (?P<mark>[^\n]*?) -->\n+)?"
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page.

    Attributes:
        page: The page, from the root of the project.
        line: Where it begins there.
        kind: Its language.
        text: The code.
        mark: What the comment before it says: which program it shows, who runs it, or why nobody does.
    """

    page: str
    line: int
    kind: str
    text: str
    mark: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def find_blocks(page: str, kind: str | None = None) -> list[Block]:
    """Return the blocks of a page, those of one kind where it is named, without those that are not run."""
    return [block for block in list_blocks(page) if kind in {None, block.kind} and not block.mark.startswith("not run")]


def list_blocks(page: str) -> Iterator[Block]:
    text = (ROOT / page).read_text()
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("fence")) + 1
        code = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        yield Block(page, line, match["kind"], code, match["mark"] or "")


def load_blocks(page: str) -> list[FastAPI]:
    """Return the applications that the programs on a page define."""
    loaded = []
    for number, block in enumerate(find_blocks(page, "python")):
        names: dict[str, Any] = {"__name__": f"program_{number}"}
        exec(compile(block.text, block.place, "exec", dont_inherit=True), names)
        loaded.append(names["app"])
    return loaded


def load_program(name: str) -> ModuleType:
    """Return a program of docs/programs as a module of its own, as new at each call."""
    return load_file(PROGRAMS / name)


def load_file(path: Path) -> ModuleType:
    """Return a file as a module that nobody imports by its name."""
    spec = importlib.util.spec_from_file_location(f"documentation_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where annotations are looked up
    spec.loader.exec_module(module)
    return module


def find_exchanges(page: str) -> list[str]:
    """Return what clients (`>`) and servers (`<`) send to each other on a page, each in one line."""
    texts = [block.text for block in find_blocks(page, "text") if block.text.startswith((">", "<"))]
    return [re.sub(r"\n +", "", text).strip() for text in texts]


def exchange(websocket: WebSocketTestSession, *texts: str) -> None:
    """Send what a page says that clients send, and expect what it says that they get."""
    for line in "\n".join(texts).splitlines():
        if line.startswith("> "):
            websocket.send_text(line[2:])
        else:
            assert line == f"< {websocket.receive_text()}"
