"""The house: who may import whom, and what holds for every file."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "fastws"

# Lowest first; a module imports only from lower lines, `connection` also from itself.
LAYERS = [
    {"_core", "_exact", "_fastapi", "_inspect", "close_codes", "descriptions", "errors", "tags", "tasks"},
    {"_envelope", "_json", "_receive", "arguments", "callables", "details", "models", "origin"},
    {"_call", "claims", "hooks", "openapi", "parameters", "websocket"},
    {"dependencies", "error_frames", "replies"},
    {"connection", "handlers", "messages"},
    {"observable", "registry"},
    {"router"},
    {"asyncapi"},
    {"__init__", "__main__"},
]

FILES = sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the module, or the package, that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Return the rooms of ours that a file imports."""
    names = [
        node.module.split(".")[1]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fastws.")
    ]
    return set(names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_what_is_below_it(path: Path) -> None:
    room = room_of(path)
    level = next(number for number, layer in enumerate(LAYERS) if room in layer)
    below = {room} if path.parent != SOURCE else set()
    below = below.union(*LAYERS[:level])
    assert imports_of(path) <= below


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_private_names_of_others_stand_in_one_module(path: Path) -> None:
    private = [
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in {"fastapi", "starlette"}
        for alias in node.names
        if alias.name.startswith("_") or "._" in node.module
    ]
    assert private == [] or path.name == "_fastapi.py"


@pytest.mark.parametrize("path", [*FILES, *SOURCE.glob("*.pyx")], ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_is_one_room(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def name_module(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_every_module_can_be_imported_without_a_warning() -> None:
    # In another process, and FastAPI first: its own warnings are not ours to answer for, nor those of its test client.
    imports = "; ".join(f"import {name_module(path)}" for path in FILES)
    code = f"import fastapi, starlette.testclient, warnings; warnings.simplefilter('error'); {imports}"
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
